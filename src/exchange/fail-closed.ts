// `failClosed`: holds a response until the sink has accepted its records, or refuses the request.
import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HeldResponse } from '../http/node/held-response.js'
import { holdResponse, respondUnavailable } from '../http/node/hold-response.js'
import { UNAVAILABLE_RECORD } from '../http/node/unavailable.js'
import type { Reporter } from '../lib/reporter.js'
import type { Acceptance } from '../pipeline/acceptance.js'
import type { Ending, ResponseRecord } from '../record/record.js'

/**
 * The states of an exchange with `failClosed`:
 * - `refusedOnArrival`: the sink is down, so 503 was sent, and the handler must not run.
 * - `armed`: the handler runs; its response will be held.
 * - `held`: the handler has ended the response, and its records were sent; the sink has not answered yet.
 * - `released`: the sink has accepted the records, so the response is sent.
 * - `failed`: the sink has accepted the records, but the response could not be sent as recorded.
 * - `refusedAtEnd`: the sink has not accepted the records, so 503 was sent in place of the response, or it was aborted.
 * - `unheld`: the response is sent in a way that cannot be held.
 *
 *     armed --#hold--> held --#releaseOrRefuse--> released | failed | refusedAtEnd
 *     armed --#reportUnheld--> unheld
 *
 * Records that were sent while the response was held show a completed response. When the exchange has really ended:
 *
 *     released --correct--> they are sent again if the client did not get the whole response
 *     failed, refusedAtEnd --correct--> they are sent again, with what the client got
 */
type FailClosedState =
  | 'refusedOnArrival'
  | 'armed'
  | 'held'
  | 'released'
  | 'failed'
  | 'refusedAtEnd'
  | 'unheld'

/** The states in which the end of a response that has ended is not on its way to the client. */
const HELD_STATES = new Set<FailClosedState>(['refusedOnArrival', 'armed', 'held', 'refusedAtEnd'])

const refusedChannel = channel('http-audit-log:refused')

/** The exchange, as {@link FailClosed} sees it. */
export interface HeldExchange {
  readonly reporter: Reporter
  /** How the exchange really ended, once it has. */
  readonly ending: Ending | null
  /** Called when the decision was made after the exchange has ended. */
  finish(ending: Ending): void
  /** Sends the records, with a completed response. */
  sendHeldRecords(): Acceptance
  /** Called when the response that was held has been handed over to the connection. */
  onReleased(): void
  /**
   * Sends the records again, since the response was not sent as they show.
   *
   * @param response what the client received, if the response object does not show it
   */
  correctRecords(ending: Ending, response: ResponseRecord | undefined): void
}

/** Created for exchanges with `failClosed` only. */
export class FailClosed {
  readonly #exchange: HeldExchange
  readonly #request: IncomingMessage
  #state: FailClosedState = 'armed'
  /** In place of the real ending, if the refusal was sent as a complete response. */
  #refusedEnding: Ending | undefined
  /** Replaces the description of the response, which does not show a 503 that was written to the socket. */
  #refusalRecord: ResponseRecord | undefined

  constructor(exchange: HeldExchange, request: IncomingMessage) {
    this.#exchange = exchange
    this.#request = request
  }

  /**
   * Holds the response, or refuses the request.
   *
   * @param canRecord whether the sink has accepted what was sent so far, and is up
   */
  begin(response: ServerResponse, canRecord: boolean): void {
    if (canRecord) {
      const onEnd = (held: HeldResponse) => this.#hold(held)
      holdResponse(this.#request, response, onEnd, () => this.#reportUnheld())
      return
    }
    this.#state = 'refusedOnArrival'
    publishRefused(this.#request)
    respondUnavailable(response)
  }

  get isRefusedOnArrival(): boolean {
    return this.#state === 'refusedOnArrival'
  }

  /** Whether the end of a response that has ended is not on its way to the client. */
  get isResponseHeld(): boolean {
    return HELD_STATES.has(this.#state)
  }

  /** Whether the sink has not answered yet for the records of a held response. */
  get isUndecided(): boolean {
    return this.#state === 'held'
  }

  /** Called when the exchange has really ended. */
  onEnd(ending: Ending): void {
    if (this.#state === 'released') {
      // The accepted records show a completed response.
      if (ending !== 'completed') this.#exchange.correctRecords(ending, undefined)
    } else if (this.#state === 'refusedAtEnd' || this.#state === 'failed') {
      this.#exchange.correctRecords(this.#refusedEnding ?? ending, this.#refusalRecord)
    }
  }

  /**
   * Called when the handler has ended the response, before its last byte is sent.
   *
   * @returns whether the response is released or refused already
   */
  #hold(held: HeldResponse): boolean {
    this.#state = 'held'
    const acceptance = this.#exchange.sendHeldRecords()
    if (typeof acceptance === 'boolean') {
      this.#releaseOrRefuse(held, acceptance)
      return true
    }
    void acceptance.then((isAccepted) => this.#releaseOrRefuse(held, isAccepted))
    return false
  }

  #releaseOrRefuse(held: HeldResponse, isAccepted: boolean): void {
    if (isAccepted) {
      // Set first: Node emits `prefinish` during the release.
      this.#state = 'released'
      const release = held.release()
      if (release === 'sent') this.#exchange.onReleased()
      if (release === 'failed') this.#state = 'failed'
    } else {
      // The records no longer match the response; rebuild them when the exchange ends.
      const refusal = held.refuse()
      if (refusal !== 'aborted') this.#refusedEnding = 'completed'
      if (refusal === 'written') this.#refusalRecord = UNAVAILABLE_RECORD
      this.#state = 'refusedAtEnd'
      publishRefused(this.#request)
    }
    const { ending } = this.#exchange
    if (ending !== null) this.#exchange.finish(ending)
  }

  #reportUnheld(): void {
    this.#state = 'unheld'
    this.#exchange.reporter.reportOnce(
      'ERR_AUDIT_FAIL_CLOSED',
      'A response was sent with respondWithFile() or respondWithFD() of an HTTP/2 stream, which Node sends natively, so ' +
        '`failClosed` could not hold it: the response leaves even if its record cannot be written. Pipe the file into ' +
        'the response instead',
    )
  }
}

function publishRefused(request: IncomingMessage): void {
  if (refusedChannel.hasSubscribers) refusedChannel.publish({ request })
}
