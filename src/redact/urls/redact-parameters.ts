import { canBeSecret } from '../keys/harmless-values.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { TextContext } from '../texts/text-context.js'
import { decodeUrlText } from './decode-url.js'
import { redactNested, redactSegments } from './redact-nested.js'
import { findHostParameters } from './redact-path.js'
import { reportSecret } from './report-secret.js'
import { checkSiblings } from './sibling-parameters.js'
import { parseParameter, splitUrl } from './split-url.js'

/**
 * Replaces the values of sensitive parameters in the query, the fragment and the path.
 *
 * Readers disagree about where a value ends: to most, `;` and `?` in a query belong to the value. So nothing behind a
 * sensitive name is shown up to a separator that ends the value for every reader.
 *
 * @param hostParameters names of parameters, in lower case, that are sensitive at the host of the URL
 */
export function redactParameters(
  url: string,
  context: TextContext,
  hostParameters: ReadonlySet<string> | undefined,
): string {
  const { pieces, isCut } = splitUrl(url)
  const isContextSensitive = checkSiblings(pieces, context.sensitiveKeys)
  const isSensitive = (name: string) =>
    context.sensitiveKeys.isSensitiveInQuery(name) ||
    isContextSensitive(name) ||
    parametersOfHost?.has(name.toLowerCase()) === true
  /** The parameters of the last URL that stands unescaped in a value, because its query continues as parameters of this URL. */
  let parametersOfHost = hostParameters
  let isInPath = HAS_PATH.test(url)
  const isConnectionString = !isInPath && !url.includes('&')
  let redacted = ''
  /** The part of the value of a sensitive parameter that was read. */
  let hidden: string | undefined
  let hiddenName = ''
  const showReplacement = () => {
    if (!hidden) return
    if (
      !isContextSensitive(hiddenName) &&
      !canBeSecret(hiddenName, decodeUrlText(hidden), context.sensitiveKeys)
    ) {
      redacted += hidden
      return
    }
    reportSecret(hidden, context, hiddenName)
    redacted += context.replacement
  }
  for (const [index, piece] of pieces.entries()) {
    const isSeparator = index % 2 === 1
    if (isSeparator) {
      const isBeforeSetting = isConnectionString && pieces[index + 1]?.includes('=') === true
      if (endsValue(piece, isInPath, isBeforeSetting)) {
        showReplacement()
        hidden = undefined
      }
      if (piece === '?' || piece === '#') isInPath = false
    }
    if (hidden !== undefined) {
      hidden += piece
      continue
    }
    if (isSeparator) {
      redacted += piece
      continue
    }
    for (let rest = piece; rest !== ''; ) {
      const parameter = parseParameter(rest)
      if (parameter === undefined) {
        redacted += redactSegments(rest, context)
        break
      }
      const { name, value } = parameter
      redacted += redactSegments(rest.slice(0, rest.length - value.length), context)
      if (!isSensitive(name) || isAnnotation(rest, name, context.sensitiveKeys)) {
        redacted += redactNested(value, context)
        if (value.includes('//')) parametersOfHost = findHostParameters(value) ?? parametersOfHost
        break
      }
      hiddenName = name
      // A slash ends a matrix parameter (RFC 3986, section 3.3).
      const slash = isInPath ? value.indexOf('/') : -1
      hidden = slash === -1 ? value : value.slice(0, slash)
      if (slash === -1) break
      // Also in place of an empty value: the detectors would take the next segment for it.
      if (hidden === '') redacted += context.replacement
      showReplacement()
      hidden = undefined
      rest = value.slice(slash)
    }
  }
  showReplacement()
  return isCut && !hidden ? `${redacted}${context.replacement}` : redacted
}

/**
 * Whether a separator ends a value for every reader. In a path every separator does. A `;` does in a connection string
 * (`Password=S;Database=app`), where another setting follows.
 */
function endsValue(separator: string, isInPath: boolean, isBeforeSetting: boolean): boolean {
  if (separator === '&' || separator === '#') return true
  return isInPath || (separator === ';' && isBeforeSetting)
}

const LAST_SEGMENTS = /([\w.-]{1,60})\/[\w.-]{1,60}=/

/** `checksum/secret` is harmless as a whole, unlike `/login/secret`, in which a path stands in front of the name. */
function isAnnotation(piece: string, name: string, keys: SensitiveKeys): boolean {
  const segment = piece.includes('/') ? LAST_SEGMENTS.exec(piece)?.[1] : undefined
  return segment !== undefined && keys.isSensitive(`q/${name}`) && !keys.isSensitive(`${segment}/${name}`)
}

/** Whether a text begins with an origin or a path; a form or a connection string does not. */
const HAS_PATH = /^(?:[a-z][a-z0-9+.-]{0,30}:){0,2}\//i
