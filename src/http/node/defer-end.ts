// For HTTP/1 in runtimes without the output queue of Node, and on stand-ins for a response: defers the whole call of `end`.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import {
  copyBuffer,
  type EndArguments,
  type PendingResponse,
  type Refusal,
  type Release,
} from './held-response.js'
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
  /** The header at the call of `end`: until the header is sent, an error handler may change it. */
  #header: { status: number; reason: string; fields: OutgoingHttpHeaders } | undefined

  constructor(response: ServerResponse, endArguments: EndArguments, callEnd: CallEnd) {
    this.#response = response
    this.#arguments = endArguments
    this.#callEnd = callEnd
    setDate(response)
  }

  prepareToWait(): void {
    const response = this.#response
    this.#arguments = this.#arguments.map(copyBuffer) as EndArguments
    if (response.headersSent) return
    const { statusCode: status, statusMessage: reason } = response
    this.#header = { status, reason, fields: { ...response.getHeaders() } }
  }

  release(): Release {
    try {
      if (this.#header !== undefined && !this.#response.headersSent) this.#restoreHeader(this.#header)
      this.#callEnd(this.#arguments, false)
    } catch {
      // The runtime throws for the arguments of `end`, and the handler that passed them has returned.
      this.#response.destroy()
      return 'failed'
    }
    return 'sent'
  }

  refuse(): Refusal {
    const response = this.#response
    if (response.headersSent) {
      response.destroy()
      return 'aborted'
    }
    removeHeaders(response)
    response.statusCode = UNAVAILABLE_STATUS
    for (const [name, value] of Object.entries(UNAVAILABLE_HTTP1_HEADERS)) response.setHeader(name, value)
    this.#callEnd(this.#arguments, true)
    return 'sent'
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

function removeHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
}

/** The runtime may set Date only when the header is sent, but the record is written before that and must contain it. */
function setDate(response: ServerResponse): void {
  if (response.headersSent || !response.sendDate || response.hasHeader('date')) return
  response.setHeader('date', new Date().toUTCString())
}
