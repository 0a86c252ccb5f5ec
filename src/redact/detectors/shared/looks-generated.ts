/** Bounds the length that is examined. */
const MAX_EXAMINED = 100
/** Words with a digit that are no secrets. */
const WORDS_WITH_DIGITS = [
  // Dates, times and versions.
  String.raw`\d{4}-\d\d-\d\d.*|\d{1,2}:\d\d.*|v?\d{1,4}(?:\.\d{1,4}){1,3}`,
  // Quantities, and names of things such as `ISO-8601`.
  String.raw`\d+(?:ms|s|m|h|d|st|nd|rd|th|kb|mb)|[A-Z]{2,5}-?\d{1,4}`,
  // Protocols and algorithms.
  String.raw`(?:oauth|http|utf|base|sha|md|es|rs|hs)-?\d.*`,
]
const DATE_OR_VERSION = new RegExp(`^(?:${WORDS_WITH_DIGITS.join('|')})$`, 'i')

/**
 * Whether a word looks like a password or a token rather than a word of a sentence: it has a digit among letters. Without
 * a verb in front of it, it needs more of them.
 */
export function looksGenerated(word: string, isBehindVerb: boolean): boolean {
  const examined = word.slice(0, MAX_EXAMINED)
  if (DATE_OR_VERSION.test(examined) || /[=:/]/.test(examined.slice(0, 8))) return false
  const digits = examined.replace(/\D/g, '').length
  const letters = examined.replace(/[^\p{L}]/gu, '').length
  if (isBehindVerb) return (digits >= 1 && letters >= 2) || digits >= 4
  return digits >= 2 && letters >= 3 && examined.length >= 8
}
