import { cleanShapes } from './clean-shapes.js'
import { parseJson } from './parse-json.js'
import type { SecretNames } from './secret-names.js'
import { snapshot } from './snapshot.js'

/** More levels of URLs inside parameters of URLs are cut off. */
const MAX_NESTING = 3

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
export function cleanUrl(url: string, names: SecretNames, replacement: string, nesting = 0): string {
  if (isPlainlyHarmless(url, names)) return url
  const withoutParameters = url.includes('=') ? cleanParameters(url, names, replacement, nesting) : url
  return cleanShapes(withoutParameters, names, replacement)
}

/** Saves 4 µs for a usual URL. Of what it does not vouch for nothing is said. */
function isPlainlyHarmless(url: string, names: SecretNames): boolean {
  if (!PLAIN.test(url) || url.includes('eyJ')) return false
  return hasHarmlessOrigin(url, names) && hasHarmlessNames(url, names)
}

/** Before a colon a scheme and a host may be names to the patterns that look for named values. */
function hasHarmlessOrigin(url: string, names: SecretNames): boolean {
  const scheme = url.indexOf(':')
  if (scheme === -1) return true
  // As literals: what is cut from a URL, V8 has to read before it can look for it.
  if (names.isSecret(scheme === 4 ? 'http' : 'https')) return false
  const port = url.indexOf(':', scheme + 1)
  return port === -1 || !names.isSecret(url.slice(scheme + 3, port))
}

function hasHarmlessNames(url: string, names: SecretNames): boolean {
  const query = url.indexOf('?') + 1
  let before = -1
  for (let equals = url.indexOf('='); equals !== -1; equals = url.indexOf('=', equals + 1)) {
    const start = Math.max(url.lastIndexOf('&', equals) + 1, query)
    // Two in one parameter.
    if (start <= before) return false
    // What is secret anywhere is so in a query.
    if (names.isSecretInQuery(url.slice(start, equals))) return false
    before = equals
  }
  return true
}

/**
 * Piece by piece. What ends a value depends on who reads it: to most, `;` and `?` in a query are part of it. So of a
 * secret nothing is shown up to what ends it for all.
 */
function cleanParameters(url: string, names: SecretNames, replacement: string, nesting: number): string {
  let isInPath = HAS_PATH.test(url)
  const isSettings = !isInPath && !url.includes('&')
  let isHiding = false
  let cleaned = ''
  // Separators and what stands between them take turns.
  url.split(/([?#&;])/).forEach((piece, index, pieces) => {
    if (index % 2 === 1) {
      const isSetting = isSettings && pieces[index + 1]?.includes('=')
      if (piece === '&' || piece === '#' || (piece === ';' ? isInPath || isSetting : isInPath))
        isHiding = false
      if (piece === '?' || piece === '#') isInPath = false
      if (!isHiding) cleaned += piece
      return
    }
    if (isHiding) return
    const end = endOfSecretName(piece, names)
    isHiding = end !== undefined
    cleaned += isHiding
      ? `${piece.slice(0, end)}${replacement}`
      : cleanValue(piece, names, replacement, nesting)
  })
  return cleaned
}

/** With an origin or a path in front; a form or a settings text has none. */
const HAS_PATH = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/|^[a-z][a-z0-9+.-]{0,30}:\/\//i

/** Where the value of `name=value` begins, if its name is secret and it has one. */
function endOfSecretName(piece: string, names: SecretNames): number | undefined {
  const equals = piece.indexOf('=')
  if (equals <= 0 || equals === piece.length - 1) return undefined
  // In front of the first `?` a piece is the URL up to there; its last segment may hold a parameter.
  const name = decode(piece.slice(piece.lastIndexOf('/', equals) + 1, equals))
  return names.isSecretInQuery(name) ? equals + 1 : undefined
}

function cleanValue(piece: string, names: SecretNames, replacement: string, nesting: number): string {
  const equals = piece.indexOf('=')
  if (equals <= 0 || equals === piece.length - 1) return piece
  const value = piece.slice(equals + 1)
  return `${piece.slice(0, equals + 1)}${cleanNested(value, names, replacement, nesting)}`
}

function cleanNested(value: string, names: SecretNames, replacement: string, nesting: number): string {
  const decoded = decode(value)
  if (nesting >= MAX_NESTING) {
    const mayHide = SPEAKING.test(decoded) || cleanShapes(decoded, names, replacement) !== decoded
    return mayHide ? replacement : value
  }
  const clean = parseJson(decoded) === undefined ? cleanUrl : cleanJson
  const cleaned = clean(decoded, names, replacement, nesting + 1)
  if (cleaned === decoded) return value
  return decoded === value ? cleaned : encodeURIComponent(cleaned)
}

/** Parameters, user info, JSON or escapes. */
const SPEAKING = /[=@:%[{"]/

/** As JSON in any text; the texts in it as parameters of the URL. Exact places are none of its. */
function cleanJson(json: string, names: SecretNames, replacement: string, nesting: number): string {
  const hide = () => replacement
  const cleanText = (text: string) => cleanUrl(text, names, replacement, nesting)
  const rules = { names, places: undefined, hide, replacement, cleanText, pseudonymize: hide }
  return String(snapshot(json, '', rules, Infinity).content)
}

/** A name may be spelt `%70assword` to hide from us. Broken escapes stay, and do not shelter the others. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  return spaced.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('latin1')
    }
  })
}
