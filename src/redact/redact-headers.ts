import { BoundedCache, detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { Dictionary } from '../lib/dictionary.js'
import { headerToText, STABLE_HEADERS } from '../record/header-names.js'
import type { JsonValue } from '../serialize/json-value.js'
import { snapshot } from '../serialize/walk.js'
import { redactText } from './redact-text.js'
import { redactUrl } from './redact-url.js'
import type { Rules } from './rules.js'
import type { SensitiveKeys } from './sensitive-keys.js'

/** Headers whose value is a URL, or has one in it (RFC 9110, RFC 8288; `refresh` is what browsers made of it). */
const URL_VALUED = new Set([
  'location',
  'content-location',
  'referer',
  'link',
  'refresh',
  'sourcemap',
  'alt-svc',
  'origin',
])

/** Nearly every response has it, and each another: 0.5 µs less. */
const LENGTH = 'content-length'

/**
 * Response headers without their secrets: `set-cookie` keeps the name and the attributes of a cookie, URL-valued
 * headers are cleaned as URLs, and the others by their names and by what they look like.
 */
export function createHeaderRedactor(rules: Rules): (headers: JsonValue) => JsonValue {
  const { names } = rules
  if (names === undefined) return (headers) => headers
  /** By name, the value that was harmless last: 0.1 µs for a header instead of 2. */
  const harmless = new BoundedCache<string>(STABLE_HEADERS.size)
  const isLengthSecret = names.isSensitive(LENGTH)

  function clean(name: string, value: string, names: SensitiveKeys): string {
    const hide = () => rules.hide(value, `http_response.headers.${name}`)
    if (name === 'set-cookie') return cleanCookie(value, hide)
    if (names.isSensitive(name)) return hide()
    const cleaned = cleanValue(name, value, names, rules)
    if (cleaned === value && value.length <= MAX_CACHED_LENGTH && STABLE_HEADERS.has(name)) {
      harmless.set(name, detachString(value))
    }
    return cleaned
  }

  return (headers) => {
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return headers
    // Copied only where something changes, which it seldom does.
    let cleaned = headers
    for (const name of Object.keys(headers)) {
      const value = headers[name] as JsonValue
      if (harmless.get(name) === value) continue
      if (name === LENGTH && !isLengthSecret && isLength(value)) continue
      const lowerCase = name.toLowerCase()
      const replaced = Array.isArray(value)
        ? value.map((single) => clean(lowerCase, headerToText(single), names))
        : clean(lowerCase, headerToText(value), names)
      if (replaced === value) continue
      if (cleaned === headers) cleaned = Object.assign(new Dictionary<JsonValue>(), headers)
      cleaned[name] = replaced
    }
    return cleaned
  }
}

/** Too short for the number of a payment card, which has 13 digits or more. */
function isLength(value: JsonValue): boolean {
  return typeof value === 'string' && /^\d{1,12}$/.test(value)
}

function cleanValue(name: string, value: string, names: SensitiveKeys, rules: Rules): string {
  if (/^\s*[[{]/.test(value)) return cleanJson(value, name, rules)
  const replacement = rules.hide(undefined, name)
  return URL_VALUED.has(name) || value.includes('://')
    ? redactUrl(value, names, replacement)
    : redactText(value, names, replacement)
}

/** `hx-location`, `nel` and many of an application's own. Exact places are looked at later. */
function cleanJson(value: string, name: string, rules: Rules): string {
  const { content } = snapshot(
    value,
    `http_response.headers.${name}`,
    { ...rules, places: undefined },
    Infinity,
  )
  return String(content)
}

/** Where in `a=1; Path=/, b=2` the next cookie begins, and not the date of `Expires=Wed, 21 Oct 2026`. */
const NEXT_COOKIE = /(,[ \t]{0,3})(?=[^\s;,=]{1,200}=)/

/** RFC 6265 section 4.1: `name=value; attribute; ...`, also several that were joined. */
function cleanCookie(cookies: string, hide: () => string): string {
  return cookies
    .split(NEXT_COOKIE)
    .map((cookie, index) => (index % 2 === 1 ? cookie : cleanSingleCookie(cookie, hide)))
    .join('')
}

function cleanSingleCookie(cookie: string, hide: () => string): string {
  const end = cookie.indexOf(';')
  const pair = end === -1 ? cookie : cookie.slice(0, end)
  const attributes = end === -1 ? '' : cookie.slice(end)
  const equals = pair.indexOf('=')
  return `${equals === -1 ? '' : pair.slice(0, equals + 1)}${hide()}${attributes}`
}
