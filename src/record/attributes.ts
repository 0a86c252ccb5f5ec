// The custom fields of a record. Bounded, because a handler may set any number of them.
import { Dictionary } from '../lib/dictionary.js'
import type { JsonValue } from '../serialize/json-value.js'
import { entryBytes, limitValue, shortenList } from './shorten-value.js'

type Attributes = Readonly<Record<string, JsonValue>>
type Entry = readonly [name: string, value: JsonValue]

/** The name of the entry that stands for attributes that were dropped. */
const MARK_NAME = '…'
const MARK = /^\[\+(\d+) attributes\]$/

function describeDropped(count: number): string {
  return `[+${count} attributes]`
}

/** Adds to the attributes the entry that stands for attributes that were dropped. */
export function markDropped(attributes: Record<string, JsonValue>, count: number): void {
  attributes[MARK_NAME] = describeDropped(count)
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
