// Holds an HTTP/1 response in Node's own output queue, see lib/node-internals.ts.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  destroyAfterWrites,
  flushOutput,
  getCurrentResponse,
  getServer,
  hasCurrentResponse,
  hasOutputQueue,
  isHeaderFlushed,
  overrideFlush,
  restoreOutput,
  setCurrentResponse,
  takeOutput,
} from '../../lib/node-internals.js'
import { copyBuffer, type PendingResponse, type Refusal, type Release } from './held-response.js'
import { ClosePostponer } from './postpone-close.js'
import { ShadowProperties } from './shadow-properties.js'
import { UNAVAILABLE_BYTES } from './unavailable.js'

/**
 * Whether this runtime has the internals of Node by which a response can be held. Not without the connection of a server:
 * serverless adapters hand over a response as soon as its `end` has run, whatever has become of its output.
 */
export function canQueueOutput(response: ServerResponse): boolean {
  const { socket } = response
  if (!hasServerConnection(response)) return false
  return hasOutputQueue(response) && (socket === null || hasCurrentResponse(socket))
}

/** `false` behind serverless adapters, in tests that inject requests, and on test doubles. */
export function hasServerConnection(response: ServerResponse): boolean {
  return getServer(response.socket ?? response.req?.socket ?? response) !== undefined
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
  isBodySplit: boolean,
): PendingResponse {
  const hold = new CurrentResponseHold(response, socket, isBodySplit)
  hold.queueOutputOf(callEnd)
  return hold
}

class CurrentResponseHold implements PendingResponse {
  readonly #response: ServerResponse
  readonly #socket: Duplex
  /** The last bytes were written before, and would have been sent then. They must not be lost for leaving later. */
  readonly #isDelayed: boolean
  readonly #wasHeaderSent: boolean
  #output: HeldOutput | undefined
  #postponer: ClosePostponer | undefined

  constructor(response: ServerResponse, socket: Duplex, isBodySplit: boolean) {
    this.#response = response
    this.#socket = socket
    this.#isDelayed = isBodySplit && socket.writableLength > 0 && socket.writableCorked === 0
    this.#wasHeaderSent = isHeaderFlushed(response) ?? response.headersSent
  }

  queueOutputOf(callEnd: () => unknown): void {
    const response = this.#response
    const socket = this.#socket
    // `end` uncorks the socket. What was written in this turn must leave together with the end, as it does in Node:
    // on TLS a second write waits for the first, and `server.close()` would destroy the socket in between.
    const shadows =
      socket.writableCorked > 0 && socket.writableLength > 0 ? new ShadowProperties(socket) : undefined
    shadows?.set('uncork', () => {})
    setCurrentResponse(socket, null)
    try {
      callEnd()
    } finally {
      if (!getCurrentResponse(socket)) setCurrentResponse(socket, response)
      shadows?.remove()
    }
    this.#output = new HeldOutput(response)
  }

  prepareToWait(): void {
    this.#output?.copyBuffers()
    uncorkFully(this.#socket)
    // Without output to send, Node emits `finish` right away.
    if (!this.#output?.isEmpty) this.#postpone()
  }

  release(): Release {
    const socket = this.#socket
    // Node would emit `finish` on a connection that is gone, although nothing can be sent.
    if (socket.destroyed || socket.writableEnded) {
      this.#postponer?.cancel()
      return 'failed'
    }
    if (this.#isDelayed) this.#postpone()
    if (this.#postponer === undefined) {
      this.#flush()
      return 'sent'
    }
    try {
      this.#postponer.allowWrites()
      this.#flush()
    } catch {
      // Node throws for an unknown encoding, and the handler that passed it has returned.
      this.#postponer.cancel()
      socket.destroy()
      return 'failed'
    }
    this.#postponer.stopAfter(this.#response)
    return 'sent'
  }

  refuse(): Refusal {
    const socket = this.#socket
    this.#postponer?.cancel()
    if (this.#wasHeaderSent || socket.destroyed) {
      socket.destroy()
      return 'aborted'
    }
    writeUnavailable(socket)
    return 'written'
  }

  #postpone(): void {
    if (this.#postponer !== undefined) return
    this.#postponer = ClosePostponer.of(this.#socket)
    this.#postponer.start()
  }

  #flush(): void {
    this.#output?.restore()
    flushOutput(this.#response)
    // As `end` does: what was corked in the meantime must not delay a response that has ended.
    uncorkFully(this.#socket)
  }
}

/**
 * Holds a pipelined response that waits for the socket. Node queues its output until then, and this extends the wait.
 */
export function holdPipelinedResponse(response: ServerResponse, callEnd: () => unknown): PendingResponse {
  let postponer: ClosePostponer | undefined
  let isDecided = false
  /** Sets what runs when the response gets the socket, or runs it now. `undefined` restores Node's own flush. */
  const setFlush = (flush: (() => void) | undefined) => {
    overrideFlush(response, flush)
    if (response.socket !== null) flushOutput(response)
  }
  setFlush(() => {
    if (isDecided || postponer !== undefined || response.socket === null) return
    postponer = ClosePostponer.of(response.socket)
    postponer.start()
  })
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
      isDecided = true
      output.restore()
      if (postponer === undefined) {
        setFlush(undefined)
        return response.socket === null ? 'queued' : 'sent'
      }
      try {
        postponer.allowWrites()
        setFlush(undefined)
      } catch {
        postponer.cancel()
        response.socket?.destroy()
        return 'failed'
      }
      postponer.stopAfter(response)
      return 'sent'
    },
    refuse() {
      isDecided = true
      postponer?.cancel()
      setFlush(() => writeUnavailable(response.socket as Duplex))
      return 'written'
    },
  }
}

function uncorkFully(socket: Duplex): void {
  while (socket.writableCorked > 0) socket.uncork()
}

function writeUnavailable(socket: Duplex): void {
  uncorkFully(socket)
  socket.write(UNAVAILABLE_BYTES)
  // Later pipelined requests get no response.
  destroyAfterWrites(socket)
}
