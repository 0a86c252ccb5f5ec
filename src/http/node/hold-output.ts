// Holds an HTTP/1 response in Node's own output queue, see lib/node-internals.ts.
import type { ServerResponse } from 'node:http'
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
import type { ResponseRecord } from '../../record/record.js'
import { copyBuffer, type PendingResponse, RETRY_AFTER_S } from './held-response.js'

/** The response in the record if `refuse()` returns `written`: the response object does not show it. */
export const REFUSED_RESPONSE: ResponseRecord = {
  status_code: 503,
  reason: 'Service Unavailable',
  headers: { 'retry-after': RETRY_AFTER_S, 'content-length': '0', connection: 'close' },
}

/** The same response as bytes. */
const REFUSED_RESPONSE_BYTES = [
  'HTTP/1.1 503 Service Unavailable',
  `Retry-After: ${RETRY_AFTER_S}`,
  'Content-Length: 0',
  'Connection: close',
  '\r\n',
].join('\r\n')

/** Whether this runtime has the internals of Node by which a response can be held. */
export function canQueueOutput(response: ServerResponse): boolean {
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

/** Holds a response that has the socket. */
export function holdCurrentResponse(
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
        return 'aborted'
      }
      writeUnavailable(socket)
      return 'written'
    },
  }
}

/**
 * Holds a pipelined response that waits for the socket. Node queues its output until then, and this extends the wait.
 */
export function holdPipelinedResponse(response: ServerResponse, callEnd: () => unknown): PendingResponse {
  const busyMark = new BusyMark(response)
  /** Sets what runs when the response gets the socket, or runs it now. `undefined` restores Node's own flush. */
  const setFlush = (flush: (() => void) | undefined) => {
    overrideFlush(response, flush)
    if (response.socket !== null) flushOutput(response)
  }
  setFlush(() => busyMark.set())
  try {
    callEnd()
  } catch (error) {
    setFlush(undefined)
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
      setFlush(undefined)
      return response.socket !== null
    },
    refuse() {
      busyMark.remove()
      setFlush(() => writeUnavailable(response.socket as Duplex))
      return 'written'
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
  socket.write(REFUSED_RESPONSE_BYTES)
  // Later pipelined requests get no response.
  destroyAfterWrites(socket)
}
