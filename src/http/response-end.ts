import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import type { Ending } from '../record/record.js'

/** Of `http2.constants`, which are not imported: without need, and in a Node without TLS not at all. */
const NGHTTP2_NO_ERROR = 0

/** Who wants to know how a response has ended. */
export interface ResponseEndListener {
  /** Called once. */
  onResponseEnd(ended: Exclude<Ending, 'crashed'>): void
  /** Whether the last byte was handed to us, and not yet to the socket. */
  readonly isResponseHeld?: boolean
}

/**
 * Tells its listener once that a response has ended, however it does.
 *
 * `finish` alone does not say that a response left whole: when the connection is destroyed while a large body
 * is being written, Node still emits it, and `writableFinished` is true then as well. What tells is whether the
 * connection was alive when `finish` came, or had itself written all it was given. Nor does it say that a response
 * was cut: a connection may be destroyed right after the kernel has taken the last byte, and before `finish`.
 *
 * An object with few closures, as each request in flight has them: ten more took 800 bytes.
 */
export class ResponseEndWatcher {
  readonly #response: ServerResponse
  readonly #listener: ResponseEndListener
  /** Both are looked up on entry: what an application puts in the place of `req.stream` or `req.socket` is not what answers. */
  readonly #stream: ServerHttp2Stream | undefined
  readonly #carrier: Duplex | undefined
  /** Those that are open on the same connection, this one among them. */
  #neighbours: OpenResponses | undefined
  #ended: Exclude<Ending, 'crashed'>
  #hasHadTurn = true
  #isClosed = false
  #isSettled = false

  constructor(request: IncomingMessage, response: ServerResponse, listener: ResponseEndListener) {
    this.#response = response
    this.#listener = listener
    this.#stream = streamOf(request)
    // A stream's carrier is no business of ours: Node makes a proxy of it for whoever asks.
    this.#carrier = this.#stream === undefined ? (request.socket as Duplex | undefined) : undefined
    // Whoever is called between the two events has missed `finish`.
    this.#ended = response.writableFinished ? 'completed' : 'aborted'
    if (this.#stream !== undefined) this.#awaitStream(this.#stream)
    else if (response.closed) process.nextTick(() => this.settle())
    else this.#awaitResponse()
  }

  /** To be called when the response was ended: looks whether it has left already, where that can be told. */
  completeIfFlushed(): void {
    if (this.isFlushed) this.#ended = 'completed'
  }

  /** Whether all of it is in the kernel's hands, also while the process goes down and no event comes any more. */
  get isFlushed(): boolean {
    if (this.#stream !== undefined) return hasStreamLeftWhole(this.#stream)
    const response = this.#response
    // `writableFinished` says it as well on Node 20 and 22, but on Node 24 not before `finish`.
    return response.writableEnded && response.writableLength === 0 && !this.#carrier?.destroyed
  }

  #awaitResponse(): void {
    const response = this.#response
    this.#neighbours = watchConnection(this.#carrier, this)
    if (response.socket === null) {
      this.#hasHadTurn = false
      response.once('socket', () => {
        this.#hasHadTurn = true
      })
    }
    // These come once by themselves, and without `once` Node makes no wrappers for them.
    response.on('prefinish', () => this.#handedOver())
    // Its `prefinish` may have passed already; and what stands in for a socket may take a chunk at once, so that `finish`
    // comes first (serverless adapters), or there is no `prefinish` (mocks).
    if (response.writableEnded || !(this.#carrier instanceof Duplex)) this.#awaitFinish()
    response.on('close', () => this.#closed())
  }

  /** Within `end`, or when what was held is released: its last byte was handed to the socket. */
  #handedOver(): void {
    if (!this.#listener.isResponseHeld) this.completeIfFlushed()
    // Mostly the kernel has taken all of it at once. Not to listen further saves 1 µs.
    if (this.#ended !== 'completed') this.#awaitFinish()
    else this.#settleIfClosed()
  }

  #awaitFinish(): void {
    // Before Node's own listener, which gives the connection to the next pipelined response: that may destroy it.
    this.#response.prependListener('finish', () => this.#finished())
  }

  #finished(): void {
    const carrier = this.#carrier
    if (!carrier?.destroyed || carrier.writableFinished) this.#ended = 'completed'
    this.#settleIfClosed()
  }

  /** Node 24 closes a response that is destroyed while it waits for its turn, and sends it all the same. */
  #settleIfClosed(): void {
    if (this.#isClosed) process.nextTick(() => this.settle())
  }

  #closed(): void {
    this.#isClosed = true
    // Without a turn it may still be sent.
    if (this.#hasHadTurn || this.#carrier?.destroyed) this.settle()
  }

  /**
   * Of HTTP/2 the stream is asked. Its response emits `finish` however it ended, and after a HEAD that was never
   * answered neither that nor `close`.
   */
  #awaitStream(stream: ServerHttp2Stream): void {
    const settle = () => {
      this.#ended = this.isFlushed ? 'completed' : 'aborted'
      this.settle()
    }
    if (stream.destroyed) process.nextTick(settle)
    else stream.on('close', settle)
  }

  /** Also where the connection has closed, and the response may not have heard of it. */
  settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#neighbours?.delete(this)
    this.#listener.onResponseEnd(this.#ended)
  }
}

/**
 * Node itself ends the stream of a HEAD before it is answered, and one that is reset, which it marks as aborted
 * before. A reset that comes while a handler ends its answer shows in its code alone.
 */
function hasStreamLeftWhole({ headersSent, writableFinished, aborted, rstCode }: ServerHttp2Stream): boolean {
  return headersSent && writableFinished && !aborted && (rstCode ?? 0) === NGHTTP2_NO_ERROR
}

/** On a request of HTTP/1 a `stream` is an application's own. */
export function streamOf(
  request: IncomingMessage & { stream?: ServerHttp2Stream },
): ServerHttp2Stream | undefined {
  return request.httpVersionMajor === 2 ? request.stream : undefined
}

const openOn = new WeakMap<Duplex, OpenResponses>()

/** The responses of a connection, in their order. Mostly there is one: a set is for those that a client pipelines. */
class OpenResponses {
  #first: ResponseEndWatcher | undefined
  #others: Set<ResponseEndWatcher> | undefined

  add(end: ResponseEndWatcher): void {
    if (this.#first === undefined && !this.#others?.size) this.#first = end
    else {
      this.#others ??= new Set()
      this.#others.add(end)
    }
  }

  delete(end: ResponseEndWatcher): void {
    if (this.#first === end) this.#first = undefined
    else this.#others?.delete(end)
  }

  all(): ResponseEndWatcher[] {
    const others = this.#others ?? []
    return this.#first === undefined ? [...others] : [this.#first, ...others]
  }
}

/**
 * A pipelined response that waits for its turn has no socket yet, and one that a handler detached has none any more:
 * they never hear that the connection closed. One listener serves all that are open on a connection, as a client may
 * pipeline as many as it likes.
 */
function watchConnection(carrier: Duplex | undefined, end: ResponseEndWatcher): OpenResponses | undefined {
  // A stand-in for a request, as serverless adapters make them.
  if (typeof carrier?.on !== 'function') return undefined
  if (carrier.closed) {
    setImmediate(() => end.settle())
    return undefined
  }
  const open = openOn.get(carrier) ?? listenTo(carrier)
  open.add(end)
  return open
}

/**
 * In a function of its own: what a listener can see lives as long as its connection, and here that would be the first
 * request that came on it.
 */
function listenTo(carrier: Duplex): OpenResponses {
  const open = new OpenResponses()
  openOn.set(carrier, open)
  // Those that did get their turn hear it themselves, from the same event of the socket.
  carrier.on('close', () => setImmediate(() => open.all().forEach((end) => void end.settle())))
  return open
}
