// One HTTP exchange. The middleware creates a RecordedExchange from an Arrival; other files see only a part of it:
// - StartedExchange (middleware.ts): the adapter of the framework.
// - AttachedExchange (attached-exchange.ts): a second middleware on the same request.
// - InFlightExchange (in-flight.ts): `close()`, and the exit of the process.
// - ResponseEndListener (http/response-end.ts): the watcher of the response.
// - DraftSender (logger/record-builder.ts): the builder, which hands over the record when it is sent.
import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { normalizeIp } from '../http/ip-address.js'
import type { HeldResponse } from '../http/node/held-response.js'
import { holdResponse, respondUnavailable } from '../http/node/hold-response.js'
import { UNAVAILABLE_RECORD } from '../http/node/unavailable.js'
import type { Policy } from '../http/policy.js'
import { createRequestDraft, type RequestSource } from '../http/request.js'
import { watchResponse } from '../http/response.js'
import { mayHaveSentBody } from '../http/response-body.js'
import type { ResponseEndListener, ResponseWatcher } from '../http/response-end.js'
import { findResponseError } from '../http/response-error.js'
import { PHASE, type Phase } from '../http/user/evidence.js'
import { readRoutedMethod } from '../http/wire-method.js'
import type { Reporter } from '../lib/reporter.js'
import { readSafely } from '../lib/safe-read.js'
import { type AuditLogger, createLogger } from '../logger/audit-logger.js'
import { type DraftSender, RecordBuilder } from '../logger/record-builder.js'
import type { Acceptance } from '../pipeline/delivery.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Ending, ResponseRecord } from '../record/record.js'
import { getElapsedMs, type RecordDraft, resend } from '../record/record-draft.js'
import type { AttachedExchange, RouteState } from './attached-exchange.js'
import { findRequestId, findRoute, type OptionsAndAdapter } from './callbacks.js'
import type { InFlightExchange, InFlightExchanges } from './in-flight.js'
import { haveSameOutput, type OutputOptions } from './output-options.js'
import { UserTracker } from './user-tracker.js'

/** A request that has arrived; `context` is `req` in Express and `ctx` in Koa. */
export interface Arrival<Context> {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly context: Context
  readonly source: RequestSource
  /** The method that the client sent. */
  readonly method: string
}

/** Shared by all exchanges of a middleware. */
export interface MiddlewareContext<Context> extends OptionsAndAdapter<Context> {
  readonly pipeline: Pipeline
  readonly inFlight: InFlightExchanges
  readonly policy: Policy
}

/**
 * The states of an exchange with regard to `failClosed`:
 * - `off`: it does not apply.
 * - `refusedOnArrival`: the sink is down, so 503 was sent, and the handler must not run.
 * - `armed`: the handler runs; its response will be held.
 * - `held`: the handler has ended the response, and its record was sent; the sink has not answered yet.
 * - `released`: the sink has accepted the record, so the response is sent.
 * - `failed`: the sink has accepted the record, but the response could not be sent as recorded.
 * - `refusedAtEnd`: the sink has not accepted the record, so 503 was sent in place of the response, or it was aborted.
 * - `unheld`: the response is sent in a way that cannot be held.
 *
 *     off --enforceFailClosed--> refusedOnArrival | armed
 *     armed --#hold--> held --#releaseOrRefuse--> released | failed | refusedAtEnd
 *     armed --#reportUnheld--> unheld
 *
 * A record that was sent while the response was held shows a completed response. When the exchange has really ended:
 *
 *     released --#correct--> the record is sent again if the client did not get the whole response
 *     failed, refusedAtEnd --#resend--> the record is sent again, with what the client got
 */
type FailClosedState =
  | 'off'
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

/** One HTTP exchange and its record, from the arrival of the request until the response has ended. */
export class RecordedExchange<Context>
  implements AttachedExchange, ResponseEndListener, InFlightExchange, DraftSender
{
  /** Written by {@link InFlightExchanges}. */
  index = -1
  /** Written by the adapter. */
  routeState: RouteState = 'unknown'
  readonly logger: AuditLogger
  readonly builder: RecordBuilder
  readonly #arrival: Arrival<Context>
  readonly #middleware: MiddlewareContext<Context>
  readonly #draft: RecordDraft
  readonly #user: UserTracker<Context>
  readonly #startedAt = performance.now()
  readonly #watchedResponse: ResponseWatcher
  /** How the exchange really ended, once it has. */
  #ending: Ending | null = null
  /** The ending in the record: a held response is recorded as completed before it is sent. */
  #recordedEnding: Ending | null = null
  #acceptance: Acceptance = true

  // The rest is for `failClosed`.
  #state: FailClosedState = 'off'
  readonly #isStartRecordAccepted: boolean
  /** The record was sent while the response was held, not earlier by `sendLog()`, and may be sent again, once. */
  #isResendable = false
  /** Replaces the description of the response, which does not show a 503 that was written to the socket. */
  #responseRecord: ResponseRecord | undefined

  constructor(arrival: Arrival<Context>, middleware: MiddlewareContext<Context>) {
    const { request, response, context, source, method } = arrival
    const { options, pipeline, inFlight } = middleware
    this.#arrival = arrival
    this.#middleware = middleware
    const ip = normalizeIp(source.ip)
    this.#user = new UserTracker(middleware, context, ip)
    // Authentication may have run before the middleware.
    this.#user.observe(PHASE.middleware, false)
    this.#draft = createRequestDraft({ request, source, method })
    this.builder = new RecordBuilder(this.#draft, pipeline.redactor, this, ip)
    this.logger = createLogger(this.builder)

    this.#watchedResponse = watchResponse(request, response, this)
    inFlight.add(this)
    this.#isStartRecordAccepted = !options.startRecords || this.#sendStartRecord() !== false
  }

  /** Called by the builder. */
  get reporter(): Reporter {
    return this.#middleware.options.reporter
  }

  get isRefused(): boolean {
    return this.#state === 'refusedOnArrival'
  }

  hasSameOutput(options: OutputOptions): boolean {
    return haveSameOutput(options, this.#middleware.options)
  }

  enforceFailClosed(): void {
    const { request, response } = this.#arrival
    if (this.#state !== 'off' || response.headersSent) return
    if (this.#isStartRecordAccepted && this.#middleware.pipeline.isUp()) {
      this.#state = 'armed'
      holdResponse(
        request,
        response,
        (held) => this.#hold(held),
        () => this.#reportUnheld(),
      )
      return
    }
    this.#state = 'refusedOnArrival'
    publishRefused(request)
    respondUnavailable(response)
  }

  /** Called by the builder: the handler may log the user out after it has described the action. */
  onUse(): void {
    this.#user.observe(PHASE.middleware, false)
  }

  /** Called by the adapter. */
  observeUser(next: Phase, isForced: boolean): void {
    this.#user.observe(next, isForced)
  }

  /** Called by {@link ResponseWatcher}. */
  onResponseEnd(ending: Ending): void {
    this.#middleware.inFlight.delete(this)
    this.#end(ending)
  }

  /** Called by {@link ResponseWatcher}. */
  get isResponseHeld(): boolean {
    return this.#state !== 'off' && HELD_STATES.has(this.#state)
  }

  /** Called by {@link InFlightExchanges}. */
  endAtExit(): void {
    this.#end(this.#watchedResponse.isFlushed ? 'completed' : 'crashed')
  }

  #end(ending: Ending): void {
    this.#ending = ending
    this.#recordedEnding ??= ending
    this.builder.send()
    this.#endHeld(ending)
  }

  #endHeld(ending: Ending): void {
    if (this.#state === 'released') this.#correct(ending)
    else if (this.#state === 'refusedAtEnd' || this.#state === 'failed') this.#resend()
  }

  /** Called by the builder, once. */
  send(): void {
    this.#completeDraft()
    const isHeld = this.#state === 'held'
    this.#isResendable = isHeld
    const { pipeline } = this.#middleware
    // While the response is held, the pipeline must not buffer the record: it may still have to change.
    this.#acceptance = isHeld ? pipeline.trySend(this.#draft) : pipeline.send(this.#draft)
  }

  /** Fills in what is known only when the record is sent. */
  #completeDraft(): void {
    const { request, response, context, source, method } = this.#arrival
    const draft = this.#draft
    draft.request_id ??= findRequestId(this.#middleware, request, response, context)
    draft.ended = this.#recordedEnding
    draft.duration_ms = getElapsedMs(this.#startedAt)
    draft.http_response =
      this.#responseRecord ?? this.#watchedResponse.describe(this.#recordedEnding === 'completed')
    if (draft.http_response === null) this.#reportUnknownResponse()
    const status = draft.http_response?.status_code ?? null
    draft.user ??= this.#user.describeAtEnd(status)
    if (this.#recordedEnding !== 'completed') this.builder.suggestError(findResponseError(response))
    const route = this.routeState === 'left' ? null : findRoute(this.#middleware, context, source.target)
    draft.route = route ?? null
    this.#findPathSecrets()
    if (this.builder.hasSuggestions) this.#applySuggestions(status)
    draft.detail = this.#middleware.policy.decideAtEnd({
      method,
      routedMethod: readRoutedMethod(request),
      target: source.target,
      route: draft.route,
      isRouteUncertain: route === null,
      status: draft.http_response === null ? undefined : status,
    })
  }

  #findPathSecrets(): void {
    const { adapter, pipeline } = this.#middleware
    // The parameters belong to the application: a proxy may throw on any access.
    const find = () => pipeline.redactor.findPathSecrets(adapter.findParams(this.#arrival.context))
    this.builder.addSecrets(readSafely(find) ?? [])
  }

  #applySuggestions(status: number | null): void {
    const { method } = this.#arrival
    const [watcher, ending] = [this.#watchedResponse, this.#recordedEnding]
    this.builder.applySuggestions({
      mayHaveBody: mayHaveSentBody({ watcher, method, status, ending }),
      followsPython: this.#middleware.options.followsPython,
    })
  }

  #reportUnknownResponse(): void {
    this.#middleware.options.reporter.reportOnce(
      'ERR_AUDIT_UNKNOWN_RESPONSE',
      'A connection closed after bytes were written to it that are not the header of the response: early hints, or the ' +
        'output of code that writes to the socket, such as a `clientError` listener. It is not known what the client ' +
        'received, so `http_response` of the record is null. Respond by the response object where you can',
    )
  }

  /** The user is not known yet, unless authentication has run before the middleware. */
  #sendStartRecord(): Acceptance {
    const { request, response, context } = this.#arrival
    this.#draft.request_id = findRequestId(this.#middleware, request, response, context)
    const startDraft: RecordDraft = {
      ...this.#draft,
      stage: 'received',
      user: this.#user.describeAtArrival(),
    }
    const acceptance = this.#middleware.pipeline.send(startDraft)
    this.#draft.stage = 'completed'
    // Both records of the exchange have the same `id`.
    this.#draft.sequence = startDraft.sequence
    return acceptance
  }

  /**
   * Called when the handler has ended the response, before its last byte is sent.
   *
   * @returns whether the response is released or refused already
   */
  #hold(held: HeldResponse): boolean {
    this.#state = 'held'
    this.#recordedEnding = 'completed'
    this.builder.send()
    if (typeof this.#acceptance === 'boolean') {
      this.#releaseOrRefuse(held, this.#acceptance)
      return true
    }
    void this.#acceptance.then((isAccepted) => this.#releaseOrRefuse(held, isAccepted))
    return false
  }

  #releaseOrRefuse(held: HeldResponse, isAccepted: boolean): void {
    if (isAccepted) {
      // Set first: Node emits `prefinish` during the release.
      this.#state = 'released'
      const release = held.release()
      if (release === 'sent') this.#watchedResponse.completeIfFlushed()
      if (release === 'failed') {
        this.#state = 'failed'
        this.#recordedEnding = this.#ending
      }
    } else {
      // The record no longer matches the response; rebuild it when the exchange ends.
      const refusal = held.refuse()
      if (refusal === 'aborted') this.#recordedEnding = this.#ending
      else if (refusal === 'written') this.#responseRecord = UNAVAILABLE_RECORD
      this.#state = 'refusedAtEnd'
      publishRefused(this.#arrival.request)
    }
    if (this.#ending !== null) this.#endHeld(this.#ending)
  }

  #reportUnheld(): void {
    this.#state = 'unheld'
    this.#middleware.options.reporter.reportOnce(
      'ERR_AUDIT_FAIL_CLOSED',
      'A response was sent with respondWithFile() or respondWithFD() of an HTTP/2 stream, which Node sends natively, so ' +
        '`failClosed` could not hold it: the response leaves even if its record cannot be written. Pipe the file into ' +
        'the response instead',
    )
  }

  /** The accepted record shows a completed response. If the client did not get all of it, a second line corrects that. */
  #correct(ending: Ending): void {
    if (ending === 'completed') return
    this.#recordedEnding = ending
    this.#resend()
  }

  /** A record that the handler sent earlier with `sendLog()` stays as it is. */
  #resend(): void {
    if (!this.#isResendable) return
    this.#isResendable = false
    this.#recordedEnding ??= 'aborted'
    this.#completeDraft()
    resend(this.#middleware.pipeline, this.#draft)
  }
}

function publishRefused(request: IncomingMessage): void {
  if (refusedChannel.hasSubscribers) refusedChannel.publish({ request })
}
