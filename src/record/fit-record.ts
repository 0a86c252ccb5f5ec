// Shortens records to `maxRecordBytes`: container runtimes split longer lines, and half a record cannot be parsed.
import type { JsonValue } from '../serialize/json-value.js'
import { stringifyJson } from '../serialize/stringify.js'
import { Summary } from '../serialize/summary.js'
import { truncateToJsonBytes, truncationMark } from '../serialize/truncate.js'
import { NOTHING_CUT, type WholeSizes } from './bound-record.js'
import { shortenNotes } from './notes.js'
import type { AuditRecord, NoteRecord } from './record.js'

/** A part of a record that can be shortened. */
interface Part {
  /** The path that `truncated` lists, such as `filter.kwargs`. */
  readonly name: string
  /** Replaces the part where even a mark that it was shortened has no room. */
  readonly empty: JsonValue
  read(record: AuditRecord): JsonValue
  /** Returns a copy of the record with another value of this part. */
  replace(record: AuditRecord, value: JsonValue): AuditRecord
  /**
   * Returns the beginning of a value in so many bytes of JSON; if that is too few, only a mark that it was shortened.
   *
   * @param wholeSize the size of the part, if it was cut before
   */
  shorten(value: JsonValue, bytes: number, wholeSize?: number): JsonValue
}

const COMMA_BYTES = 1

const NO_PRINCIPAL = { provider: '', realm: '', email: '', roles: null }

/** Enough for formats that escape their content: each attempt estimates better how much longer they make it. */
const MAX_ATTEMPTS = 6

/**
 * The order in which parts are shortened: what was returned before what was requested, so that a record still shows who
 * did what.
 */
const PARTS: readonly Part[] = [
  valuePart('results'),
  valuePart('filter.kwargs'),
  valuePart('http_response.headers'),
  notesPart(),
  textPart('message'),
  textPart('http_request.user_agent'),
  textPart('http_request.url'),
  textPart('error.message'),
  textPart('error.name'),
  valuePart('user.roles'),
  textPart('user.email'),
  textPart('user.provider'),
  textPart('user.realm'),
  textPart('user.id'),
  textPart('user.ip'),
  {
    name: 'user.on_behalf_of',
    empty: NO_PRINCIPAL,
    shorten: shortenPrincipal,
    ...createAccessors('user.on_behalf_of'),
  },
  textPart('filter.object'),
  textPart('http_response.reason'),
  textPart('route'),
  textPart('action'),
  textPart('http_request.method'),
]

/**
 * Returns the line of a record, shortened part by part until it fits; `truncated` lists the shortened parts.
 *
 * @param maxBytes of the line, its newline included
 * @param render formats and serializes a record
 * @param wholeSizes of parts that were cut before
 * @returns `undefined` if the format adds so much of its own that no record fits
 */
export function fitRecord(
  record: AuditRecord,
  maxBytes: number,
  render: (record: AuditRecord) => string,
  wholeSizes: WholeSizes = NOTHING_CUT,
): string | undefined {
  const fullLine = render(record)
  if (fits(fullLine, maxBytes)) return fullLine
  let shortened = record
  for (const part of PARTS) {
    const content = part.read(shortened)
    if (content === null || content === '') continue
    const truncated = [...new Set([...(shortened.truncated ?? []), part.name])]
    const shorten = (bytes: number) => part.shorten(content, bytes, wholeSizes.get(part.name))
    shortened = { ...part.replace(shortened, shorten(0)), truncated }
    const line = render(shortened)
    if (fits(line, maxBytes)) return fillUp(part, shorten, shortened, line, maxBytes, render)
  }
  return emptyParts(shortened, maxBytes, render)
}

/**
 * Returns the line with as much of a part as fits.
 *
 * @param shorten returns the beginning of the part
 * @param record the record with nothing of the part but the mark that it was shortened
 * @param line the line of that record
 */
function fillUp(
  part: Part,
  shorten: (bytes: number) => JsonValue,
  record: AuditRecord,
  line: string,
  maxBytes: number,
  render: (record: AuditRecord) => string,
): string {
  const minPartBytes = jsonBytes(part.read(record))
  const minLineBytes = Buffer.byteLength(line)
  let bestLine = line
  let bestBytes = minLineBytes
  // How many bytes of the line a byte of the part takes. The built-in formats write a part once; a format function may
  // repeat or escape it.
  let growth = 1
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const beginning = shorten(minPartBytes + Math.floor((maxBytes - minLineBytes) / growth))
    const longerLine = render(part.replace(record, beginning))
    const bytes = Buffer.byteLength(longerLine)
    if (bytes <= maxBytes && bytes > bestBytes) [bestLine, bestBytes] = [longerLine, bytes]
    const measuredGrowth = (bytes - minLineBytes) / (jsonBytes(beginning) - minPartBytes)
    // The estimate was right, so the room is used up; or (NaN) there is no room for anything.
    if (measuredGrowth === growth || Number.isNaN(measuredGrowth)) break
    growth = measuredGrowth
  }
  return bestLine
}

/** Empties part after part, because the marks of shortened parts take room too. */
function emptyParts(
  record: AuditRecord,
  maxBytes: number,
  render: (record: AuditRecord) => string,
): string | undefined {
  let emptied = record
  for (const part of PARTS) {
    if (part.read(emptied) === null) continue
    emptied = part.replace(emptied, part.empty)
    const line = render(emptied)
    if (fits(line, maxBytes)) return line
  }
  const line = render({ ...emptied, truncated: ['*'] })
  return fits(line, maxBytes) ? line : undefined
}

function fits(line: string, maxBytes: number): boolean {
  // Hot path: a UTF-16 unit has at most 3 bytes in UTF-8, so that most lines need not be measured.
  return line.length * 3 <= maxBytes || Buffer.byteLength(line) <= maxBytes
}

/** A part that holds any JSON; a {@link Summary} replaces it. */
function valuePart(name: string): Part {
  return { name, empty: null, shorten: summarize, ...createAccessors(name) }
}

/** A part that holds a string. */
function textPart(name: string): Part {
  return { name, empty: '', shorten: truncateText, ...createAccessors(name) }
}

function notesPart(): Part {
  return {
    name: 'notes',
    empty: null,
    read: ({ notes }) => (notes as JsonValue | undefined) ?? null,
    // JSON leaves out `undefined`.
    replace: (record, value) => ({ ...record, notes: (value ?? undefined) as never }),
    shorten: (value, bytes) =>
      shortenNotes(value as unknown as NoteRecord[], (notes) => jsonBytes(notes as never) <= bytes) as never,
  }
}

function createAccessors(name: string): Pick<Part, 'read' | 'replace'> {
  const [key, innerKey] = name.split('.') as [keyof AuditRecord, string?]
  type Inner = Record<string, JsonValue> | null | undefined
  if (innerKey === undefined) {
    return {
      read: (record) => (record[key] as JsonValue | undefined) ?? null,
      replace: (record, value) => ({ ...record, [key]: value }),
    }
  }
  return {
    read: (record) => (record[key] as Inner)?.[innerKey] ?? null,
    replace: (record, value) => ({ ...record, [key]: { ...(record[key] as Inner), [innerKey]: value } }),
  }
}

function truncateText(value: JsonValue, bytes: number, wholeSize?: number): JsonValue {
  const text = String(value)
  const size = wholeSize ?? text.length
  const beginning = truncateToJsonBytes(text, bytes - jsonBytes(truncationMark(size)))
  // The whole text had secrets, so its beginning can be longer than the whole without them.
  return `${beginning}${truncationMark(Math.max(size - beginning.length, 1))}`
}

/** Keeps what names the person, as far as there is room. A summary in its place would have other fields. */
function shortenPrincipal(value: JsonValue, bytes: number): JsonValue {
  const principal = value as { readonly [key: string]: JsonValue }
  const shortened: Record<string, JsonValue> = { ...NO_PRINCIPAL }
  for (const key of ['id', 'email', 'provider', 'realm']) {
    if (typeof principal[key] !== 'string') continue
    shortened[key] = ''
    shortened[key] = truncateText(principal[key], bytes - jsonBytes(shortened))
    if (jsonBytes(shortened) > bytes) shortened[key] = ''
  }
  return shortened
}

/** Returns a summary with as many items, entries or characters from the beginning of the value as fit. */
function summarize(value: JsonValue, bytes: number, wholeSize?: number): Summary {
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
  const { taken, bytesLeft } = takeItemsWhileRoom(
    entries,
    bytes,
    ([key, value]) => jsonBytes(key) + 1 + jsonBytes(value),
  )
  const next = entries[taken.length]
  if (next === undefined || typeof next[1] !== 'object' || next[1] === null) return Object.fromEntries(taken)
  const [key, value] = next
  const bytesForValue = bytesLeft - jsonBytes(key) - 1
  const summary = summarize(value, bytesForValue)
  return Object.fromEntries(jsonBytes(summary) <= bytesForValue ? [...taken, [key, summary]] : taken)
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

function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(stringifyJson(value))
}
