// Prepares the context rules once, so that an object costs one lookup per key.
import { readSafely } from '../../../lib/safe-read.js'
import type { SensitiveKeys } from '../sensitive-keys.js'
import type { ContextRule } from './context-rule.js'
import { readMember } from './read-member.js'

/** A rule, prepared for the search. Keys are compared as {@link KnownKey.word}. */
export interface CompiledRule {
  readonly unlessBeside: ReadonlySet<string> | undefined
  readonly parents: ReadonlySet<string> | undefined
  readonly pathWords: ReadonlySet<string> | undefined
  readonly isInUrl: boolean
  readonly acceptsValue: ContextRule['value']
  /** The value that a sibling must have; `undefined` if any value will do. */
  readonly acceptsSibling: ((value: unknown, sensitiveKeys: SensitiveKeys) => boolean) | undefined
  readonly needsSibling: boolean
  /** The sibling is a name, a type or a flag that describes the value. */
  readonly needsLabel: boolean
}

/** A key that occurs in a rule, in one of its spellings. */
export interface KnownKey {
  /** The key without separators, in lower case: `expmonth`. */
  readonly word: string
  /** The rules that make this key sensitive. */
  readonly rules: readonly CompiledRule[]
  /** The rules that make other keys sensitive because of this one. */
  readonly rulesForSiblings: readonly CompiledRule[]
}

/** Bounds the work for a list of field names or values; only the last ones are checked. */
export const MAX_LIST_ITEMS = 20

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(?:true|yes|1|on)$/i.test(value))
}

/** A query may repeat a key, so a value may be a list. */
function isAny(accepts: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => (Array.isArray(value) ? value.slice(-MAX_LIST_ITEMS).some(accepts) : accepts(value))
}

interface MutableKey extends KnownKey {
  readonly rules: CompiledRule[]
  readonly rulesForSiblings: CompiledRule[]
}

/** Prepares rules for the search: the result has every spelling of every key in them. */
export function compileContextRules(rules: readonly ContextRule[]): Map<string, KnownKey> {
  const byWord = new Map<string, MutableKey>()
  const byKey = new Map<string, MutableKey>()
  const register = (key: string) => {
    const registered = byKey.get(key)
    if (registered !== undefined) return registered
    const word = toWord(key)
    const known = byWord.get(word) ?? { word, rules: [], rulesForSiblings: [] }
    byWord.set(word, known)
    byKey.set(key, known)
    return known
  }
  for (const rule of rules) {
    const compiled = compileRule(rule)
    for (const key of rule.keys) register(key).rules.push(compiled)
    for (const key of siblingsOf(rule)) register(key).rulesForSiblings.push(compiled)
    for (const key of rule.unlessBeside ?? []) register(key)
  }
  return new Map([...byKey].flatMap(([key, known]) => spellingsOf(key).map((spelling) => [spelling, known])))
}

function compileRule(rule: ContextRule): CompiledRule {
  const { unlessBeside, under, inPathWith, inUrl, value, besideNameIn, besideTrue, besideText } = rule
  const toWords = (list: readonly string[] | undefined) => list && new Set(list.map(toWord))
  return {
    unlessBeside: toWords(unlessBeside),
    parents: toWords(under),
    pathWords: toWords(inPathWith),
    isInUrl: inUrl === true,
    acceptsValue: value,
    acceptsSibling:
      (besideNameIn && isSensitiveName) ??
      (besideTrue && isAny(isTrue)) ??
      (besideText && isAny((text) => typeof text === 'string' && besideText.matches.test(text))),
    needsSibling: siblingsOf(rule).length > 0,
    needsLabel: besideNameIn !== undefined || besideTrue !== undefined || besideText !== undefined,
  }
}

/** The object must have one of these keys. Empty if the rule needs no sibling. */
function siblingsOf({ beside, besideNameIn, besideTrue, besideText }: ContextRule): readonly string[] {
  return beside ?? besideNameIn ?? besideTrue ?? (besideText === undefined ? [] : [besideText.key])
}

/** A key without separators, in lower case. Parsers of XML put a mark in front of their own keys: `#text` is not `text`. */
export function toWord(key: string): string {
  return /^[a-z0-9]/i.test(key) ? key.toLowerCase().replace(/[^a-z0-9]/g, '') : key
}

/** The usual spellings of a key that is written as words: `exp month`. */
export function spellingsOf(key: string): string[] {
  if (/[A-Z]/.test(key)) return [key]
  // Start-up: most keys are one word.
  if (!key.includes(' ')) return [key, `${key.charAt(0).toUpperCase()}${key.slice(1)}`, key.toUpperCase()]
  const words = key.split(' ')
  const pascal = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('')
  const lower = ['', '_', '-'].map((separator) => words.join(separator))
  const camel = `${pascal.charAt(0).toLowerCase()}${pascal.slice(1)}`
  const train = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('-')
  return [...new Set([...lower, camel, pascal, train, words.join('_').toUpperCase()])]
}

/**
 * Accepts one name or a list: validators give a path such as `['body', 'password', 0]`, and a query may repeat a key. Syntax
 * trees have an object with the name in it.
 */
function isSensitiveName(value: unknown, sensitiveKeys: SensitiveKeys): boolean {
  if (typeof value === 'string') return sensitiveKeys.isSensitive(value)
  if (Array.isArray(value))
    return value.slice(-MAX_LIST_ITEMS).some((item) => {
      const name: unknown = Array.isArray(item) ? item.at(-1) : item
      return typeof name === 'string' && sensitiveKeys.isSensitive(name)
    })
  const name = typeof value === 'object' && value !== null ? readName(value) : undefined
  return typeof name === 'string' && sensitiveKeys.isSensitive(name)
}

/** Keys of the name in an object: of attributes in XML, and of a name in a syntax tree of GraphQL, `{ kind: 'Name', value }`. */
const NAME_KEYS = ['name', 'key', 'value']

function readName(node: object): unknown {
  for (const key of NAME_KEYS) {
    const name = readSafely(() => readMember(node, key))
    if (name !== undefined) return name
  }
  return undefined
}
