import { BoundedCache, detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { Dictionary } from '../lib/dictionary.js'
import { headerToText, STABLE_HEADERS } from '../record/header-names.js'
import type { JsonValue } from '../serialize/json-value.js'
import type { SensitiveKeys } from './keys/sensitive-keys.js'
import { redactSetCookie } from './redact-set-cookie.js'
import { STRUCTURED_HEADERS } from './redact-structured-headers.js'
import { createTextContext, ValueRedactor } from './redact-value.js'
import type { Rules } from './rules.js'

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
    const redactStructured = STRUCTURED_HEADERS.get(name)
    return redactStructured === undefined ? context.redactText(value) : redactStructured(value, context)
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
