import { BoundedCache, detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { Dictionary } from '../lib/dictionary.js'
import { headerToText, STABLE_HEADERS } from '../record/header-names.js'
import type { JsonValue } from '../serialize/json-value.js'
import type { SensitiveKeys } from './keys/sensitive-keys.js'
import { redactText } from './redact-text.js'
import { createTextContext, ValueRedactor } from './redact-value.js'
import type { Rules } from './rules.js'
import { redactUrl } from './urls/redact-url.js'

/** Headers that are a URL or contain one (RFC 9110, RFC 8288, RFC 7838). Browsers define `refresh`. */
const URL_HEADERS = new Set([
  'location',
  'content-location',
  'referer',
  'link',
  'refresh',
  'sourcemap',
  'alt-svc',
  'origin',
])

const CONTENT_LENGTH = 'content-length'

/** Redacts one value of a header. The name is in lower case. */
type RedactHeader = (name: string, value: string) => string

/**
 * Creates a function that redacts response headers: a cookie of `set-cookie` keeps its name and its attributes, headers
 * with URLs are redacted as URLs, and all others by their name and by the shapes in their value. Returns the same object
 * if nothing is redacted, and never changes the object it gets.
 */
export function createHeaderRedactor(rules: Rules): (headers: JsonValue) => JsonValue {
  const { sensitiveKeys } = rules
  if (sensitiveKeys === undefined) return (headers) => headers
  const redactHeader = createSingleHeaderRedactor(rules, sensitiveKeys)
  /** Hot path: by name, the last value in which nothing was redacted. */
  const harmlessValues = new BoundedCache<string>(STABLE_HEADERS.size)
  const isContentLengthSensitive = sensitiveKeys.isSensitive(CONTENT_LENGTH)

  function redact(name: string, value: string): string {
    const redacted = redactHeader(name, value)
    if (redacted === value && value.length <= MAX_CACHED_LENGTH && STABLE_HEADERS.has(name))
      harmlessValues.set(name, detachString(value))
    return redacted
  }

  return (headers) => {
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return headers
    // Copied only if something changes, which is rare.
    let redactedHeaders = headers
    for (const name of Object.keys(headers)) {
      const value = headers[name] as JsonValue
      if (harmlessValues.get(name) === value) continue
      // Hot path: nearly every response has a Content-Length, and each a different one.
      if (name === CONTENT_LENGTH && !isContentLengthSensitive && isByteCount(value)) continue
      const lowerCaseName = name.toLowerCase()
      const redacted = Array.isArray(value)
        ? value.map((single) => redact(lowerCaseName, headerToText(single)))
        : redact(lowerCaseName, headerToText(value))
      if (redacted === value) continue
      if (redactedHeaders === headers) redactedHeaders = Object.assign(new Dictionary<JsonValue>(), headers)
      redactedHeaders[name] = redacted
    }
    return redactedHeaders
  }
}

function createSingleHeaderRedactor(rules: Rules, sensitiveKeys: SensitiveKeys): RedactHeader {
  const { replacement } = rules
  const valueRedactor = new ValueRedactor(rules)
  const fixedContext =
    replacement.fixed === undefined ? undefined : createTextContext(sensitiveKeys, replacement.fixed)

  function redactByShape(name: string, value: string): string {
    // `hx-location`, `nel`, and headers of the application. Paths are applied to the headers later.
    if (/^\s*[[{]/.test(value)) return valueRedactor.redactJson(value, `http_response.headers.${name}`)
    const context = fixedContext ?? createTextContext(sensitiveKeys, replacement.replace(undefined, name))
    const hasUrl = URL_HEADERS.has(name) || value.includes('://')
    return hasUrl ? redactUrl(value, context) : redactText(value, context)
  }

  return (name, value) => {
    const replaceValue = () => replacement.replace(value, `http_response.headers.${name}`)
    if (name === 'set-cookie') return redactSetCookie(value, replaceValue)
    return sensitiveKeys.isSensitive(name) ? replaceValue() : redactByShape(name, value)
  }
}

/** At most 12 digits: the number of a payment card has at least 13. */
function isByteCount(value: JsonValue): boolean {
  return typeof value === 'string' && /^\d{1,12}$/.test(value)
}

/** Matches between two cookies that were joined with a comma, but not in the date of `Expires=Wed, 21 Oct 2026`. */
const COOKIE_SEPARATOR = /(,[ \t]{0,3})(?=[^\s;,=]{1,200}=)/

/** Redacts the values of one or more cookies: `name=value; attribute; ...` (RFC 6265, section 4.1). */
function redactSetCookie(cookies: string, replaceValue: () => string): string {
  return cookies
    .split(COOKIE_SEPARATOR)
    .map((cookie, index) => (index % 2 === 1 ? cookie : redactCookie(cookie, replaceValue)))
    .join('')
}

function redactCookie(cookie: string, replaceValue: () => string): string {
  const semicolon = cookie.indexOf(';')
  const pair = semicolon === -1 ? cookie : cookie.slice(0, semicolon)
  const attributes = semicolon === -1 ? '' : cookie.slice(semicolon)
  const equals = pair.indexOf('=')
  return `${equals === -1 ? '' : pair.slice(0, equals + 1)}${replaceValue()}${attributes}`
}
