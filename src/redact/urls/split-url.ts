import { MAX_NAMES } from '../limits.js'
import { parseJson } from '../texts/parse-json.js'
import { decodeUrlText } from './decode-url.js'

/** A parameter `name=value` with its decoded name and its raw value. */
export interface Parameter {
  readonly name: string
  readonly value: string
}

export interface SplitUrl {
  /** Pieces and separators in turn: `/cb`, `?`, `code=abc`, `&`, `lang=nl`. */
  readonly pieces: readonly string[]
  /** Whether the URL has more than {@link MAX_NAMES} pieces, of which those behind are missing. */
  readonly isCut: boolean
}

/** Splits a URL at `#`, `&`, `?` and `;`. JSON as the value of a parameter may contain `;` and `?`, and stays one piece. */
export function splitUrl(url: string): SplitUrl {
  // Two items for each piece and its separator, and one more to see that there are more.
  const parts = url.split(/([#&])/, 2 * MAX_NAMES + 1)
  const pieces: string[] = []
  for (const part of parts) {
    for (const piece of splitPart(part)) pieces.push(piece)
    if (pieces.length >= 2 * MAX_NAMES) return { pieces: pieces.slice(0, 2 * MAX_NAMES), isCut: true }
  }
  return { pieces, isCut: false }
}

function splitPart(part: string): string[] {
  const beforeJson = BEFORE_JSON.exec(part)?.[0]
  const isJson =
    beforeJson !== undefined && parseJson(decodeUrlText(part.slice(beforeJson.length))) !== undefined
  if (!isJson) return part.split(/([?;])/, 2 * MAX_NAMES + 1)
  const pieces = beforeJson.split(/([?;])/)
  pieces[pieces.length - 1] += part.slice(beforeJson.length)
  return pieces
}

const FIRST_NAME = String.raw`(?:[^?]*\?)?[^=?;]*=`
const ENCODED_BLANKS = String.raw`(?:[\s+]|%(?:20|0[9ad])){0,10}`
const JSON_START_IN_URL = '(?:["[{]|%(?:22|5b|7b))'
/** Everything in front of JSON that is the value of the first parameter. `encodeURI` does not escape the `;` in JSON. */
const BEFORE_JSON = new RegExp(`^${FIRST_NAME}(?=${ENCODED_BLANKS}${JSON_START_IN_URL})`, 'i')

/** Returns `undefined` for a piece without a name. */
export function parseParameter(piece: string): Parameter | undefined {
  const equals = piece.indexOf('=')
  if (equals <= 0) return undefined
  // The piece in front of the first `?` is the URL up to there; its last path segment may be a matrix parameter.
  const name = decodeUrlText(piece.slice(piece.lastIndexOf('/', equals) + 1, equals))
  return { name, value: piece.slice(equals + 1) }
}
