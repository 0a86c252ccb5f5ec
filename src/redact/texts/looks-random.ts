/** Shorter values are more often words and numbers than tokens. */
const MIN_LENGTH = 16
/** Only the beginning of a longer value is examined. */
const MAX_LENGTH = 512
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const UUID_LENGTH = 36
/** A date and time in the basic format of ISO 8601 has three (`20261124T093000Z`), names of products fewer. */
const MIN_SWITCHES = 4

/** Changes between small letters, capitals and digits. */
const SWITCH_OF_KIND = /[a-z](?=[A-Z\d])|[A-Z](?=[a-z\d])|\d(?=[A-Za-z])/g
/** Base62 and base64url, with a digit in front of a letter: names and words have digits at their end. */
const BASE64URL = /^(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d[A-Za-z])[\w-]+$/
/** More than half of random characters differ in kind from the next one; in words in camel case about a third do. */
const MIN_SHARE_OF_SWITCHES = 0.45

/**
 * Whether a value looks as if a machine had drawn it at random: a UUID, hexadecimal digits, base64url. Words with hyphens,
 * numbers and dates do not.
 *
 * @param minLength of a value in a place where tokens are likely
 *
 * @example
 * looksRandom('7f3a9c1e5b2d8064')                  // true
 * looksRandom('how-to-reset-your-password-2026')   // false
 */
export function looksRandom(value: string, minLength = MIN_LENGTH): boolean {
  if (value.length < minLength) return false
  if (value.length === UUID_LENGTH && UUID.test(value)) return true
  const switches = countSwitches(value)
  // A token may have few digits.
  return switches >= MIN_SWITCHES || (switches > 0 && looksLikeBase64Url(value.slice(0, MAX_LENGTH)))
}

function looksLikeBase64Url(text: string): boolean {
  const switches = BASE64URL.test(text) ? (text.match(SWITCH_OF_KIND)?.length ?? 0) : 0
  return switches >= text.length * MIN_SHARE_OF_SWITCHES && switches > 0
}

/** How often letters and digits stand in turn, without punctuation between them, up to {@link MIN_SWITCHES}. */
function countSwitches(value: string): number {
  const end = Math.min(value.length, MAX_LENGTH)
  let switches = 0
  let previous = kindOf(value.charCodeAt(0))
  for (let index = 1; index < end && switches < MIN_SWITCHES; index++) {
    const kind = kindOf(value.charCodeAt(index))
    if (kind + previous === LETTER + DIGIT) switches += 1
    previous = kind
  }
  return switches
}

const LETTER = 1
const DIGIT = 2
const OTHER = 4

function kindOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return DIGIT
  const small = code | 0x20
  return small >= 0x61 && small <= 0x7a && code <= 0x7a ? LETTER : OTHER
}
