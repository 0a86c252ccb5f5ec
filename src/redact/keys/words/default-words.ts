// All words of the lists, in one tree.
import { CREDENTIAL_GROUPS } from './groups/credentials.js'
import { HARMLESS_GROUPS } from './groups/harmless.js'
import { PAYMENT_CARD_GROUPS } from './groups/payment-cards.js'
import { URL_PARAMETER_GROUPS } from './groups/url-parameters.js'
import type { HarmlessGroup, KeyGroup } from './key-group.js'
import { lettersOf } from './key-spelling.js'
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
  for (const { words } of harmlessGroups) addAll(tree, words, kinds.HARMLESS)
  for (const language of languages) {
    addSpellings(tree, language.endings, language, kinds.ENDING)
    addSpellings(tree, language.lastWords, language, kinds.LAST_WORDS)
    addSpellings(tree, language.wholeKeys, language, kinds.WHOLE_KEY)
    for (const { words } of language.harmless ?? []) addSpellings(tree, words, language, kinds.HARMLESS)
  }
  return tree
}

export function addGroup(tree: WordTree, group: KeyGroup): void {
  const kindOfMatch = group.onlyInUrls ? KIND_OF_MATCH_IN_URLS : KIND_OF_MATCH
  for (const word of wordsOf(group)) tree.add(lettersOf(word), kindOfMatch[group.match])
}

/** Only the words that may stand behind a sensitive word. */
export function createQualifiers(languages: readonly KeyLanguage[] = LANGUAGES): WordTree {
  const tree = new WordTree()
  addAll(tree, QUALIFIERS, kinds.QUALIFIER)
  addAll(tree, OPERATORS, kinds.OPERATOR)
  addAll(tree, `${OPERATORS} ${LOOKUPS}`, kinds.LOOKUP)
  for (const language of languages) addSpellings(tree, language.qualifiers, language, kinds.QUALIFIER)
  return tree
}

function addAll(tree: WordTree, list: string, kind: number): void {
  for (const word of wordsIn(list)) tree.add(lettersOf(word), kind)
}

function addSpellings(tree: WordTree, list: string | undefined, language: KeyLanguage, kind: number): void {
  if (list === undefined) return
  addAll(tree, list, kind)
  const transliterated = transliterate(list, language)
  if (transliterated !== list) addAll(tree, transliterated, kind)
}

function transliterate(list: string, { transliterations = {} }: KeyLanguage): string {
  return [...list].map((letter) => transliterations[letter] ?? letter).join('')
}
