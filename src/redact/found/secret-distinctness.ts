// Decides where a value that was found to be a secret is hidden in the rest of the record. `?token=x7Gh29aKq1` is hidden
// wherever it stands; `?session=new`, `?password=Amsterdam` and `?pin=1` are not, because clients choose these values: the
// record would lose every `new`, every `Amsterdam` and every `1`.
import { lazy } from '../../lib/lazy.js'
import type { FoundSecret } from '../../record/record-draft.js'

/**
 * - `distinctive`: no other text contains the value by chance, so it is hidden at any place.
 * - `word`: other texts may contain a longer word with it, so it is hidden as a whole word.
 * - `ordinary`: a word, a name or a short number: it is hidden only under the name that made it a secret.
 */
export type Distinctness = 'distinctive' | 'word' | 'ordinary'

/** A secret with its distinctness. */
export interface RankedSecret {
  readonly secret: FoundSecret
  readonly distinctness: Distinctness
}

/** Shorter values, such as a PIN of four digits or `nl`, also occur where they are no secrets: years, ids, languages. */
const MIN_WORD = 6
const MIN_DISTINCTIVE = 8
/** Even of letters alone, so long a text is no word. */
const MIN_LONG = 24

/** Values with digits or symbols that sensitive parameters have where they hold no secret. */
const COMMON_VALUES: ReadonlySet<string> = new Set([
  ...['sha256', 'sha384', 'sha512', 'sha-256', 'sha-384', 'sha-512', 'argon2', 'argon2id', 'pbkdf2'],
  ...['hs256', 'rs256', 'es256', 'crc32c', 'base64', 'base64url', 'iso8859-1', 'iso-8859-1', 'oauth2'],
  // JavaScript and redaction write these themselves.
  ...['[object object]', '[redacted]'],
])

const HAS_LETTER = lazy(() => /\p{L}/u)
const HAS_DIGIT = /\d/
const ONLY_DIGITS = /^\d+$/
/** A capital letter behind a small one, which no ordinary word has. */
const MIXED_CASE = /[a-z][A-Z].*[A-Z]|[A-Z]{2}[a-z]/
/** `pas$word!`, but not `list-item`, `last_name`, `a.b@example`, `text/html` and `open sesame`. */
const RARE_SYMBOL = lazy(() => /[^\p{L}\p{N}\s._:/,@-]/u)

/**
 * How far the value can be told from the rest of the record. A value with a pseudonym is at most a word: an address may be
 * the end of another one, as `jan@example.org` is of `arjan@example.org`.
 */
export function judgeDistinctness({ value, pseudonym }: FoundSecret): Distinctness {
  const { length } = value
  if (length < MIN_WORD || COMMON_VALUES.has(value.toLowerCase())) return 'ordinary'
  if (pseudonym !== undefined) return 'word'
  if (length >= MIN_LONG) return 'distinctive'
  if (!HAS_LETTER().test(value))
    return ONLY_DIGITS.test(value) || RARE_SYMBOL().test(value) ? 'word' : 'ordinary'
  const isMixed = HAS_DIGIT.test(value) || MIXED_CASE.test(value) || RARE_SYMBOL().test(value)
  if (!isMixed) return 'ordinary'
  return length < MIN_DISTINCTIVE ? 'word' : 'distinctive'
}
