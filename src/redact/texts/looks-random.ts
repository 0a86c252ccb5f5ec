/** Shorter values are more often words and numbers than tokens. */
const MIN_LENGTH = 16
/** Of a longer value only the beginning is looked at. */
const MAX_LENGTH = 512
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
/** Letters and digits in turn, without punctuation between them. */
const SWITCH_BETWEEN_LETTER_AND_DIGIT = /[a-z](?=\d)|\d(?=[a-z])/gi
/** A date and time in the basic format of ISO 8601 has three (`20261124T093000Z`), names of products fewer. */
const MIN_SWITCHES = 4

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
  if (UUID.test(value)) return true
  return (value.slice(0, MAX_LENGTH).match(SWITCH_BETWEEN_LETTER_AND_DIGIT)?.length ?? 0) >= MIN_SWITCHES
}
