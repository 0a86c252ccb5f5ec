import { canBeSecret } from '../keys/harmless-values.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { TextContext } from '../texts/text-context.js'
import { decodeUrlText } from './decode-url.js'
import { redactNested, redactSegments } from './redact-nested.js'
import { findHostParameters } from './redact-path.js'
import { reportSecret } from './report-secret.js'
import { checkSiblings } from './sibling-parameters.js'
import { parseParameter, type SplitUrl, splitUrl } from './split-url.js'

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
  return new ParameterRedactor(url, context, hostParameters).redact()
}

/** A value that is not shown, as far as it was read. */
interface HiddenValue {
  /** The name of its parameter. */
  readonly name: string
  readonly text: string
}

/** Reads the pieces of one URL from the beginning to the end. */
class ParameterRedactor {
  readonly #context: TextContext
  readonly #url: SplitUrl
  readonly #isContextSensitive: (name: string) => boolean
  readonly #isConnectionString: boolean
  /** Changes at a URL that stands unescaped in a value, because its query continues as parameters of this URL. */
  #hostParameters: ReadonlySet<string> | undefined
  #isInPath: boolean
  #hidden: HiddenValue | undefined
  #redacted = ''

  constructor(url: string, context: TextContext, hostParameters: ReadonlySet<string> | undefined) {
    this.#context = context
    this.#url = splitUrl(url)
    this.#isContextSensitive = checkSiblings(this.#url.pieces, context.sensitiveKeys)
    this.#hostParameters = hostParameters
    this.#isInPath = HAS_PATH.test(url)
    this.#isConnectionString = !this.#isInPath && !url.includes('&')
  }

  redact(): string {
    const { pieces, isCut } = this.#url
    for (const [index, piece] of pieces.entries()) {
      if (index % 2 === 1) this.#readSeparator(piece, pieces[index + 1])
      else if (this.#hidden === undefined) this.#readPiece(piece)
      else this.#hide(piece)
    }
    const isHiding = this.#hidden !== undefined && this.#hidden.text !== ''
    this.#replaceHidden()
    return isCut && !isHiding ? `${this.#redacted}${this.#context.replacement}` : this.#redacted
  }

  #readSeparator(separator: string, nextPiece: string | undefined): void {
    const isBeforeSetting = this.#isConnectionString && nextPiece?.includes('=') === true
    if (endsValue(separator, this.#isInPath, isBeforeSetting)) this.#replaceHidden()
    if (separator === '?' || separator === '#') this.#isInPath = false
    if (this.#hidden === undefined) this.#redacted += separator
    else this.#hide(separator)
  }

  #readPiece(piece: string): void {
    for (let rest = piece; rest !== ''; ) rest = this.#readParameter(rest)
  }

  /** Returns the rest of the piece, in which there may be another parameter. */
  #readParameter(piece: string): string {
    const context = this.#context
    const parameter = parseParameter(piece)
    if (parameter === undefined) {
      this.#redacted += redactSegments(piece, context)
      return ''
    }
    const { name, value } = parameter
    this.#redacted += redactSegments(piece.slice(0, piece.length - value.length), context)
    if (!this.#isSensitive(name) || isAnnotation(piece, name, context.sensitiveKeys)) {
      this.#redacted += redactNested(value, context)
      if (value.includes('//')) this.#hostParameters = findHostParameters(value) ?? this.#hostParameters
      return ''
    }
    // A slash ends a matrix parameter (RFC 3986, section 3.3).
    const slash = this.#isInPath ? value.indexOf('/') : -1
    this.#hidden = { name, text: slash === -1 ? value : value.slice(0, slash) }
    if (slash === -1) return ''
    // Also in place of an empty value: the detectors would take the next segment for it.
    if (slash === 0) this.#redacted += context.replacement
    this.#replaceHidden()
    return value.slice(slash)
  }

  #isSensitive(name: string): boolean {
    return (
      this.#context.sensitiveKeys.isSensitiveInQuery(name) ||
      this.#isContextSensitive(name) ||
      this.#hostParameters?.has(name.toLowerCase()) === true
    )
  }

  #hide(text: string): void {
    if (this.#hidden !== undefined) this.#hidden = { ...this.#hidden, text: this.#hidden.text + text }
  }

  /** Ends the hidden value. A value that cannot be a secret is shown after all. */
  #replaceHidden(): void {
    const hidden = this.#hidden
    this.#hidden = undefined
    if (hidden === undefined || hidden.text === '') return
    const { name, text } = hidden
    const { sensitiveKeys, replacement } = this.#context
    if (this.#isContextSensitive(name) || canBeSecret(name, decodeUrlText(text), sensitiveKeys)) {
      reportSecret(text, this.#context, name)
      this.#redacted += replacement
    } else this.#redacted += text
  }
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
