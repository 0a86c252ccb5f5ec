// Canonical JSON (RFC 8785): one text for each value, whatever the order of its keys was.
import { BoundedCache, detachString } from '../lib/bounded-cache.js'
import type { JsonValue } from '../serialize/json-value.js'
import { PLAIN_TEXT, quoteText } from '../serialize/quote-text.js'
import { toWellFormed } from '../serialize/well-formed.js'

/**
 * The canonical JSON of a value, without members that are `null`: shippers may drop them, and nothing is lost by it. Lone surrogates
 * become U+FFFD, as they do on the way to UTF-8.
 *
 * @example canonicalizeWithoutNull({ b: 1, a: { c: null } })   // '{"a":{},"b":1}'
 */
export function canonicalizeWithoutNull(value: JsonValue): string {
  if (typeof value === 'string') return quoteCanonically(value)
  // A parser makes Infinity of 1e999, and JSON.stringify would make `null` of it: another value would have the same text.
  // Of finite numbers both have the same text.
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(canonicalizeWithoutNull).join(',')}]`
  let members = ''
  for (const key of sortKeys(value)) {
    const member = value[key] as JsonValue
    if (member === null) continue
    members += `${members === '' ? '' : ','}${quoteKey(key)}${canonicalizeWithoutNull(member)}`
  }
  return `{${members}}`
}

/** By UTF-16 code units (RFC 8785 section 3.2.3), which is how JavaScript compares texts. */
export function sortKeys(object: object): string[] {
  const keys = Object.keys(object)
  return isSorted(keys) ? keys : keys.sort()
}

/** Hot path: the keys of a line that no shipper has rewritten are sorted already. */
function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index++)
    if ((keys[index - 1] as string) > (keys[index] as string)) return false
  return true
}

function quoteCanonically(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(toWellFormed(text))
}

/** Hot path: the names of members are the same in all records. Bounded, because a client can make up some of them. */
const quotedKeys = new BoundedCache<string>(1000)

/** The name of a member with its colon. */
export function quoteKey(key: string): string {
  const known = quotedKeys.get(key)
  if (known !== undefined) return known
  const json = detachString(`${quoteCanonically(key)}:`)
  quotedKeys.set(key, json)
  return json
}

/** The same text with an escape for what could end a line, as lines have it. Lone surrogates become U+FFFD. */
export function quoteForLine(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : quoteText(toWellFormed(text))
}

/** An escape sequence of JSON. It matches escaped backslashes too, so that the text after one is not taken for an escape. */
const ESCAPES = /\\(?:u00([7-9a-f][\da-f])|u(202[89])|.)/g

/** Turns the escapes that a line has beyond canonical JSON back into characters. */
export function unescapeLine(json: string): string {
  if (!json.includes('\\u')) return json
  return json.replace(ESCAPES, (sequence, low?: string, high?: string) => {
    const digits = low ?? high
    return digits === undefined ? sequence : String.fromCharCode(Number.parseInt(digits, 16))
  })
}
