// The redactor of URLs: alone, in texts, in headers, and in other URLs.
import type { DetectorContext } from '../detectors/detector.js'
import { CONTEXT_SENSITIVE_KEYS } from '../keys/context/context-sensitive-keys.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { mayHaveStandaloneSecret, runDetectors } from '../texts/run-detectors.js'
import type { TextContext } from '../texts/text-context.js'
import { containsEncodedSyntax } from './decode-url.js'
import { redactParameters } from './redact-parameters.js'
import { mayHaveSecretInPath, redactPath } from './redact-path.js'

/**
 * A URL without escapes, nested URLs or unusual separators. It can have a secret only in a sensitive parameter, or one
 * that stands alone (see `Detector`).
 */
const SIMPLE_URL = /^(?:https?:\/\/[\w.-]+(?::\d+)?)?(?:\/[\w.~-]+)*\/?(?:\?[\w.=&-]*)?$/i

/** In a longer URL the pattern could overflow its stack, and looking closer costs little beside its length. */
const MAX_SIMPLE_URL_LENGTH = 8192

/**
 * Replaces the secrets of a URL: user info, the values of sensitive parameters in the query, the fragment (implicit flow of
 * OAuth 2) and the path (`;jsessionid=`), and secret segments of the path. Parameter names stay. Parameters that are URLs
 * or JSON are redacted within. A text that is not a URL is redacted like any text. Linear in the length of the URL.
 *
 * @example
 * redactUrl('https://u:p@example.org/cb?code=abc&lang=nl', context)
 * // 'https://[REDACTED]@example.org/cb?code=[REDACTED]&lang=nl'
 */
export function redactUrl(url: string, context: TextContext): string {
  const path = redactPath(url, context)
  if (path === undefined && isHarmlessBesidePath(url, context.sensitiveKeys)) return url
  const { url: withoutPathSecrets, parameters } = path ?? { url, parameters: undefined }
  const hasParameters = url.includes('=') || containsEncodedSyntax(url)
  const redacted = hasParameters
    ? redactParameters(withoutPathSecrets, context, parameters)
    : withoutPathSecrets
  // Not of the redacted URL: the replacement may have a space.
  return runDetectors(redacted, NOT_A_URL.test(url) ? withinText(redacted, context) : context.withinUrl)
}

/** A URL has none of these, so the text is one with a URL at its beginning, or a list of URLs. */
const NOT_A_URL = /[\s"<>]|,[a-z][a-z0-9+.-]{0,30}:\/\//i

/** For the detectors that run on a text that begins like a URL. A link that is the whole text was redacted already. */
function withinText(text: string, context: TextContext): DetectorContext {
  return { ...context.withinUrl, redactUrl: (link) => (link === text ? link : context.redactUrl(link)) }
}

/** Hot path: `false` means unknown, not unsafe. */
export function isKnownHarmless(url: string, sensitiveKeys: SensitiveKeys): boolean {
  return !mayHaveSecretInPath(url, sensitiveKeys) && isHarmlessBesidePath(url, sensitiveKeys)
}

/** Hot path: the same for a URL whose path has no secret. */
function isHarmlessBesidePath(url: string, sensitiveKeys: SensitiveKeys): boolean {
  if (url.length > MAX_SIMPLE_URL_LENGTH || !SIMPLE_URL.test(url)) return false
  if (mayHaveStandaloneSecret(url)) return false
  return hasHarmlessOrigin(url, sensitiveKeys) && hasHarmlessParameters(url, sensitiveKeys)
}

/** To the detectors of named values, a scheme or a host in front of a colon looks like a name. */
function hasHarmlessOrigin(url: string, sensitiveKeys: SensitiveKeys): boolean {
  const scheme = url.indexOf(':')
  if (scheme === -1) return true
  // Hot path: literals, because a slice of the URL would be allocated.
  if (sensitiveKeys.isSensitive(scheme === 4 ? 'http' : 'https')) return false
  const port = url.indexOf(':', scheme + 1)
  return port === -1 || !sensitiveKeys.isSensitive(url.slice(scheme + 3, port))
}

/** Whether a parameter is not sensitive, whatever stands beside it. */
export function isHarmlessParameter(name: string, sensitiveKeys: SensitiveKeys): boolean {
  // `isSensitiveInQuery` is true also for keys that are sensitive everywhere.
  return !sensitiveKeys.isSensitiveInQuery(name) && !CONTEXT_SENSITIVE_KEYS.has(name)
}

/** Whether no parameter of a URL without escapes is sensitive. */
export function hasHarmlessParameters(url: string, sensitiveKeys: SensitiveKeys): boolean {
  const query = url.indexOf('?') + 1
  let previousEquals = -1
  for (let equals = url.indexOf('='); equals !== -1; equals = url.indexOf('=', equals + 1)) {
    const start = Math.max(url.lastIndexOf('&', equals) + 1, query)
    // A parameter with a second `=` may contain another name.
    if (start <= previousEquals) return false
    const name = url.slice(start, equals)
    if (!isHarmlessParameter(name, sensitiveKeys)) return false
    previousEquals = equals
  }
  return true
}
