import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { getBodyBytes, isHeadRequest, isSendingFile } from '../../lib/node-internals.js'
import { RUNTIME } from '../../lib/runtime.js'
import type { ResponseRecord } from '../../record/record.js'
import { hasNoContent, isHeaderOnlyStatus, parseDeclaredLength, parseStatus } from '../header-block.js'
import { NO_RESPONSE, type ResponseEndListener, ResponseWatcher } from '../response-end.js'
import { copyHeaders, describeProperties } from './describe-response.js'

/** `http2.constants.NGHTTP2_NO_ERROR`, without importing http2: Node built without TLS cannot load it. */
const NGHTTP2_NO_ERROR = 0

/**
 * A response on an HTTP/2 stream. The events of the stream count: the response emits `finish` however it ended, and after
 * a HEAD request without an answer it emits neither `finish` nor `close`.
 */
export class Http2Response extends ResponseWatcher {
  readonly #stream: ServerHttp2Stream
  readonly #isBun = RUNTIME.name === 'bun'
  readonly #isHead: boolean
  #hasWrongLength = false

  /** @param stream as it was on arrival, because an application may replace `req.stream` */
  constructor(response: ServerResponse, listener: ResponseEndListener, stream: ServerHttp2Stream) {
    super(response, listener)
    this.#stream = stream
    this.#isHead = this.#isBun && response.req?.method === 'HEAD'
    // Read on arrival, because a destroyed stream does not have it any more.
    const { session } = stream
    const onStreamEnd = () => {
      if (this.#isCutUnseen && !session?.destroyed) this.ending = 'unknown'
      this.completeIfFlushed()
      this.notifyEnd()
    }
    if (stream.destroyed) {
      process.nextTick(onStreamEnd)
      return
    }
    stream.on('close', onStreamEnd)
    this.#watchOpenStream()
  }

  /**
   * A stream does not close before the client has ended its request too, and on Deno not at all after a response to HEAD with
   * a body. The response is over when it was sent.
   */
  #watchOpenStream(): void {
    const stream = this.#stream
    const onSent = () => setImmediate(() => this.#notifyIfSent())
    if (isHeadRequest(stream)) observeRespond(stream, onSent)
    else {
      stream.on('finish', () => {
        this.#hasWrongLength = isLengthWrong(stream)
        if (!stream.endAfterHeaders) onSent()
      })
    }
  }

  #notifyIfSent(): void {
    if (!this.isFlushed || this.listener.isResponseHeld) return
    this.completeIfFlushed()
    this.notifyEnd()
  }

  /**
   * `writableFinished` is not enough: Node itself ends the stream of a HEAD request before it is answered, and a stream
   * that is reset, which it marks as aborted first. A reset that arrives while a handler is ending the response shows only
   * in `rstCode`.
   */
  override get isFlushed(): boolean {
    const { headersSent, writableFinished, aborted, destroyed, rstCode } = this.#stream
    const isCut = aborted && !this.#isEndedByHeader
    if (this.#hasWrongLength || (isSendingFile(this.#stream) && !destroyed)) return false
    return headersSent && writableFinished && !isCut && (rstCode ?? 0) === NGHTTP2_NO_ERROR
  }

  /** Bun marks a stream as aborted too if the header alone ends it, some time after the request has ended. */
  get #isEndedByHeader(): boolean {
    if (!this.#isBun || !this.response.writableEnded) return false
    const status = Number(this.#stream.sentHeaders?.[':status'])
    return this.#isHead || hasNoContent(status)
  }

  /**
   * Whether the stream was destroyed after the response had been ended. Node sends what fits into the windows of flow control
   * then, drops the rest without an error code, and shows neither.
   */
  get #isCutUnseen(): boolean {
    const { headersSent, writableFinished, aborted, rstCode } = this.#stream
    const isEnded = this.response.writableEnded && !this.listener.isResponseHeld
    return isEnded && headersSent && !writableFinished && !aborted && rstCode === NGHTTP2_NO_ERROR
  }

  /** A handler may respond by the stream too, whose methods the response calls. */
  override watchHeader(): void {
    super.watchHeader()
    observeRespond(this.#stream, () => this.listener.onHeader?.())
    if (this.#stream.headersSent) this.listener.onHeader?.()
  }

  override describeHeader(): ResponseRecord | undefined {
    return this.#stream.sentHeaders?.[':status'] === undefined ? undefined : this.describe(false)
  }

  /** HTTP/2 has no reason phrase (RFC 9113 section 8.3.2). */
  override describe(isComplete: boolean): ResponseRecord {
    const { ':status': status, ...fields } = this.#stream.sentHeaders ?? {}
    if (status !== undefined) {
      return {
        status_code: parseStatus(Number(status)),
        reason: '',
        headers: copyHeaders(fields, this.omitsPolicies),
      }
    }
    // Complete without sent headers: `failClosed` is holding the response, and these headers will be sent.
    return isComplete ? { ...describeProperties(this.response, this.omitsPolicies), reason: '' } : NO_RESPONSE
  }
}

/**
 * Whether the body is shorter or longer than its header declares: a client rejects both as malformed (RFC 9113 section 8.1.1).
 * Asked when the stream has ended, because a closed stream no longer has its number of bytes.
 */
function isLengthWrong(stream: ServerHttp2Stream): boolean {
  const { ':status': status, 'content-length': length } = stream.sentHeaders ?? {}
  if (length === undefined || isHeaderOnlyStatus(Number(status)) || isSendingFile(stream)) return false
  const [declared, bytes] = [parseDeclaredLength(length), getBodyBytes(stream)]
  return declared !== undefined && bytes !== undefined && declared !== bytes
}

type Respond = ServerHttp2Stream['respond']

/** By its method: the stream of a HEAD request is ended before the response, so nothing is emitted when the header is sent. */
function observeRespond(stream: ServerHttp2Stream, onResponded: () => void): void {
  const { respond } = stream
  stream.respond = (...args: Parameters<Respond>) => {
    respond.apply(stream, args)
    onResponded()
  }
}
