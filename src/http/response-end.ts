// The contract of the watchers in `response/`, and what they share. response.ts chooses one for each request.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Ending, ResponseRecord } from '../record/record.js'
import { listenForHeader } from './response/header-listener.js'

export type ResponseEnding = Exclude<Ending, 'crashed'>

export interface ResponseEndListener {
  /** Called once, when the response has ended. */
  onResponseEnd(ending: ResponseEnding): void
  /** Whether `failClosed` is holding the last byte, so that an ended response has not reached the socket yet. */
  readonly isResponseHeld?: boolean
  /** Called after {@link ResponseWatcher.watchHeader}, when there is a header to describe. It may be called again. */
  onHeader?(): void
  /** Whether the description of the response leaves out the `BROWSER_POLICY_HEADERS`. */
  readonly omitsPolicies?: boolean
}

/** No status line of the response has left. `null` in its place means that it is not known what has left. */
export const NO_RESPONSE: ResponseRecord = { status_code: null, reason: null, headers: null }

/**
 * Watches a response, and notifies its listener once when the response has ended.
 *
 * Hot path: an object with methods, because a closure per event would be allocated for each request in flight.
 */
export abstract class ResponseWatcher {
  protected readonly response: ServerResponse
  protected readonly listener: ResponseEndListener
  protected ending: ResponseEnding = 'aborted'
  #isNotified = false

  constructor(response: ServerResponse, listener: ResponseEndListener) {
    this.response = response
    this.listener = listener
  }

  /** Whether the whole response has been handed over. Works during process exit too, when events no longer fire. */
  abstract get isFlushed(): boolean

  /**
   * The response as the client received it, or was to receive it if `isComplete`; `null` if something else than the
   * response object has written to the connection, so that it is not known what the client received.
   */
  abstract describe(isComplete: boolean): ResponseRecord | null

  /** The header that was handed to the connection; `undefined` if there is none, or if it cannot leave any more. */
  abstract describeHeader(): ResponseRecord | undefined

  /** Calls `onHeader` of the listener when the header leaves. */
  watchHeader(): void {
    listenForHeader(this.response, () => this.listener.onHeader?.())
  }

  protected get omitsPolicies(): boolean {
    return this.listener.omitsPolicies === true
  }

  /** Whether no byte of the body has left. `false` also if that is not known. */
  get isOnlyHeaderSent(): boolean {
    return false
  }

  /** To be called after the response was ended: marks it as completed if all of it has been flushed. */
  completeIfFlushed(): void {
    if (this.isFlushed) this.ending = 'completed'
  }

  /** Only the first call has an effect. */
  notifyEnd(): void {
    if (this.#isNotified) return
    this.#isNotified = true
    this.onNotified()
    this.listener.onResponseEnd(this.ending)
  }

  protected onNotified(): void {}
}

/** The stream of an HTTP/2 request. On an HTTP/1 request a property `stream` belongs to the application. */
export function getHttp2Stream(
  request: IncomingMessage & { stream?: ServerHttp2Stream },
): ServerHttp2Stream | undefined {
  return request.httpVersionMajor === 2 ? request.stream : undefined
}
