import { Dictionary } from '../lib/dictionary.js'
import { snapshot } from '../serialize/walk.js'
import { CONTEXT_SENSITIVE_KEYS, findContextSensitiveKeys } from './context-sensitive-keys.js'
import { decode, isEncoded, MAX_NESTING } from './decode-url.js'
import { mayBeJson, parseJson } from './parse-json.js'
import { redactShapes } from './redact-shapes.js'
import type { SensitiveKeys } from './sensitive-keys.js'

/**
 * A URL as most are: nothing escaped, nested or in odd places, so that its names alone tell. It has no other shape of a
 * secret in it than a JSON Web Token.
 */
const PLAIN = /^(?:https?:\/\/[\w.-]+(?::\d+)?)?(?:\/[\w.~-]+)*\/?(?:\?[\w.=&-]*)?$/i

/**
 * A URL without its secrets: user info and the values of secret parameters in query, fragment (OAuth 2 implicit
 * flow) and path (`;jsessionid=`) are replaced, the names stay. Also inside parameters that are URLs or JSON
 * themselves. What is no URL passes unharmed. Linear in the length of the URL.
 *
 * @example
 * cleanUrl('https://u:p@example.org/cb?code=abc&lang=nl', names, '[REDACTED]')
 * // 'https://[REDACTED]@example.org/cb?code=[REDACTED]&lang=nl'
 */
export function redactUrl(url: string, names: SensitiveKeys, replacement: string, nesting = 0): string {
  if (isPlainlyHarmless(url, names)) return url
  const hasParameters = url.includes('=') || isEncoded(url)
  const withoutParameters = hasParameters ? cleanParameters(url, names, replacement, nesting) : url
  return redactShapes(withoutParameters, names, replacement)
}

/** Saves 4 µs for a usual URL. Of what it does not vouch for nothing is said. */
function isPlainlyHarmless(url: string, names: SensitiveKeys): boolean {
  if (!PLAIN.test(url) || url.includes('eyJ')) return false
  return hasHarmlessOrigin(url, names) && hasHarmlessNames(url, names)
}

/** Before a colon a scheme and a host may be names to the patterns that look for named values. */
function hasHarmlessOrigin(url: string, names: SensitiveKeys): boolean {
  const scheme = url.indexOf(':')
  if (scheme === -1) return true
  // As literals: what is cut from a URL, V8 has to read before it can look for it.
  if (names.isSensitive(scheme === 4 ? 'http' : 'https')) return false
  const port = url.indexOf(':', scheme + 1)
  return port === -1 || !names.isSensitive(url.slice(scheme + 3, port))
}

function hasHarmlessNames(url: string, names: SensitiveKeys): boolean {
  const query = url.indexOf('?') + 1
  let before = -1
  for (let equals = url.indexOf('='); equals !== -1; equals = url.indexOf('=', equals + 1)) {
    const start = Math.max(url.lastIndexOf('&', equals) + 1, query)
    // Two in one parameter.
    if (start <= before) return false
    const name = url.slice(start, equals)
    // What is secret anywhere is so in a query.
    if (names.isSensitiveInQuery(name) || CONTEXT_SENSITIVE_KEYS.has(name)) return false
    before = equals
  }
  return true
}

/**
 * Piece by piece. What ends a value depends on who reads it: to most, `;` and `?` in a query are part of it. So of a
 * secret nothing is shown up to what ends it for all.
 */
function cleanParameters(url: string, names: SensitiveKeys, replacement: string, nesting: number): string {
  let isInPath = HAS_PATH.test(url)
  const isSettings = !isInPath && !url.includes('&')
  let isHiding = false
  let cleaned = ''
  const pieces = piecesOf(url)
  const isSecretInCompany = judgeCompany(pieces, names)
  pieces.forEach((piece, index) => {
    if (index % 2 === 1) {
      const isSetting = isSettings && pieces[index + 1]?.includes('=')
      if (piece === '&' || piece === '#' || (piece === ';' ? isInPath || isSetting : isInPath))
        isHiding = false
      if (piece === '?' || piece === '#') isInPath = false
      if (!isHiding) cleaned += piece
      return
    }
    if (isHiding) return
    const parameter = parameterOf(piece)
    if (parameter === undefined) {
      cleaned += cleanSegments(piece, names, replacement, nesting)
      return
    }
    const { name, value } = parameter
    isHiding = names.isSensitiveInQuery(name) || isSecretInCompany(name)
    cleaned += cleanSegments(piece.slice(0, piece.length - value.length), names, replacement, nesting)
    cleaned += isHiding ? replacement : cleanNested(value, names, replacement, nesting)
  })
  return cleaned
}

/** Separators and what stands between them take turns. The JSON of the first may have `;` and `?` in it, and stays whole. */
function piecesOf(url: string): string[] {
  return url.split(/([#&])/).flatMap((part) => {
    const before = BEFORE_JSON.exec(part)?.[0]
    const isJson = before !== undefined && parseJson(decode(part.slice(before.length))) !== undefined
    if (!isJson) return part.split(/([?;])/)
    const pieces = before.split(/([?;])/)
    pieces[pieces.length - 1] += part.slice(before.length)
    return pieces
  })
}

/** Up to the value of the first parameter, where that begins as JSON does: `encodeURI` leaves the `;` in it. */
const BEFORE_JSON = /^(?:[^?]*\?)?[^=?;]*=(?=(?:[\s+]|%(?:20|0[9ad])){0,10}(?:["[{]|%(?:22|5b|7b)))/i

/** With an origin or a path in front; a form or a settings text has none. */
const HAS_PATH = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/|^[a-z][a-z0-9+.-]{0,30}:\/\//i

/** The name of `name=value`, decoded, and its value as it is, if it has one. */
function parameterOf(piece: string): { readonly name: string; readonly value: string } | undefined {
  const equals = piece.indexOf('=')
  if (equals <= 0 || equals === piece.length - 1) return undefined
  // In front of the first `?` a piece is the URL up to there; its last segment may hold a parameter.
  const name = decode(piece.slice(piece.lastIndexOf('/', equals) + 1, equals))
  return { name, value: piece.slice(equals + 1) }
}

/**
 * Which parameters are secret because of what others say: `?name=password&value=S` and `?f[number]=S&f[cvc]=1`, as the
 * objects that are made of them are judged.
 */
function judgeCompany(pieces: readonly string[], names: SensitiveKeys): (name: string) => boolean {
  const parameters = pieces.map(parameterOf).filter((parameter) => parameter !== undefined)
  if (!parameters.some(({ name }) => CONTEXT_SENSITIVE_KEYS.has(keyOf(name).key))) return () => false
  const objects = new Map<string, Dictionary<string[]>>()
  for (const { name, value } of parameters) {
    const { object, key } = keyOf(name)
    const said = objects.get(object) ?? new Dictionary<string[]>()
    objects.set(object, said)
    said[key] ??= []
    said[key].push(decode(value))
  }
  const secrets = new Map(
    [...objects].map(([object, said]) => [object, findContextSensitiveKeys(said, Object.keys(said), names)]),
  )
  return (name) => {
    const { object, key } = keyOf(name)
    return secrets.get(object)?.has(key) === true
  }
}

/** `value` of `filter[0][value][]`, and what it is a key of: `filter[0]`. */
function keyOf(name: string): { readonly object: string; readonly key: string } {
  const single = name.replace(/(?:\[\d{0,3}\]){1,3}$/, '')
  const bracket = single.lastIndexOf('[')
  if (bracket === -1 || !single.endsWith(']')) return { object: '', key: single }
  return { object: single.slice(0, bracket), key: single.slice(bracket + 1, -1) }
}

/** What is no value, and may have parameters when it is decoded: a segment of a path, a name, or all of a text. */
function cleanSegments(piece: string, names: SensitiveKeys, replacement: string, nesting: number): string {
  if (!isEncoded(piece)) return piece
  // A secret that shows as it is may go on behind this piece, and is looked for in the whole.
  if (redactShapes(piece, names, replacement) !== piece) return piece
  return piece
    .split(/([/=])/)
    .map((segment) => (isEncoded(segment) ? cleanNested(segment, names, replacement, nesting) : segment))
    .join('')
}

function cleanNested(value: string, names: SensitiveKeys, replacement: string, nesting: number): string {
  const decoded = decode(value)
  if (nesting >= MAX_NESTING) {
    const mayHide =
      (decoded === value ? SPEAKING : SPEAKING_ESCAPED).test(decoded) ||
      redactShapes(decoded, names, replacement) !== decoded
    return mayHide ? replacement : value
  }
  // What only begins so comes back to `cleanUrl`.
  const clean = mayBeJson(decoded) ? cleanJson : redactUrl
  const cleaned = clean(decoded, names, replacement, nesting + 1)
  if (cleaned === decoded) return value
  return decoded === value ? cleaned : encodeURIComponent(cleaned)
}

/** Parameters, user info or escapes; and JSON, which somebody has escaped. */
const SPEAKING = /[=@:%]/
const SPEAKING_ESCAPED = /[=@:%[{"]/

/** As JSON in any text; the texts in it as parameters of the URL. Exact places are none of its. */
function cleanJson(json: string, names: SensitiveKeys, replacement: string, nesting: number): string {
  const hide = () => replacement
  const cleanText = (text: string) => redactUrl(text, names, replacement, nesting)
  const rules = { names, places: undefined, hide, replacement, cleanText, pseudonymize: hide }
  return String(snapshot(json, '', rules, Infinity).content)
}
