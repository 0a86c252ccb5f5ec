/** Stands where a text was cut. */
export function cutMark(characters: number): string {
  return `…[+${characters} characters]`
}

/** {@link cutMark} at the end of a text. */
export const CUT_MARK = /…\[\+\d+ characters\]$/

/** At most so many bytes of UTF-8 from the beginning of a text, never half a character. */
export function beginningOf(text: string, bytes: number): string {
  // A character takes 1 to 3 bytes for each of its UTF-16 units: no need to look at more of the text than this.
  const candidate = text.length > bytes ? text.slice(0, bytes) : text
  if (Buffer.byteLength(candidate) <= bytes)
    return isHighSurrogate(candidate, text) ? candidate.slice(0, -1) : candidate
  const buffer = Buffer.from(candidate)
  let end = bytes
  // RFC 3629: the bytes that continue a character are 10xxxxxx.
  while (end > 0 && ((buffer[end] as number) & 0b1100_0000) === 0b1000_0000) end -= 1
  return buffer.toString('utf8', 0, end)
}

function isHighSurrogate(candidate: string, text: string): boolean {
  return candidate.length < text.length && /[\uD800-\uDBFF]$/.test(candidate.slice(-1))
}
