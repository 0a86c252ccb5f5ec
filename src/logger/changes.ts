// What an action changed: compares bounded copies of an object from before and after it.
import { types } from 'node:util'
import { Dictionary } from '../lib/dictionary.js'
import { loadMicrodiff } from '../lib/lazy-dependencies.cjs'
import { readProperty, suppressRejection } from '../lib/safe-read.js'
import { shortenChanges } from '../record/changes.js'
import type { ChangeRecord } from '../record/record.js'
import type { FoundSecret } from '../record/record-draft.js'
import { jsonBytes, truncateText } from '../record/shorten-value.js'
import { SecretCollector } from '../redact/found/found-secrets.js'
import type { ChangeRedactor } from '../redact/redact-changes.js'
import {
  type ComparableCopy,
  type ComparableValue,
  copyToCompare,
  isOpaque,
  isSameValue,
  showCopy,
} from '../serialize/comparable-copy.js'
import type { JsonValue } from '../serialize/json-value.js'
import { Summary } from '../serialize/summary.js'
import { TRUNCATION_MARK } from '../serialize/truncate.js'

/** How much of each object is compared. Bounds the time that a call takes of the event loop. */
const MAX_COMPARED_BYTES = 64 * 1024
/** How much of the list is kept until the record is written. */
const MAX_LISTED_BYTES = 64 * 1024
const MAX_PATH_BYTES = 512

export interface DescribedChanges {
  readonly changes: readonly ChangeRecord[]
  readonly isTruncated: boolean
  readonly secrets: readonly FoundSecret[]
}

/** Whether somebody has forgotten to await a value. Its `then` is not called, because that runs the query of a query builder. */
export function isPromiseLike(value: unknown): boolean {
  return types.isPromise(suppressRejection(value)) || typeof readProperty(value, 'then') === 'function'
}

/** @returns a message for the developer; `undefined` if the two values can be compared */
export function findMistake(before: unknown, after: unknown): string | undefined {
  if (isPromiseLike(before) || isPromiseLike(after))
    return 'setChanges() got a promise, so the record has no `changes`. Await it: setChanges(before, await save())'
  // Saving an object may change it in place: its earlier values are not known then.
  if (before === after && typeof before === 'object' && before !== null)
    return 'setChanges() got the same object twice, so the record has no `changes`. Copy it before the change: structuredClone(person)'
  return undefined
}

/** A property that differs, by its keys. */
type Keys = readonly (string | number)[]

/** Never throws. Both values are read once, and at once. */
export function describeChanges(before: unknown, after: unknown, redactor: ChangeRedactor): DescribedChanges {
  const from = copyToCompare(before, MAX_COMPARED_BYTES)
  const to = copyToCompare(after, MAX_COMPARED_BYTES)
  const fromSide = { ...from, content: from.content ?? createEmpty(to.content) }
  const toSide = { ...to, content: to.content ?? createEmpty(from.content) }
  const { differences, isComplete } = findDifferences(fromSide, toSide)
  if (differences.length === 0) return { changes: [], isTruncated: !isComplete, secrets: [] }
  const secrets = new SecretCollector(true)
  const list = new ChangeList(
    { raw: fromSide, redacted: redactor.redactSide(showCopy(fromSide.content), 'from', secrets) },
    { raw: toSide, redacted: redactor.redactSide(showCopy(toSide.content), 'to', secrets) },
    { redactKeys: (value) => redactor.redactKeys(value, secrets) },
  )
  for (const keys of differences) list.add(keys)
  const changes = shortenIfLong(list.changes)
  return {
    changes,
    isTruncated: !isComplete || list.isTruncated || changes !== list.changes,
    secrets: secrets.secrets,
  }
}

/** For an object that did not exist before, or does not exist any more: its properties were added or removed. */
function createEmpty(other: ComparableValue): ComparableValue {
  if (Array.isArray(other)) return []
  return typeof other === 'object' && other !== null ? new Dictionary<JsonValue>() : null
}

function findDifferences(
  before: ComparableCopy,
  after: ComparableCopy,
): { differences: Keys[]; isComplete: boolean } {
  let isComplete = before.incomplete.size === 0 && after.incomplete.size === 0
  const differences: Keys[] = []
  // In an object, because the values themselves may be scalars. The copies have no circles.
  for (const found of loadMicrodiff()(
    { root: before.content },
    { root: after.content },
    { cyclesFix: false },
  )) {
    const keys = found.path.slice(1)
    if (found.type === 'CHANGE') {
      const isSame = isSameValue(found.oldValue, found.value)
      if (isSame === undefined) isComplete = false
      if (isSame !== false) continue
    } else {
      // What is missing in a copy that is not complete may exist all the same.
      const { content, incomplete } = found.type === 'CREATE' ? before : after
      const parent = readAt(content, keys.slice(0, -1))
      if (incomplete.has(parent as object)) continue
    }
    differences.push(keys)
  }
  return { differences, isComplete }
}

function shortenIfLong(changes: readonly ChangeRecord[]): readonly ChangeRecord[] {
  return jsonBytes(changes as never) <= MAX_LISTED_BYTES ? changes : shortenChanges(changes, MAX_LISTED_BYTES)
}

interface Side {
  readonly raw: ComparableCopy
  /** The same without its secrets. It has the same keys, except in what is hidden as a whole. */
  readonly redacted: JsonValue
}

class ChangeList {
  readonly changes: ChangeRecord[] = []
  isTruncated = false
  readonly #from: Side
  readonly #to: Side
  readonly #redactKeys: (value: JsonValue) => JsonValue
  readonly #paths = new Set<string>()

  constructor(
    from: Side,
    to: Side,
    { redactKeys }: { readonly redactKeys: (value: JsonValue) => JsonValue },
  ) {
    this.#from = from
    this.#to = to
    this.#redactKeys = redactKeys
  }

  /** Adds a change. Of an object that is hidden as a whole on one of the sides, its properties are not shown. */
  add(keys: Keys): void {
    const depth = Math.min(visibleDepth(this.#from.redacted, keys), visibleDepth(this.#to.redacted, keys))
    const visible = keys.slice(0, depth)
    const identity = formatPath(visible)
    if (this.#paths.has(identity)) return
    this.#paths.add(identity)
    const change: ChangeRecord = { path: this.#describePath(visible) }
    const [from, to] = [this.#describeValue(this.#from, visible), this.#describeValue(this.#to, visible)]
    if (from !== undefined) change.from = from
    if (to !== undefined) change.to = to
    this.changes.push(change)
  }

  #describePath(keys: Keys): string {
    const path = formatPath(keys.map((key) => (typeof key === 'number' ? key : this.#redactKey(key))))
    if (path.length <= MAX_PATH_BYTES) return path
    this.isTruncated = true
    return String(truncateText(path, MAX_PATH_BYTES))
  }

  #redactKey(key: string): string {
    const single = new Dictionary<JsonValue>()
    single[key] = null
    return Object.keys(this.#redactKeys(single) as object)[0] ?? ''
  }

  /** `undefined` if the property does not exist on this side. */
  #describeValue({ raw, redacted }: Side, keys: Keys): JsonValue | undefined {
    const value = readAt(redacted, keys)
    if (value === undefined || (keys.length === 0 && value === null)) return undefined
    const source = readAt(raw.content, keys)
    if (typeof value === 'string' && TRUNCATION_MARK.test(value)) {
      if (isOpaque(source) && source.kind === 'text') {
        this.isTruncated = true
        return new Summary('string', String(source.source).length, value)
      }
    }
    if (typeof value !== 'object' || value === null) return value as JsonValue
    if (hasLongText(source)) this.isTruncated = true
    const shown = this.#redactKeys(value as JsonValue)
    const count = raw.incomplete.get(source as object)
    return count === undefined ? shown : new Summary(Array.isArray(source) ? 'array' : 'object', count, shown)
  }
}

function hasLongText(value: unknown): boolean {
  if (isOpaque(value)) return value.kind !== 'binary'
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLongText)
}

/** How many of the keys lead into lists and objects that are not hidden. */
function visibleDepth(redacted: JsonValue, keys: Keys): number {
  let value: unknown = redacted
  for (const [depth, key] of keys.entries()) {
    if (typeof value !== 'object' || value === null) return depth
    if (!Object.hasOwn(value, key)) return keys.length
    value = (value as Record<string, unknown>)[key]
  }
  return keys.length
}

function readAt(value: unknown, keys: Keys): unknown {
  let found = value
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}

/** With these characters, a key could not be told from two keys. */
const NEEDS_QUOTES = /[.[\]"\\]|^$/

/**
 * @example
 * formatPath(['roles', 0])              // 'roles.0'
 * formatPath(['settings', 'a.b', 'c'])  // 'settings["a.b"].c'
 */
function formatPath(keys: Keys): string {
  let path = ''
  for (const key of keys) {
    const name = String(key)
    if (NEEDS_QUOTES.test(name)) path += `[${JSON.stringify(name)}]`
    else path += path === '' ? name : `.${name}`
  }
  return path
}
