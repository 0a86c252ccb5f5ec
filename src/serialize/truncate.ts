/** Stands where a text was cut. */
export function truncationMark(characters: number): string {
  return `…[+${characters} characters]`
}

/** {@link truncationMark} at the end of a text; the text may have been cut before, in front of or within its mark. */
export const TRUNCATION_MARK = /(?:…\[?\+?[\w ]{0,30}\]?)?…\[\+\d+ characters\]$/

/** At most so many bytes of UTF-8 from the beginning of a text, never half a character. */
export function truncateToBytes(text: string, bytes: number): string {
  // Most texts fit, and need not be read: none has more than 3 bytes for each of its UTF-16 units.
  return text.length * 3 <= bytes ? text : takeWhileRoom(text, bytes, sizeInUtf8)
}

/** The same, of a text that is going to stand in JSON, where some characters are escaped. */
export function truncateToJsonBytes(text: string, bytes: number): string {
  return takeWhileRoom(text, bytes, sizeInJson)
}

function takeWhileRoom(text: string, bytes: number, sizeOf: (character: number) => number): string {
  let left = bytes
  let end = 0
  while (end < text.length) {
    const character = text.codePointAt(end) as number
    left -= sizeOf(character)
    if (left < 0) break
    end += character > 0xffff ? 2 : 1
  }
  return text.slice(0, end)
}

function sizeInUtf8(character: number): number {
  if (character < 0x80) return 1
  if (character < 0x800) return 2
  return character > 0xffff ? 4 : 3
}

/** As `JSON.stringify` has it: quotes, backslashes and control characters are escaped, and lone surrogates. */
function sizeInJson(character: number): number {
  if (character < 0x20) return SHORT_ESCAPES.has(character) ? 2 : 6
  if (character === 0x22 || character === 0x5c) return 2
  return character >= 0xd800 && character <= 0xdfff ? 6 : sizeInUtf8(character)
}

/** `\b`, `\t`, `\n`, `\f` and `\r`; the others are written as `\u0001`. */
const SHORT_ESCAPES = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d])
