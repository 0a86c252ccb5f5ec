// For HTTP/1 in runtimes without the output queue of Node, and on stand-ins for a response: defers the whole call of `end`.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { AuditLogError } from '../../lib/errors.js'
import { readSafely } from '../../lib/safe-read.js'
import { FrozenResponse } from './freeze-response.js'
import {
  copyBuffer,
  type EndArguments,
  type PendingResponse,
  type Refusal,
  type Release,
} from './held-response.js'
import { hasServerConnection } from './hold-output.js'
import { ClosePostponer } from './postpone-close.js'
import { UNAVAILABLE_HTTP1_HEADERS, UNAVAILABLE_STATUS } from './unavailable.js'

type CallEnd = (endArguments: EndArguments, isRefused: boolean) => void

/**
 * Defers a call of `end`. If the sink accepts the record synchronously, the handler cannot tell the difference.
 *
 * @param callEnd calls the `end` of the runtime
 */
export function deferEnd(
  response: ServerResponse,
  endArguments: EndArguments,
  callEnd: CallEnd,
): PendingResponse {
  return new DeferredEnd(response, endArguments, callEnd)
}

class DeferredEnd implements PendingResponse {
  readonly #response: ServerResponse
  readonly #callEnd: CallEnd
  #arguments: EndArguments
  /** The header at the call of `end`: `statusCode` and `statusMessage` may be assigned to until the header is sent. */
  #header: { status: number; reason: string; fields: OutgoingHttpHeaders } | undefined
  #frozen: FrozenResponse | undefined
  #postponer: ClosePostponer | undefined

  constructor(response: ServerResponse, endArguments: EndArguments, callEnd: CallEnd) {
    this.#response = response
    this.#arguments = endArguments
    this.#callEnd = callEnd
    setDate(response)
  }

  prepareToWait(): void {
    const response = this.#response
    this.#arguments = this.#arguments.map(copyBuffer) as EndArguments
    if (!response.headersSent) {
      const { statusCode: status, statusMessage: reason } = response
      this.#header = { status, reason, fields: { ...response.getHeaders() } }
    }
    const { socket } = response
    if (socket && !socket.writableEnded && hasServerConnection(response)) {
      this.#postponer = ClosePostponer.of(socket)
      this.#postponer.start()
    }
    this.#frozen = new FrozenResponse(response)
  }

  release(): Release {
    const response = this.#response
    this.#frozen?.thaw()
    try {
      if (this.#header !== undefined && !response.headersSent) this.#restoreHeader(this.#header)
      this.#send(false)
    } catch (error) {
      // The runtime throws for the arguments of `end`, and the handler that passed them has returned.
      this.#abort(error)
      return 'failed'
    }
    return 'sent'
  }

  refuse(): Refusal {
    const response = this.#response
    this.#frozen?.thaw()
    if (response.headersSent) {
      this.#abort(createCutError())
      return 'aborted'
    }
    removeHeaders(response)
    response.statusCode = UNAVAILABLE_STATUS
    for (const [name, value] of Object.entries(UNAVAILABLE_HTTP1_HEADERS)) response.setHeader(name, value)
    this.#send(true)
    return 'sent'
  }

  #send(isRefused: boolean): void {
    this.#postponer?.allowWrites()
    // Before `end`, because a stand-in may emit `finish` within it.
    this.#frozen?.destroyOnceSent()
    this.#callEnd(this.#arguments, isRefused)
    this.#postponer?.stopAfter(this.#response)
  }

  /** Destroys the response, and tells a serverless adapter, which waits for `finish` or `error`, that it has failed. */
  #abort(error: unknown): void {
    const response = this.#response
    const isConnected = readSafely(() => hasServerConnection(response)) === true
    this.#postponer?.cancel()
    try {
      response.destroy()
    } catch {
      // The method of a stand-in may throw or be missing.
    }
    // In a later turn, because an adapter starts to listen when the handler has returned.
    if (!isConnected) setImmediate(() => emitError(response, error))
  }

  #restoreHeader({
    status,
    reason,
    fields,
  }: {
    status: number
    reason: string
    fields: OutgoingHttpHeaders
  }): void {
    const response = this.#response
    removeHeaders(response)
    response.statusCode = status
    response.statusMessage = reason
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) response.setHeader(name, value)
    }
  }
}

/**
 * Not by `emit`, which throws if there is no listener, and stops at a listener that throws: the one of the adapter would not
 * be called.
 */
function emitError(response: ServerResponse, error: unknown): void {
  const listeners = readSafely(() => response.rawListeners('error')) ?? []
  for (const listener of listeners) {
    try {
      listener.call(response, error)
    } catch {
      // A listener of the application.
    }
  }
}

function createCutError(): AuditLogError {
  return new AuditLogError(
    'ERR_AUDIT_FAIL_CLOSED',
    'The sink did not accept the record of a response whose header was final, so `failClosed` has destroyed the response',
  )
}

function removeHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
}

/** The runtime may set Date only when the header is sent, but the record is written before that and must contain it. */
function setDate(response: ServerResponse): void {
  if (response.headersSent || !response.sendDate || response.hasHeader('date')) return
  response.setHeader('date', new Date().toUTCString())
}
