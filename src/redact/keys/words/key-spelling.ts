// Spellings of a key: `apiKey`, `api_key`, `API-Key`, `ａｐｉ＿ｋｅｙ` and `api key` have the same letters and the same words.
import { lazy } from '../../../lib/lazy.js'

const MARKS = lazy(() => /\p{M}+/gu)
const CAPITAL_BEHIND_SMALL = lazy(() => /([\p{Ll}\p{N}])(?=\p{Lu})/gu)
const LAST_CAPITAL = lazy(() => /(\p{Lu})(?=\p{Lu}\p{Ll})/gu)
const OTHER_SEPARATORS = lazy(() => /[^\p{L}\p{N}\0-\x7f]+/gu)
/** Letters with a stroke or without a dot, and ligatures, which Unicode does not decompose into a letter and a mark. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ...{ ł: 'l', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ı: 'i' },
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th' },
}
const SPECIAL_LETTERS = new RegExp(`[${Object.keys(PLAIN_LETTERS).join('')}]`, 'g')

/**
 * Returns a key in a form in which every character is a letter, a digit or in ASCII, without accents. A key in
 * ASCII stays as it is.
 */
export function foldKey(key: string): string {
  return BEYOND_ASCII.test(key) ? foldLetters(key) : key
}

/** The letters and digits of a key, in lower case and without accents. */
export function lettersOf(key: string): string {
  const lower = BEYOND_ASCII.test(key) ? foldLetters(key) : key.toLowerCase()
  return lower.replace(/[^a-z0-9\x80-\uffff]+/g, '')
}

/** Start-up: the same of the words of the package, which have no separators beyond ASCII. Faster than word by word. */
export function lettersOfEach(words: readonly string[]): string[] {
  const list = words.join('\n')
  const lower = BEYOND_ASCII.test(list)
    ? replaceSpecialLetters(removeMarks(list).toLowerCase())
    : list.toLowerCase()
  return lower.replace(/[^a-z0-9\x80-\uffff\n]+/g, '').split('\n')
}

function foldLetters(text: string): string {
  const spaced = removeMarks(text).replace(CAPITAL_BEHIND_SMALL(), '$1 ').replace(LAST_CAPITAL(), '$1 ')
  return replaceSpecialLetters(spaced.toLowerCase()).replace(OTHER_SEPARATORS(), ' ')
}

function removeMarks(text: string): string {
  return text.normalize('NFKD').replace(MARKS(), '')
}

function replaceSpecialLetters(text: string): string {
  return text.replace(SPECIAL_LETTERS, (letter) => PLAIN_LETTERS[letter] as string)
}

const BEYOND_ASCII = /[^\0-\x7f]/

/** Whether a character of a folded key belongs to a word. */
export function isLetterOrDigit(code: number): boolean {
  return isSmallLetter(code) || isCapital(code) || isDigit(code) || code > 0x7f
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

export function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a
}

function isSmallLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a
}

/** Whether a word of a folded key begins at this index. */
export function isWordStart(key: string, index: number): boolean {
  if (index === 0) return true
  const before = key.charCodeAt(index - 1)
  if (!isLetterOrDigit(before)) return true
  const first = key.charCodeAt(index)
  // `用户pin`: another script is another word.
  if (before > 0x7f !== first > 0x7f) return true
  if (!isCapital(first)) return false
  return !isCapital(before) || isSmallLetter(key.charCodeAt(index + 1))
}

/** The index behind the last letter or digit in front of `end`. */
export function skipSeparators(key: string, end: number): number {
  let index = end
  while (index > 0 && !isLetterOrDigit(key.charCodeAt(index - 1))) index -= 1
  return index
}

/** Whether nothing but separators stands between the start of the key, or a bracket, and this index. */
export function isPartStart(key: string, start: number): boolean {
  let index = start
  while (index > 0 && !isLetterOrDigit(key.charCodeAt(index - 1))) {
    if (key[index - 1] === '[') return true
    index -= 1
  }
  return index === 0
}

/** Whether a part of `user[password][$ne]` or `password.$ne` ends at this index. */
export function isPartEnd(key: string, index: number): boolean {
  const character = key[index]
  return character === '[' || character === ']' || (character === '.' && key[index + 1] === '$')
}
