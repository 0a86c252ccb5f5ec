import { BoundedCache, detachString, MAX_CACHED_LENGTH } from '../../lib/bounded-cache.js'
import { Dictionary } from '../../lib/dictionary.js'
import { headerToText, isRepeatedHeader, STABLE_HEADERS } from '../../record/header-names.js'
import type { JsonValue } from '../../serialize/json-value.js'
import { SecretCollector } from '../found/found-secrets.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { Rules } from '../rules/rules.js'
import { createTextContext } from '../values/create-text-context.js'
import { ValueRedactor } from '../values/value-redactor.js'
import { selectComputedHeaders } from './computed-headers.js'
import { redactSetCookie } from './redact-set-cookie.js'
import { STRUCTURED_HEADERS } from './redact-structured-headers.js'

const MAX_POSITIONS = 64

/** @param secrets takes the values that are replaced */
export type HeaderRedactor = (headers: JsonValue, secrets?: SecretCollector) => JsonValue

/** Redacts one value of a header. The name is in lower case. */
type RedactHeader = (name: string, value: string, secrets: SecretCollector | undefined) => string

/**
 * Creates a function that redacts response headers: a cookie of `set-cookie` keeps its name and its attributes, headers
 * with URLs are redacted as URLs, and all others by their name and by the shapes in their value. Returns the same object
 * if nothing is redacted, and never changes the object it gets.
 */
export function createHeaderRedactor(rules: Rules): HeaderRedactor {
  const { sensitiveKeys } = rules
  if (sensitiveKeys === undefined) return (headers) => headers
  const redactHeader = createSingleHeaderRedactor(rules, sensitiveKeys)
  /** Hot path: by name, the last value in which nothing was redacted. */
  const harmlessValues = new BoundedCache<string>(STABLE_HEADERS.size + 1)
  /** Hot path: name and value by position, because most responses have the same headers in the same order. */
  const previous: (readonly [name: string, value: string])[] = []
  const computedHeaders = selectComputedHeaders(sensitiveKeys)

  function redact(name: string, value: string, secrets: SecretCollector | undefined): string {
    const redacted = redactHeader(name, value, secrets)
    if (redacted === value && value.length <= MAX_CACHED_LENGTH && isRepeatedHeader(name, value))
      harmlessValues.set(name, detachString(value))
    return redacted
  }

  return (headers, secrets) => {
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return headers
    // Copied only if something changes, which is rare.
    let redactedHeaders = headers
    let position = -1
    // Hot path: `for in` allocates no list of names, and the object has no inherited properties.
    for (const name in headers) {
      position += 1
      const value = headers[name] as JsonValue
      const last = previous[position]
      if (last !== undefined && last[0] === name && last[1] === value) continue
      const harmless = harmlessValues.get(name)
      if (harmless !== undefined && harmless === value) {
        if (position < MAX_POSITIONS) previous[position] = [name, harmless]
        continue
      }
      if (typeof value === 'string' && computedHeaders.get(name)?.test(value)) continue
      const lowerCaseName = name.toLowerCase()
      const redacted = Array.isArray(value)
        ? value.map((single) => redact(lowerCaseName, headerToText(single), secrets))
        : redact(lowerCaseName, headerToText(value), secrets)
      if (redacted === value) continue
      if (redactedHeaders === headers) redactedHeaders = Object.assign(new Dictionary<JsonValue>(), headers)
      redactedHeaders[name] = redacted
    }
    return redactedHeaders
  }
}

/**
 * Creates a check whether a header with one value is recorded as it is. Set-Cookie always has a list of values, so it is not.
 */
export function createHarmlessHeaderCheck(
  rules: Rules,
  sensitiveKeys: SensitiveKeys,
): (name: string, value: string) => boolean {
  const redactHeader = createSingleHeaderRedactor(rules, sensitiveKeys)
  return (name, value) => {
    if (name === 'set-cookie') return false
    const secrets = new SecretCollector()
    return redactHeader(name, value, secrets) === value && secrets.secrets.length === 0
  }
}

function createSingleHeaderRedactor(rules: Rules, sensitiveKeys: SensitiveKeys): RedactHeader {
  const { replacement } = rules
  const valueRedactor = new ValueRedactor(rules)

  function redactByShape(name: string, value: string, secrets: SecretCollector | undefined): string {
    // `hx-location`, `nel`, and headers of the application. Paths are applied to the headers later.
    if (/^\s*[[{]/.test(value))
      return valueRedactor.redactJson(value, `http_response.headers.${name}`, secrets)
    const fixed = replacement.fixed ?? replacement.replace(undefined, name)
    const context = createTextContext(sensitiveKeys, fixed, secrets)
    const redactStructured = STRUCTURED_HEADERS.get(name)
    return redactStructured === undefined ? context.redactText(value) : redactStructured(value, context)
  }

  return (name, value, secrets) => {
    const replaceValue = () => replacement.replace(value, `http_response.headers.${name}`)
    if (name === 'set-cookie') {
      return redactSetCookie(value, (cookieName, cookieValue) => {
        // All cookies are hidden, but one without a sensitive name may hold a language, an order or the id of the user.
        if (sensitiveKeys.isSensitive(cookieName)) secrets?.addText(cookieValue, cookieName)
        return replaceValue()
      })
    }
    // `access-control-allow-credentials: true` switches something on, and is no secret.
    if (value === 'true' || value === 'false') return value
    if (!sensitiveKeys.isSensitive(name)) return redactByShape(name, value, secrets)
    secrets?.addValue(value, name)
    return replaceValue()
  }
}
