/** Every secret that stands alone has so many word characters in a row. */
export const MIN_WORD_LENGTH = 15

/** By character code: letters, digits, `_` and `-`. */
const IS_WORD_CHARACTER = Uint8Array.from({ length: 128 }, (_, code) =>
  /[\w-]/.test(String.fromCharCode(code)) ? 1 : 0,
)

/**
 * Whether a text has {@link MIN_WORD_LENGTH} word characters in a row. Hot path: reads only every 15th character of a text
 * of short words, where a pattern would read each.
 */
export function hasLongWord(text: string): boolean {
  let last = MIN_WORD_LENGTH - 1
  while (last < text.length) {
    let index = last
    const first = last - MIN_WORD_LENGTH
    while (index > first && IS_WORD_CHARACTER[text.charCodeAt(index)] === 1) index--
    if (index === first) return true
    last = index + MIN_WORD_LENGTH
  }
  return false
}
