/** Every secret that stands alone has so many characters of one kind in a row. */
export const MIN_RUN_LENGTH = 14

/** By character code: letters, digits, `_` and `-`. */
const WORD_CHARACTERS = characterTable(/[\w-]/)
/** By character code: digits, and what separates groups of them. */
const NUMBER_CHARACTERS = characterTable(/[\d\xa0 -]/)

function characterTable(characters: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (characters.test(String.fromCharCode(code)) ? 1 : 0))
}

/** Whether a text may have a key or a token: {@link MIN_RUN_LENGTH} word characters in a row. */
export function hasLongWord(text: string): boolean {
  return hasRun(text, WORD_CHARACTERS)
}

/** Whether a text may have a number of so many digits, in groups or not. */
export function hasLongNumber(text: string): boolean {
  return hasRun(text, NUMBER_CHARACTERS)
}

/**
 * Whether a text has {@link MIN_RUN_LENGTH} characters of the table in a row. Hot path: reads about every 14th character of
 * a text of short words, where a pattern would read each.
 */
function hasRun(text: string, table: Uint8Array): boolean {
  let last = MIN_RUN_LENGTH - 1
  while (last < text.length) {
    let index = last
    const first = last - MIN_RUN_LENGTH
    while (index > first && table[text.charCodeAt(index)] === 1) index--
    if (index === first) return true
    last = index + MIN_RUN_LENGTH
  }
  return false
}
