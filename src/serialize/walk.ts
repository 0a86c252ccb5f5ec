// Copies any value into one that `JSON.stringify` accepts, and stops when the copy has as many bytes as it may have.
// Nothing here throws, whatever the value does: getters, `toJSON`, proxies and iterators are untrusted code.
// The walk knows nothing of secrets: hooks decide what is replaced.
import { types } from 'node:util'
import { Dictionary } from '../lib/dictionary.js'
import { suppressRejection } from '../lib/safe-read.js'
import type { JsonValue } from './json-value.js'
import { Position } from './position.js'
import { Summary } from './summary.js'
import { truncateToBytes, truncationMark } from './truncate.js'
import { dateToText, isError, isPlainObject, keyToText, UNREADABLE } from './value-kinds.js'

/** About what JSON adds to a value: quotes, colon, comma. */
const BYTES_AROUND_A_VALUE = 4
/** The default `depth_limit` of Elasticsearch's `flattened` field type. */
export const MAX_DEPTH = 20
/**
 * Replaces U+0000 in keys: Elasticsearch rejects a document with U+0000 in a key of a `flattened` field, and any client
 * can send such a key (`/persons?%00=1`).
 */
const VISIBLE_NUL = '\u2400'

/**
 * How often the room may be taken in all, where hooks give it back: a text of JSON takes room for the text, and for its
 * content again. Bounds the work for texts of which little remains, such as `{"password":"..."}` and duplicate keys.
 */
const MAX_TIMES_TAKEN = 4

/** The copy of a value. */
export interface Snapshot {
  readonly content: JsonValue
  /** Whether something was left out because the value was too long. */
  readonly isTruncated: boolean
}

/**
 * Decides what is replaced while a value is copied. Hooks keep no facts between calls: what a hook learns about a
 * position is its `State`, which the walk passes on to the entries and items below.
 */
export interface WalkHooks<State> {
  /** The state of a value under a key, from the state of `source`, the object or the Map that has the key. */
  entryState(parent: State, key: string, value: unknown, source: object): State
  /** The state of an item, from the state of its list. */
  itemState(parent: State): State
  /** Called for each value. Returns the copy; `walk.copyContent` makes the copy that would be made without hooks. */
  copyValue(value: unknown, position: Position<State>, walk: WalkContinuation<State>): JsonValue | undefined
  /**
   * Called for each object and each Map before its entries are read.
   *
   * @param keys the keys of an object; `undefined` for a Map
   * @returns the keys for which `replaceEntry` gets `isMarked`, because of their siblings
   */
  findMarkedKeys(
    source: object,
    keys: readonly string[] | undefined,
    state: State,
  ): ReadonlySet<string> | undefined
  /** Returns the replacement of the value under a key, or `undefined` to copy the value. `position` is that of the value. */
  replaceEntry(key: string, value: unknown, isMarked: boolean, position: Position<State>): string | undefined
  /** Returns the replacement of an item, or `undefined` to copy the item. `position` is that of the list. */
  replaceItem(
    item: unknown,
    previous: unknown,
    index: number,
    list: readonly unknown[] | ReadonlySet<unknown>,
    position: Position<State>,
  ): string | undefined
  /** Returns the text to write for a string that has been truncated to the room that was left. */
  rewriteText(text: string, position: Position<State>, walk: WalkContinuation<State>): string
  /** Returns the key to write. `position` is that of the object. */
  rewriteKey(key: string, position: Position<State>, walk: WalkContinuation<State>): string
}

/** The part of a walk that its hooks may use. */
export interface WalkContinuation<State> {
  /** Copies a value within the room that is left; `undefined` where JSON leaves a value out. */
  copyContent(value: unknown, position: Position<State>): JsonValue | undefined
  /** Takes room for a text. Returns the text, or the beginning that fits with the number of missing characters. */
  takeText(text: string): string
  /** Takes room for so many bytes that a hook has written. */
  spend(bytes: number): void
  /**
   * Returns room that was taken for something that is not written after all. Not without end: a walk that has given back
   * several times its room leaves out the rest, because what is given back was examined at a cost.
   */
  giveBack(bytes: number): void
}

export interface WalkOptions<State> {
  /** About how many bytes of JSON the copy may have. */
  readonly maxBytes: number
  /** The path of the value in the record. The paths that hooks see begin with it. */
  readonly path?: string
  readonly hooks?: WalkHooks<State>
  /** The state of the value itself. Required with hooks. */
  readonly state?: State
}

/**
 * Copies a value as it is now.
 *
 * @example
 * walk({ id: 9n, when: new Date(0) }, { maxBytes: 1024 })
 * // { content: { id: '9', when: '1970-01-01T00:00:00.000Z' }, isTruncated: false }
 */
export function walk<State>(value: unknown, options: WalkOptions<State>): Snapshot {
  const { maxBytes, path = '', hooks } = options
  const current = new Walk(maxBytes, hooks)
  const start = new Position(path, undefined, options.state as State)
  const content = withoutThrowing(() => current.copyValue(value, start)) ?? null
  if (!current.isTruncated || typeof value !== 'string') return { content, isTruncated: current.isTruncated }
  return { content: new Summary('string', value.length, content), isTruncated: true }
}

/** Last resort: a value may run code where no other `try` expects that. */
function withoutThrowing(copy: () => JsonValue | undefined): JsonValue | undefined {
  try {
    return copy()
  } catch {
    return UNREADABLE
  }
}

class Walk<State> implements WalkContinuation<State> {
  isTruncated = false
  readonly #hooks: WalkHooks<State> | undefined
  /** The room that is left, about: a text counts by its UTF-16 units, which need not be measured. */
  #bytesLeft: number
  #bytesToGiveBack: number
  /** The objects around the current value. Hot path: an array of few objects is faster than a Set. */
  readonly #ancestors: object[] = []

  constructor(maxBytes: number, hooks: WalkHooks<State> | undefined) {
    this.#bytesLeft = maxBytes
    this.#bytesToGiveBack = maxBytes * (MAX_TIMES_TAKEN - 1)
    this.#hooks = hooks
  }

  copyValue(value: unknown, position: Position<State>): JsonValue | undefined {
    return this.#hooks === undefined
      ? this.copyContent(value, position)
      : this.#hooks.copyValue(value, position, this)
  }

  copyContent(value: unknown, position: Position<State>): JsonValue | undefined {
    this.#bytesLeft -= BYTES_AROUND_A_VALUE
    switch (typeof value) {
      case 'string':
        return this.#copyText(value, position)
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) ? value : String(value)
      case 'bigint':
      case 'symbol':
        return this.takeText(String(value))
      case 'undefined':
        return undefined
      case 'function':
        return '[Function]'
      default:
        return value === null ? null : this.#copyObject(value as object, position)
    }
  }

  takeText(text: string): string {
    const beginning = truncateToBytes(text, Math.max(this.#bytesLeft, 0))
    this.#bytesLeft -= beginning.length
    if (beginning.length === text.length) return text
    this.isTruncated = true
    return `${beginning}${truncationMark(text.length - beginning.length)}`
  }

  spend(bytes: number): void {
    this.#bytesLeft -= bytes
  }

  giveBack(bytes: number): void {
    const returned = Math.min(bytes, this.#bytesToGiveBack)
    this.#bytesToGiveBack -= returned
    this.#bytesLeft += returned
  }

  #copyText(value: string, position: Position<State>): string {
    const text = this.takeText(value)
    return this.#hooks === undefined ? text : this.#hooks.rewriteText(text, position, this)
  }

  #copyObject(value: object, position: Position<State>): JsonValue | undefined {
    suppressRejection(value)
    if (this.#ancestors.includes(value)) return '[Circular]'
    if (position.depth >= MAX_DEPTH) return '[Too deep]'
    this.#ancestors.push(value)
    try {
      if (Array.isArray(value)) return this.#copyList(value, value.length, position)
      return isPlainObject(value)
        ? this.#copyProperties(value, position)
        : this.#copyInstance(value, position)
    } catch {
      // A getter, a toJSON or a proxy threw. What it threw may be hostile too, so the error is not read.
      return UNREADABLE
    } finally {
      this.#ancestors.pop()
    }
  }

  #copyInstance(value: object, position: Position<State>): JsonValue | undefined {
    if (value instanceof Date) return dateToText(value)
    // The value is a copy that was cut before.
    if (value instanceof Summary) return this.#copySummary(value, position)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return `[Binary: ${value.byteLength ?? '?'} bytes]`
    if (isError(value)) return this.#copyError(value, position)
    if (value instanceof Set) return this.#copyList(value, value.size, position)
    if (value instanceof Map) return this.#copyMap(value, position)
    if (value instanceof URLSearchParams) return this.#copyText(`?${value}`, position)
    if (value instanceof Headers) return this.copyContent(Object.fromEntries(value), position)
    if (types.isPromise(value)) return '[Promise]'
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.copyContent(value.valueOf(), position)
    }
    return this.#copyProperties(value, position)
  }

  #copySummary({ type, count, kept }: Summary, position: Position<State>): Summary {
    return new Summary(type, count, this.copyContent(kept, position) ?? null)
  }

  #copyProperties(value: object, position: Position<State>): JsonValue | undefined {
    const object = value as Record<string, unknown>
    if (typeof suppressRejection(object.pipe) === 'function') return '[Stream]'
    const toJSON = suppressRejection(object.toJSON)
    if (typeof toJSON === 'function')
      return this.copyContent(toJSON.call(object), this.#itemPosition(position))
    // Listed in full and only once: JavaScript cannot list the first keys alone.
    const keys = Object.keys(value)
    const markedKeys = this.#hooks?.findMarkedKeys(object, keys, position.state)
    return this.#copyEntries(object, keys, (key) => object[key], keys.length, position, markedKeys)
  }

  #copyMap(map: Map<unknown, unknown>, position: Position<State>): JsonValue {
    const markedKeys = this.#hooks?.findMarkedKeys(map, undefined, position.state)
    return this.#copyEntries(map, map.keys(), (key) => map.get(key), map.size, position, markedKeys)
  }

  #copyError(error: Error, position: Position<State>): JsonValue | undefined {
    const { name, message } = error
    return this.copyContent(
      { name: String(suppressRejection(name)), message: String(suppressRejection(message)) },
      position,
    )
  }

  #copyList(
    items: readonly unknown[] | ReadonlySet<unknown>,
    count: number,
    position: Position<State>,
  ): JsonValue {
    const list: JsonValue[] = []
    let previous: unknown
    for (const item of items) {
      suppressRejection(item)
      if (this.#bytesLeft <= 0) return this.#summarize('array', count, list)
      const replacement = this.#hooks?.replaceItem(item, previous, list.length, items, position)
      const copy =
        replacement === undefined
          ? this.copyValue(item, this.#itemPosition(position))
          : this.takeText(replacement)
      list.push(copy ?? null)
      previous = item
    }
    return list
  }

  #copyEntries<Key>(
    source: object,
    keys: Iterable<Key>,
    read: (key: Key) => unknown,
    count: number,
    position: Position<State>,
    markedKeys: ReadonlySet<string> | undefined,
  ): JsonValue {
    const copies = new Dictionary<JsonValue>()
    for (const key of keys) {
      if (this.#bytesLeft <= 0) return this.#summarize('object', count, copies)
      const name = keyToText(key)
      const writtenName = this.#copyKey(name, position)
      const copy = this.#copyEntry(source, name, key, read, markedKeys?.has(name) === true, position)
      if (copy !== undefined) copies[writtenName] = copy
    }
    return copies
  }

  #copyKey(name: string, position: Position<State>): string {
    const truncated = this.takeText(name)
    const key = truncated.includes('\0') ? truncated.replaceAll('\0', VISIBLE_NUL) : truncated
    return this.#hooks === undefined ? key : this.#hooks.rewriteKey(key, position, this)
  }

  /** Has a `try` of its own: one property that throws does not hide its siblings. */
  #copyEntry<Key>(
    source: object,
    name: string,
    key: Key,
    read: (key: Key) => unknown,
    isMarked: boolean,
    position: Position<State>,
  ): JsonValue | undefined {
    try {
      const value = suppressRejection(read(key))
      const hooks = this.#hooks
      if (hooks === undefined) return this.copyContent(value, position.entry(name, position.state))
      const entry = position.entry(name, hooks.entryState(position.state, name, value, source))
      const replacement = hooks.replaceEntry(name, value, isMarked, entry)
      return replacement === undefined ? this.copyValue(value, entry) : this.takeText(replacement)
    } catch {
      return UNREADABLE
    }
  }

  #itemPosition(position: Position<State>): Position<State> {
    return position.item(this.#hooks === undefined ? position.state : this.#hooks.itemState(position.state))
  }

  #summarize(type: Summary['type'], count: number, kept: JsonValue): Summary {
    this.isTruncated = true
    return new Summary(type, count, kept)
  }
}
