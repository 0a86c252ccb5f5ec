// Parses the header block that Node wrote for an HTTP/1 response.
import { BoundedCache, detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { Dictionary } from '../lib/dictionary.js'
import { BROWSER_POLICY_HEADERS, STABLE_HEADERS } from '../record/header-names.js'
import type { ResponseRecord, SentHeaders } from '../record/record.js'

/**
 * Parses status line and headers (RFC 9112 sections 4 and 5).
 *
 * @example
 * parseHeaderBlock('HTTP/1.1 200 OK\r\nETag: "1"\r\n\r\n')
 * // { status_code: 200, reason: 'OK', headers: { etag: '"1"' } }
 *
 * @param omitsPolicies leaves out the {@link BROWSER_POLICY_HEADERS}
 */
export function parseHeaderBlock(block: string, omitsPolicies = false): ResponseRecord {
  const headers: SentHeaders = new Dictionary()
  const endOfStatusLine = block.indexOf('\r\n')
  let position = endOfStatusLine + 2
  // A block without a terminating empty line is not Node's own, so none of its headers is recorded.
  const end = block.indexOf('\r\n\r\n', endOfStatusLine) + 2
  for (let lineNumber = 0; position < end; lineNumber++) {
    const previous = previousPrefixes[lineNumber]
    // Hot path: comparing a slice is faster than `startsWith`.
    const isSame =
      previous !== undefined && block.slice(position, position + previous.text.length) === previous.text
    const { text, name, value, isPolicy } = isSame ? previous : findLinePrefix(block, position, lineNumber)
    position += text.length
    const isRecorded = !(isPolicy && omitsPolicies)
    if (value !== undefined) {
      if (isRecorded) addHeader(headers, name, value)
      continue
    }
    const endOfLine = block.indexOf('\r\n', position)
    if (isRecorded && name !== '') addHeader(headers, name, block.slice(position, endOfLine).trim())
    position = endOfLine + 2
  }
  return { status_code: readStatus(block), reason: block.slice(13, endOfStatusLine), headers }
}

/** The status code of a header block; `null` if it has none. Hot path: without a text of the digits. */
export function readStatus(block: string): number | null {
  let status = 0
  for (let index = 9; index < 12; index++) {
    const digit = block.charCodeAt(index) - ZERO
    if (!(digit >= 0 && digit <= 9)) return null
    status = status * 10 + digit
  }
  return parseStatus(status)
}

const ZERO = '0'.charCodeAt(0)

/** A status code has three digits (RFC 9110 section 15). Some libraries use 0 for "no response". */
export function parseStatus(status: unknown): number | null {
  return Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 999 ? Number(status) : null
}

/** Whether a response with this status has no content: 204, 205 and 304 (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5). */
export function hasNoContent(status: number | null): boolean {
  return status === 204 || status === 205 || status === 304
}

/**
 * Whether an HTTP/1 response with this status ends with its header, whatever its header declares (RFC 9112 section 6.3).
 * Other than {@link hasNoContent}, this is not so for 205, which shows by `Content-Length: 0` or an empty chunk that it is empty.
 */
export function isHeaderOnlyStatus(status: number): boolean {
  return (status >= 100 && status <= 199) || status === 204 || status === 304
}

/** The length of the body that a header block declares; `undefined` if the body is chunked, or ends with the connection. */
export function readDeclaredLength(block: string): number | undefined {
  if (/\r\ntransfer-encoding:[^\r]*chunked/i.test(block)) return undefined
  return parseDeclaredLength(/\r\ncontent-length:([^\r]*)/i.exec(block)?.[1])
}

/** The number that a value of Content-Length begins with. Clients that are lenient accept what follows, such as a list. */
export function parseDeclaredLength(value: unknown): number | undefined {
  const digits = /^[ \t]*(\d+)/.exec(String(value))?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Adds a header. As in Node, `set-cookie` is always an array, and any other header becomes one when it is repeated. */
export function addHeader(headers: SentHeaders, name: string, value: string): void {
  const existing = headers[name]
  if (existing === undefined) headers[name] = name === 'set-cookie' ? [value] : value
  else if (Array.isArray(existing)) existing.push(value)
  else headers[name] = [existing, value]
}

/** The part of a header line that is likely to be the same in the next response. */
interface LinePrefix {
  /** The whole line with its CRLF for a header in {@link STABLE_HEADERS}, else its name and the colon. */
  readonly text: string
  /** In lower case. Empty for a line without a colon, which Node never writes. */
  readonly name: string
  /** `undefined` for other headers: their values differ each time and may be secrets, so they are not cached. */
  readonly value: string | undefined
  /** Whether it is one of {@link BROWSER_POLICY_HEADERS}. */
  readonly isPolicy: boolean
}

/**
 * The prefix that the previous response had at each line number. Hot path: most responses of an application have the
 * same headers in the same order, so a comparison replaces parsing, and later steps see identical strings.
 */
const previousPrefixes: (LinePrefix | undefined)[] = []
const MAX_LINES = 64
/** Bounded cache of prefixes by their text, for routes whose headers are in a different order. */
const prefixCache = new BoundedCache<LinePrefix>(200)
/** Not cached: every line starts with an empty prefix. */
const NO_PREFIX: LinePrefix = { text: '', name: '', value: undefined, isPolicy: false }

function findLinePrefix(block: string, position: number, lineNumber: number): LinePrefix {
  const line = block.slice(position, block.indexOf('\r\n', position) + 2)
  const nameAndColon = line.slice(0, line.indexOf(':') + 1)
  if (nameAndColon === '') return NO_PREFIX
  const prefix =
    prefixCache.get(line) ?? prefixCache.get(nameAndColon) ?? createLinePrefix(line, nameAndColon)
  if (lineNumber < MAX_LINES && prefix.text.length <= MAX_CACHED_LENGTH) previousPrefixes[lineNumber] = prefix
  return prefix
}

function createLinePrefix(line: string, nameAndColon: string): LinePrefix {
  const name = detachString(nameAndColon.slice(0, -1).toLowerCase())
  const isPolicy = BROWSER_POLICY_HEADERS.has(name)
  const prefix = STABLE_HEADERS.has(name)
    ? {
        text: detachString(line),
        name,
        value: detachString(line.slice(nameAndColon.length).trim()),
        isPolicy,
      }
    : { text: detachString(nameAndColon), name, value: undefined, isPolicy }
  prefixCache.set(prefix.text, prefix)
  return prefix
}
