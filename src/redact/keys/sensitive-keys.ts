// Decides which keys are sensitive. A key is compared by its words, in any spelling: `apiKey`, `api_key`, `API-Key` and
// `user[api.key]` all end in the words `api key`.
import { BoundedCache } from '../../lib/bounded-cache.js'
import {
  HARMLESS_KEYS,
  LOOKUPS,
  NUMBER_WORDS,
  OPERATORS,
  PREFIXED_SHORT_WORD,
  QUALIFIERS,
  SENSITIVE_BEFORE_NUMBER,
  SENSITIVE_ENDINGS,
  SENSITIVE_IN_QUERY,
  SENSITIVE_LAST_WORDS,
  SENSITIVE_QUERY_ENDINGS,
  SENSITIVE_WHOLE_KEYS,
} from './sensitive-key-lists.js'

const MAX_CACHED_KEYS = 2000
/** Bounds the work for one key; of a longer key only the end is compared. */
const MAX_KEY_LENGTH = 256

/** Decides whether the value of a key is a secret. */
export interface SensitiveKeys {
  /** For keys of headers, filters and results. */
  isSensitive(key: string): boolean
  /** For parameters in the query or fragment of a URL, where more keys are sensitive. */
  isSensitiveInQuery(key: string): boolean
  /** Whether the option `keys` makes the key sensitive, which may then be personal data. */
  isConfigured(key: string): boolean
}

/**
 * @param options.keys further keys that are sensitive, in any spelling
 * @param options.allowKeys keys that are not sensitive, in any spelling
 *
 * @example
 * createSensitiveKeys({ keys: ['bsn'], allowKeys: ['csrfToken'] }).isSensitive('user_bsn')   // true
 */
export function createSensitiveKeys({
  keys = [],
  allowKeys = [],
}: {
  readonly keys?: readonly string[]
  readonly allowKeys?: readonly string[]
}): SensitiveKeys {
  const endings = [...SENSITIVE_ENDINGS, ...keys.map(normalize)]
  const lastWords = new Set(SENSITIVE_LAST_WORDS)
  const wholeKeys = new Set(SENSITIVE_WHOLE_KEYS)
  const harmless = new Set([...HARMLESS_KEYS, ...allowKeys.map(normalize)])

  function isSensitive(key: string): boolean {
    const segments = key
      .slice(-MAX_KEY_LENGTH)
      .split(/[[\]]+/)
      .filter(Boolean)
    // `password[$ne]` and `user[password]` are about a password, and `card[number]` is a card number.
    if (segments.length > 1)
      return !harmless.has(normalize(key)) && (segments.some(isSensitive) || isSensitive(segments.join(' ')))
    return areWordsSensitive(wordsOf(removeLookup(key)), normalize(key))
  }

  /**
   * For the key `oldPasswordHash__exact`, `words` is `old password hash` and `normalizedKey` is `oldpasswordhashexact`. The
   * words are compared without the qualifiers at their end (`oldpassword`) and with them (`oldpasswordhash`).
   */
  function areWordsSensitive(words: readonly string[], normalizedKey: string): boolean {
    const unqualifiedWords = removeQualifiers(words)
    const unqualified = unqualifiedWords.join('')
    const qualified = words.join('')
    if (harmless.has(unqualified) || harmless.has(qualified) || harmless.has(normalizedKey)) return false
    if (wholeKeys.has(unqualified) || isLastWordSensitive(unqualifiedWords)) return true
    // With qualifiers too: `connectionString` ends in a word that elsewhere is a qualifier.
    return endings.some((ending) => unqualified.endsWith(ending) || qualified.endsWith(ending))
  }

  function isLastWordSensitive(words: readonly string[]): boolean {
    const last = removeTrailingNumber(words.at(-1) ?? '')
    if (NUMBER_WORDS.has(last) && SENSITIVE_BEFORE_NUMBER.has(words.at(-2) ?? '')) return true
    return lastWords.has(last) || PREFIXED_SHORT_WORD.test(last)
  }

  function isSensitiveInQuery(key: string): boolean {
    const words = wordsOf(key)
    const qualified = words.join('')
    if (harmless.has(qualified)) return false
    const unqualified = removeQualifiers(words).join('')
    return (
      SENSITIVE_IN_QUERY.has(qualified) ||
      SENSITIVE_QUERY_ENDINGS.some((ending) => unqualified.endsWith(ending)) ||
      isSensitive(key)
    )
  }

  const configured = keys.map(normalize)
  const isConfigured = (key: string) =>
    configured.length > 0 &&
    configured.some((ending) =>
      removeQualifiers(wordsOf(removeLookup(key)))
        .join('')
        .endsWith(ending),
    )
  return { isSensitive: memoize(isSensitive), isSensitiveInQuery: memoize(isSensitiveInQuery), isConfigured }
}

/** The words of a key without the qualifiers and numbers at its end, and without a plural `s`. */
function removeQualifiers(words: readonly string[]): string[] {
  let end = words.length
  while (end > 1 && isQualifier(words[end - 1] as string)) end -= 1
  const last = words[end - 1]
  return last === undefined ? [] : [...words.slice(0, end - 1), toSingular(last)]
}

/** Whether a word is a qualifier, also with a number: `confirm2`. The number of `base64` is part of the word itself. */
function isQualifier(word: string): boolean {
  if (QUALIFIERS.has(word) || OPERATORS.has(word) || /^\d+$/.test(word)) return true
  return QUALIFIERS.has(removeTrailingNumber(word))
}

function removeTrailingNumber(word: string): string {
  return word.replace(/\d{1,3}$/, '')
}

function toSingular(word: string): string {
  const withoutNumber = word.length > 4 ? removeTrailingNumber(word) : word
  return /[^su]s$/.test(withoutNumber) ? withoutNumber.slice(0, -1) : withoutNumber
}

/** Removes the lookup of Django (`password__exact`) and the operator of MongoDB (`password.$ne`). */
function removeLookup(key: string): string {
  const end = key.slice(-MAX_KEY_LENGTH)
  const operator = end.indexOf('.$')
  const parts = (operator > 0 ? end.slice(0, operator) : end).split('__')
  while (parts.length > 1 && LOOKUPS.has((parts.at(-1) as string).toLowerCase())) parts.pop()
  return parts.join('__')
}

/** The words of a key in lower case, without accents. Words are separated by punctuation or by a capital letter. */
function wordsOf(key: string): string[] {
  return key
    .slice(-MAX_KEY_LENGTH)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** A key as lower-case letters and digits, as the lists have it. */
function normalize(key: string): string {
  return wordsOf(key).join('')
}

function memoize(isSensitive: (key: string) => boolean): (key: string) => boolean {
  const cache = new BoundedCache<boolean>(MAX_CACHED_KEYS)
  return (key) => {
    // A long key is not even looked up, because hashing would read all of it.
    if (key.length > MAX_KEY_LENGTH) return isSensitive(key)
    const cached = cache.get(key)
    if (cached !== undefined) return cached
    const result = isSensitive(key)
    cache.set(key, result)
    return result
  }
}
