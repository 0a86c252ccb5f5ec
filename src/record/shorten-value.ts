// Shortens values and texts to a number of bytes of JSON.
import type { JsonValue } from '../serialize/json-value.js'
import { stringifyJson } from '../serialize/stringify.js'
import { Summary } from '../serialize/summary.js'
import { truncateToJsonBytes, truncationMark } from '../serialize/truncate.js'

const COMMA_BYTES = 1

export function truncateText(value: JsonValue, bytes: number, wholeSize?: number): JsonValue {
  const text = String(value)
  const size = wholeSize ?? text.length
  const beginning = truncateToJsonBytes(text, bytes - jsonBytes(truncationMark(size)))
  // The whole text had secrets, so its beginning can be longer than the whole without them.
  return `${beginning}${truncationMark(Math.max(size - beginning.length, 1))}`
}

/** Returns a summary with as many items, entries or characters from the beginning of the value as fit. */
export function summarize(value: JsonValue, bytes: number, wholeSize?: number): Summary {
  const { type, count, kept } = value instanceof Summary ? value : toSummary(value)
  const size = wholeSize ?? count
  const nothing = type === 'array' ? [] : type === 'object' ? {} : ''
  const bytesLeft = bytes - jsonBytes(new Summary(type, size, nothing))
  return new Summary(type, size, takeBeginning(kept, bytesLeft))
}

function toSummary(value: JsonValue): Summary {
  if (Array.isArray(value)) return new Summary('array', value.length, value)
  if (typeof value === 'object' && value !== null)
    return new Summary('object', Object.keys(value).length, value)
  return new Summary('string', String(value).length, String(value))
}

function takeBeginning(value: JsonValue, bytes: number): JsonValue {
  if (typeof value === 'string') return truncateToJsonBytes(value, bytes)
  if (Array.isArray(value)) return takeItemsWhileRoom(value, bytes, jsonBytes).taken
  return takeEntries(Object.entries(value as Record<string, JsonValue>), bytes)
}

/** Summarizes the first entry that does not fit, because in `{ rows: [...] }` that entry is all there is. */
function takeEntries(entries: readonly [string, JsonValue][], bytes: number): JsonValue {
  const { taken, bytesLeft } = takeItemsWhileRoom(entries, bytes, entryBytes)
  const next = entries[taken.length]
  if (next === undefined || typeof next[1] !== 'object' || next[1] === null) return Object.fromEntries(taken)
  const [key, value] = next
  const bytesForValue = bytesLeft - jsonBytes(key) - 1
  const summary = summarize(value, bytesForValue)
  return Object.fromEntries(jsonBytes(summary) <= bytesForValue ? [...taken, [key, summary]] : taken)
}

export function entryBytes([key, value]: readonly [string, JsonValue]): number {
  return jsonBytes(key) + 1 + jsonBytes(value)
}

/** Takes items from the beginning as long as they fit. Measures no item after the first that does not. */
function takeItemsWhileRoom<Item>(
  items: readonly Item[],
  bytes: number,
  measure: (item: Item) => number,
): { taken: Item[]; bytesLeft: number } {
  const taken: Item[] = []
  let bytesLeft = bytes
  for (const item of items) {
    const rest = bytesLeft - measure(item)
    if (rest < 0) break
    taken.push(item)
    bytesLeft = rest - COMMA_BYTES
  }
  return { taken, bytesLeft }
}

/** Replaces a value that is longer than so many bytes by its summary. */
export function limitValue(value: JsonValue, bytes: number): JsonValue {
  return jsonBytes(value) <= bytes ? value : summarize(value, bytes)
}

export function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(stringifyJson(value))
}

/**
 * The sizes to which the values of a list are limited one after the other, before items are dropped from its end: a large part of
 * the room, so that one long value may take it, then little.
 */
function findValueLimits(bytes: number): readonly number[] {
  return [Math.floor(bytes / 2), Math.floor(bytes / 8), 256, 64]
}

/**
 * Shortens a list to so many bytes: first the values of its items, because it matters more which items there are, then the
 * list.
 *
 * @param limit returns the item with its values limited to so many bytes
 * @param mark returns the item that stands for the dropped ones
 */
export function shortenList<Item>(
  items: readonly Item[],
  bytes: number,
  measure: (item: Item) => number,
  limit: (item: Item, bytes: number) => Item,
  mark: (dropped: readonly Item[]) => Item,
): Item[] {
  const bytesInside = bytes - '[]'.length
  let limited: readonly Item[] = items
  for (const valueBytes of findValueLimits(bytes)) {
    limited = items.map((item) => limit(item, valueBytes))
    const { taken } = takeItemsWhileRoom(limited, bytesInside, measure)
    if (taken.length === items.length) return taken
  }
  const bytesForItems = bytesInside - measure(mark(items)) - COMMA_BYTES
  const { taken } = takeItemsWhileRoom(limited, bytesForItems, measure)
  return [...taken, mark(items.slice(taken.length))]
}
