/** Longer texts are judged by their beginning. */
const MAX_LENGTH = 256
/** The characters of tokens, authorization codes and API keys: base64, base64url, hexadecimal, and separators between groups. */
const TOKEN_TEXT = /^[\w.~%/+=:-]+$/
/** A run of letters and digits. */
const GROUP = /[A-Za-z0-9]+/g
/** Shorter groups are codes that people type: `NL-1234`, `AB12CD`. */
const MIN_GROUP_LENGTH = 8
/** A letter next to a digit. */
const CHANGE = /[a-z](?=\d)|\d(?=[a-z])/gi
/** `SUMMER2026` and `v2` change once; random texts change every few characters. */
const MIN_CHANGES = 2
/** `20261124T093000Z` is a time. */
const COMPACT_TIME = /^\d{8}T\d{4,6}Z?$/

/**
 * Whether a text looks as if a machine had generated it at random: a group of 8 or more letters and digits in which letters
 * and digits take turns. Texts that people choose are not: `NL-1234`, `SUMMER2026`, `last_name`. Random texts of letters only
 * or digits only cannot be recognized.
 *
 * @example
 * looksRandom('Kq7Zx2Wm9V')                                // true
 * looksRandom('550e8400-e29b-41d4-a716-446655440000')      // true
 * looksRandom('INV-2026-000123')                           // false
 */
export function looksRandom(text: string): boolean {
  if (text.length < MIN_GROUP_LENGTH) return false
  const beginning = text.slice(0, MAX_LENGTH)
  if (!TOKEN_TEXT.test(beginning)) return false
  for (const [group] of beginning.matchAll(GROUP)) {
    if (group.length < MIN_GROUP_LENGTH || COMPACT_TIME.test(group)) continue
    if ((group.match(CHANGE)?.length ?? 0) >= MIN_CHANGES) return true
  }
  return false
}
