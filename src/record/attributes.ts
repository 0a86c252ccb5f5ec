// The custom fields of a record. Bounded, because a handler may set any number of them.
import { Dictionary } from '../lib/dictionary.js'
import type { JsonValue } from '../serialize/json-value.js'
import { truncateToBytes, truncationMark } from '../serialize/truncate.js'
import { walk } from '../serialize/walk.js'
import { entryBytes, jsonBytes, limitValue, shortenList } from './shorten-value.js'

type Attributes = Readonly<Record<string, JsonValue>>
type Entry = readonly [name: string, value: JsonValue]

/** The name of the entry that stands for attributes that were dropped. */
const MARK_NAME = '…'
const MARK = /^\[\+(\d+) attributes\]$/

function describeDropped(count: number): string {
  return `[+${count} attributes]`
}

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
  #dropped = 0

  /** Copies a value at once. `undefined` removes the name. Never throws. */
  set(name: string, value: unknown): void {
    const shortName = shortenName(name)
    this.#remove(shortName)
    if (value === undefined) return
    if (this.#sizes.size >= MAX_NAMES || this.#bytesLeft <= 0) {
      this.#dropped += 1
      return
    }
    const { content, isTruncated } = walk(value, { maxBytes: this.#bytesLeft })
    const bytes = jsonBytes(content) + shortName.length
    this.#values[shortName] = content
    this.#sizes.set(shortName, { bytes, isTruncated: isTruncated || shortName !== name })
    this.#bytesLeft -= bytes
  }

  /** `null` if there are none. */
  get values(): Attributes | null {
    if (this.#sizes.size === 0) return null
    if (this.#dropped === 0) return this.#values
    const marked = new Dictionary<JsonValue>()
    for (const name of Object.keys(this.#values)) marked[name] = this.#values[name] as JsonValue
    marked[MARK_NAME] = describeDropped(this.#dropped)
    return marked
  }

  get isTruncated(): boolean {
    return this.#dropped > 0 || [...this.#sizes.values()].some(({ isTruncated }) => isTruncated)
  }

  #remove(name: string): void {
    const size = this.#sizes.get(name)
    if (size === undefined) return
    this.#bytesLeft += size.bytes
    this.#sizes.delete(name)
    Reflect.deleteProperty(this.#values, name)
  }
}

function shortenName(name: string): string {
  const beginning = truncateToBytes(name, MAX_NAME_BYTES)
  return beginning.length === name.length
    ? name
    : `${beginning}${truncationMark(name.length - beginning.length)}`
}

export function shortenAttributes(attributes: Attributes, bytes: number): Attributes {
  const entries: Entry[] = Object.entries(attributes)
  const shortened = shortenList<Entry>(
    entries,
    bytes,
    entryBytes,
    ([name, value], valueBytes): Entry => [name, limitValue(value, valueBytes)],
    (dropped): Entry => [MARK_NAME, describeDropped(countDropped(dropped))],
  )
  const copy = new Dictionary<JsonValue>()
  for (const [name, value] of shortened) copy[name] = value
  return copy
}

/** A mark counts as the attributes that it stands for. */
function countDropped(entries: readonly Entry[]): number {
  return entries.reduce((sum, [name, value]) => sum + (name === MARK_NAME ? readMark(value) : 1), 0)
}

function readMark(value: JsonValue): number {
  return Number(MARK.exec(String(value))?.[1] ?? 1)
}
