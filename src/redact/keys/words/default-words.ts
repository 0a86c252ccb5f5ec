// All words of the lists, in one tree.
import { CREDENTIAL_GROUPS } from './groups/credentials.js'
import { HARMLESS_GROUPS } from './groups/harmless.js'
import { PAYMENT_CARD_GROUPS } from './groups/payment-cards.js'
import { URL_PARAMETER_GROUPS } from './groups/url-parameters.js'
import type { HarmlessGroup, KeyGroup } from './key-group.js'
import { lettersOfEach } from './key-spelling.js'
import { LANGUAGES } from './languages/index.js'
import type { KeyLanguage } from './languages/language.js'
import { LOOKUPS, OPERATORS, QUALIFIERS } from './qualifiers.js'
import * as kinds from './word-tree.js'
import { WordTree } from './word-tree.js'

export const KEY_GROUPS: readonly KeyGroup[] = [
  ...CREDENTIAL_GROUPS,
  ...PAYMENT_CARD_GROUPS,
  ...URL_PARAMETER_GROUPS,
]

const KIND_OF_MATCH = { ending: kinds.ENDING, 'last words': kinds.LAST_WORDS, 'whole key': kinds.WHOLE_KEY }
const KIND_OF_MATCH_IN_URLS = {
  ending: kinds.URL_ENDING,
  'last words': kinds.URL_ENDING,
  'whole key': kinds.URL_WHOLE_KEY,
}

/** All words of a group, as it writes them. */
export function wordsOf({ words, before }: KeyGroup): string[] {
  if (before === undefined) return wordsIn(words)
  return wordsIn(words).flatMap((word) => wordsIn(before).map((other) => `${word}-${other}`))
}

/** The words of a list, as it writes them. */
export function wordsIn(list: string): string[] {
  return list.split(/\s+/).filter((word) => word !== '')
}

export function createDefaultWords(
  languages: readonly KeyLanguage[] = LANGUAGES,
  harmlessGroups: readonly HarmlessGroup[] = HARMLESS_GROUPS,
  groups: readonly KeyGroup[] = KEY_GROUPS,
): WordTree {
  const tree = createQualifiers(languages)
  for (const group of groups) addGroup(tree, group)
  const harmless = harmlessGroups.flatMap(({ words }) => wordsIn(words))
  addAll(tree, harmless, kinds.HARMLESS)
  addSpellings(tree, languages, ({ endings }) => endings, kinds.ENDING)
  addSpellings(tree, languages, ({ lastWords }) => lastWords, kinds.LAST_WORDS)
  addSpellings(tree, languages, ({ wholeKeys }) => wholeKeys, kinds.WHOLE_KEY)
  addSpellings(tree, languages, harmlessWordsOf, kinds.HARMLESS)
  return tree
}

export function addGroup(tree: WordTree, group: KeyGroup): void {
  const kindOfMatch = group.onlyInUrls ? KIND_OF_MATCH_IN_URLS : KIND_OF_MATCH
  addAll(tree, wordsOf(group), kindOfMatch[group.match])
}

/** Only the words that may stand behind a sensitive word. */
export function createQualifiers(languages: readonly KeyLanguage[] = LANGUAGES): WordTree {
  const tree = new WordTree()
  addAll(tree, wordsIn(QUALIFIERS), kinds.QUALIFIER)
  addAll(tree, wordsIn(OPERATORS), kinds.OPERATOR)
  addAll(tree, wordsIn(`${OPERATORS} ${LOOKUPS}`), kinds.LOOKUP)
  addSpellings(tree, languages, ({ qualifiers }) => qualifiers, kinds.QUALIFIER)
  return tree
}

function addAll(tree: WordTree, words: readonly string[], kind: number): void {
  if (words.length === 0) return
  for (const letters of lettersOfEach(words)) tree.add(letters, kind)
}

/** Adds one list of each language. */
function addSpellings(
  tree: WordTree,
  languages: readonly KeyLanguage[],
  listOf: (language: KeyLanguage) => string | undefined,
  kind: number,
): void {
  const words = languages.flatMap((language) => spellingsIn(listOf(language) ?? '', language))
  addAll(tree, words, kind)
}

function harmlessWordsOf({ harmless = [] }: KeyLanguage): string {
  return harmless.map(({ words }) => words).join(' ')
}

function spellingsIn(list: string, { transliterations }: KeyLanguage): string[] {
  const words = wordsIn(list)
  if (transliterations === undefined) return words
  return [...words, ...wordsIn([...list].map((letter) => transliterations[letter] ?? letter).join(''))]
}
