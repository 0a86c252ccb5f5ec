// A line is never longer than the limit: container runtimes split longer ones, and half a record is none.
import type { AuditRecord, PlainJson } from '../record.js'
import { beginningOf, cutMark } from './cut.js'
import type { Summary } from './snapshot.js'

/** One part of a record that can be shortened, named as `truncated` names it. */
interface Part {
  readonly name: string
  read(record: AuditRecord): PlainJson
  write(record: AuditRecord, value: PlainJson): void
  shorten(value: PlainJson, bytes: number): PlainJson
}

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
export function shortenToFit(
  record: AuditRecord,
  maxBytes: number,
  render: (record: AuditRecord) => string,
): string | undefined {
  let line = render(record)
  if (fits(line, maxBytes)) return line
  const shortened = structuredClone(record)
  for (const { name, read, write, shorten } of PARTS) {
    const whole = read(shortened)
    if (whole === null || whole === '') continue
    shortened.truncated = [...new Set([...(shortened.truncated ?? []), name])]
    write(shortened, shorten(whole, 0))
    line = render(shortened)
    if (!fits(line, maxBytes)) continue
    // How much longer the line becomes than its parts only the format knows: it may say a part twice, or escape it.
    let enough = 0
    let tooMuch = sizeOf(whole)
    while (tooMuch - enough > 1) {
      const bytes = (enough + tooMuch) >> 1
      write(shortened, shorten(whole, bytes))
      const longer = render(shortened)
      if (fits(longer, maxBytes)) [enough, line] = [bytes, longer]
      else tooMuch = bytes
    }
    return line
  }
  return emptyToFit(shortened, maxBytes, render)
}

/** Also what says that a part was cut takes room: where there is none, the part is empty. */
function emptyToFit(
  record: AuditRecord,
  maxBytes: number,
  render: (record: AuditRecord) => string,
): string | undefined {
  for (const { read, write, shorten } of PARTS) {
    const part = read(record)
    if (part === null) continue
    write(record, shorten === cutText ? '' : null)
    const line = render(record)
    if (fits(line, maxBytes)) return line
  }
  record.truncated = ['*']
  const line = render(record)
  return fits(line, maxBytes) ? line : undefined
}

function fits(line: string, maxBytes: number): boolean {
  // No character takes more than 3 bytes for each of its UTF-16 units.
  return line.length * 3 <= maxBytes || Buffer.byteLength(line) <= maxBytes
}

function part(name: string, shorten: Part['shorten']): Part {
  const path = name.split('.')
  const last = path.pop() as string
  const holderOf = (record: AuditRecord) =>
    path.reduce<Record<string, PlainJson> | null>(
      (holder, step) => (holder?.[step] ?? null) as Record<string, PlainJson> | null,
      record as never,
    )
  return {
    name,
    shorten,
    read: (record) => holderOf(record)?.[last] ?? null,
    write(record, value) {
      const holder = holderOf(record)
      if (holder !== null) holder[last] = value
    },
  }
}

function cutText(value: PlainJson, bytes: number): PlainJson {
  const text = String(value)
  const mark = cutMark(text.length)
  const kept = beginningOf(text, Math.max(bytes - Buffer.byteLength(mark), 0))
  return `${kept}${cutMark(text.length - kept.length)}`
}

/** As many items, entries or characters from the beginning as there is room for. */
function summarize(value: PlainJson, bytes: number): PlainJson {
  const { type, count, kept } = isSummary(value) ? value : describe(value)
  const none = type === 'array' ? [] : type === 'object' ? {} : ''
  const room = bytes - sizeOf({ truncated: true, type, count, kept: none })
  return { truncated: true, type, count, kept: beginning(kept, room) }
}

function describe(value: PlainJson): Omit<Summary, 'truncated'> {
  if (Array.isArray(value)) return { type: 'array', count: value.length, kept: value }
  if (typeof value === 'object' && value !== null)
    return { type: 'object', count: Object.keys(value).length, kept: value }
  return { type: 'string', count: String(value).length, kept: String(value) }
}

function beginning(kept: PlainJson, bytes: number): PlainJson {
  if (typeof kept === 'string') return beginningOf(kept, Math.max(bytes, 0))
  if (Array.isArray(kept)) return takeWhileRoom(kept, bytes, (item) => sizeOf(item) + 1)
  return beginningOfEntries(Object.entries(kept as Record<string, PlainJson>), bytes)
}

/** Of the first entry that does not fit a summary is kept: in `{ rows: [...] }` it is all there is. */
function beginningOfEntries(entries: readonly [string, PlainJson][], bytes: number): PlainJson {
  const sizeOfEntry = ([key, item]: readonly [string, PlainJson]) => sizeOf(key) + sizeOf(item) + 2
  const whole = takeWhileRoom(entries, bytes, sizeOfEntry)
  const next = entries[whole.length]
  if (next === undefined || typeof next[1] !== 'object' || next[1] === null) return Object.fromEntries(whole)
  const [key, item] = next
  const left = bytes - whole.reduce((sum, entry) => sum + sizeOfEntry(entry), 0) - sizeOf(key) - 2
  const summary = summarize(item, left)
  return Object.fromEntries(sizeOf(summary) <= left ? [...whole, [key, summary]] : whole)
}

function takeWhileRoom<Item>(items: readonly Item[], bytes: number, size: (item: Item) => number): Item[] {
  let left = bytes
  const end = items.findIndex((item) => {
    left -= size(item)
    return left < 0
  })
  return items.slice(0, end === -1 ? undefined : end)
}

/** Made by the walk, and not by a handler who writes something like it. */
function isSummary(value: PlainJson): value is Summary {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { truncated, type, count, kept, ...others } = value
  return (
    truncated === true &&
    typeof count === 'number' &&
    kept !== undefined &&
    kept !== null &&
    type === (Array.isArray(kept) ? 'array' : typeof kept) &&
    Object.keys(others).length === 0
  )
}

function sizeOf(value: PlainJson): number {
  return Buffer.byteLength(JSON.stringify(value))
}
