// Secrets that can be told by their shape, wherever in a text they stand. Every pattern is linear in the length of the
// text: it begins where a word begins, and what it repeats cannot begin it anew.
import { cleanLinks } from './clean-links.js'
import { CUT_MARK } from './cut.js'
import type { SecretNames } from './secret-names.js'

/** A JSON Web Token (RFC 7519): its header is JSON, which in base64url begins with `eyJ`. Also one that was cut. */
const JSON_WEB_TOKEN = /(?<![\w-])eyJ[\w-]{12,}\.[\w-]+(?:\.[\w-]*){0,3}/g
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/
/** `//user:password@`; up to the last `@`, since a password may have one. The `@` may be behind where it was cut. */
const USER_INFO = /\/\/[^/?#\s"'<>]*(?:@|(?=…\[\+\d+ characters\]$))/g
/** RFC 7235 credentials: a scheme, then the secret. */
const CREDENTIALS =
  /(?<![\w-])(bearer|basic|digest|negotiate|ntlm|apikey|aws4-hmac-sha256)[ \t]+(?=[^\s"'<>]{6})[^\s"'<>,;]+/gi
/**
 * The name of `"name": value`, `name: "value"`, `name=value` and `\"name\": \"value\"`: JSON, GraphQL, settings. What is
 * `null`, `true` or `false` is no secret; what only begins so may be one.
 */
const NAME =
  /(?<![\w.[\]$-])([\w.[\]$-]{1,100})\\{0,8}["']?[ \t]{0,3}[:=][ \t\r\n]{0,3}(?!(?:null|true|false)(?:[\s&;,"'<>{}[\]()\\]|$))/g
/** In quotes, or up to the next delimiter; behind quotes that are escaped themselves all of the rest. */
const VALUE =
  /"(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?|\\+["'][\s\S]*|(?:(?:bearer|basic|digest|token)[ \t]+)?[^\s&;,"'<>{}[\]()\\][^\s&;,"'<>{}[\]()]*/iy
/** `Name: value` on a line of its own, as header blocks and YAML have it. */
const LINE = /^([ \t]{0,20}["']?[\w.-]{1,100}["']?[ \t]{0,3}:[ \t]{0,3})([^\s"'{[\\][^\r\n]*)/gm
/** `<name ...>value`, as in XML. */
const ELEMENT = /<([\w:.-]{1,100})((?:\s[^<>]*)?>)([^<]+)/g
/** What begins a part of `multipart/form-data` (RFC 7578), names it, and ends its header. */
const BOUNDARY = /(\r?\n--)/
const PART_NAME = /\bname="([^"\r\n]{1,100})"/
const EMPTY_LINE = /\r?\n\r?\n/
const FIRST_WORD = /[\w.-]+/

/**
 * @example
 * cleanShapes('Login failed: {"password":"geheim"}', names, '[REDACTED]') // 'Login failed: {"password":"[REDACTED]"}'
 */
export function cleanShapes(text: string, names: SecretNames, replacement: string): string {
  if (PRIVATE_KEY.test(text)) return replacement
  let cleaned = text
  if (cleaned.includes('eyJ')) cleaned = cleaned.replace(JSON_WEB_TOKEN, () => replacement)
  if (cleaned.includes('//')) cleaned = cleaned.replace(USER_INFO, () => `//${replacement}@`)
  if (cleaned.includes('=')) cleaned = cleanLinks(cleaned, names, replacement)
  if (cleaned.includes('form-data')) cleaned = cleanFormParts(cleaned, names, replacement)
  if (cleaned.includes('</') || (cleaned.includes('<') && CUT_MARK.test(cleaned)))
    cleaned = cleaned.replace(ELEMENT, (element, name, rest) =>
      names.isSecret(name) ? `<${name}${rest}${replacement}` : element,
    )
  if (cleaned.includes(':'))
    cleaned = cleaned.replace(LINE, (line, before) =>
      names.isSecret(FIRST_WORD.exec(before)?.[0] ?? '') ? `${before}${replacement}` : line,
    )
  if (/[:=]/.test(cleaned)) cleaned = cleanPairs(cleaned, names, replacement)
  return cleaned.replace(CREDENTIALS, (_credentials, scheme) => `${scheme} ${replacement}`)
}

function cleanFormParts(text: string, names: SecretNames, replacement: string): string {
  const parts = text.split(BOUNDARY).map((part) => {
    const gap = EMPTY_LINE.exec(part)
    const name = gap === null ? undefined : PART_NAME.exec(part.slice(0, gap.index))?.[1]
    if (gap === null || name === undefined || !names.isSecret(name)) return part
    return `${part.slice(0, gap.index + gap[0].length)}${replacement}`
  })
  return parts.join('')
}

/** Goes on inside of values that are not secret: they may be JSON themselves. */
function cleanPairs(text: string, names: SecretNames, replacement: string): string {
  let cleaned = ''
  let done = 0
  for (const pair of text.matchAll(NAME)) {
    if (pair.index < done || !names.isSecret(pair[1] as string)) continue
    const start = pair.index + pair[0].length
    VALUE.lastIndex = start
    const value = VALUE.exec(text)?.[0]
    if (value === undefined) continue
    cleaned += text.slice(done, start) + quoted(value, replacement)
    done = start + value.length
  }
  return cleaned + text.slice(done)
}

/** In the quotes that the value had, so that JSON stays JSON. */
function quoted(value: string, replacement: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? ''
  return `${quote}${replacement}${quote}`
}
