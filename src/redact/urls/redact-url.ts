import { Dictionary } from '../../lib/dictionary.js'
import { CONTEXT_SENSITIVE_KEYS, findContextSensitiveKeys } from '../keys/context-sensitive-keys.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { mayBeJson, parseJson } from '../parse-json.js'
import { runDetectors, STANDALONE_MARKER } from '../run-detectors.js'
import type { TextContext } from '../text-context.js'
import { containsEncodedSyntax, decodeUrlText, MAX_NESTING } from './decode-url.js'

/**
 * A URL without escapes, nested URLs or unusual separators. It can have a secret only in a sensitive parameter, or one
 * that stands alone (see `Detector`).
 */
const SIMPLE_URL = /^(?:https?:\/\/[\w.-]+(?::\d+)?)?(?:\/[\w.~-]+)*\/?(?:\?[\w.=&-]*)?$/i

/**
 * Replaces the secrets of a URL: user info, and the values of sensitive parameters in the query, the fragment (implicit
 * flow of OAuth 2) and the path (`;jsessionid=`). Parameter names stay. Parameters that are URLs or JSON are redacted
 * within. A text that is not a URL is redacted like any text. Linear in the length of the URL.
 *
 * @example
 * redactUrl('https://u:p@example.org/cb?code=abc&lang=nl', context)
 * // 'https://[REDACTED]@example.org/cb?code=[REDACTED]&lang=nl'
 */
export function redactUrl(url: string, context: TextContext): string {
  if (isKnownHarmless(url, context.sensitiveKeys)) return url
  const hasParameters = url.includes('=') || containsEncodedSyntax(url)
  const redacted = hasParameters ? redactUrlParameters(url, context) : url
  return runDetectors(redacted, context.withinUrl)
}

/** Hot path: `false` means unknown, not unsafe. */
function isKnownHarmless(url: string, sensitiveKeys: SensitiveKeys): boolean {
  if (!SIMPLE_URL.test(url) || STANDALONE_MARKER.test(url)) return false
  return hasHarmlessOrigin(url, sensitiveKeys) && hasHarmlessParameters(url, sensitiveKeys)
}

/** To the detectors of named values, a scheme or a host in front of a colon looks like a name. */
function hasHarmlessOrigin(url: string, sensitiveKeys: SensitiveKeys): boolean {
  const scheme = url.indexOf(':')
  if (scheme === -1) return true
  // Literals instead of a slice of the URL: V8 would have to hash the slice before looking it up in the cache.
  if (sensitiveKeys.isSensitive(scheme === 4 ? 'http' : 'https')) return false
  const port = url.indexOf(':', scheme + 1)
  return port === -1 || !sensitiveKeys.isSensitive(url.slice(scheme + 3, port))
}

function hasHarmlessParameters(url: string, sensitiveKeys: SensitiveKeys): boolean {
  const query = url.indexOf('?') + 1
  let previousEquals = -1
  for (let equals = url.indexOf('='); equals !== -1; equals = url.indexOf('=', equals + 1)) {
    const start = Math.max(url.lastIndexOf('&', equals) + 1, query)
    // A parameter with a second `=` may contain another name.
    if (start <= previousEquals) return false
    const name = url.slice(start, equals)
    // `isSensitiveInQuery` is true also for keys that are sensitive everywhere.
    if (sensitiveKeys.isSensitiveInQuery(name) || CONTEXT_SENSITIVE_KEYS.has(name)) return false
    previousEquals = equals
  }
  return true
}

/**
 * Replaces the values of sensitive parameters. The URL is read as pieces with separators between them: `/cb`, `?`,
 * `code=abc`, `&`, `lang=nl`.
 *
 * Readers disagree about where a value ends: to most, `;` and `?` in a query belong to the value. So nothing behind a
 * sensitive name is shown up to a separator that ends the value for every reader.
 */
function redactUrlParameters(url: string, context: TextContext): string {
  const pieces = splitAtSeparators(url)
  const isContextSensitive = checkSiblings(pieces, context.sensitiveKeys)
  let isInPath = HAS_PATH.test(url)
  const isConnectionString = !isInPath && !url.includes('&')
  let isHiding = false
  let redacted = ''
  pieces.forEach((piece, index) => {
    const isSeparator = index % 2 === 1
    if (isSeparator) {
      const isBeforeSetting = isConnectionString && pieces[index + 1]?.includes('=') === true
      if (endsValue(piece, isInPath, isBeforeSetting)) isHiding = false
      if (piece === '?' || piece === '#') isInPath = false
      if (!isHiding) redacted += piece
      return
    }
    if (isHiding) return
    const parameter = parseParameter(piece)
    if (parameter === undefined) {
      redacted += redactSegments(piece, context)
      return
    }
    const { name, value } = parameter
    isHiding = context.sensitiveKeys.isSensitiveInQuery(name) || isContextSensitive(name)
    redacted += redactSegments(piece.slice(0, piece.length - value.length), context)
    redacted += isHiding ? context.replacement : redactNested(value, context)
  })
  return redacted
}

/**
 * Whether a separator ends a value for every reader. In a path every separator does. A `;` does in a connection string
 * (`Password=S;Database=app`), where another setting follows.
 */
function endsValue(separator: string, isInPath: boolean, isBeforeSetting: boolean): boolean {
  if (separator === '&' || separator === '#') return true
  return isInPath || (separator === ';' && isBeforeSetting)
}

/** Whether a text begins with an origin or a path; a form or a connection string does not. */
const HAS_PATH = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/|^[a-z][a-z0-9+.-]{0,30}:\/\//i

/** Pieces and separators in turn. JSON as the value of the first parameter may contain `;` and `?`, and stays one piece. */
function splitAtSeparators(url: string): string[] {
  return url.split(/([#&])/).flatMap((part) => {
    const beforeJson = BEFORE_JSON.exec(part)?.[0]
    const isJson =
      beforeJson !== undefined && parseJson(decodeUrlText(part.slice(beforeJson.length))) !== undefined
    if (!isJson) return part.split(/([?;])/)
    const pieces = beforeJson.split(/([?;])/)
    pieces[pieces.length - 1] += part.slice(beforeJson.length)
    return pieces
  })
}

const FIRST_NAME = String.raw`(?:[^?]*\?)?[^=?;]*=`
const ENCODED_BLANKS = String.raw`(?:[\s+]|%(?:20|0[9ad])){0,10}`
const JSON_START_IN_URL = '(?:["[{]|%(?:22|5b|7b))'
/** Everything in front of JSON that is the value of the first parameter. `encodeURI` does not escape the `;` in JSON. */
const BEFORE_JSON = new RegExp(`^${FIRST_NAME}(?=${ENCODED_BLANKS}${JSON_START_IN_URL})`, 'i')

/** A parameter `name=value` with its decoded name and its raw value; `undefined` if the name or the value is missing. */
function parseParameter(piece: string): { readonly name: string; readonly value: string } | undefined {
  const equals = piece.indexOf('=')
  if (equals <= 0 || equals === piece.length - 1) return undefined
  // The piece in front of the first `?` is the URL up to there; its last path segment may be a matrix parameter.
  const name = decodeUrlText(piece.slice(piece.lastIndexOf('/', equals) + 1, equals))
  return { name, value: piece.slice(equals + 1) }
}

/**
 * Returns a function that tells whether a parameter is sensitive because of the others: `?name=password&value=S` and
 * `?f[number]=S&f[cvc]=1`. Checks the objects into which frameworks parse such a query.
 */
function checkSiblings(pieces: readonly string[], sensitiveKeys: SensitiveKeys): (name: string) => boolean {
  const parameters = pieces.map(parseParameter).filter((parameter) => parameter !== undefined)
  if (!parameters.some(({ name }) => CONTEXT_SENSITIVE_KEYS.has(parseKey(name).key))) return () => false
  const objects = new Map<string, Dictionary<string[]>>()
  for (const { name, value } of parameters) {
    const { prefix, key } = parseKey(name)
    const object = objects.get(prefix) ?? new Dictionary<string[]>()
    objects.set(prefix, object)
    object[key] ??= []
    object[key].push(decodeUrlText(value))
  }
  const sensitiveByPrefix = new Map(
    [...objects].map(([prefix, object]) => [
      prefix,
      findContextSensitiveKeys(object, Object.keys(object), sensitiveKeys),
    ]),
  )
  return (name) => {
    const { prefix, key } = parseKey(name)
    return sensitiveByPrefix.get(prefix)?.has(key) === true
  }
}

/** Splits `filter[0][value][]` into the key `value` and the prefix `filter[0]` that it shares with its siblings. */
function parseKey(name: string): { readonly prefix: string; readonly key: string } {
  const withoutIndexes = name.replace(/(?:\[\d{0,3}\]){1,3}$/, '')
  const bracket = withoutIndexes.lastIndexOf('[')
  if (bracket === -1 || !withoutIndexes.endsWith(']')) return { prefix: '', key: withoutIndexes }
  return { prefix: withoutIndexes.slice(0, bracket), key: withoutIndexes.slice(bracket + 1, -1) }
}

/**
 * Redacts a piece that is not a value: path segments, the name of a parameter, or a text. A segment may be an encoded URL,
 * as in `/redirect/https%3A%2F%2Fh%2F%3Fcode%3DS`, so each segment is decoded and redacted by itself.
 */
function redactSegments(piece: string, context: TextContext): string {
  if (!containsEncodedSyntax(piece)) return piece
  // A secret that is visible without decoding may continue behind this piece. It stays here until the detectors, which run
  // last, replace all of it in the whole URL.
  if (runDetectors(piece, context.withinUrl) !== piece) return piece
  return piece
    .split(/([/=])/)
    .map((segment) => (containsEncodedSyntax(segment) ? redactNested(segment, context) : segment))
    .join('')
}

/** Redacts a value that may itself be a URL, a form, JSON or a text. */
function redactNested(value: string, context: TextContext): string {
  const decoded = decodeUrlText(value)
  if (context.nesting >= MAX_NESTING)
    return mayHaveSecret(value, decoded, context) ? context.replacement : value
  const redacted = mayBeJson(decoded) ? context.nested.redactJson(decoded) : context.nested.redactUrl(decoded)
  if (redacted === decoded) return value
  // encodeURIComponent throws on a lone surrogate, which a handler can put into a URL.
  return decoded === value ? redacted : encodeURIComponent(redacted.replaceAll(LONE_SURROGATE, '\ufffd'))
}

const LONE_SURROGATE = /\p{Surrogate}/gu

/** Whether a value that is nested too deeply to be redacted within may have a secret. */
function mayHaveSecret(value: string, decoded: string, context: TextContext): boolean {
  const syntax = decoded === value ? SYNTAX_IN_PLAIN_VALUE : SYNTAX_IN_ENCODED_VALUE
  return syntax.test(decoded) || runDetectors(decoded, context) !== decoded
}

/** Parameters, user info or escapes. */
const SYNTAX_IN_PLAIN_VALUE = /[=@:%]/
/** The same, and JSON: text that was encoded is more likely to be data than prose. */
const SYNTAX_IN_ENCODED_VALUE = /[=@:%[{"]/
