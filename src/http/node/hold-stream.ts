// Holds an HTTP/2 response at its stream. Everything that Node's compatibility API does (`end` calls `write`, which
// calls `writeHead`) arrives at three methods of the stream, and so does what a handler does with `response.stream`.
import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { AuditLogError } from '../../lib/errors.js'
import { isHeadRequest, isSendingFile } from '../../lib/node-internals.js'
import { hasNoContent } from '../header-block.js'
import {
  copyBuffer,
  type End,
  type OnEnd,
  type PendingResponse,
  type Refusal,
  type Release,
} from './held-response.js'
import { isValidHeader } from './http2-header.js'
import { callOnceSent } from './postpone-close.js'
import { SessionPostponer } from './postpone-session.js'
import { ShadowProperties } from './shadow-properties.js'
import { UNAVAILABLE_HEADERS, UNAVAILABLE_STATUS } from './unavailable.js'

type Method = (...args: unknown[]) => unknown
type Headers = Record<string, unknown>

interface StreamMethods {
  respond: Method
  write: Method
  end: Method
  destroy: Method
  close: Method
}

interface Call {
  readonly method: Method
  readonly args: unknown[]
}

/**
 * Holds the end of a response on a stream, and its header too if that has not been sent.
 *
 * `response.end` runs synchronously and completely, as without this class, but what it does to the stream is queued.
 * The queue is replayed when the sink has accepted the record: in the same turn if the sink answers at once, so the
 * frames are the same, because nghttp2 packs them when the turn is over.
 */
export function holdStream(
  stream: ServerHttp2Stream,
  response: ServerResponse,
  onEnd: OnEnd,
  onUnheld: () => void,
): void {
  new StreamHold(stream, response, onEnd, onUnheld)
}

class StreamHold implements PendingResponse {
  readonly #stream: ServerHttp2Stream
  readonly #onEnd: OnEnd
  readonly #onUnheld: () => void
  /** Node's own methods. */
  readonly #node: StreamMethods
  readonly #shadows: ShadowProperties
  /**
   * - `armed`: calls pass, unless they would end the response.
   * - `queueing`: calls are queued until the sink has decided.
   * - `over`: calls pass.
   */
  #state: 'armed' | 'queueing' | 'over' = 'armed'
  #queue: Call[] = []
  #wasHeaderSent = false
  #isWaiting = false
  /** The first call that would have closed the stream while the response was held. */
  #close: Call | undefined
  #sessionPostponer: SessionPostponer | undefined
  #error: unknown

  constructor(stream: ServerHttp2Stream, response: ServerResponse, onEnd: OnEnd, onUnheld: () => void) {
    const methods = stream as unknown as StreamMethods
    this.#stream = stream
    this.#onEnd = onEnd
    this.#onUnheld = onUnheld
    this.#node = {
      respond: methods.respond,
      write: methods.write,
      end: methods.end,
      destroy: methods.destroy,
      close: methods.close,
    }
    this.#shadows = new ShadowProperties(stream)
    methods.respond = (...args) => this.#onRespond(args)
    methods.end = (...args) => this.#onStreamEnd(args)
    const end = response.end as unknown as End
    response.end = ((chunk?: unknown, encoding?: unknown, callback?: unknown) =>
      this.#onResponseEnd(response, end, chunk, encoding, callback)) as ServerResponse['end']
  }

  /** Header and body are held together, so that 503 can be sent in their place. */
  #onResponseEnd(response: ServerResponse, end: End, chunk: unknown, encoding: unknown, callback: unknown) {
    const callEnd = () => end.call(response, chunk, encoding, callback)
    if (this.#state !== 'armed' || this.#isGone || response.writableEnded) return callEnd()
    // Node throws for these before it ends the stream. If it does not, the end of the stream is held.
    if (!isValidEnd(chunk, encoding)) return callEnd()
    const headers = { ...response.getHeaders(), ':status': response.statusCode }
    if (!response.headersSent && !isValidHeader(headers)) return callEnd()
    this.#startQueue()
    try {
      callEnd()
    } catch (error) {
      this.#replay()
      this.#state = 'armed'
      throw error
    }
    this.#decide()
    return response
  }

  #onRespond(args: unknown[]): unknown {
    const [headers, options] = args as [unknown, Headers | null | undefined]
    const isInvalid = !isOptionalObject(headers) || !isOptionalObject(options)
    if (this.#state === 'over' || this.#isGone || this.#stream.headersSent || isInvalid) {
      return this.#call({ method: this.#node.respond, args })
    }
    if (this.#state === 'queueing') return this.#queueRespond(headers, options)
    if (!this.#isCompleteWithHeader(headers, options)) return this.#call({ method: this.#node.respond, args })
    if (!isValidHeader(toRecord(headers))) return this.#respondUnheld(args)
    this.#startQueue()
    this.#queueRespond(headers, options)
    return this.#decide()
  }

  /** For a header that Node rejects, unless the session accepts it (`strictSingleValueFields`). */
  #respondUnheld(args: unknown[]): unknown {
    const result = this.#call({ method: this.#node.respond, args })
    this.#state = 'over'
    this.#onUnheld()
    return result
  }

  #onStreamEnd(args: unknown[]): unknown {
    const stream = this.#stream
    const call: Call = { method: this.#node.end, args }
    // A stream that is closed is ended by Node, and has no response any more.
    if (this.#state === 'over' || this.#isGone) return this.#call(call)
    if (this.#state === 'queueing') {
      this.#queue.push(call)
      return stream
    }
    if (stream.writableEnded) return this.#call(call)
    if (isSendingFile(stream)) {
      this.#state = 'over'
      this.#onUnheld()
      return this.#call(call)
    }
    this.#startQueue()
    // As Node does for a stream that is ended without a header.
    if (!stream.headersSent) this.#queueRespond(undefined, undefined)
    this.#queue.push(call)
    this.#decide()
    return stream
  }

  get #isGone(): boolean {
    const { destroyed, closed, aborted } = this.#stream
    return destroyed || closed || aborted
  }

  #isCompleteWithHeader(headers: object | null | undefined, options: Headers | null | undefined): boolean {
    // For these, Node ends the stream within `respond` (Node, lib/internal/http2/core.js).
    if (options?.endStream || isHeadRequest(this.#stream)) return true
    return hasNoContent(Number(toRecord(headers)[':status']))
  }

  #startQueue(): void {
    this.#state = 'queueing'
    this.#wasHeaderSent = this.#stream.headersSent
    this.#shadows.set('write', (...args: unknown[]) => {
      const [chunk, encoding] = args
      const call: Call = { method: this.#node.write, args }
      // Node throws for these before it writes anything.
      if (!ArrayBuffer.isView(chunk) && !isValidText(chunk, encoding)) return this.#call(call)
      this.#queue.push(call)
      return true
    })
  }

  #queueRespond(headers: object | null | undefined, options: Headers | null | undefined): void {
    const sent = addDate(headers, options)
    this.#queue.push({ method: this.#node.respond, args: [sent, options] })
    this.#shadows.set('headersSent', true)
    this.#shadows.set('sentHeaders', { ':status': 200, ...toRecord(sent) })
  }

  /** @throws what Node throws for the response, if the sink has accepted it synchronously */
  #decide(): void {
    const isDecided = this.#onEnd(this)
    if (!isDecided) this.prepareToWait()
    else if (this.#error !== undefined) throw this.#error
  }

  prepareToWait(): void {
    this.#isWaiting = true
    this.#queue = this.#queue.map(({ method, args }) => ({ method, args: args.map(copyBuffer) }))
    const { session } = this.#stream
    if (session !== undefined) {
      this.#sessionPostponer = SessionPostponer.of(session)
      this.#sessionPostponer.start()
    }
    for (const name of ['destroy', 'close'] as const) {
      this.#shadows.set(name, (...args: unknown[]) => {
        const call: Call = { method: this.#node[name], args }
        // A stream that the client has reset, or whose connection is gone, cannot send the response.
        if (this.#isGone || (this.#stream.session?.destroyed ?? true)) {
          this.#discard()
          return this.#call(call)
        }
        this.#close ??= call
        return this.#stream
      })
    }
  }

  release(): Release {
    if (this.#isGone) this.#discard()
    if (this.#state === 'over') {
      this.#sessionPostponer?.stop()
      return 'failed'
    }
    this.#state = 'over'
    try {
      this.#replay()
    } catch (error) {
      // The handler that has waited for nothing gets the error. Nobody else can handle it.
      if (this.#isWaiting) this.#abort(error)
      else this.#error = error
      return 'failed'
    }
    this.#closeAfterResponse()
    return 'sent'
  }

  refuse(): Refusal {
    const isGone = this.#isGone
    this.#discard()
    if (isGone || this.#wasHeaderSent) {
      this.#abort(isGone ? undefined : createCutError())
      return 'aborted'
    }
    const headers = { ':status': UNAVAILABLE_STATUS, ...UNAVAILABLE_HEADERS }
    this.#call({ method: this.#node.respond, args: [headers, { endStream: true }] })
    this.#closeAfterResponse()
    return 'sent'
  }

  /**
   * Resets the stream, so that the client does not take a part of the body for the whole. Not by `close`, because that
   * ends the body before it resets the stream (Node, lib/internal/http2/core.js, `closeStream`).
   */
  #abort(error: unknown): void {
    if (error !== undefined) this.#call({ method: this.#node.destroy, args: [error] })
    this.#sessionPostponer?.stop()
  }

  #replay(): void {
    const queue = this.#queue
    this.#discard()
    for (const call of queue) this.#call(call)
  }

  /** From here on the stream shows its own state. */
  #discard(): void {
    this.#state = 'over'
    this.#queue = []
    this.#shadows.remove()
  }

  #call({ method, args }: Call): unknown {
    return method.apply(this.#stream, args)
  }

  /**
   * Makes the postponed calls when the response has left: `finish` fires one turn of the event loop before its last frame
   * is sent. A stream that both sides have ended is closed by then, so that a postponed `close(code)` does not reset it.
   */
  #closeAfterResponse(): void {
    const call = this.#close
    const postponer = this.#sessionPostponer
    if (call === undefined && postponer === undefined) return
    const close = () => {
      if (call !== undefined && !this.#isGone) this.#call(call)
      postponer?.stop()
    }
    const closeNextTurn = () => setImmediate(() => setImmediate(close))
    if (this.#stream.writableFinished) closeNextTurn()
    else callOnceSent(this.#stream, closeNextTurn)
  }
}

function createCutError(): AuditLogError {
  return new AuditLogError(
    'ERR_AUDIT_FAIL_CLOSED',
    'The sink did not accept the record of a response that had been sent in part, so `failClosed` has reset its stream',
  )
}

function isValidEnd(chunk: unknown, encoding: unknown): boolean {
  const isWithoutChunk = chunk === undefined || chunk === null || typeof chunk === 'function'
  return isWithoutChunk || chunk instanceof Uint8Array || isValidText(chunk, encoding)
}

function isValidText(chunk: unknown, encoding: unknown): boolean {
  if (typeof chunk !== 'string') return false
  return !encoding || typeof encoding === 'function' || Buffer.isEncoding(encoding as string)
}

function isOptionalObject(value: unknown): value is object | null | undefined {
  return value === undefined || value === null || typeof value === 'object'
}

/** Node adds Date when it sends the header, but the record is written before that and must contain it. */
function addDate(headers: object | null | undefined, options: Headers | null | undefined): object {
  const isAdded = (options?.sendDate ?? true) && !toRecord(headers).date
  const date = new Date().toUTCString()
  // Since Node 24 headers may also be a flat array of names and values.
  if (Array.isArray(headers)) return isAdded ? [...headers, 'date', date] : [...headers]
  return isAdded ? { ...headers, date } : { ...headers }
}

function toRecord(headers: object | null | undefined): Headers {
  if (!Array.isArray(headers)) return (headers ?? {}) as Headers
  const record: Record<string, unknown> = {}
  for (let index = 0; index < headers.length; index += 2) {
    const name = String(headers[index]).toLowerCase()
    const value: unknown = headers[index + 1]
    record[name] = name in record ? [record[name], value].flat() : value
  }
  return record
}
