// Decides which keys are sensitive. A key is compared by the words at its end, in any spelling: `apiKey`, `api_key`,
// `API-Key` and `user[api.key]` all end in `api key`. The words are in `groups/` and `languages/`.
import { lazy } from '../../lib/lazy.js'
import { createDefaultWords, createQualifiers } from './words/default-words.js'
import {
  foldKey,
  isDigit,
  isLetterOrDigit,
  isPartEnd,
  isPartStart,
  isWordStart,
  lettersOf,
  skipSeparators,
} from './words/key-spelling.js'
import {
  ENDING,
  HARMLESS,
  LAST_WORDS,
  LOOKUP,
  OPERATOR,
  QUALIFIER,
  URL_ENDING,
  URL_WHOLE_KEY,
  WHOLE_KEY,
  type WordMatch,
  WordTree,
} from './words/word-tree.js'

/** Decides whether the value of a key is a secret. */
export interface SensitiveKeys {
  /** For keys of headers, filters and results. */
  isSensitive(key: string): boolean
  /** For parameters in the query or fragment of a URL, where more keys are sensitive. */
  isSensitiveInQuery(key: string): boolean
  /** Whether the option `keys` makes the key sensitive, which may then be personal data. */
  isConfigured(key: string): boolean
  /** Hot path: whether a text may contain a sensitive key, for any place but URLs; `true` means unknown. */
  mayOccurIn(text: string): boolean
}

const defaultWordsOfPackage = lazy(createDefaultWords)

/**
 * @param options.keys further keys that are sensitive, in any spelling
 * @param options.allowKeys keys that are not sensitive, in any spelling
 * @param options.defaultWords the words of the package
 *
 * @example
 * createSensitiveKeys({ keys: ['bsn'], allowKeys: ['csrfToken'] }).isSensitive('user_bsn')   // true
 */
export function createSensitiveKeys({
  keys = [],
  allowKeys = [],
  defaultWords = defaultWordsOfPackage(),
}: {
  readonly keys?: readonly string[]
  readonly allowKeys?: readonly string[]
  readonly defaultWords?: WordTree
}): SensitiveKeys {
  const words: Words = {
    defaultWords,
    ownWords: keys.length === 0 ? undefined : createOwnWords(keys),
    allowedKeys: allowKeys.length === 0 ? undefined : new Set(allowKeys.map(lettersOf)),
  }
  const configured: Words | undefined = words.ownWords && {
    ...words,
    defaultWords: qualifiersOnly(),
    allowedKeys: undefined,
  }
  return {
    isSensitive: (key) => isSensitiveKey(key, words, false),
    isSensitiveInQuery: (key) => isSensitiveKey(key, words, true),
    isConfigured: (key) => configured !== undefined && isSensitiveKey(key, configured, false),
    mayOccurIn: (text) => defaultWords.mayOccurIn(text) || words.ownWords?.mayOccurIn(text) === true,
  }
}

/** Words that are not sensitive, for keys that only the option `keys` makes sensitive. */
const qualifiersOnly = lazy(createQualifiers)

/** The lists that decide. */
interface Words {
  readonly defaultWords: WordTree
  /** The words of the option `keys`. */
  readonly ownWords: WordTree | undefined
  /** The letters of the option `allowKeys`. */
  readonly allowedKeys: ReadonlySet<string> | undefined
}

function createOwnWords(keys: readonly string[]): WordTree {
  const tree = new WordTree()
  for (const key of keys) tree.add(lettersOf(key), LAST_WORDS)
  return tree
}

/** Hot path: most keys have no part in brackets, no operator (`password.$ne`), and only letters of ASCII. */
const SPECIAL_CHARACTER = /[[$\u0080-\uffff]/
/**
 * A note behind the name of a column or a field: `PASSWORD (required)`, `PIN (4 digits)`. A note that names a fact about the
 * secret stays, and so does one behind a plural: `Token (type)`, `Tokens (input)`.
 */
const NOTE = new RegExp(
  String.raw`(?<=[^s\s]) {0,3}\((?![^()]{0,40}\b(?:type|kind|changed|expir\w{0,6}|strength|length|count|total|max|id|name|` +
    String.raw`age|date|status|valid|until|since)\b)[^()]{1,60}\)$`,
  'i',
)
/** Bounds the work for one key; of a longer key only the end is compared. */
const MAX_KEY_LENGTH = 128

function isSensitiveKey(key: string, words: Words, isInUrl: boolean): boolean {
  const lastPart = key.length > MAX_KEY_LENGTH ? key.slice(-MAX_KEY_LENGTH) : key
  const end = lastPart.endsWith(')') ? lastPart.replace(NOTE, '') : lastPart
  if (!SPECIAL_CHARACTER.test(end)) return isEndSensitive(end, end.length, words, isInUrl)
  const folded = foldKey(end)
  const isSensitive =
    isEndSensitive(folded, folded.length, words, isInUrl) || isAnyPartSensitive(folded, words)
  return isSensitive && words.allowedKeys?.has(lettersOf(key)) !== true
}

/** Frameworks parse fewer levels of brackets (qs: 5). A key with more parts is taken for sensitive. */
const MAX_PARTS = 20

/** `password[$ne]` and `user[password]` are about a password, and `card[number]` is a card number. */
function isAnyPartSensitive(key: string, words: Words): boolean {
  let parts = 0
  for (let end = key.length - 1; end > 0; end--) {
    if (!isPartEnd(key, end) || !isLetterOrDigit(key.charCodeAt(end - 1))) continue
    parts += 1
    if (parts > MAX_PARTS || isEndSensitive(key, end, words, false)) return true
  }
  return false
}

/** Bounds the work for a key that consists of qualifiers. */
const MAX_QUALIFIERS = 8

/**
 * Whether a key is sensitive by the words in front of `end`. Qualifiers, numbers and a plural `s` are removed one by one:
 * `oldPasswords2_confirm__exact` ends in `password`.
 */
function isEndSensitive(key: string, end: number, words: Words, isInUrl: boolean): boolean {
  // Hot path: most keys end in no word of the lists, and in no number or plural.
  if (!mayEndInWord(key, end, words)) return false
  let part: KeyPart = { end: skipSeparators(key, end), isUnchanged: end === key.length, isWordEnd: true }
  for (let removed = 0; part.end > 0 && removed <= MAX_QUALIFIERS; removed++) {
    const matches = words.defaultWords.findEndings(key, part.end)
    const isSensitive = decide(key, part, matches, words, isInUrl) ?? decideSingular(key, part, words)
    if (isSensitive !== undefined)
      return isSensitive && !isAllowed(key, part.end, words) && !isAllowed(key, end, words)
    const shorter =
      removeQualifier(key, part, matches) ?? removeNumber(key, part) ?? removeNumberWord(key, part, words)
    if (shorter === undefined) return false
    part = shorter
  }
  return false
}

function mayEndInWord(key: string, end: number, { defaultWords, ownWords }: Words): boolean {
  if (ownWords !== undefined || defaultWords.findEndings(key, end).length > 0) return true
  const last = key.charCodeAt(end - 1)
  return isDigit(last) || !isLetterOrDigit(last) || isLetterS(last)
}

/** The part of a key that is compared: everything in front of `end`. */
interface KeyPart {
  readonly end: number
  /** Nothing was removed from the end of the key. */
  readonly isUnchanged: boolean
  /** A word ends here: always, except in front of a qualifier without a boundary, as in `passwordconfirm`. */
  readonly isWordEnd: boolean
}

/** Whether the words in which a part ends make it sensitive; `undefined` if they do not decide. The longest word counts. */
function decide(
  key: string,
  part: KeyPart,
  matches: readonly WordMatch[],
  { ownWords }: Words,
  isInUrl: boolean,
): boolean | undefined {
  // Hot path: most keys end in no word of the lists.
  if (matches.length === 0 && ownWords === undefined) return undefined
  const ownStart = ownWords === undefined ? Infinity : findOwnStart(key, part.end, ownWords)
  let sensitiveStart = Infinity
  let harmlessStart = Infinity
  for (const { kinds, start } of matches) {
    if (isSensitiveWord(kinds, start, key, part, isInUrl)) sensitiveStart = start
    if ((kinds & HARMLESS) !== 0 && startsWordOfAnyScript(key, start)) harmlessStart = start
  }
  if (ownStart === Infinity && sensitiveStart === Infinity && harmlessStart === Infinity) return undefined
  // The options decide about a word that is in the lists of the package too.
  return ownStart <= harmlessStart || sensitiveStart < harmlessStart
}

/** Where the longest word of the option `keys` begins: `id` is no word of `paid`. */
function findOwnStart(key: string, end: number, ownWords: WordTree): number {
  return (
    ownWords.findEndings(key, end).findLast(({ start }) => startsWordOfAnyScript(key, start))?.start ??
    Infinity
  )
}

/** Scripts without spaces have no word boundaries. */
function startsWordOfAnyScript(key: string, start: number): boolean {
  return isWordStart(key, start) || key.charCodeAt(start) > 0x7f
}

function isSensitiveWord(
  kinds: number,
  start: number,
  key: string,
  { isWordEnd, isUnchanged }: KeyPart,
  isInUrl: boolean,
): boolean {
  if ((kinds & ENDING) !== 0 || (isInUrl && (kinds & URL_ENDING) !== 0)) return true
  if ((kinds & LAST_WORDS) !== 0 && isWordEnd && isWordStart(key, start)) return true
  if ((kinds & WHOLE_KEY) !== 0 && isPartStart(key, start)) return true
  // `state_list` and `filter[state]` are not the parameter `state`.
  return isInUrl && isUnchanged && (kinds & URL_WHOLE_KEY) !== 0 && skipSeparators(key, start) === 0
}

/** The same without a plural `s`: `tokens`, but not `pass` and `status`. */
function decideSingular(key: string, part: KeyPart, words: Words): boolean | undefined {
  const end = part.end - 1
  if (end < 2 || !isPlural(key, end)) return undefined
  const singular = { ...part, end, isUnchanged: false }
  return decide(key, singular, words.defaultWords.findEndings(key, end), words, false)
}

function isPlural(key: string, last: number): boolean {
  return isLetterS(key.charCodeAt(last)) && !'suSU'.includes(key[last - 1] as string)
}

function isLetterS(code: number): boolean {
  return code === 0x73 || code === 0x53
}

/** The words that {@link removeQualifier} accepts without a boundary in front of them have at least so many letters. */
const MIN_UNBOUNDED_QUALIFIER = 4

function removeQualifier(key: string, part: KeyPart, matches: readonly WordMatch[]): KeyPart | undefined {
  if (matches.length === 0) return undefined
  let qualifierStart: number | undefined
  for (const { kinds, start } of matches) if (isQualifier(kinds, start, key, part.end)) qualifierStart = start
  if (qualifierStart === undefined) return undefined
  const isWordEnd = isWordStart(key, qualifierStart)
  return { end: skipSeparators(key, qualifierStart), isUnchanged: false, isWordEnd }
}

function isQualifier(kinds: number, start: number, key: string, end: number): boolean {
  if ((kinds & LOOKUP) !== 0 && key.slice(start - 2, start) === '__') return true
  if ((kinds & (QUALIFIER | OPERATOR)) !== 0 && isWordStart(key, start)) return true
  return (kinds & QUALIFIER) !== 0 && (end - start >= MIN_UNBOUNDED_QUALIFIER || key.charCodeAt(start) > 0x7f)
}

/** Longer numbers at the end of a word are part of the word. */
const MAX_ATTACHED_DIGITS = 3

/** `password2` and `token_20261128`. */
function removeNumber(key: string, part: KeyPart): KeyPart | undefined {
  let start = part.end
  while (start > 0 && isDigit(key.charCodeAt(start - 1))) start -= 1
  const end = skipSeparators(key, start)
  const isAttached = end === start
  if (start === part.end || (isAttached && part.end - start > MAX_ATTACHED_DIGITS)) return undefined
  return { ...part, end, isUnchanged: false }
}

/** `ibanNumber`: for the words of the option `keys` only, because a `tokenNumber` is no token. */
const NUMBER_WORD = /(?:number|nummer|nr)$/i

function removeNumberWord(key: string, part: KeyPart, { ownWords }: Words): KeyPart | undefined {
  if (ownWords === undefined) return undefined
  const start = key.slice(0, part.end).search(NUMBER_WORD)
  if (start <= 0) return undefined
  const end = skipSeparators(key, start)
  const isOwn = findOwnStart(key, end, ownWords) !== Infinity
  return isOwn ? { end, isUnchanged: false, isWordEnd: true } : undefined
}

/** Whether the option `allowKeys` has the key up to `end`, or its last part: `csrfToken` of `user[csrfToken]`. */
function isAllowed(key: string, end: number, { allowedKeys }: Words): boolean {
  if (allowedKeys === undefined) return false
  const whole = key.slice(0, end)
  const lastPart = whole.slice(whole.lastIndexOf('[') + 1)
  return allowedKeys.has(lettersOf(whole)) || allowedKeys.has(lettersOf(lastPart))
}
