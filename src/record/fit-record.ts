// A line is never longer than the limit: container runtimes split longer ones, and half a record is none.

import type { JsonValue } from '../serialize/json-value.js'
import { isSummary, type Summary } from '../serialize/summary.js'
import { truncateToJsonBytes, truncationMark } from '../serialize/truncate.js'
import type { AuditRecord } from './record.js'

/** One part of a record that can be shortened, named as `truncated` names it. */
interface Part {
  readonly name: string
  read(record: AuditRecord): JsonValue
  replace(record: AuditRecord, value: JsonValue): AuditRecord
  /** As much from the beginning as so many bytes of JSON have room for. That it was cut is said in any case. */
  shorten(value: JsonValue, bytes: number): JsonValue
}

const COMMA = 1
/** Enough for a format that escapes: with each try its growth is better known. */
const MAX_TRIES = 6

/** In the order in which they give way: what was returned before what was asked, what the client sent last. */
const PARTS: readonly Part[] = [
  part('results', summarize),
  part('filter.kwargs', summarize),
  part('http_response.headers', summarize),
  part('message', cutText),
  part('http_request.user_agent', cutText),
  part('http_request.url', cutText),
  part('error.message', cutText),
  part('error.name', cutText),
  part('user.roles', summarize),
  part('user.email', cutText),
  part('user.provider', cutText),
  part('user.realm', cutText),
  part('user.id', cutText),
  part('user.ip', cutText),
  part('filter.object', cutText),
  part('http_response.reason', cutText),
  part('route', cutText),
  part('http_request.method', cutText),
]

/**
 * The line of a record, shortened part by part until it fits, with `truncated` naming the parts.
 *
 * @param render makes the line; how much longer than the record it is depends on the format
 * @returns `undefined` where it cannot fit, because the format adds too much of its own
 */
export function fitRecord(
  record: AuditRecord,
  maxBytes: number,
  render: (record: AuditRecord) => string,
): string | undefined {
  const whole = render(record)
  if (fits(whole, maxBytes)) return whole
  let shortened = record
  for (const part of PARTS) {
    const content = part.read(shortened)
    if (content === null || content === '') continue
    const truncated = [...new Set([...(shortened.truncated ?? []), part.name])]
    shortened = { ...part.replace(shortened, part.shorten(content, 0)), truncated }
    const line = render(shortened)
    if (fits(line, maxBytes)) return fillUp(part, content, shortened, line, maxBytes, render)
  }
  return emptyToFit(shortened, maxBytes, render)
}

/** The line with as much of a part as there is room for. In `record` and its `line` there is none of it. */
function fillUp(
  part: Part,
  content: JsonValue,
  record: AuditRecord,
  line: string,
  maxBytes: number,
  render: (record: AuditRecord) => string,
): string {
  const least = sizeOf(part.read(record))
  const leastLine = Buffer.byteLength(line)
  let best = line
  let bestSize = leastLine
  // By how much the line grows with the part. Ours say a part once; others may repeat it, or escape it.
  let growth = 1
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const kept = part.shorten(content, least + Math.floor((maxBytes - leastLine) / growth))
    const longer = render(part.replace(record, kept))
    const size = Buffer.byteLength(longer)
    if (size <= maxBytes && size > bestSize) [best, bestSize] = [longer, size]
    const grown = (size - leastLine) / (sizeOf(kept) - least)
    // As was thought, so all the room is used; or there is room for nothing more.
    if (grown === growth || Number.isNaN(grown)) break
    growth = grown
  }
  return best
}

/** Also what says that a part was cut takes room: where there is none, the part is empty. */
function emptyToFit(
  record: AuditRecord,
  maxBytes: number,
  render: (record: AuditRecord) => string,
): string | undefined {
  let emptied = record
  for (const { read, replace, shorten } of PARTS) {
    if (read(emptied) === null) continue
    emptied = replace(emptied, shorten === cutText ? '' : null)
    const line = render(emptied)
    if (fits(line, maxBytes)) return line
  }
  const line = render({ ...emptied, truncated: ['*'] })
  return fits(line, maxBytes) ? line : undefined
}

function fits(line: string, maxBytes: number): boolean {
  // No character takes more than 3 bytes for each of its UTF-16 units.
  return line.length * 3 <= maxBytes || Buffer.byteLength(line) <= maxBytes
}

function part(name: string, shorten: Part['shorten']): Part {
  const [first, second] = name.split('.') as [keyof AuditRecord, string?]
  type Holder = Record<string, JsonValue> | null | undefined
  if (second === undefined) {
    return {
      name,
      shorten,
      read: (record) => (record[first] as JsonValue | undefined) ?? null,
      replace: (record, value) => ({ ...record, [first]: value }),
    }
  }
  return {
    name,
    shorten,
    read: (record) => (record[first] as Holder)?.[second] ?? null,
    replace: (record, value) => ({ ...record, [first]: { ...(record[first] as Holder), [second]: value } }),
  }
}

function cutText(value: JsonValue, bytes: number): JsonValue {
  const text = String(value)
  const kept = truncateToJsonBytes(text, bytes - sizeOf(truncationMark(text.length)))
  return `${kept}${truncationMark(text.length - kept.length)}`
}

/** As many items, entries or characters from the beginning as there is room for. */
function summarize(value: JsonValue, bytes: number): JsonValue {
  const { type, count, kept } = isSummary(value) ? value : describe(value)
  const none = type === 'array' ? [] : type === 'object' ? {} : ''
  const room = bytes - sizeOf({ truncated: true, type, count, kept: none })
  return { truncated: true, type, count, kept: beginning(kept, room) }
}

function describe(value: JsonValue): Omit<Summary, 'truncated'> {
  if (Array.isArray(value)) return { type: 'array', count: value.length, kept: value }
  if (typeof value === 'object' && value !== null)
    return { type: 'object', count: Object.keys(value).length, kept: value }
  return { type: 'string', count: String(value).length, kept: String(value) }
}

function beginning(kept: JsonValue, bytes: number): JsonValue {
  if (typeof kept === 'string') return truncateToJsonBytes(kept, bytes)
  if (Array.isArray(kept)) return takeWhileRoom(kept, bytes, sizeOf).taken
  return beginningOfEntries(Object.entries(kept as Record<string, JsonValue>), bytes)
}

/** Of the first entry that does not fit a summary is kept: in `{ rows: [...] }` it is all there is. */
function beginningOfEntries(entries: readonly [string, JsonValue][], bytes: number): JsonValue {
  const { taken, left } = takeWhileRoom(entries, bytes, ([key, item]) => sizeOf(key) + 1 + sizeOf(item))
  const next = entries[taken.length]
  if (next === undefined || typeof next[1] !== 'object' || next[1] === null) return Object.fromEntries(taken)
  const [key, item] = next
  const room = left - sizeOf(key) - 1
  const summary = summarize(item, room)
  return Object.fromEntries(sizeOf(summary) <= room ? [...taken, [key, summary]] : taken)
}

/** Reads no further than there is room; how much is `left` for what comes next. */
function takeWhileRoom<Item>(
  items: readonly Item[],
  bytes: number,
  size: (item: Item) => number,
): { taken: Item[]; left: number } {
  const taken: Item[] = []
  let left = bytes
  for (const item of items) {
    const rest = left - size(item)
    if (rest < 0) break
    taken.push(item)
    left = rest - COMMA
  }
  return { taken, left }
}

function sizeOf(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value))
}
