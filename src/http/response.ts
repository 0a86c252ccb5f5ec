// Describes the response that was actually sent. The source is the header block that Node wrote: `getHeaders()` lacks
// what a handler passed to `writeHead`, as well as Date and Connection. Wrapping `writeHead` to see these (as on-headers
// does) changes the response: of [['set-cookie', 'a'], ['set-cookie', 'b']] the first cookie is lost.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { Dictionary } from '../lib/dictionary.js'
import { countsBytes, getBytesFlushed, getHeaderBlock, isHeaderFlushed } from '../lib/node-internals.js'
import type { ResponseRecord, SentHeaders } from '../record/record.js'
import { addHeader, parseHeaderBlock } from './header-block.js'
import { clientErrorResponse, isUnreadableRequest, serializeResponse } from './node/client-error-responses.js'
import { describeFromProperties, ObservedHeader } from './node/observed-header.js'

/** `bytesWrittenBefore` if the header has been sent already: any output of the connection then counts as the header. */
const HEADER_ALREADY_SENT = -1
/** Assumed of a header block that the runtime does not show: any byte that was sent counts as the header. */
const UNKNOWN_HEADER_BYTES = 1

const NO_RESPONSE: ResponseRecord = { status_code: null, reason: null, headers: null }

/** Where a response starts in the bytes of its connection, which shows later whether any of the response was sent. */
export interface ResponseStart {
  /** The socket at the arrival of the request, because an application may replace `req.socket`. */
  readonly connection: Socket | undefined
  /** `bytesWritten` of the connection before this response; `NaN` while a pipelined response waits for the socket. */
  bytesWrittenBefore: number
  /** Only where the runtime shows neither the header block nor how many bytes of a connection were sent. */
  readonly observedHeader: ObservedHeader | undefined
}

/** To be called when the request arrives, and before its response is written. */
export function trackResponseStart(request: IncomingMessage, response: ServerResponse): ResponseStart {
  // A mock request may have no socket.
  const connection = (request.socket as Socket | null | undefined) ?? undefined
  const observedHeader = countsBytes(connection) ? undefined : new ObservedHeader(response, connection)
  const start = { connection, bytesWrittenBefore: Number.NaN, observedHeader }
  if (response.socket === null) {
    response.once('socket', ({ bytesWritten }: Socket) => {
      start.bytesWrittenBefore = bytesWritten
    })
  } else {
    // If the middleware is mounted late, the header may have been sent already, on a connection that was alive.
    start.bytesWrittenBefore = isHeaderFlushed(response)
      ? HEADER_ALREADY_SENT
      : (connection?.bytesWritten ?? Number.NaN)
  }
  return start
}

/** The response as the client received it, or was to receive it; all `null` if it was aborted before any header. */
export function describeResponse(
  response: ServerResponse,
  start: ResponseStart,
  isComplete: boolean,
): ResponseRecord {
  if (isHttp2(response)) return describeHttp2(response, isComplete)
  if (!isComplete) {
    const errorResponse = start.connection && findClientErrorResponse(start.connection, start)
    if (errorResponse !== undefined) return errorResponse
    if (!wasHeaderSent(response, start)) return NO_RESPONSE
  }
  const block = getHeaderBlock(response)
  if (block !== undefined) return parseHeaderBlock(block)
  // Without a block yet, Node will create it from the properties of the response.
  return start.observedHeader?.final ?? describeFromProperties(response)
}

/** For an aborted response. `headersSent` is not enough: it is true even if the socket was already closed. */
function wasHeaderSent(
  response: ServerResponse,
  { connection, bytesWrittenBefore, observedHeader }: ResponseStart,
): boolean {
  if (observedHeader !== undefined && getHeaderBlock(response) === undefined) return observedHeader.isSent
  if (!response.headersSent || isHeaderFlushed(response) === false) return false
  // Fewer bytes than the header has are another response, for example one that a 'clientError' listener wrote.
  const block = getHeaderBlock(response)
  const bytesOfHeader = block === undefined ? UNKNOWN_HEADER_BYTES : Buffer.byteLength(block)
  return getBytesFlushed(connection) - bytesWrittenBefore >= bytesOfHeader
}

/**
 * The response that Node wrote because the rest of the request was malformed or timed out, before the handler
 * responded. `headersSent` of a handler that responds later is true nevertheless, so the number of bytes decides which
 * response was sent.
 */
function findClientErrorResponse(
  socket: Socket,
  { bytesWrittenBefore }: ResponseStart,
): ResponseRecord | undefined {
  const { errored, bytesWritten } = socket
  if (!errored || !isUnreadableRequest(errored)) return undefined
  const response = clientErrorResponse(errored)
  const isOnlyOutput = bytesWritten - bytesWrittenBefore === Buffer.byteLength(serializeResponse(response))
  return isOnlyOutput ? response : undefined
}

function isHttp2(response: object): response is Http2ServerResponse {
  return 'stream' in response
}

/** HTTP/2 has no reason phrase (RFC 9113 section 8.3.2). */
function describeHttp2(response: Http2ServerResponse, isComplete: boolean): ResponseRecord {
  const { ':status': status, ...fields } = response.stream?.sentHeaders ?? {}
  if (status === undefined) {
    // Complete without sent headers: `failClosed` is holding the response, and these headers will be sent.
    if (!isComplete) return NO_RESPONSE
    const unsentHeaders = { ...(response.getHeaders() as SentHeaders) }
    return { status_code: response.statusCode, reason: '', headers: unsentHeaders }
  }
  const headers: SentHeaders = new Dictionary()
  for (const [name, value] of Object.entries(fields)) {
    for (const single of Array.isArray(value) ? value : [value]) addHeader(headers, name, String(single))
  }
  return { status_code: Number(status), reason: '', headers }
}
