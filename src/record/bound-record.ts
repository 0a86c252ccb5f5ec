// Cuts the parts of a record that no record has room for, before they are redacted: the response headers and the URL may
// have megabytes, and redaction looks at each character.
import { Dictionary } from '../lib/dictionary.js'
import type { JsonValue } from '../serialize/json-value.js'
import { truncateWithMark } from '../serialize/truncate.js'
import type { AuditRecord, RequestRecord } from './record.js'

/**
 * The sizes that parts had before they were cut, by the name of the part: characters of a text, or the number of headers.
 * Passed as a value, because the content of a part may look as if it had been cut.
 */
export type WholeSizes = ReadonlyMap<string, number>

export const NOTHING_CUT: WholeSizes = new Map()
const HEADERS = 'http_response.headers'

/** Cuts parts to the room of a record, and lists them in `truncated`. Changes the record, but none of the objects in it. */
export function boundRecord(record: AuditRecord, maxBytes: number): WholeSizes {
  // Hot path: nearly every record fits.
  if (!hasLongPart(record, maxBytes)) return NOTHING_CUT
  const sizes = new Map<string, number>()
  const cut = (name: string, text: string) => cutText(name, text, maxBytes, sizes)
  const { http_request: request, http_response: response, error } = record
  if (request) record.http_request = cutRequest(request, cut)
  if (response) {
    const reason = response.reason && cut('http_response.reason', response.reason)
    record.http_response = { ...response, reason, headers: cutHeaders(response.headers, maxBytes, sizes) }
  }
  if (error)
    record.error = { name: cut('error.name', error.name), message: cut('error.message', error.message) }
  record.message = cut('message', record.message)
  if (typeof record.route === 'string') record.route = cut('route', record.route)
  if (record.action !== undefined) record.action = cut('action', record.action)
  if (record.reason !== undefined) record.reason = cut('reason', record.reason)
  if (sizes.size > 0) record.truncated = [...new Set([...(record.truncated ?? []), ...sizes.keys()])]
  return sizes
}

function hasLongPart(record: AuditRecord, maxBytes: number): boolean {
  const { http_request: request, http_response: response, error, route, action, reason } = record
  if (request) {
    const { method, url, user_agent } = request
    if (url.length > maxBytes || user_agent.length > maxBytes || method.length > maxBytes) return true
  }
  if (response && (isLong(response.reason, maxBytes) || areHeadersLong(response.headers, maxBytes)))
    return true
  if (error && (error.message.length > maxBytes || error.name.length > maxBytes)) return true
  if (isLong(action, maxBytes) || isLong(reason, maxBytes)) return true
  return record.message.length > maxBytes || isLong(route, maxBytes)
}

function isLong(text: string | null | undefined, maxBytes: number): boolean {
  return typeof text === 'string' && text.length > maxBytes
}

function areHeadersLong(headers: JsonValue, maxBytes: number): boolean {
  if (!isHeaders(headers)) return false
  let bytesLeft = maxBytes
  // Hot path: `for in` allocates no list of names, and the object has no inherited properties.
  for (const name in headers) {
    bytesLeft -= name.length + headerLength(headers[name] as JsonValue)
    if (bytesLeft < 0) return true
  }
  return false
}

function headerLength(value: JsonValue): number {
  if (typeof value === 'string') return value.length
  if (!Array.isArray(value)) return 0
  let length = 0
  for (const single of value) length += typeof single === 'string' ? single.length : 1
  return length
}

function cutRequest(request: RequestRecord, cut: (name: string, text: string) => string): RequestRecord {
  return {
    method: cut('http_request.method', request.method),
    url: cut('http_request.url', request.url),
    user_agent: cut('http_request.user_agent', request.user_agent),
  }
}

function cutText(name: string, text: string, maxBytes: number, sizes: Map<string, number>): string {
  if (text.length <= maxBytes) return text
  sizes.set(name, text.length)
  // The mark shows the detectors that a secret at the end may not be complete.
  return truncateWithMark(text, maxBytes)
}

/** Keeps the headers from the beginning; the last one may be cut within its value. */
export function cutHeaders(
  headers: JsonValue,
  maxBytes: number,
  sizes: Map<string, number> = new Map(),
): JsonValue {
  if (!isHeaders(headers) || !areHeadersLong(headers, maxBytes)) return headers
  const names = Object.keys(headers)
  sizes.set(HEADERS, names.length)
  const kept = new Dictionary<JsonValue>()
  let bytesLeft = maxBytes
  for (const name of names) {
    bytesLeft -= name.length
    if (bytesLeft <= 0) break
    const value = headers[name] as JsonValue
    kept[name] = cutHeader(value, bytesLeft)
    bytesLeft -= headerLength(value)
  }
  return kept
}

function cutHeader(value: JsonValue, bytes: number): JsonValue {
  if (typeof value === 'string') return value.length <= bytes ? value : truncateWithMark(value, bytes)
  if (!Array.isArray(value)) return value
  const kept: JsonValue[] = []
  let bytesLeft = bytes
  for (const single of value) {
    if (bytesLeft <= 0) break
    kept.push(cutHeader(single, bytesLeft))
    bytesLeft -= headerLength(single)
  }
  return kept
}

function isHeaders(headers: JsonValue): headers is { [name: string]: JsonValue } {
  return typeof headers === 'object' && headers !== null && !Array.isArray(headers)
}
