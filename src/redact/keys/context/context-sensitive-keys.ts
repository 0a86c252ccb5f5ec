// Finds the keys of an object that are sensitive because of their context, by the rules of `sibling-rules.ts` and
// `label-rules.ts`. The same function serves objects, Maps, JSON, forms and the queries of URLs.
import { Dictionary } from '../../../lib/dictionary.js'
import { lazy } from '../../../lib/lazy.js'
import { readSafely, suppressRejection } from '../../../lib/safe-read.js'
import type { SensitiveKeys } from '../sensitive-keys.js'
import {
  type CompiledRule,
  compileContextRules,
  type KnownKey,
  MAX_LIST_ITEMS,
  spellingsOf,
  toWord,
} from './compile-context-rules.js'
import type { ContextRule } from './context-rule.js'
import { LABEL_RULES } from './label-rules.js'
import { SIBLING_RULES } from './sibling-rules.js'

export const CONTEXT_RULES: readonly ContextRule[] = [...SIBLING_RULES, ...LABEL_RULES]

/** Facts about an object that its own keys do not show. */
export interface ObjectContext {
  /** The key under which the object stands, if {@link isParentKey} is true of that key. */
  readonly parentKey?: string | undefined
  /** The host and the path of the URL whose query or fragment the object is; empty for a form. */
  readonly urlPath?: string | undefined
  /** The object comes from JSON that was truncated within it, so that siblings may be missing. */
  readonly isTruncated?: boolean
}

/** Hot path: nearly every object has this context. */
export const NO_CONTEXT: ObjectContext = {}

/** Start-up: most objects have none of the keys that need it. */
const knownKeys = lazy(() => compileContextRules(CONTEXT_RULES))
const PARENT_KEYS = spellingsOfEach(CONTEXT_RULES.flatMap(({ under = [] }) => under))

/** Objects and queries without any of these keys need no look at siblings. */
export const CONTEXT_SENSITIVE_KEYS = spellingsOfEach(CONTEXT_RULES.flatMap(({ keys }) => keys))

function spellingsOfEach(keys: readonly string[]): ReadonlySet<string> {
  return new Set([...new Set(keys)].flatMap(spellingsOf))
}

/** Whether a key makes keys of the object under it sensitive, as `card` does with `number`. */
export function isParentKey(key: string): boolean {
  return PARENT_KEYS.has(key)
}

/**
 * Returns the keys of an object that are sensitive because of their context, or `undefined` if there are none.
 *
 * @param keys the enumerable keys of the object
 *
 * @example
 * findContextSensitiveKeys({ name: 'pin', value: 1 }, ['name', 'value'], sensitiveKeys)   // Set { 'value' }
 */
export function findContextSensitiveKeys(
  object: Record<string, unknown>,
  keys: readonly string[],
  sensitiveKeys: SensitiveKeys,
  context: ObjectContext = NO_CONTEXT,
): ReadonlySet<string> | undefined {
  // Hot path: most objects have no such key, and cost one lookup per key.
  if (!keys.some((key) => CONTEXT_SENSITIVE_KEYS.has(key))) return undefined
  const found = new ContextSearch(object, sensitiveKeys, context).findSensitiveKeys()
  return found.size === 0 ? undefined : found
}

/** In a Map with more keys, the keys of the rules are looked up; in a smaller one, its own keys are. */
const MAX_LISTED_MAP_KEYS = 1000

/** The same for a Map. Only the keys that matter are read, because a Map may have any number of others. */
export function findContextSensitiveMapKeys(
  map: Map<unknown, unknown>,
  sensitiveKeys: SensitiveKeys,
  context: ObjectContext,
): ReadonlySet<string> | undefined {
  const keys = map.size > MAX_LISTED_MAP_KEYS ? [...knownKeys().keys()] : listKnownKeys(map)
  const object = new Dictionary<unknown>()
  for (const key of keys)
    if (readSafely(() => map.has(key)) === true) object[key] = readSafely(() => map.get(key))
  return findContextSensitiveKeys(object, Object.keys(object), sensitiveKeys, context)
}

function listKnownKeys(map: Map<unknown, unknown>): string[] {
  const known: string[] = []
  // The built-in iterator ends; that of a subclass may not.
  for (const key of Map.prototype.keys.call(map))
    if (typeof key === 'string' && knownKeys().has(key)) known.push(key)
  return known
}

/** Bounds the work for the path of a URL; only its beginning is checked. */
const MAX_PATH_LENGTH = 1000

/** A known key of an object. Two spellings in one object may have one word. */
interface Entry {
  readonly key: string
  readonly known: KnownKey
}

/** Applies the rules to one object that has a key which may be sensitive. */
class ContextSearch {
  readonly #object: Record<string, unknown>
  readonly #sensitiveKeys: SensitiveKeys
  readonly #context: ObjectContext
  readonly #entries: Entry[] = []
  #pathWords: readonly string[] | undefined

  constructor(object: Record<string, unknown>, sensitiveKeys: SensitiveKeys, context: ObjectContext) {
    this.#object = object
    this.#sensitiveKeys = sensitiveKeys
    this.#context = context
    // Siblings count also if they are not enumerable.
    for (const key of Object.getOwnPropertyNames(object)) {
      const known = knownKeys().get(key)
      if (known !== undefined) this.#entries.push({ key, known })
    }
  }

  findSensitiveKeys(): ReadonlySet<string> {
    const triggered = this.#findTriggeredRules()
    const found = new Set<string>()
    for (const entry of this.#entries) {
      const { rules } = entry.known
      if (rules.some((rule) => (!rule.needsSibling || triggered.has(rule)) && this.#applies(rule, entry)))
        found.add(entry.key)
    }
    if (this.#context.isTruncated === true) this.#addKeysThatMayHaveLostSiblings(found)
    return found
  }

  /** The rules whose sibling the object has. Linear: each rule is triggered once, however many siblings there are. */
  #findTriggeredRules(): ReadonlySet<CompiledRule> {
    const wanted = new Set<CompiledRule>()
    for (const { known } of this.#entries) for (const rule of known.rules) wanted.add(rule)
    const triggered = new Set<CompiledRule>()
    for (const { key, known } of this.#entries) {
      for (const rule of known.rulesForSiblings) {
        if (!wanted.has(rule) || triggered.has(rule)) continue
        const { acceptsSibling } = rule
        if (acceptsSibling === undefined || acceptsSibling(this.#read(key), this.#sensitiveKeys))
          triggered.add(rule)
      }
    }
    return triggered
  }

  #applies(rule: CompiledRule, { key }: Entry): boolean {
    const { unlessBeside, acceptsValue } = rule
    if (!this.#isInContext(rule)) return false
    if (unlessBeside !== undefined && this.#entries.some(({ known }) => unlessBeside.has(known.word)))
      return false
    return acceptsValue === undefined || isAnyAccepted(this.#read(key), acceptsValue)
  }

  #isInContext({ parents, pathWords, isInUrl }: CompiledRule): boolean {
    const { parentKey, urlPath } = this.#context
    if (parents !== undefined && (parentKey === undefined || !parents.has(toWord(parentKey)))) return false
    if (urlPath === undefined) return !isInUrl && pathWords === undefined
    return pathWords === undefined || this.#readPathWords(urlPath).some((word) => pathWords.has(word))
  }

  /**
   * The sibling that makes a key sensitive may stand behind the truncation. If the object shows its field name, that name
   * decides about the value keys, and the truncation hides only siblings of the other keys. Objects and lists are left out,
   * because their own keys are checked.
   */
  #addKeysThatMayHaveLostSiblings(found: Set<string>): void {
    const hasLabel = this.#entries.some(
      ({ key, known }) => LABELS.has(known.word) && typeof this.#read(key) === 'string',
    )
    for (const { key, known } of this.#entries) {
      const mayBeSensitive = known.rules.some((rule) => rule.needsSibling && !(rule.needsLabel && hasLabel))
      if (mayBeSensitive && SCALAR_TYPES.has(typeof this.#read(key))) found.add(key)
    }
  }

  #read(key: string): unknown {
    return suppressRejection(this.#object[key])
  }

  #readPathWords(path: string): readonly string[] {
    this.#pathWords ??= path
      .slice(0, MAX_PATH_LENGTH)
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/)
    return this.#pathWords
  }
}

/** A query may repeat a key, so a value may be a list. */
function isAnyAccepted(value: unknown, accepts: (text: string) => boolean): boolean {
  const values: unknown[] = Array.isArray(value) ? value.slice(-MAX_LIST_ITEMS) : [value]
  return values.some(
    (item) => (typeof item === 'string' || typeof item === 'number') && accepts(String(item)),
  )
}

const SCALAR_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'boolean'])

/** The keys that hold the name of any field, whatever its values are called. */
const LABELS: ReadonlySet<string> = new Set(
  LABEL_RULES.filter(({ id }) => id === 'named-field').flatMap(({ besideNameIn = [] }) =>
    besideNameIn.map(toWord),
  ),
)
