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
    const excess = Buffer.byteLength(render(shortened)) - maxBytes
    // A format may say a part twice, or escape it: if it gave way by as much as is missing and that was not enough, it
    // gives way altogether.
    for (const bytes of [sizeOf(whole) - excess, 0]) {
      write(shortened, shorten(whole, Math.max(bytes, 0)))
      line = render(shortened)
      if (fits(line, maxBytes)) return line
    }
  }
  return undefined
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
  const entries = Object.entries(kept as Record<string, PlainJson>)
  return Object.fromEntries(takeWhileRoom(entries, bytes, ([key, item]) => sizeOf(key) + sizeOf(item) + 2))
}

function takeWhileRoom<Item>(items: readonly Item[], bytes: number, size: (item: Item) => number): Item[] {
  let left = bytes
  const end = items.findIndex((item) => {
    left -= size(item)
    return left < 0
  })
  return items.slice(0, end === -1 ? undefined : end)
}

function isSummary(value: PlainJson): value is Summary {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    value.truncated === true &&
    'kept' in value
  )
}

function sizeOf(value: PlainJson): number {
  return Buffer.byteLength(JSON.stringify(value))
}
