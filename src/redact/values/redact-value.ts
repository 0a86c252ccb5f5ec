// Redacts values while `serialize/walk.ts` copies them: the hooks of the walk.
import type { JsonValue } from '../../serialize/json-value.js'
import type { Position } from '../../serialize/position.js'
import { UNREADABLE } from '../../serialize/value-kinds.js'
import { type Snapshot, type WalkContinuation, type WalkHooks, walk } from '../../serialize/walk.js'
import type { DetectorContext, OnSecret } from '../detectors/detector.js'
import { isNumericCardNumber } from '../detectors/shared/card-number.js'
import type { SecretCollector } from '../found/found-secrets.js'
import {
  findContextSensitiveKeys,
  findContextSensitiveMapKeys,
  isParentKey,
  NO_CONTEXT,
} from '../keys/context/context-sensitive-keys.js'
import { findSensitiveNameOf } from '../keys/context/name-value-lists.js'
import { type Columns, findColumnsBeside, findColumnsInFirstRow } from '../keys/context/sensitive-columns.js'
import { canBeSecret, isAbsent } from '../keys/harmless-values.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { PathMatcher } from '../rules/path-matcher.js'
import type { PseudonymValue } from '../rules/pseudonym.js'
import { createReplacement, type Replacement } from '../rules/replacement.js'
import type { Rules } from '../rules/rules.js'
import { mayBeJson, parseJson } from '../texts/parse-json.js'
import { redactText } from '../texts/redact-text.js'
import { mayHaveSecret, mayHaveStandaloneSecret, runDetectors } from '../texts/run-detectors.js'
import type { TextContext } from '../texts/text-context.js'
import { redactUrl } from '../urls/redact-url.js'

/** The state of a position of the walk. */
interface RedactionState {
  /** The configured paths that end or continue here. */
  readonly paths: PathMatcher | undefined
  /** The value is an object under a key such as `card`, which decides about the keys of the object. */
  readonly parentKey: string | undefined
  /** Within JSON that was truncated: the innermost object that the truncation cut. */
  readonly truncatedObject: object | undefined
  /** The sensitive columns of the table to which a list of rows or a row belongs. */
  readonly table: Table | undefined
}

interface Table {
  readonly columns: Columns
  readonly isRow: boolean
}

/** Hot path: nearly every position shares this state. */
const DEFAULT_STATE: RedactionState = {
  paths: undefined,
  parentKey: undefined,
  truncatedObject: undefined,
  table: undefined,
}

/** Redacts values by keys, paths and the shapes in their texts. */
export class ValueRedactor {
  readonly #options: RedactionHooksOptions
  readonly #paths: PathMatcher | undefined

  /** @param onError takes what was thrown while a text was redacted; the text is hidden */
  constructor(rules: Rules, onError?: (error: unknown) => void) {
    const { sensitiveKeys, replacement, pseudonymize } = rules
    this.#options = { sensitiveKeys, replacement, redactText, pseudonymize, onError }
    this.#paths = rules.paths
  }

  /**
   * Copies a value without its secrets.
   *
   * @param path the path of the value in the record
   * @param maxBytes about how many bytes of JSON the copy may have
   * @param secrets takes the values that are replaced
   */
  redactValue(value: unknown, path: string, maxBytes: number, secrets?: SecretCollector): Snapshot {
    const paths = this.#paths && followPath(path, this.#paths)
    const state = paths === undefined ? DEFAULT_STATE : { ...DEFAULT_STATE, paths }
    return walk(value, { maxBytes, path, hooks: new RedactionHooks(this.#options, secrets), state })
  }

  /** Redacts a text that may be JSON by its keys and shapes. Paths do not apply. */
  redactJson(json: string, path: string, secrets?: SecretCollector): string {
    const hooks = new RedactionHooks(this.#options, secrets)
    return String(walk(json, { maxBytes: Infinity, path, hooks, state: DEFAULT_STATE }).content)
  }
}

export function createTextContext(
  sensitiveKeys: SensitiveKeys,
  replacement: string,
  secrets?: SecretCollector,
): TextContext {
  return new ComposedTextContext(sensitiveKeys, replacement, secrets, 0)
}

/** Composes the redactors of texts, URLs and JSON. */
class ComposedTextContext implements TextContext {
  #nested: TextContext | undefined

  constructor(
    readonly sensitiveKeys: SensitiveKeys,
    readonly replacement: string,
    readonly secrets: SecretCollector | undefined,
    readonly nesting: number,
  ) {}

  get onSecret(): OnSecret | undefined {
    return this.secrets?.onSecret
  }

  get nested(): TextContext {
    const { sensitiveKeys, replacement, secrets, nesting } = this
    this.#nested ??= new ComposedTextContext(sensitiveKeys, replacement, secrets, nesting + 1)
    return this.#nested
  }

  get withinUrl(): DetectorContext {
    const { sensitiveKeys, replacement, onSecret } = this
    return { sensitiveKeys, replacement, onSecret, redactUrl: (url) => url }
  }

  redactUrl(url: string): string {
    return redactUrl(url, this)
  }

  redactText(text: string): string {
    return redactText(text, this)
  }

  redactJson(json: string): string {
    const options: RedactionHooksOptions = {
      sensitiveKeys: this.sensitiveKeys,
      replacement: createReplacement(this.replacement),
      redactText: (text) => this.redactUrl(text),
    }
    const hooks = new RedactionHooks(options, this.secrets)
    return String(walk(json, { maxBytes: Infinity, hooks, state: DEFAULT_STATE }).content)
  }
}

function followPath(path: string, paths: PathMatcher): PathMatcher | undefined {
  return path.split('.').reduce<PathMatcher | undefined>((matcher, key) => matcher?.step(key), paths)
}

interface RedactionHooksOptions {
  /** `undefined` if only paths count. */
  readonly sensitiveKeys: SensitiveKeys | undefined
  readonly replacement: Replacement
  /** Redacts a text that is not JSON. */
  readonly redactText: (text: string, context: TextContext) => string
  /** Needed only with paths that pseudonymize. */
  readonly pseudonymize?: Rules['pseudonymize']
  /** Takes what was thrown while a text was redacted; the text is hidden in any case. */
  readonly onError?: ((error: unknown) => void) | undefined
}

class RedactionHooks implements WalkHooks<RedactionState> {
  readonly #sensitiveKeys: SensitiveKeys | undefined
  readonly #replacement: Replacement
  readonly #redactText: RedactionHooksOptions['redactText']
  readonly #pseudonymizeScalar: RedactionHooksOptions['pseudonymize']
  readonly #onError: RedactionHooksOptions['onError']
  readonly #secrets: SecretCollector | undefined
  /** Hot path: composed once, for the first text, where the replacement does not depend on the position. */
  #fixedContext: TextContext | undefined

  constructor(
    { sensitiveKeys, replacement, redactText, pseudonymize, onError }: RedactionHooksOptions,
    secrets: SecretCollector | undefined,
  ) {
    this.#sensitiveKeys = sensitiveKeys
    this.#replacement = replacement
    this.#redactText = redactText
    this.#pseudonymizeScalar = pseudonymize
    this.#onError = onError
    this.#secrets = secrets
  }

  entryState(parent: RedactionState, key: string, value: unknown, source: object): RedactionState {
    const { truncatedObject } = parent
    const paths = parent.paths?.step(key)
    const isObject = typeof value === 'object' && value !== null
    const parentKey = isObject && isParentKey(key) ? key : undefined
    const columns =
      isObject && this.#sensitiveKeys !== undefined
        ? findColumnsBeside(source, key, value, this.#sensitiveKeys)
        : undefined
    // Hot path: most entries share one state.
    if (!(paths || parentKey || truncatedObject || columns)) return DEFAULT_STATE
    return { paths, parentKey, truncatedObject, table: columns && { columns, isRow: false } }
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
    continuation: WalkContinuation<RedactionState>,
  ): JsonValue | undefined {
    const action = position.state.paths?.action
    if (action === undefined || value === null || value === undefined) {
      if (this.#sensitiveKeys !== undefined && isNumericCardNumber(value))
        return continuation.takeText(this.#replace(value, position))
      return continuation.copyContent(
        value,
        Array.isArray(value) ? this.#enterList(value, position) : position,
      )
    }
    if (action === 'redact') return continuation.takeText(this.#replace(value, position))
    // Before the value is redacted as a text, because users compute pseudonyms from raw values.
    if (isScalar(value)) return this.#pseudonymize(value, position.key, continuation)
    // Each item of a list has a pseudonym of its own.
    if (Array.isArray(value) || value instanceof Set) return continuation.copyContent(value, position)
    // Without paths, because a path below must not pseudonymize a value that is pseudonymized here again.
    const withoutPaths = position.withState({ ...position.state, paths: undefined })
    return this.#pseudonymize(
      continuation.copyContent(value, withoutPaths) ?? null,
      position.key,
      continuation,
    )
  }

  /** A list of rows may begin with the names of its columns. */
  #enterList(list: readonly unknown[], position: Position<RedactionState>): Position<RedactionState> {
    if (this.#sensitiveKeys === undefined || position.state.table !== undefined) return position
    const columns = findColumnsInFirstRow(list, this.#sensitiveKeys)
    if (columns === undefined) return position
    return position.withState({ ...position.state, table: { columns, isRow: false } })
  }

  findMarkedKeys(
    source: object,
    keys: readonly string[] | undefined,
    state: RedactionState,
  ): ReadonlySet<string> | undefined {
    if (this.#sensitiveKeys === undefined) return undefined
    const context =
      state === DEFAULT_STATE
        ? NO_CONTEXT
        : { parentKey: state.parentKey, isTruncated: source === state.truncatedObject }
    return keys === undefined
      ? findContextSensitiveMapKeys(source as Map<unknown, unknown>, this.#sensitiveKeys, context)
      : findContextSensitiveKeys(source as Record<string, unknown>, keys, this.#sensitiveKeys, context)
  }

  replaceEntry(
    key: string,
    value: unknown,
    isMarked: boolean,
    position: Position<RedactionState>,
  ): string | undefined {
    const isSensitive = isMarked || this.#sensitiveKeys?.isSensitive(key) === true
    if (
      !isSensitive ||
      this.#sensitiveKeys === undefined ||
      !canBeSecret(key, value, this.#sensitiveKeys, isMarked)
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
    if (this.#sensitiveKeys === undefined || typeof previous !== 'string') return undefined
    const listItem = { item, previous, index, list, listKey: position.key }
    const name = findSensitiveNameOf(listItem, this.#sensitiveKeys)
    if (name === undefined || !canBeSecret(name, item, this.#sensitiveKeys)) return undefined
    return this.#replace(item, position)
  }

  rewriteText(
    text: string,
    position: Position<RedactionState>,
    continuation: WalkContinuation<RedactionState>,
  ): string {
    if (this.#sensitiveKeys === undefined || !mayBeRewritten(text)) return text
    try {
      const context = this.#contextAt(position, this.#sensitiveKeys)
      return mayBeJson(text)
        ? this.#rewriteJson(text, context, position, continuation)
        : this.#redactText(text, context)
    } catch (error) {
      // A bug in here must not reach the request, nor leave a secret visible.
      this.#onError?.(error)
      return UNREADABLE
    }
  }

  rewriteKey(
    key: string,
    position: Position<RedactionState>,
    continuation: WalkContinuation<RedactionState>,
  ): string {
    return mayBeRewrittenKey(key) ? this.rewriteText(key, position, continuation) : key
  }

  /** Redacts JSON by the keys in it, also if it was truncated. A text that is not JSON after all is redacted as a text. */
  #rewriteJson(
    text: string,
    context: TextContext,
    position: Position<RedactionState>,
    continuation: WalkContinuation<RedactionState>,
  ): string {
    const parsed = parseJson(text)
    if (parsed === undefined) return this.#redactText(text, context)
    const { value, mark, truncatedObject } = parsed
    const state = {
      paths: position.state.paths?.step(JSON_KEY),
      parentKey: undefined,
      truncatedObject,
      table: undefined,
    }
    // The content of the JSON takes its room again.
    continuation.giveBack(text.length - mark.length)
    const start = position.entry(JSON_KEY, state)
    const content = continuation.copyContent(
      value,
      Array.isArray(value) ? this.#enterList(value, start) : start,
    )
    const copy = JSON.stringify(content)
    if (mark !== '' || !isJsonOf(copy, value)) return `${copy}${mark}`
    // Nothing was redacted, so the text stays as it was written. The parser drops all but the last of duplicate keys.
    return runDetectors(text, context)
  }

  #contextAt(position: Position<RedactionState>, sensitiveKeys: SensitiveKeys): TextContext {
    const { fixed } = this.#replacement
    if (fixed === undefined) {
      const replacement = this.#replacement.replace(undefined, position.path)
      return createTextContext(sensitiveKeys, replacement, this.#secrets)
    }
    this.#fixedContext ??= createTextContext(sensitiveKeys, fixed, this.#secrets)
    return this.#fixedContext
  }

  #replace(value: unknown, position: Position<RedactionState>): string {
    this.#secrets?.addValue(value, position.key)
    return this.#replacement.fixed ?? this.#replacement.replace(value, position.path)
  }

  /** Replaces every scalar in a copy. */
  #pseudonymize(
    copy: JsonValue | bigint,
    name: string,
    continuation: WalkContinuation<RedactionState>,
  ): JsonValue {
    if (copy === null || this.#pseudonymizeScalar === undefined) return copy as JsonValue
    if (Array.isArray(copy)) return copy.map((item) => this.#pseudonymize(item, name, continuation))
    if (typeof copy === 'object') {
      for (const [key, value] of Object.entries(copy))
        copy[key] = this.#pseudonymize(value, key, continuation)
      return copy
    }
    const pseudonym = this.#pseudonymizeScalar(copy)
    this.#secrets?.addPseudonym(copy, name, pseudonym)
    continuation.spend(String(pseudonym).length)
    return pseudonym
  }
}

/**
 * Stands for the content of a text of JSON in paths: those of the options, as in `results.body.(json).bsn`, and those that
 * a replacement function gets.
 */
const JSON_KEY = '(json)'

/**
 * Every key with a secret has one of these, unless the secret stands alone. A JSON body that was parsed as a form ends up in
 * a key: `{ '{"password":"...' : '' }`. U+2400, which the walk writes for U+0000, is a sign of binary data, which may be a
 * secret without a name.
 */
const KEY_MARKER = /[=:/{"\u2400]/
/** JSON and escapes begin so. */
const TEXT_MARKER = /["[{%]/

function mayBeRewrittenKey(key: string): boolean {
  return KEY_MARKER.test(key) || mayHaveStandaloneSecret(key)
}

/** Hot path: most texts have no secret, and are not searched further. */
function mayBeRewritten(text: string): boolean {
  return TEXT_MARKER.test(text) || mayHaveSecret(text)
}

function isJsonOf(json: string | undefined, value: unknown): boolean {
  try {
    return json === JSON.stringify(value)
  } catch {
    // JSON.parse accepts thousands of levels, which JSON.stringify does not.
    return false
  }
}

function isScalar(value: unknown): value is PseudonymValue {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
