// Canonical JSON (RFC 8785): one text for each value, whatever the order of its keys was.
import type { JsonValue } from '../serialize/json-value.js'

/**
 * The canonical JSON of a value, without members that are `null`: shippers may drop them, and nothing is lost by it. Lone surrogates
 * become U+FFFD, as they do on the way to UTF-8.
 *
 * @example canonicalizeWithoutNull({ b: 1, a: { c: null } })   // '{"a":{},"b":1}'
 */
export function canonicalizeWithoutNull(value: JsonValue): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalizeWithoutNull).join(',')}]`
  let members = ''
  // By UTF-16 code units, which is how `sort` compares texts (RFC 8785 section 3.2.3).
  for (const key of Object.keys(value).sort()) {
    const member = value[key] as JsonValue
    if (member === null) continue
    members += `${members === '' ? '' : ','}${quote(key)}:${canonicalizeWithoutNull(member)}`
  }
  return `{${members}}`
}

function quote(text: string): string {
  return JSON.stringify((text as string & { toWellFormed(): string }).toWellFormed())
}
