// Redacts values while `serialize/walk.ts` copies them: by configured paths, by sensitive keys, by keys whose siblings make
// them sensitive, and by the shapes in texts.
import type { JsonValue } from '../../serialize/json-value.js'
import type { Position } from '../../serialize/position.js'
import type { WalkContinuation, WalkHooks } from '../../serialize/walk.js'
import { isNumericCardNumber } from '../detectors/shared/card-number.js'
import type { SecretCollector } from '../found/found-secrets.js'
import {
  findContextSensitiveKeys,
  findContextSensitiveMapKeys,
  isParentKey,
  NO_CONTEXT,
} from '../keys/context/context-sensitive-keys.js'
import { findSensitiveNameOf } from '../keys/context/name-value-lists.js'
import { findColumnsBeside, isListOfLists } from '../keys/context/sensitive-columns.js'
import { canBeSecret, isAbsent } from '../keys/harmless-values.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { PseudonymValue } from '../rules/pseudonym.js'
import type { Rules } from '../rules/rules.js'
import { type PseudonymizeContext, pseudonymizeCopy } from './pseudonymize-copy.js'
import { DEFAULT_STATE, enterTable, type RedactionState } from './redaction-state.js'
import { TextRewriter, type TextRewriterOptions } from './text-rewriter.js'

export interface RedactionHooksOptions extends Omit<TextRewriterOptions, 'sensitiveKeys'> {
  /** `undefined` if only paths count. */
  readonly sensitiveKeys: SensitiveKeys | undefined
  /** Needed only with paths that pseudonymize. */
  readonly pseudonymize?: Rules['pseudonymize']
}

export class RedactionHooks implements WalkHooks<RedactionState> {
  protected readonly sensitiveKeys: SensitiveKeys | undefined
  readonly #replacement: RedactionHooksOptions['replacement']
  readonly #pseudonymize: RedactionHooksOptions['pseudonymize']
  readonly #secrets: SecretCollector | undefined
  /** `undefined` if only paths count. */
  readonly #texts: TextRewriter | undefined

  /** @param secrets takes the values that are replaced */
  constructor(options: RedactionHooksOptions, secrets: SecretCollector | undefined) {
    const { sensitiveKeys, replacement, pseudonymize } = options
    this.sensitiveKeys = sensitiveKeys
    this.#replacement = replacement
    this.#pseudonymize = pseudonymize
    this.#secrets = secrets
    this.#texts = sensitiveKeys && new TextRewriter({ ...options, sensitiveKeys }, secrets)
  }

  entryState(parent: RedactionState, key: string, value: unknown, source: object): RedactionState {
    const { truncatedObject } = parent
    const paths = parent.paths?.step(key)
    const isObject = typeof value === 'object' && value !== null
    const parentKey = isObject && isParentKey(key) ? key : undefined
    const columns =
      isObject && this.sensitiveKeys !== undefined
        ? findColumnsBeside(source, key, value, this.sensitiveKeys)
        : undefined
    // Hot path: most entries share one state.
    if (!(paths || parentKey || truncatedObject || columns)) return DEFAULT_STATE
    return { paths, parentKey, truncatedObject, table: columns && { columns, isRow: !isListOfLists(value) } }
  }

  /** Items have the paths of their list. A list under `card` is not a payment card, and neither are its items. */
  itemState(parent: RedactionState): RedactionState {
    const { parentKey, table } = parent
    if (parentKey === undefined && table === undefined) return parent
    return {
      ...parent,
      parentKey: undefined,
      table: table?.isRow === false ? { ...table, isRow: true } : undefined,
    }
  }

  copyValue(
    value: unknown,
    position: Position<RedactionState>,
    walk: WalkContinuation<RedactionState>,
  ): JsonValue | undefined {
    const action = position.state.paths?.action
    if (action === 'redact' && value !== null && value !== undefined)
      return walk.takeText(this.#replace(value, position))
    if (action === 'pseudonymize' && this.#pseudonymize !== undefined)
      return this.#copyPseudonymized(value, position, walk, this.#pseudonymize)
    if (this.sensitiveKeys !== undefined && isNumericCardNumber(value))
      return walk.takeText(this.#replace(value, position))
    return walk.copyContent(value, enterTable(value, position, this.sensitiveKeys))
  }

  findMarkedKeys(
    source: object,
    keys: readonly string[] | undefined,
    state: RedactionState,
  ): ReadonlySet<string> | undefined {
    if (this.sensitiveKeys === undefined) return undefined
    const context =
      state === DEFAULT_STATE
        ? NO_CONTEXT
        : { parentKey: state.parentKey, isTruncated: source === state.truncatedObject }
    return keys === undefined
      ? findContextSensitiveMapKeys(source as Map<unknown, unknown>, this.sensitiveKeys, context)
      : findContextSensitiveKeys(source as Record<string, unknown>, keys, this.sensitiveKeys, context)
  }

  replaceEntry(
    key: string,
    value: unknown,
    isMarked: boolean,
    position: Position<RedactionState>,
  ): string | undefined {
    const isSensitive = isMarked || this.sensitiveKeys?.isSensitive(key) === true
    if (
      !isSensitive ||
      this.sensitiveKeys === undefined ||
      !canBeSecret(key, value, this.sensitiveKeys, isMarked)
    )
      return undefined
    // A pseudonym hides the value as well, and the options ask for one at exactly this path.
    if (position.state.paths?.action === 'pseudonymize') return undefined
    return this.#replace(value, position)
  }

  replaceItem(
    item: unknown,
    previous: unknown,
    index: number,
    list: readonly unknown[] | ReadonlySet<unknown>,
    position: Position<RedactionState>,
  ): string | undefined {
    const { table } = position.state
    if (table?.isRow === true && table.columns.has(index) && !isAbsent(item))
      return this.#replace(item, position)
    // Hot path: most lists have no texts.
    if (this.sensitiveKeys === undefined || typeof previous !== 'string') return undefined
    // A list under a key is one level below its parent, and a list in a list is deeper.
    const isInList = position.depth - (position.parent?.depth ?? -1) > 1
    const listItem = { item, previous, index, list, isInList, listKey: position.key }
    const name = findSensitiveNameOf(listItem, this.sensitiveKeys)
    if (name === undefined || !canBeSecret(name, item, this.sensitiveKeys)) return undefined
    return this.#replace(item, position)
  }

  rewriteText(
    text: string,
    position: Position<RedactionState>,
    walk: WalkContinuation<RedactionState>,
  ): string {
    return this.#texts === undefined ? text : this.#texts.rewriteText(text, position, walk)
  }

  rewriteKey(
    key: string,
    position: Position<RedactionState>,
    walk: WalkContinuation<RedactionState>,
  ): string {
    return this.#texts === undefined ? key : this.#texts.rewriteKey(key, position, walk)
  }

  #replace(value: unknown, position: Position<RedactionState>): string {
    this.#secrets?.addValue(value, position.key)
    return this.#replacement.fixed ?? this.#replacement.replace(value, position.path)
  }

  #copyPseudonymized(
    value: unknown,
    position: Position<RedactionState>,
    walk: WalkContinuation<RedactionState>,
    pseudonymize: Rules['pseudonymize'],
  ): JsonValue | undefined {
    if (value === null || value === undefined) return walk.copyContent(value, position)
    const context: PseudonymizeContext = { pseudonymize, secrets: this.#secrets, walk }
    // Before the value is redacted as a text, because users compute pseudonyms from raw values.
    if (isScalar(value)) return pseudonymizeCopy(value, position.key, context)
    // Each item of a list has a pseudonym of its own.
    if (Array.isArray(value) || value instanceof Set) return walk.copyContent(value, position)
    // Without paths, because a path below must not pseudonymize a value that is pseudonymized here again.
    const withoutPaths = position.withState({ ...position.state, paths: undefined })
    return pseudonymizeCopy(walk.copyContent(value, withoutPaths) ?? null, position.key, context)
  }
}

function isScalar(value: unknown): value is PseudonymValue {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
