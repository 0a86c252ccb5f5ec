import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import { isHeaderFlushed } from '../lib/node-internals.js'
import type { Ending } from '../record/record.js'

/** `http2.constants.NGHTTP2_NO_ERROR`, without importing http2: Node built without TLS cannot load it. */
const NGHTTP2_NO_ERROR = 0

type ResponseEnding = Exclude<Ending, 'crashed'>

export interface ResponseEndListener {
  /** Called once, when the response has ended. */
  onResponseEnd(ending: ResponseEnding): void
  /** Whether `failClosed` is holding the last byte, so that an ended response has not reached the socket yet. */
  readonly isResponseHeld?: boolean
}

/**
 * Watches a response and notifies its listener once when the response has ended: completed or aborted.
 *
 * The event `finish` does not prove that a response was sent completely: if the connection is destroyed while a large
 * body is being written, Node emits `finish` nevertheless and sets `writableFinished`. A response is complete if the
 * connection was alive at `finish`, or had finished writing by itself. A destroyed connection does not prove the
 * contrary: a client may close it after the kernel has taken the last byte and before `finish`.
 *
 * Events that lead to `notifyEnd`; only the first call has an effect:
 *
 * - HTTP/2: the stream emits `close`.
 * - HTTP/1, usually: the response emits `close` after it has had the socket, or when the connection is destroyed.
 * - Pipelined response: it emits `close` while it waits for the socket, and later `prefinish` or `finish`.
 * - Response without the socket: the connection emits `close`, and the response emits nothing.
 * - Late middleware: the response was closed before it was watched.
 *
 * Whether the ending is `completed` is decided before: at `prefinish` if the kernel has taken everything by then, otherwise
 * at `finish`.
 *
 * Hot path: an object with methods, because a closure per event would be allocated for each request in flight.
 */
export class ResponseEndWatcher {
  readonly #response: ServerResponse
  readonly #listener: ResponseEndListener
  /** Stream and connection are read on arrival, because an application may replace `req.stream` or `req.socket`. */
  readonly #stream: ServerHttp2Stream | undefined
  readonly #connection: Duplex | undefined
  /** The responses in flight on the same connection, including this one. */
  #responsesInFlight: ConnectionResponses | undefined
  #ending: ResponseEnding
  /** `false` while a pipelined response waits for the socket. */
  #wasAssignedSocket = true
  #isClosed = false
  #isNotified = false

  constructor(request: IncomingMessage, response: ServerResponse, listener: ResponseEndListener) {
    this.#response = response
    this.#listener = listener
    this.#stream = getHttp2Stream(request)
    // HTTP/2 needs only the stream, and reading `request.socket` would make Node create a proxy.
    this.#connection = this.#stream === undefined ? (request.socket as Duplex | undefined) : undefined
    // If the middleware is mounted late, `finish` may already have fired.
    this.#ending = response.writableFinished ? 'completed' : 'aborted'
    if (this.#stream !== undefined) this.#watchStream(this.#stream)
    else if (response.closed) process.nextTick(() => this.notifyEnd())
    else this.#watchResponse()
  }

  /** To be called after the response was ended: marks it as completed if all of it has been flushed. */
  completeIfFlushed(): void {
    if (this.isFlushed) this.#ending = 'completed'
  }

  /** Whether the kernel has taken the whole response. Works during process exit too, when events no longer fire. */
  get isFlushed(): boolean {
    if (this.#stream !== undefined) return isStreamFlushed(this.#stream)
    const response = this.#response
    // Not `writableFinished`: since Node 24 that is false until `finish`.
    const isWritten = response.writableEnded && response.writableLength === 0 && !this.#connection?.destroyed
    return isWritten && !this.#isDiscarded
  }

  /**
   * Since Node 24, `end` on a pipelined response that was destroyed before its turn sends nothing, and yet `finish` fires:
   * Node sends the next response of the connection in its place.
   */
  get #isDiscarded(): boolean {
    return this.#response.destroyed && isHeaderFlushed(this.#response) === false
  }

  /** Also called when the connection has closed, since a response without the socket has no event for that. */
  notifyEnd(): void {
    if (this.#isNotified) return
    this.#isNotified = true
    this.#responsesInFlight?.delete(this)
    this.#listener.onResponseEnd(this.#ending)
  }

  #watchResponse(): void {
    const response = this.#response
    this.#responsesInFlight = trackConnection(this.#connection, this)
    if (response.socket === null) {
      this.#wasAssignedSocket = false
      response.once('socket', () => {
        this.#wasAssignedSocket = true
      })
    }
    // Hot path: `on` instead of `once` avoids a wrapper, and Node emits these events once anyway.
    response.on('prefinish', () => this.#onPrefinish())
    // `prefinish` may have fired already. It never fires on mocks, and on a stand-in for a socket that takes a chunk
    // synchronously (serverless adapters) `finish` fires first.
    if (response.writableEnded || !(this.#connection instanceof Duplex)) this.#watchFinish()
    response.on('close', () => this.#onClose())
  }

  /** Fires within `end`, or when a held response is released: the last byte was handed to the socket. */
  #onPrefinish(): void {
    if (!this.#listener.isResponseHeld) this.completeIfFlushed()
    // Hot path: the kernel has usually taken everything by now, which makes another listener unnecessary.
    if (this.#ending !== 'completed') this.#watchFinish()
    else this.#notifyIfClosed()
  }

  #watchFinish(): void {
    // Prepended, because Node's own listener hands the connection to the next pipelined response, which may destroy it.
    this.#response.prependListener('finish', () => this.#onFinish())
  }

  #onFinish(): void {
    const connection = this.#connection
    const isWritten = !connection?.destroyed || connection.writableFinished
    if (isWritten && !this.#isDiscarded) this.#ending = 'completed'
    this.#notifyIfClosed()
  }

  /** Node 24 emits `close` on a response that is destroyed while it waits for the socket, and sends it nevertheless. */
  #notifyIfClosed(): void {
    if (this.#isClosed) process.nextTick(() => this.notifyEnd())
  }

  #onClose(): void {
    this.#isClosed = true
    // A response that still waits for the socket may yet be sent.
    if (this.#wasAssignedSocket || this.#connection?.destroyed) this.notifyEnd()
  }

  /**
   * HTTP/2: the events of the stream count. The response emits `finish` however it ended, and after a HEAD request
   * without an answer it emits neither `finish` nor `close`.
   */
  #watchStream(stream: ServerHttp2Stream): void {
    const onStreamEnd = () => {
      this.#ending = this.isFlushed ? 'completed' : 'aborted'
      this.notifyEnd()
    }
    if (stream.destroyed) process.nextTick(onStreamEnd)
    else stream.on('close', onStreamEnd)
  }
}

/**
 * `writableFinished` is not enough: Node itself ends the stream of a HEAD request before it is answered, and a stream
 * that is reset, which it marks as aborted first. A reset that arrives while a handler is ending the response shows
 * only in `rstCode`.
 */
function isStreamFlushed({ headersSent, writableFinished, aborted, rstCode }: ServerHttp2Stream): boolean {
  return headersSent && writableFinished && !aborted && (rstCode ?? 0) === NGHTTP2_NO_ERROR
}

/** The stream of an HTTP/2 request. On an HTTP/1 request a property `stream` belongs to the application. */
export function getHttp2Stream(
  request: IncomingMessage & { stream?: ServerHttp2Stream },
): ServerHttp2Stream | undefined {
  return request.httpVersionMajor === 2 ? request.stream : undefined
}

/** The responses in flight on one connection, in order. There is usually one; the Set is for pipelined requests. */
class ConnectionResponses {
  #first: ResponseEndWatcher | undefined
  #others: Set<ResponseEndWatcher> | undefined

  add(watcher: ResponseEndWatcher): void {
    if (this.#first === undefined && !this.#others?.size) this.#first = watcher
    else {
      this.#others ??= new Set()
      this.#others.add(watcher)
    }
  }

  delete(watcher: ResponseEndWatcher): void {
    if (this.#first === watcher) this.#first = undefined
    else this.#others?.delete(watcher)
  }

  all(): ResponseEndWatcher[] {
    const others = this.#others ?? []
    return this.#first === undefined ? [...others] : [this.#first, ...others]
  }
}

/** Associates a connection with its responses for as long as the connection exists. */
const responsesByConnection = new WeakMap<Duplex, ConnectionResponses>()

/**
 * A pipelined response that waits for the socket, and one that a handler detached from it, emit no event when the
 * connection closes. One listener per connection notifies them all, because a client may pipeline any number of
 * requests.
 */
function trackConnection(
  connection: Duplex | undefined,
  watcher: ResponseEndWatcher,
): ConnectionResponses | undefined {
  // Serverless adapters use stand-ins for requests, whose socket may be no event emitter.
  if (typeof connection?.on !== 'function') return undefined
  if (connection.closed) {
    setImmediate(() => watcher.notifyEnd())
    return undefined
  }
  const responses = responsesByConnection.get(connection) ?? createConnectionResponses(connection)
  responses.add(watcher)
  return responses
}

/** A separate function, because the listener lives as long as the connection and would retain its first request. */
function createConnectionResponses(connection: Duplex): ConnectionResponses {
  const responses = new ConnectionResponses()
  responsesByConnection.set(connection, responses)
  // setImmediate: responses that have the socket first get their own 'close' event.
  connection.on('close', () =>
    setImmediate(() => {
      for (const watcher of responses.all()) watcher.notifyEnd()
    }),
  )
  return responses
}
