// The custom fields of a record. Bounded, because a handler may set any number of them.
import { Dictionary } from '../lib/dictionary.js'
import type { JsonValue } from '../serialize/json-value.js'
import { truncateWithMark } from '../serialize/truncate.js'
import { walk } from '../serialize/walk.js'
import { entryBytes, jsonBytes, limitValue, shortenList } from './shorten-value.js'

type Attributes = Readonly<Record<string, JsonValue>>
type Entry = readonly [name: string, value: JsonValue]

/** The beginning of the name of the entry that stands for attributes that were dropped. */
const MARK_NAME = '…'
const MARK = /^\[\+(\d+) attributes\]$/

const MAX_NAMES = 256
const MAX_NAME_BYTES = 256
/** About how many bytes of JSON all values may have together. */
const MAX_BYTES = 64 * 1024

interface Size {
  readonly bytes: number
  readonly isTruncated: boolean
}

/** The custom fields of one record. The last value of a name counts. */
export class AttributeList {
  readonly #values = new Dictionary<JsonValue>()
  readonly #sizes = new Map<string, Size>()
  #bytesLeft = MAX_BYTES
  #truncated = 0
  #dropped = 0

  /** Copies a value at once. `undefined` removes the name. Never throws. */
  set(name: string, value: unknown): void {
    const shortName = truncateWithMark(name, MAX_NAME_BYTES)
    this.#remove(shortName)
    if (value === undefined) return
    if (this.#sizes.size >= MAX_NAMES || this.#bytesLeft <= 0) {
      this.#dropped += 1
      return
    }
    const copy = walk(value, { maxBytes: this.#bytesLeft })
    const bytes = jsonBytes(copy.content) + shortName.length
    const isTruncated = copy.isTruncated || shortName !== name
    this.#values[shortName] = copy.content
    this.#sizes.set(shortName, { bytes, isTruncated })
    this.#bytesLeft -= bytes
    if (isTruncated) this.#truncated += 1
  }

  /** Copies them for a record, with a mark for those that were dropped. `undefined` if there are none. */
  toRecord(): Attributes | undefined {
    if (this.#sizes.size === 0 && this.#dropped === 0) return undefined
    const entries: Entry[] = Object.entries(this.#values)
    if (this.#dropped > 0) entries.push(markDropped(entries, this.#dropped))
    return Object.fromEntries(entries)
  }

  get isTruncated(): boolean {
    return this.#dropped > 0 || this.#truncated > 0
  }

  #remove(name: string): void {
    const size = this.#sizes.get(name)
    if (size === undefined) return
    this.#bytesLeft += size.bytes
    if (size.isTruncated) this.#truncated -= 1
    this.#sizes.delete(name)
    Reflect.deleteProperty(this.#values, name)
  }
}

export function shortenAttributes(attributes: Attributes, bytes: number): Attributes {
  const entries: Entry[] = Object.entries(attributes)
  const shortened = shortenList<Entry>(
    entries,
    bytes,
    entryBytes,
    ([name, value], valueBytes): Entry => [name, limitValue(value, valueBytes)],
    (dropped): Entry => markDropped(entries, countDropped(dropped)),
  )
  return Object.fromEntries(shortened)
}

/** The attributes may have the name of the mark too, so the mark is given a name that none of them has. */
function markDropped(entries: readonly Entry[], count: number): Entry {
  const names = new Set(entries.filter((entry) => readMark(entry) === undefined).map(([name]) => name))
  let name = MARK_NAME
  while (names.has(name)) name += MARK_NAME
  return [name, `[+${count} attributes]`]
}

/** A mark counts as the attributes that it stands for. */
function countDropped(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + (readMark(entry) ?? 1), 0)
}

function readMark([name, value]: Entry): number | undefined {
  const count = name.startsWith(MARK_NAME) ? MARK.exec(String(value))?.[1] : undefined
  return count === undefined ? undefined : Number(count)
}
