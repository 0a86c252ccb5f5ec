// Holds the last byte of a response until the sink has accepted the record (`failClosed`).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import {
  destroyAfterWrites,
  flushOutput,
  getCurrentResponse,
  hasCurrentResponse,
  hasOutputQueue,
  isHeaderFlushed,
  overrideFlush,
  restoreOutput,
  setCurrentResponse,
  takeOutput,
} from '../../lib/node-internals.js'
import { getHttp2Stream } from '../response-end.js'
import { holdBody } from './hold-body.js'

/** A response that the handler has ended, and whose last byte has not been sent. */
export interface HeldResponse {
  /**
   * Sends the last byte.
   * @returns whether the connection still exists
   */
  release(): boolean
  /**
   * Sends 503 if nothing of the response has been sent, else aborts the response.
   * @returns whether 503 was sent
   */
  refuse(): boolean
}

interface PendingResponse extends HeldResponse {
  /**
   * Prepares for an asynchronous decision: copies the buffers, since the handler may reuse them once `end` has
   * returned, and keeps the connection from counting as idle.
   */
  prepareToWait(): void
}

// The overloads of `end` have only their result type in common.
type End = (...args: unknown[]) => ServerResponse

const RETRY_AFTER_S = '5'
const SERVICE_UNAVAILABLE = [
  'HTTP/1.1 503 Service Unavailable',
  `Retry-After: ${RETRY_AFTER_S}`,
  'Content-Length: 0',
  'Connection: close',
  '\r\n',
].join('\r\n')
/**
 * `http2.constants.NGHTTP2_INTERNAL_ERROR`. Importing http2 costs start-up time, and throws in a Node built without
 * TLS.
 */
const NGHTTP2_INTERNAL_ERROR = 2

/** Responds with 503 to a request that may not be handled, because it could not be recorded. */
export function respondUnavailable(response: ServerResponse): void {
  response.writeHead(503, {
    'retry-after': RETRY_AFTER_S,
    'content-length': '0',
    // HTTP/2 forbids this header (RFC 9113 section 8.2.2), and Node prints a warning for it.
    ...(response.req.httpVersionMajor === 1 && { connection: 'close' }),
  })
  response.end()
}

/**
 * Holds the last byte of a response, and calls `onEnd` when the handler ends the response. `onEnd` returns whether it
 * has called `release` or `refuse` already. It is not called if the client has disconnected by then, because nothing
 * can be sent any more.
 *
 * The contract of `response.end` (Node documentation, `response.end([data[, encoding]][, callback])`) still holds,
 * because Node's own `end` runs synchronously and completely: it creates the header block, sets `writableEnded`, and
 * rejects later writes. Meanwhile the response looks like a pipelined one that waits for the socket, so Node queues the
 * output and its callbacks. `finish` and the callback fire when the response is really sent. Middleware that wraps
 * `end` later (compression, sessions) wraps this one, so it has done its work before.
 */
export function holdResponse(
  request: IncomingMessage & { readonly stream?: ServerHttp2Stream },
  response: ServerResponse,
  onEnd: (held: HeldResponse) => boolean,
): void {
  const end = response.end as unknown as End
  const body = holdBody(request, response)
  // Read on arrival, because an application may replace `req.stream` or `req.socket`.
  const connection = getHttp2Stream(request) ?? request.socket
  let isHeld = false
  let isEndDeferred = false
  function endWithoutLastByte(...args: unknown[]): ServerResponse {
    if (isEndDeferred) return response
    if (isHeld || connection.destroyed || response.writableEnded) return end.apply(response, args)
    const held = holdEnd(args)
    // Set last: if Node throws for the arguments, the handler may call `end` again.
    isHeld = true
    const isDecided = onEnd(held)
    if (!isDecided) held.prepareToWait()
    return response
  }
  response.end = endWithoutLastByte as unknown as ServerResponse['end']

  function holdEnd(args: unknown[]): PendingResponse {
    let endArguments = args
    const callEnd = () => end.apply(response, body.prependHeldBytes(endArguments))
    if (request.httpVersionMajor === 1 && canQueueOutput(response)) {
      return response.socket === null
        ? holdPipelinedResponse(response, callEnd)
        : holdCurrentResponse(response, response.socket, callEnd)
    }
    isEndDeferred = true
    setDate(response)
    const endDeferred = (isRefused: boolean) => {
      isEndDeferred = false
      if (isRefused) end.call(response)
      else callEnd()
    }
    return deferEnd(response, endDeferred, () => {
      endArguments = endArguments.map(copyBuffer)
    })
  }
}

/** Whether this runtime has the internals of Node by which a response can be held. */
function canQueueOutput(response: ServerResponse): boolean {
  const { socket } = response
  return hasOutputQueue(response) && (socket === null || hasCurrentResponse(socket))
}

/**
 * The queued output of a response. It is taken away, because a later `flushHeaders` or `writeContinue` would send it.
 */
class HeldOutput {
  readonly #response: ServerResponse
  readonly #chunks: ReturnType<typeof takeOutput>

  constructor(response: ServerResponse) {
    this.#response = response
    this.#chunks = takeOutput(response)
  }

  /** Without output to send, Node emits `finish` right away. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  restore(): void {
    restoreOutput(this.#response, this.#chunks)
  }

  copyBuffers(): void {
    for (const chunk of this.#chunks) chunk.data = copyBuffer(chunk.data)
  }
}

function copyBuffer(data: unknown): unknown {
  return data instanceof Uint8Array ? Buffer.from(data) : data
}

/** Holds a response that has the socket. */
function holdCurrentResponse(
  response: ServerResponse,
  socket: Duplex,
  callEnd: () => unknown,
): PendingResponse {
  const wasHeaderSent = isHeaderFlushed(response) ?? response.headersSent
  setCurrentResponse(socket, null)
  try {
    callEnd()
  } finally {
    if (!getCurrentResponse(socket)) setCurrentResponse(socket, response)
  }
  const output = new HeldOutput(response)
  const busyMark = new BusyMark(response)
  return {
    prepareToWait() {
      output.copyBuffers()
      if (!output.isEmpty) busyMark.set()
    },
    release() {
      busyMark.remove()
      // Node would emit `finish` on a connection that is gone, although nothing can be sent.
      if (socket.destroyed || socket.writableEnded) return false
      output.restore()
      flushOutput(response)
      // As `end` does: what was corked in the meantime must not delay a response that has ended.
      while (socket.writableCorked > 0) socket.uncork()
      return true
    },
    refuse() {
      busyMark.remove()
      if (wasHeaderSent || socket.destroyed) {
        socket.destroy()
        return false
      }
      writeUnavailable(socket)
      return true
    },
  }
}

/**
 * Holds a pipelined response that waits for the socket. Node queues its output until then, and this extends the wait.
 */
function holdPipelinedResponse(response: ServerResponse, callEnd: () => unknown): PendingResponse {
  const busyMark = new BusyMark(response)
  /** `undefined` restores Node's own flush. */
  const flushWhenCurrent = (flush: (() => void) | undefined) => {
    overrideFlush(response, flush)
    if (response.socket !== null) flushOutput(response)
  }
  flushWhenCurrent(() => busyMark.set())
  try {
    callEnd()
  } catch (error) {
    flushWhenCurrent(undefined)
    throw error
  }
  const output = new HeldOutput(response)
  return {
    prepareToWait() {
      output.copyBuffers()
    },
    release() {
      busyMark.remove()
      output.restore()
      flushWhenCurrent(undefined)
      return response.socket !== null
    },
    refuse() {
      busyMark.remove()
      flushWhenCurrent(() => writeUnavailable(response.socket as Duplex))
      return true
    },
  }
}

/**
 * Makes the connection of a held response look busy. Its response has ended, so it would count as idle, and
 * `server.close()` would destroy it together with the held byte. The mark is a proxy of the response that claims not to
 * be finished.
 */
class BusyMark {
  readonly #response: ServerResponse
  #proxy: ServerResponse | undefined

  constructor(response: ServerResponse) {
    this.#response = response
  }

  set(): void {
    const response = this.#response
    const { socket } = response
    if (socket === null || getCurrentResponse(socket) !== response) return
    this.#proxy = new Proxy(response, {
      get: (target, name) => (name === 'finished' ? false : Reflect.get(target, name, target)),
      set: (target, name, value) => Reflect.set(target, name, value, target),
    })
    setCurrentResponse(socket, this.#proxy)
  }

  remove(): void {
    const { socket } = this.#response
    if (socket === null || this.#proxy === undefined) return
    if (getCurrentResponse(socket) === this.#proxy) setCurrentResponse(socket, this.#response)
  }
}

function writeUnavailable(socket: Duplex): void {
  socket.write(SERVICE_UNAVAILABLE)
  // Later pipelined requests get no response.
  destroyAfterWrites(socket)
}

/** Node sets Date only when the header is sent, but the record is written before that and must contain it. */
function setDate(response: ServerResponse): void {
  if (response.headersSent || !response.sendDate || response.hasHeader('date')) return
  response.setHeader('date', new Date().toUTCString())
}

/**
 * Defers the whole call of `end`: for HTTP/2, whose responses share one socket, and for runtimes without the internals
 * of Node. If the sink accepts the record synchronously, the handler cannot tell the difference.
 */
function deferEnd(
  response: ServerResponse & { readonly stream?: ServerHttp2Stream },
  endDeferred: (isRefused: boolean) => void,
  prepareToWait: () => void,
): PendingResponse {
  return {
    prepareToWait,
    release() {
      try {
        endDeferred(false)
      } catch {
        // Node throws for the arguments of `end`, and the handler that passed them has returned.
        response.destroy()
      }
      return true
    },
    refuse() {
      if (response.headersSent) {
        // Closed with an error, so that the client does not take a part of the body for the whole.
        if (response.stream) response.stream.close(NGHTTP2_INTERNAL_ERROR)
        else response.destroy()
        return false
      }
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      response.statusCode = 503
      response.setHeader('retry-after', RETRY_AFTER_S)
      endDeferred(true)
      return true
    },
  }
}
