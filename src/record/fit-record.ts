// Shortens records to `maxRecordBytes`: container runtimes split longer lines, and half a record cannot be parsed.
import type { JsonValue } from '../serialize/json-value.js'
import { shortenAttributes } from './attributes.js'
import { NOTHING_CUT, type WholeSizes } from './bound-record.js'
import { shortenChanges } from './changes.js'
import { shortenNotes } from './notes.js'
import type { AuditRecord, NoteRecord } from './record.js'
import { jsonBytes, summarize, truncateText } from './shorten-value.js'
import { shortenTargets } from './targets.js'

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
  /** The part is not shortened if it has no more bytes. */
  readonly reservedBytes?: number
}

const NO_PRINCIPAL = { provider: '', realm: '', email: '', roles: null }

/** Enough for formats that escape their content: each attempt estimates better how much longer they make it. */
const MAX_ATTEMPTS = 6

/**
 * How many bytes of what the application recorded about the action are left while texts that a client chooses, such as the
 * URL, can be shortened instead.
 */
const RESERVED_CHANGES_BYTES = 4096
const RESERVED_ATTRIBUTES_BYTES = 2048

/**
 * The order in which parts are shortened: what was returned before what was requested, and last who did what to which object,
 * and why.
 */
const PARTS: readonly Part[] = [
  valuePart('results'),
  valuePart('request_body'),
  valuePart('filter.kwargs'),
  valuePart('http_response.headers'),
  listPart('notes', shortenNotesTo),
  reserve(RESERVED_CHANGES_BYTES, listPart('changes', shortenChanges)),
  reserve(RESERVED_ATTRIBUTES_BYTES, attributesPart()),
  textPart('message'),
  textPart('http_request.user_agent'),
  textPart('http_request.url'),
  textPart('error.message'),
  textPart('error.name'),
  listPart('changes', shortenChanges),
  attributesPart(),
  valuePart('user.roles'),
  textPart('user.email'),
  textPart('user.provider'),
  textPart('user.realm'),
  textPart('user.tenant'),
  textPart('user.name'),
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
  // An empty reason would be none.
  { ...textPart('reason'), ...optionalPart('reason') },
  listPart('target', shortenTargets),
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
  if (fitsBytes(fullLine, maxBytes)) return fullLine
  let shortened = record
  for (const part of PARTS) {
    // A part that is listed twice is shortened from its whole content.
    const content = part.read(record)
    if (content === null || content === '' || isReserved(part, content)) continue
    const truncated = [...new Set([...(shortened.truncated ?? []), part.name])]
    const shorten = (bytes: number) => part.shorten(content, bytes, wholeSizes.get(part.name))
    shortened = { ...part.replace(shortened, shorten(0)), truncated }
    const line = render(shortened)
    if (fitsBytes(line, maxBytes)) return fillUp(part, shorten, shortened, line, maxBytes, render)
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
    if (fitsBytes(line, maxBytes)) return line
  }
  const line = render({ ...emptied, truncated: ['*'] })
  return fitsBytes(line, maxBytes) ? line : undefined
}

function isReserved({ reservedBytes }: Part, content: JsonValue): boolean {
  return reservedBytes !== undefined && jsonBytes(content) <= reservedBytes
}

/** Whether a line has at most so many bytes of UTF-8. */
export function fitsBytes(line: string, maxBytes: number): boolean {
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

type ListName = 'notes' | 'changes' | 'target'

function listPart<Name extends ListName>(
  name: Name,
  shorten: (value: NonNullable<AuditRecord[Name]>, bytes: number) => readonly object[],
): Part {
  return { name, ...optionalPart(name), shorten: (value, bytes) => shorten(value as never, bytes) as never }
}

function shortenNotesTo(notes: readonly NoteRecord[], bytes: number): readonly NoteRecord[] {
  return shortenNotes(notes, (shortened) => jsonBytes(shortened as never) <= bytes)
}

/** A part that keeps so many bytes for now. It is listed once more, where it can lose them too. */
function reserve(reservedBytes: number, part: Part): Part {
  return {
    ...part,
    reservedBytes,
    shorten: (value, bytes, wholeSize) => part.shorten(value, Math.max(bytes, reservedBytes), wholeSize),
  }
}

function attributesPart(): Part {
  const name = 'attributes'
  return {
    name,
    ...optionalPart(name),
    shorten: (value, bytes) => shortenAttributes(value as Record<string, JsonValue>, bytes) as never,
  }
}

/** A part that is left out where there is no room for it. JSON leaves out `undefined`. */
function optionalPart(name: ListName | 'attributes' | 'reason'): Pick<Part, 'empty' | 'read' | 'replace'> {
  return {
    empty: null,
    read: (record) => (record[name] as JsonValue | undefined) ?? null,
    replace: (record, value) => ({ ...record, [name]: (value ?? undefined) as never }),
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

/** Keeps what names the person, as far as there is room. A summary in its place would have other fields. */
function shortenPrincipal(value: JsonValue, bytes: number): JsonValue {
  const principal = value as { readonly [key: string]: JsonValue }
  const shortened: Record<string, JsonValue> = { ...NO_PRINCIPAL }
  for (const key of ['id', 'email', 'type', 'tenant', 'name', 'provider', 'realm']) {
    const text = principal[key]
    if (typeof text !== 'string') continue
    shortened[key] = ''
    // The type is one of a few words.
    shortened[key] = key === 'type' ? text : truncateText(text, bytes - jsonBytes(shortened))
    if (jsonBytes(shortened) <= bytes) continue
    if (key in NO_PRINCIPAL) shortened[key] = ''
    else delete shortened[key]
  }
  return shortened
}
