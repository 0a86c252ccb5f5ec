import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import {
  countsBytes,
  getBytesWritten,
  getContentLength,
  getHeaderBlock,
  getServer,
  hasBody,
  hasHandledError,
  hasWriteInFlight,
  isContinueSent,
  isHeaderFlushed,
  isHeaderQueued,
  isTlsWriteFlushed,
  readBytesFlushed,
  whenHeaderFlushed,
} from '../../lib/node-internals.js'
import type { ResponseRecord } from '../../record/record.js'
import { readDeclaredLength } from '../header-block.js'
import { NO_RESPONSE, type ResponseEndListener, ResponseWatcher } from '../response-end.js'
import { findClientErrorResponse } from './client-error-responses.js'
import { type ConnectionResponses, trackConnection } from './connection-responses.js'
import { describeResponse } from './describe-response.js'
import { listenForHeader } from './header-listener.js'
import { ObservedHeader } from './observed-header.js'

/** `bytesWrittenBefore` if the header has been sent already: any output of the connection then counts as the header. */
const HEADER_ALREADY_SENT = -1
/** Assumed of a header block that the runtime does not show: any byte that was sent counts as the header. */
const UNKNOWN_HEADER_BYTES = 1
/** The bytes of `HTTP/1.1 100 Continue`, which precede those of the response. */
const CONTINUE_BYTES = 'HTTP/1.1 100 Continue\r\n\r\n'.length

/**
 * A response on an HTTP/1 connection.
 *
 * The event `finish` does not prove that a response was sent completely: if the connection is destroyed while a large
 * body is being written, Node emits `finish` nevertheless and sets `writableFinished`. A response is complete if the
 * connection was alive at `finish`, or had finished writing by itself. A destroyed connection does not prove the
 * contrary: a client may close it after the kernel has taken the last byte and before `finish`.
 *
 * Events that lead to `notifyEnd`; only the first call has an effect:
 *
 * - Usually: the response emits `close` after it has had the socket, or when the connection is destroyed.
 * - Pipelined response: it emits `close` while it waits for the socket, and later `prefinish` or `finish`.
 * - Response without the socket: the connection emits `close`, and the response emits nothing.
 * - Late middleware: the response was closed before it was watched.
 *
 * Whether the ending is `completed` is decided before: at `prefinish` if the kernel has taken everything by then, otherwise
 * at `finish`. If `end` was never called, it is decided at `close`, by the number of bytes that were sent.
 */
export class Http1Response extends ResponseWatcher {
  readonly #connection: Duplex
  /** The responses in flight on the same connection, including this one. */
  readonly #responsesInFlight: ConnectionResponses | undefined
  /** `bytesWritten` of the connection before this response, which shows later whether any of it was sent. */
  #bytesWrittenBefore = Number.NaN
  /** Whether `100 Continue` was sent before that. */
  #wasContinueSent = false
  /** `false` while a pipelined response waits for the socket. */
  #wasAssignedSocket = true
  #isClosed = false
  /** Whether the last byte was written to a connection that was alive, and the kernel had not taken it yet. */
  #wasWrittenAlive = false
  /** Only where the runtime shows neither the header block nor how many bytes of a connection were sent. */
  readonly #observedHeader: ObservedHeader | undefined

  /** @param connection as it was on arrival, because an application may replace `req.socket` */
  constructor(response: ServerResponse, listener: ResponseEndListener, connection: Duplex) {
    super(response, listener)
    this.#connection = connection
    if (!countsBytes(connection))
      this.#observedHeader = new ObservedHeader(response, connection as Socket, this.omitsPolicies)
    // If the middleware is mounted late, `finish` may already have fired.
    if (response.writableFinished) this.ending = 'completed'
    if (response.socket === null && !response.writableFinished && !response.closed) this.#awaitSocket()
    else {
      // If the middleware is mounted late, the header may have been sent already, on a connection that was alive.
      this.#bytesWrittenBefore = isHeaderFlushed(response) ? HEADER_ALREADY_SENT : getBytesWritten(connection)
      this.#wasContinueSent = isContinueSent(response)
    }
    if (response.closed) {
      process.nextTick(() => this.notifyEnd())
      return
    }
    this.#responsesInFlight = trackConnection(connection, this)
    this.#watchResponse()
  }

  override get isFlushed(): boolean {
    const { response } = this
    if (!response.writableEnded) return this.#isDeclaredLengthSent
    // Not `writableFinished`: since Node 24 that is false until `finish`.
    return (
      this.#isOutputTaken && !this.#connection.destroyed && !this.#isDiscarded && !this.#isShorterThanDeclared
    )
  }

  override describe(isComplete: boolean): ResponseRecord | null {
    if (this.#observedHeader?.isConnectionEnded) return null
    if (!isComplete && !this.#isHeaderSent) return this.#describeForeignOutput()
    return describeResponse(this.response, this.omitsPolicies, this.#observedHeader?.final)
  }

  override watchHeader(): void {
    // If the middleware is mounted late, the header may have been sent already.
    if (this.response.headersSent) this.#onHeader()
    else listenForHeader(this.response, () => this.#onHeader())
  }

  override describeHeader(): ResponseRecord | undefined {
    if (this.#connection.destroyed) return undefined
    return describeResponse(this.response, this.omitsPolicies, this.#observedHeader?.final)
  }

  override get isOnlyHeaderSent(): boolean {
    // Any comparison with NaN is false: the number of bytes is not known.
    return this.#bytesSent <= (getHeaderBlock(this.response)?.length ?? 0)
  }

  protected override onNotified(): void {
    this.#responsesInFlight?.delete(this)
  }

  #awaitSocket(): void {
    this.#wasAssignedSocket = false
    this.response.once('socket', ({ bytesWritten }: Socket) => {
      this.#wasAssignedSocket = true
      this.#bytesWrittenBefore = bytesWritten
    })
  }

  /** `writeHead` only makes the header. Node hands it over with the first part of the body. */
  #onHeader(): void {
    const { response } = this
    const onHandedOver = () => this.#onHeaderHandedOver()
    if (this.#observedHeader !== undefined) this.#observedHeader.whenSent(onHandedOver)
    else if (isHeaderFlushed(response) === false) whenHeaderFlushed(response, onHandedOver)
    else onHandedOver()
  }

  /**
   * The header of a pipelined response leaves when the responses before it have been sent. In the next tick, because Node corks
   * the connection until then: a handler that destroys it before has sent nothing.
   */
  #onHeaderHandedOver(): void {
    const notify = () => process.nextTick(() => this.listener.onHeader?.())
    if (this.#wasAssignedSocket) notify()
    else this.response.once('socket', notify)
  }

  #watchResponse(): void {
    const { response } = this
    // Hot path: `on` instead of `once` avoids a wrapper, and Node emits these events once anyway.
    response.on('prefinish', () => this.#onPrefinish())
    // `prefinish` may have fired already.
    if (response.writableEnded) this.#watchFinish()
    response.on('close', () => this.#onClose())
  }

  /** Fires within `end`, or when a held response is released: the last byte was handed to the socket. */
  #onPrefinish(): void {
    if (!this.listener.isResponseHeld) this.completeIfFlushed()
    // Hot path: the kernel has usually taken everything by now, which makes another listener unnecessary.
    if (this.ending !== 'completed' && !this.#isDiscarded) {
      this.#wasWrittenAlive = !this.#connection.destroyed
      this.#watchFinish()
    } else this.#notifyIfClosed()
  }

  #watchFinish(): void {
    // Prepended, because Node's own listener hands the connection to the next pipelined response, which may destroy it.
    this.response.prependListener('finish', () => this.#onFinish())
  }

  #onFinish(): void {
    const connection = this.#connection
    const isWritten = !connection.destroyed || connection.writableFinished
    // Before the next response is written, whose bytes would count too.
    if (this.#isShorterThanDeclared) this.#wasWrittenAlive = false
    else if (isWritten && !this.#isDiscarded) this.ending = 'completed'
    this.#notifyIfClosed()
  }

  /** Node 24 emits `close` on a response that is destroyed while it waits for the socket, and sends it nevertheless. */
  #notifyIfClosed(): void {
    if (this.#isClosed) process.nextTick(() => this.notifyEnd())
  }

  #onClose(): void {
    this.#isClosed = true
    // A response that still waits for the socket may yet be sent, and so may one that was destroyed before it got the socket:
    // since Node 24 `close` follows in the next tick, when `end` can still write to the connection.
    // A held one is not over: the application itself has emitted `close`.
    const { writableEnded, writableFinished } = this.response
    const isHeld = this.listener.isResponseHeld && !writableFinished
    const isOver = this.#wasAssignedSocket && writableEnded && !isHeld
    if (isOver || this.#connection.destroyed) this.notifyEnd()
  }

  override notifyEnd(): void {
    if (this.#observedHeader?.isConnectionEnded) this.ending = 'unknown'
    else if (this.ending !== 'completed' && this.#isDeclaredLengthSent) this.ending = 'completed'
    else if (
      this.ending === 'aborted' &&
      (this.#observedHeader?.isDeclaredLengthWritten || this.#isCutUnseen)
    )
      this.ending = 'unknown'
    super.notifyEnd()
  }

  /** Whether the kernel has taken everything that was written to an ended response. */
  get #isOutputTaken(): boolean {
    const { writableLength } = this.response
    if (writableLength === 0) return true
    // Nothing waits in the response itself, and the rest is a TLS write that has not been confirmed.
    return writableLength === this.#connection.writableLength && isTlsWriteFlushed(this.#connection)
  }

  /**
   * Whether as many bytes were sent as the header block declares (RFC 9112 section 6.3). The client then has the whole response,
   * even if the handler has not called `end`.
   */
  get #isDeclaredLengthSent(): boolean {
    return this.#isDeclaredLengthWritten && !hasWriteInFlight(this.#connection)
  }

  get #isDeclaredLengthWritten(): boolean {
    const block = getHeaderBlock(this.response)
    if (block === undefined || !this.#isHeaderSent) return false
    const length = hasBody(this.response) ? readDeclaredLength(block) : 0
    if (length === undefined) return false
    const bytes = this.#bytesSent - length
    // Node encodes the header as Latin-1, or as UTF-8 together with a body that is text. Any other number of bytes includes
    // those of an interim response.
    return bytes === block.length || bytes === Buffer.byteLength(block)
  }

  /**
   * Whether an ended response has fewer bytes than its header declares: its client waits for the rest, and then takes it for cut
   * off (RFC 9112 section 6.3). Asked as soon as everything was written, because the next response uses the same connection.
   */
  get #isShorterThanDeclared(): boolean {
    const { response } = this
    if (!hasBody(response)) return false
    if (this.#observedHeader !== undefined) return this.#observedHeader.isShorterThanDeclared
    const length = getContentLength(response)
    const block = getHeaderBlock(response)
    if (length === undefined || block === undefined) return false
    // Hot path: the header is searched only if bytes are missing by the length that Node keeps.
    const bytes = this.#bytesSent - block.length
    return bytes < length && bytes < (readDeclaredLength(block) ?? 0)
  }

  /**
   * Whether the application has destroyed a TLS connection to which everything had been written. What OpenSSL has encrypted is
   * sent before the connection closes, as far as the kernel takes it, and nothing shows how far that was.
   */
  get #isCutUnseen(): boolean {
    const connection = this.#connection as Partial<TLSSocket>
    if (connection.encrypted !== true || !connection.destroyed) return false
    // The client has closed it. Since Node 22 an open write fails with ECANCELED if the application closes it.
    const { errored } = connection as { errored?: NodeJS.ErrnoException | null }
    if ((errored && errored.code !== 'ECANCELED') || connection.readableEnded) return false
    if (!this.#isHeaderSent || this.#isDiscarded) return false
    return this.#wasWrittenAlive ? !this.#isShorterThanDeclared : this.#isDeclaredLengthWritten
  }

  /** The bytes of this response that the kernel has taken; `NaN` if they cannot be counted. */
  get #bytesSent(): number {
    const flushed = this.#observedHeader === undefined ? readBytesFlushed(this.#connection) : Number.NaN
    const bytes = flushed - this.#bytesWrittenBefore
    return isContinueSent(this.response) && !this.#wasContinueSent ? bytes - CONTINUE_BYTES : bytes
  }

  /** `headersSent` is not enough: it is true even if the socket was already closed. */
  get #isHeaderSent(): boolean {
    const { response } = this
    if (this.#observedHeader !== undefined && getHeaderBlock(response) === undefined) {
      return this.#observedHeader.isSent
    }
    if (!this.#wasAssignedSocket || !response.headersSent) return false
    if (isHeaderFlushed(response) === false || isHeaderQueued(response)) return false
    const bytes = this.#bytesSent
    // Fewer bytes than the header has are another response, for example one that a 'clientError' listener wrote.
    return Number.isNaN(bytes) || bytes >= (getHeaderBlock(response)?.length ?? UNKNOWN_HEADER_BYTES)
  }

  /** The response that the client received although the header of this one was not sent. */
  #describeForeignOutput(): ResponseRecord | null {
    const connection = this.#connection
    const bytes = this.#observedHeader?.bytesWritten ?? this.#bytesSent
    // The bytes after a discarded response are those of the next one.
    if (!this.#wasAssignedSocket || (this.#isDiscarded && this.response.writableEnded)) return NO_RESPONSE
    if (this.#observedHeader?.isDestroyedUnsent) return null
    if (Number.isNaN(bytes)) return connection.errored ? null : NO_RESPONSE
    if (bytes <= 0) return NO_RESPONSE
    if (!hasHandledError(connection)) return null
    return findClientErrorResponse(getServer(connection), bytes) ?? null
  }

  /**
   * Since Node 24, `end` on a pipelined response that was destroyed before its turn sends nothing, and yet `finish` fires:
   * Node sends the next response of the connection in its place.
   */
  get #isDiscarded(): boolean {
    return this.response.destroyed && isHeaderFlushed(this.response) === false
  }
}
