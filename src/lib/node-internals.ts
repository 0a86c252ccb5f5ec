// The only file that touches undocumented fields of Node. Every field is optional in its type, because other runtimes
// and mocks may lack it, and each accessor documents what happens then. A runtime may also have a field of the same name
// that means something else, so an accessor checks the value, not only that the field exists.
// test/lib/node-internals.test.ts checks that the running Node has them all.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { suppressRejection } from './safe-read.js'

interface ResponseInternals {
  readonly _header?: string | null
  readonly _headerSent?: boolean
  outputData?: OutputChunk[]
  _flush?: () => void
  readonly _hasBody?: boolean
  readonly _contentLength?: number | null
  readonly _sent100?: boolean
}

interface SocketInternals {
  _httpMessage?: ServerResponse | null
  readonly _bytesDispatched?: number
  readonly bytesWritten?: number
  readonly bytesRead?: number
  readonly parser?: { readonly incoming?: { readonly complete: boolean } | null } | null
  readonly destroySoon?: () => void
  readonly server?: Server
  readonly _handle?: HandleInternals | null
}

interface HandleInternals {
  readonly writeQueueSize?: number
  readonly _parent?: { readonly writeQueueSize?: number }
}

interface ServerInternals {
  readonly requireHostHeader?: boolean
}

interface Http2StreamInternals {
  readonly headRequest?: boolean
  readonly _final?: unknown
}

interface StreamInternals {
  readonly _handle?: { setBlocking?(isBlocking: boolean): unknown } | null
}

/** A piece of a response that Node has queued instead of handing it to the socket. */
interface OutputChunk {
  data: unknown
}

/** A header block begins like this (RFC 9112 section 4). Other runtimes have other values in a field of the same name. */
const STATUS_LINE = 'HTTP/'

/**
 * `response._header`: status line and headers as one string, set when Node creates them. In Node since 0.1.
 *
 * The record shows the headers that were really sent, including those passed to `writeHead`, Date and Connection.
 * Where the field is missing or is something else (Bun: a space), the record has those of `getHeaders()`.
 */
export function getHeaderBlock(response: ServerResponse): string | undefined {
  const { _header: block } = response as ResponseInternals
  return typeof block === 'string' && block.startsWith(STATUS_LINE) ? block : undefined
}

/**
 * `response._headerSent`: whether Node has handed the header block to the socket, whereas `headersSent` is true as soon
 * as the block exists. In Node since 0.1.
 *
 * Without it a status could be recorded that was never sent, and a second response could be written after the first.
 * Where the field is missing, or there is no header block although `headersSent` is true, this is `undefined`, and
 * callers rely on `headersSent` or on the byte count.
 */
export function isHeaderFlushed(response: ServerResponse): boolean | undefined {
  if (response.headersSent && getHeaderBlock(response) === undefined) return undefined
  return (response as ResponseInternals)._headerSent
}

/**
 * Calls `onFlushed` once {@link isHeaderFlushed} is true, by an accessor in place of the field: Node emits nothing then. Only for a
 * response of which it is `false`.
 */
export function whenHeaderFlushed(response: ServerResponse, onFlushed: () => void): void {
  const define = (descriptor: PropertyDescriptor) =>
    Object.defineProperty(response, '_headerSent', { configurable: true, enumerable: true, ...descriptor })
  define({
    get: () => false,
    set(value: unknown) {
      if (value !== true) return
      define({ value, writable: true })
      onFlushed()
    },
  })
}

/**
 * Whether `bytesRead` and `bytesWritten` of a connection count what passes through it. Not for the sockets of Bun, which
 * count nothing of a request and only the body of a response: after a request has been read, `bytesRead` is still 0.
 */
export function countsBytes(connection: object | undefined): boolean {
  return (connection as SocketInternals | undefined)?.bytesRead !== 0
}

/**
 * Whether the header block waits in the output queue of the response, because the connection no longer accepts writes:
 * then {@link isHeaderFlushed} is true although nothing was handed to the socket. See {@link hasOutputQueue}.
 */
export function isHeaderQueued(response: ServerResponse): boolean {
  const { outputData } = response as ResponseInternals
  if (!Array.isArray(outputData) || outputData.length === 0) return false
  const block = getHeaderBlock(response)
  return (
    block !== undefined && outputData.some(({ data }) => typeof data === 'string' && data.startsWith(block))
  )
}

/**
 * `response._hasBody`: `false` for a response that consists of its header: to HEAD, or with the status 204 or 304. In Node
 * since 0.1. Other than `request.method` and `statusCode`, it does not change after the header was written.
 *
 * Such a response is complete once its header was sent. Where the field is missing, it is complete when it was ended.
 */
export function hasBody(response: ServerResponse): boolean {
  return (response as ResponseInternals)._hasBody !== false
}

/**
 * `stream.headRequest`: whether an HTTP/2 stream is that of a HEAD request, whatever has become of `request.method`. In Node
 * since 8.4.
 *
 * The header of the response ends such a stream. Where the field is missing, this is `false`.
 */
export function isHeadRequest(stream: ServerHttp2Stream): boolean {
  return (stream as Http2StreamInternals).headRequest === true
}

/**
 * `stream._final`: `null` once `respondWithFD` or `respondWithFile` was called on an HTTP/2 stream. In Node since 8.4.
 *
 * They end the stream for JavaScript, and Node sends the file natively after that: `failClosed` cannot hold it, and
 * `writableFinished` does not show that it was sent. Where the field is something else, this is `false`.
 */
export function isSendingFile(stream: ServerHttp2Stream): boolean {
  return (stream as Http2StreamInternals)._final === null
}

/**
 * `response._contentLength`: the value of Content-Length, as a number. In Node since 18. `Transfer-Encoding` overrides it.
 *
 * Without it a response could be recorded as completed that is shorter than its header declares. Where the field is missing or
 * is not a number, this is `undefined`.
 */
export function getContentLength(response: ServerResponse): number | undefined {
  const { _contentLength: length } = response as ResponseInternals
  return typeof length === 'number' ? length : undefined
}

/** `response._sent100`: whether `100 Continue` was sent, whose bytes are not those of the response. In Node since 0.3. */
export function isContinueSent(response: ServerResponse): boolean {
  return (response as ResponseInternals)._sent100 === true
}

/**
 * `response.outputData` (in Node since 12) is the queue of a response that does not have the socket, and
 * `response._flush` (since 0.1) writes the queue to the socket.
 *
 * With `failClosed` the last byte of a response waits in this queue until the sink has accepted the record. Where a
 * field is missing, or the connection is not Node's own (Bun has both fields and uses neither), this is `false`, and the
 * whole call of `response.end` is deferred instead.
 */
export function hasOutputQueue(response: ServerResponse): boolean {
  const { outputData, _flush } = response as ResponseInternals
  if (!Array.isArray(outputData) || typeof _flush !== 'function') return false
  return countsBytes(response.socket ?? response.req?.socket)
}

/** Empties the output queue, see {@link hasOutputQueue}, so that no further call on the response can flush it. */
export function takeOutput(response: ServerResponse): OutputChunk[] {
  const internals = response as ResponseInternals
  const chunks = internals.outputData ?? []
  internals.outputData = []
  return chunks
}

/** Puts chunks back at the front of the output queue, see {@link hasOutputQueue}. */
export function restoreOutput(response: ServerResponse, chunks: readonly OutputChunk[]): void {
  const internals = response as ResponseInternals
  internals.outputData = [...chunks, ...(internals.outputData ?? [])]
}

/** Writes the output queue to the socket, see {@link hasOutputQueue}. */
export function flushOutput(response: ServerResponse): void {
  ;(response as ResponseInternals)._flush?.()
}

/** Replaces the `_flush` that Node calls when the response is assigned the socket; `undefined` restores Node's own. */
export function overrideFlush(response: ServerResponse, flush: (() => void) | undefined): void {
  const internals = response as ResponseInternals
  if (flush) internals._flush = flush
  else delete internals._flush
}

/**
 * `socket._httpMessage`: the response that currently has the socket; later pipelined responses wait for it. `null`
 * between two responses. In Node since 0.4.
 *
 * A response that is not the current one queues its output, which is how `failClosed` holds a response; and
 * `server.close()` decides by it whether a connection is idle. Where the field is missing this is `undefined`.
 */
export function getCurrentResponse(socket: Duplex): ServerResponse | null | undefined {
  return (socket as SocketInternals)._httpMessage
}

/** Sets {@link getCurrentResponse}. */
export function setCurrentResponse(socket: Duplex, response: ServerResponse | null): void {
  ;(socket as SocketInternals)._httpMessage = response
}

/** Whether {@link getCurrentResponse} works on this socket. */
export function hasCurrentResponse(socket: Duplex): boolean {
  return '_httpMessage' in socket
}

/**
 * `socket._bytesDispatched`: the bytes that the kernel has taken, whereas `bytesWritten` includes those that still wait
 * in JavaScript. In Node since 0.5.
 *
 * The status of an aborted response is recorded only if its whole header was sent. Where the field is missing this is
 * `bytesWritten`, and `NaN` where that is missing too or {@link countsBytes} is false.
 */
export function getBytesFlushed(socket: object | undefined): number {
  return countsBytes(socket) ? readBytesFlushed(socket) : Number.NaN
}

/** {@link getBytesFlushed} of a connection that {@link countsBytes}. */
export function readBytesFlushed(socket: object | undefined): number {
  const internals = socket as SocketInternals | undefined
  // Hot path: the getter of `bytesWritten` copies the list of the writes that wait.
  return internals?._bytesDispatched ?? internals?.bytesWritten ?? Number.NaN
}

/** `bytesWritten` of a connection: what the kernel has taken, and what waits in JavaScript. */
export function getBytesWritten(socket: Duplex): number {
  const internals = socket as SocketInternals
  return (
    (socket.writableLength === 0 ? internals._bytesDispatched : undefined) ??
    internals.bytesWritten ??
    Number.NaN
  )
}

/**
 * `socket[Symbol(lastWriteQueueSize)]`: the size of a write that the kernel has taken only in part so far. It stays after
 * the socket was destroyed, when `writableLength` counts no longer. In Node since 9.
 *
 * Without it a response could be recorded as completed whose last bytes were discarded with the connection. Where the field
 * is missing this is `false`.
 */
export function hasWriteInFlight(socket: Duplex): boolean {
  const key = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'lastWriteQueueSize',
  )
  return key !== undefined && (socket as unknown as Record<symbol, unknown>)[key] !== 0
}

/** More is handed to the kernel in several steps, of which the first alone is synchronous (Node, src/tls_wrap.cc, EncOut). */
const MAX_BYTES_OF_TLS_WRITE = 7 * 16 * 1024

/**
 * `tlsSocket._handle`: its `writeQueueSize` counts the encrypted bytes of the current write, and that of its `_parent`, the
 * TCP handle, those that the kernel has not taken. In Node since 11.
 *
 * A TLS write completes one turn of the event loop later than the kernel has taken it. Without these fields, a response whose
 * connection is destroyed in that turn would be recorded as aborted. Where they are missing, this is `false`.
 */
export function isTlsWriteFlushed(socket: Duplex): boolean {
  const { _handle: handle, bytesWritten, _bytesDispatched } = socket as SocketInternals
  if (handle?._parent?.writeQueueSize !== 0 || bytesWritten !== _bytesDispatched) return false
  return typeof handle.writeQueueSize === 'number' && handle.writeQueueSize <= MAX_BYTES_OF_TLS_WRITE
}

/**
 * `request.upgrade`: whether a listener for 'upgrade' or 'connect' got the request instead of one for 'request'. In Node since
 * 0.1.
 *
 * The response to such a request is written to the connection. Where the field is missing, this is `false`.
 */
export function isUpgrade(request: IncomingMessage): boolean {
  return (request as { upgrade?: unknown }).upgrade === true
}

/**
 * `response._maxRequestsPerSocket`: set by Node's HTTP server on each response that it creates. In Node since 16.10. An
 * HTTPS server has no such limit, and sets `undefined`.
 *
 * Another response, which an application has made for the same request, is not sent on its connection. Where the field is
 * missing, this is `false`, and a pipelined response is recorded by the events of the response object alone; on Bun, which
 * lacks it, every response without the socket counts as a pipelined one.
 */
export function isCreatedByServer(response: ServerResponse): boolean {
  return '_maxRequestsPerSocket' in response
}

/**
 * `socket.server`: the server that accepted the connection, which Node's HTTP server sets. In Node since 0.9.
 *
 * It distinguishes a connection from the stand-ins of serverless adapters and tests. Bun and Deno have it too.
 */
export function getServer(socket: object): Server | undefined {
  return (socket as SocketInternals).server
}

/**
 * The listener `socketOnError`, which Node's HTTP server removes from a connection when it handles an error of it. In Node
 * since 6.
 *
 * Node may then have written an error response to the connection. Where the listener does not exist, this is `true`.
 */
export function hasHandledError(socket: Duplex): boolean {
  return socket.listeners('error').every(({ name }) => name !== 'socketOnError')
}

/**
 * `socket.parser.incoming`: the request that Node's parser read last. In Node since 0.1.
 *
 * If the body of a request is malformed, its record is the one that the middleware writes; 'clientError' must not add
 * another. Where the socket has no parser this is `undefined`, and callers ask {@link getCurrentResponse}.
 */
export function isRequestIncomplete(socket: Duplex): boolean | undefined {
  const { parser } = socket as SocketInternals
  return parser ? parser.incoming?.complete === false : undefined
}

/**
 * `server.requireHostHeader`: the option of `http.createServer` as the server keeps it. In Node since 20.1 and 18.17.
 *
 * With it Node itself answers an HTTP/1.1 request without a Host header with 400, which `recordClientErrors` records.
 * Where the field is missing such a request counts as one that reaches the application.
 */
export function requiresHostHeader(server: Server): boolean {
  return Boolean((server as ServerInternals).requireHostHeader)
}

/**
 * `socket.destroySoon`: destroys the socket once everything that was written has been sent. Documented for
 * `net.Socket`, but not for other streams that `server.emit('connection', stream)` accepts: for those `end()` does the
 * same, as in Node's own HTTP server.
 */
export function destroyAfterWrites(socket: Duplex): void {
  const { destroySoon } = socket as SocketInternals
  if (typeof destroySoon === 'function') destroySoon.call(socket)
  else socket.end()
}

/**
 * Bun: `socket[Symbol(handle)].closed`, whether the connection is closed already when Bun calls `socket.destroy()` for it, as it
 * does when the client ends its side.
 *
 * With `failClosed` such a call must not be postponed: nothing can be sent any more. Where there is no such field this is
 * `false`.
 */
export function isClosedByRuntime(socket: object): boolean {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === BUN_HANDLE)
  return key !== undefined && (socket as Record<symbol, { closed?: unknown } | null>)[key]?.closed === true
}

const BUN_HANDLE = 'handle'

/**
 * `stream._handle.setBlocking`: switches the pipe under `process.stdout` to blocking writes. In every Node since 4.
 *
 * Keeps the lines of `stdout()` whole beside what the application prints to the same pipe. Where the field is missing,
 * or stdout is not a pipe, nothing changes, and `stdout()` waits until the printed output has been written.
 */
export function setBlocking(stream: object): void {
  ;(stream as StreamInternals)._handle?.setBlocking?.(true)
}

/**
 * Bun: whether its `FileSink` under `process.stdout` still has output that a full pipe did not take, of which
 * `writableLength` does not know. The sink is the value of a symbol; its method `flush` is documented to return a promise
 * while there is such output.
 *
 * Keeps the lines of `stdout()` whole beside what the application prints. Where there is no such sink this is `false`.
 */
export function hasPendingSink(stream: object): boolean {
  const key = Object.getOwnPropertySymbols(stream).find(({ description }) => description === BUN_SINK)
  const sink = key && (stream as Record<symbol, { flush?(): unknown } | null>)[key]
  return suppressRejection(sink?.flush?.()) instanceof Promise
}

const BUN_SINK = 'kWriteStreamFastPath'

const HTTP2_HANDLE = 'kHandle'
let http2HandleKey: symbol | undefined

/**
 * `http2Stream[Symbol(kHandle)].bytesWritten`: the bytes of the body. In Node since 10. Gone when the stream is destroyed, and
 * does not count what `respondWithFile` sends.
 *
 * Without it a response could be recorded as completed that its client rejects for a wrong length. Where the field is missing
 * (Bun, Deno), this is `undefined`.
 */
export function getBodyBytes(stream: object): number | undefined {
  if (http2HandleKey === undefined || !(http2HandleKey in stream)) {
    http2HandleKey = Object.getOwnPropertySymbols(stream).find(
      ({ description }) => description === HTTP2_HANDLE,
    )
  }
  if (http2HandleKey === undefined) return undefined
  const handle = (stream as Record<symbol, { bytesWritten?: unknown } | undefined>)[http2HandleKey]
  const bytes = handle?.bytesWritten
  return typeof bytes === 'number' ? bytes : undefined
}
