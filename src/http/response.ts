// What really left, read from the header block that Node put on the wire: `getHeaders()` does not know what a
// handler gave to `writeHead`, nor Date and Connection. Packages that wrap `writeHead` to see it (on-headers)
// change what leaves: with [['set-cookie', 'a'], ['set-cookie', 'b']] the first cookie is gone.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { ResponseRecord, SentHeaders } from '../record.js'

/** Node keeps these since its first releases, undocumented; other runtimes may not, hence the `?`. */
interface HeaderBlock {
  /** Status line and headers as one string, once they are made. */
  readonly _header?: string | null
  /** Whether they were handed to the socket. */
  readonly _headerSent?: boolean
}

const NOTHING_LEFT: ResponseRecord = { status_code: null, reason: null, headers: null }

/** How far the connection had come when the request reached us: what tells later whether anything left since. */
export function bytesWrittenSoFar(request: IncomingMessage, response: ServerResponse): number {
  return response.socket === null ? Number.NaN : (request.socket?.bytesWritten ?? Number.NaN)
}

/** @param bytesBefore what {@link bytesWrittenSoFar} said when the request came. */
export function describeResponse(
  request: IncomingMessage,
  response: ServerResponse & HeaderBlock,
  bytesBefore: number,
  isComplete: boolean,
): ResponseRecord {
  if (isHttp2(response)) return describeHttp2(response)
  if (!isComplete && !headersLeft(request, response, bytesBefore)) return NOTHING_LEFT
  if (typeof response._header === 'string') return parseHeaderBlock(response._header)
  return {
    status_code: response.statusCode,
    reason: response.statusMessage ?? '',
    headers: { ...(response.getHeaders() as SentHeaders) },
  }
}

/** Of a response that was cut: `headersSent` is true also for one written to a socket that was closed already. */
function headersLeft(
  request: IncomingMessage,
  response: ServerResponse & HeaderBlock,
  bytesBefore: number,
): boolean {
  if (!response.headersSent || response._headerSent === false) return false
  // A pipelined response that still waited for its turn has no socket: its bytes never left the process.
  if (Number.isNaN(bytesBefore)) return response.socket !== null
  return request.socket.bytesWritten > bytesBefore
}

/** RFC 9112 section 4 and 5: `HTTP/1.1 200 OK`, then `name: value` a line. */
function parseHeaderBlock(block: string): ResponseRecord {
  const [statusLine = '', ...fields] = block.trimEnd().split('\r\n')
  const headers: SentHeaders = Object.create(null)
  for (const field of fields) {
    const colon = field.indexOf(':')
    addHeader(headers, field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim())
  }
  return { status_code: Number(statusLine.slice(9, 12)), reason: statusLine.slice(13), headers }
}

/** `set-cookie` is always an array and a header that left twice becomes one, as Node shows them to a client. */
function addHeader(headers: SentHeaders, name: string, value: string): void {
  const before = headers[name]
  if (before === undefined) headers[name] = name === 'set-cookie' ? [value] : value
  else headers[name] = Array.isArray(before) ? [...before, value] : [before, value]
}

function isHttp2(response: object): response is Http2ServerResponse {
  return 'stream' in response
}

/** HTTP/2 has no reason phrase (RFC 9113 section 8.3.2). */
function describeHttp2({ stream }: Http2ServerResponse): ResponseRecord {
  const sent = stream?.sentHeaders
  if (sent?.[':status'] === undefined) return NOTHING_LEFT
  const { ':status': status, ...fields } = sent
  const headers: SentHeaders = Object.create(null)
  for (const [name, value] of Object.entries(fields)) {
    for (const single of Array.isArray(value) ? value : [value]) addHeader(headers, name, String(single))
  }
  return { status_code: Number(status), reason: '', headers }
}
