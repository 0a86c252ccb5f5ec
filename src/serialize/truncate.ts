import { isEscapedBeyondJson } from './stringify.js'

/** Stands at the end of a text that was truncated. */
export function truncationMark(characters: number): string {
  return `…[+${characters} characters]`
}

/** Source of a pattern that matches {@link truncationMark} at the end of a text. */
export const TRUNCATION_MARK_PATTERN = String.raw`…\[\+\d+ characters\]$`
const CUT_MARK = String.raw`…\[?\+?[\w ]{0,30}\]?`

/** Matches {@link truncationMark} at the end of a text that may itself have been truncated within an earlier mark. */
export const TRUNCATION_MARK = new RegExp(`(?:${CUT_MARK})?${TRUNCATION_MARK_PATTERN}`)

/** Returns the beginning of a text that has at most so many bytes of UTF-8. Never splits a surrogate pair. */
export function truncateToBytes(text: string, bytes: number): string {
  // Hot path: a UTF-16 unit has at most 3 bytes in UTF-8, so most texts need not be measured.
  return text.length * 3 <= bytes ? text : takeCharactersWhileRoom(text, bytes, bytesInUtf8)
}

/** Returns a text as it is if it has at most so many bytes of UTF-8, otherwise its beginning and a mark behind it. */
export function truncateWithMark(text: string, bytes: number): string {
  const beginning = truncateToBytes(text, bytes)
  return beginning.length === text.length
    ? text
    : `${beginning}${truncationMark(text.length - beginning.length)}`
}

/** Returns the beginning of a text that has at most so many bytes inside a JSON string, escapes included. */
export function truncateToJsonBytes(text: string, bytes: number): string {
  return takeCharactersWhileRoom(text, bytes, bytesInJson)
}

function takeCharactersWhileRoom(
  text: string,
  bytes: number,
  bytesOf: (codePoint: number) => number,
): string {
  let bytesLeft = bytes
  let end = 0
  while (end < text.length) {
    const codePoint = text.codePointAt(end) as number
    bytesLeft -= bytesOf(codePoint)
    if (bytesLeft < 0) break
    end += codePoint > 0xffff ? 2 : 1
  }
  return text.slice(0, end)
}

function bytesInUtf8(codePoint: number): number {
  if (codePoint < 0x80) return 1
  if (codePoint < 0x800) return 2
  return codePoint > 0xffff ? 4 : 3
}

/** As `stringifyJson` writes a code point: quotes, backslashes, control characters and lone surrogates are escaped. */
function bytesInJson(codePoint: number): number {
  if (codePoint < 0x20) return SHORT_ESCAPES.has(codePoint) ? 2 : 6
  if (codePoint === 0x22 || codePoint === 0x5c) return 2
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff
  return isSurrogate || isEscapedBeyondJson(codePoint) ? 6 : bytesInUtf8(codePoint)
}

/** `\b`, `\t`, `\n`, `\f` and `\r`; other control characters are written like `\u0001`. */
const SHORT_ESCAPES = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d])
