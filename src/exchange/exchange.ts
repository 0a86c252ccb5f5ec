// One HTTP exchange. The middleware creates a RecordedExchange from an Arrival; other files see only a part of it:
// - StartedExchange (middleware.ts): the adapter of the framework.
// - AttachedExchange (attached-exchange.ts): a second middleware on the same request.
// - InFlightExchange (in-flight.ts): `close()`, and the exit of the process.
// - ResponseEndListener (http/response-end.ts): the watcher of the response.
// - HeldExchange (fail-closed.ts): `failClosed`, which holds the response back.
// - DraftSender (logger/record-builder.ts): the builder, which hands over the record when it is sent.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { normalizeIp } from '../http/ip-address.js'
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
import { ChildRecords } from '../logger/child-records.js'
import type { LateChildren } from '../logger/late-children.js'
import { type DraftSender, RecordBuilder } from '../logger/record-builder.js'
import { type Acceptance, allAccepted } from '../pipeline/acceptance.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { EarlyStage, Ending, ResponseRecord } from '../record/record.js'
import { getElapsedMs, type PolicyLevel, type RecordDraft, resend } from '../record/record-draft.js'
import type { AttachedExchange, RouteState } from './attached-exchange.js'
import { findRequestId, findRoute, type OptionsAndAdapter } from './callbacks.js'
import { FailClosed, type HeldExchange } from './fail-closed.js'
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
  /** The records of actions after the end of their exchange. */
  readonly late: LateChildren
}

/** One HTTP exchange and its record, from the arrival of the request until the response has ended. */
export class RecordedExchange<Context>
  implements AttachedExchange, ResponseEndListener, InFlightExchange, HeldExchange, DraftSender
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
  ending: Ending | null = null
  /** The ending in the record: a held response is recorded as completed before it is sent. */
  #recordedEnding: Ending | null = null
  /** The recorded ending when the draft was last completed. */
  #completedEnding: Ending | null = null
  #acceptance: Acceptance = true
  /** Whether the header of the response is to be recorded in a line of its own. */
  #isHeaderAwaited = false
  /** The records of further actions. Most exchanges have none. */
  #children: ChildRecords | undefined

  // The rest is for `failClosed`.
  #failClosed: FailClosed | undefined
  readonly #isReceivedAccepted: boolean
  /** The record was sent while the response was held, not earlier by `sendLog()`, and may be sent again, once. */
  #isResendable = false
  /** Replaces the description of the response. */
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
    const { isReceivedRecorded, isStartedRecorded } = options.stages
    this.#isReceivedAccepted = !isReceivedRecorded || this.#sendReceived() !== false
    if (isStartedRecorded) this.#awaitHeader()
  }

  /** Called by the builder. */
  get reporter(): Reporter {
    return this.#middleware.options.reporter
  }

  /** Called by the builder. */
  get lastMessageWins(): boolean {
    return this.#middleware.options.followsPython
  }

  get isRefused(): boolean {
    return this.#failClosed?.isRefusedOnArrival === true
  }

  hasSameOutput(options: OutputOptions): boolean {
    return haveSameOutput(options, this.#middleware.options)
  }

  enforceFailClosed(): void {
    const { request, response } = this.#arrival
    if (this.#failClosed !== undefined || response.headersSent) return
    const canRecord = this.#isReceivedAccepted && this.#middleware.pipeline.isUp()
    this.#failClosed = new FailClosed(this, request)
    this.#failClosed.begin(response, canRecord)
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
  get omitsPolicies(): boolean {
    return this.#middleware.options.responseHeaders === 'default'
  }

  /** Called by {@link ResponseWatcher}. */
  get isResponseHeld(): boolean {
    return this.#failClosed?.isResponseHeld === true
  }

  /** Called by {@link InFlightExchanges}. */
  endAtExit(): void {
    this.#end(this.#watchedResponse.isFlushed ? 'completed' : 'crashed')
    this.#children?.sendRest()
  }

  #end(ending: Ending): void {
    this.ending = ending
    this.#recordedEnding ??= ending
    this.builder.send()
    this.finish(ending)
  }

  /** Called by {@link FailClosed} too, if the sink has answered after the exchange has ended. */
  finish(ending: Ending): void {
    this.#failClosed?.onEnd(ending)
    if (this.#children === undefined) return
    if (this.#failClosed?.isUndecided === true) this.#children.sendAtExit()
    else this.#children.sendAll()
  }

  /** Called by the builder, once. */
  send(): void {
    this.#isHeaderAwaited = false
    this.#completeDraft()
    this.#children?.shareSecrets()
    const isHeld = this.#failClosed?.isUndecided === true
    this.#isResendable = isHeld
    const { pipeline } = this.#middleware
    // While the response is held, the pipeline must not buffer the record: it may still have to change.
    this.#acceptance = isHeld ? pipeline.trySend(this.#draft) : pipeline.send(this.#draft)
  }

  /** Fills in what is known only when the record is sent. */
  #completeDraft(): void {
    const { request, response, context } = this.#arrival
    const draft = this.#draft
    this.#completedEnding = this.#recordedEnding
    draft.request_id ??= findRequestId(this.#middleware, request, response, context)
    draft.ended = this.#recordedEnding
    draft.duration_ms = getElapsedMs(this.#startedAt)
    draft.http_response = this.#describeResponse()
    const status = draft.http_response?.status_code ?? null
    draft.user ??= this.#user.describeAtEnd(status)
    if (this.#recordedEnding !== 'completed') this.builder.suggestError(findResponseError(response))
    const route = this.#findRoute()
    draft.route = route ?? null
    this.#findPathSecrets()
    if (this.builder.suggested === undefined) this.#suggestUnreached(status)
    if (this.builder.needsCompletion) this.#completeBuilder(status)
    draft.detail = this.#decideDetail(draft, route === null)
  }

  #describeResponse(): ResponseRecord | null {
    const isComplete = this.#recordedEnding === 'completed'
    const response = this.#responseRecord ?? this.#watchedResponse.describe(isComplete)
    if (response === null) this.#reportUnknownResponse()
    return response
  }

  /** `null` if there is a route that is not known for certain, and `undefined` if there is none. */
  #findRoute(): string | null | undefined {
    const { context, source } = this.#arrival
    return this.routeState === 'left' ? null : findRoute(this.#middleware, context, source.target)
  }

  #decideDetail(
    { route, http_response }: Pick<RecordDraft, 'route' | 'http_response'>,
    isRouteUncertain: boolean,
  ): PolicyLevel {
    const { request, source, method } = this.#arrival
    return this.#middleware.policy.decideAtEnd({
      method,
      routedMethod: readRoutedMethod(request),
      target: source.target,
      route,
      isRouteUncertain,
      status: http_response?.status_code,
    })
  }

  /** Called by the builder. */
  createChild(): RecordBuilder {
    this.#children ??= this.#createChildren()
    return this.#children.create({ draft: this.#draft })
  }

  #createChildren(): ChildRecords {
    const { options, pipeline, late } = this.#middleware
    return new ChildRecords({
      draft: this.#draft,
      redactor: pipeline.redactor,
      reporter: options.reporter,
      lastMessageWins: options.followsPython,
      ip: normalizeIp(this.#arrival.source.ip),
      maxBatch: pipeline.maxBatch,
      late,
      hasEnded: () => this.ending !== null,
      describeShared: () => this.#describeShared(),
      write: pipeline.send,
      onUse: () => this.onUse(),
    })
  }

  /** The parts that all records of the exchange have in common, as far as they are known now. */
  #describeShared(): RecordDraft {
    const draft = this.#draft
    if (this.#completedEnding !== null && this.#completedEnding === this.#recordedEnding) return draft
    const { request, response, context } = this.#arrival
    draft.request_id ??= findRequestId(this.#middleware, request, response, context)
    this.#findPathSecrets()
    const http_response = this.#describeResponse()
    const user = draft.user ?? this.#user.describeAtEnd(http_response?.status_code ?? null)
    const ended = this.#recordedEnding
    const duration_ms = getElapsedMs(this.#startedAt)
    const place = this.#findPlace(http_response, draft.route)
    return { ...draft, ...place, http_response, user, ended, duration_ms }
  }

  /** Of a request that failed before it reached `audited()`, the route shows what was attempted. */
  #suggestUnreached(status: number | null): void {
    const { adapter, options } = this.#middleware
    const hasFailed = status === null || status >= 400
    if (hasFailed && !options.followsPython) readSafely(() => adapter.suggestUnreached(this.#arrival.context))
  }

  #findPathSecrets(): void {
    const { adapter, pipeline } = this.#middleware
    // The parameters belong to the application: a proxy may throw on any access.
    const find = () => pipeline.redactor.findPathSecrets(adapter.findParams(this.#arrival.context))
    this.builder.addSecrets(readSafely(find) ?? [])
  }

  #completeBuilder(status: number | null): void {
    const { method } = this.#arrival
    const [watcher, ending] = [this.#watchedResponse, this.#recordedEnding]
    this.builder.complete({ mayHaveBody: mayHaveSentBody({ watcher, method, status, ending }) })
  }

  #reportUnknownResponse(): void {
    this.#middleware.options.reporter.reportOnce(
      'ERR_AUDIT_UNKNOWN_RESPONSE',
      'A connection closed after bytes were written to it that are not the header of the response: early hints, or the ' +
        'output of code that writes to the socket, such as a `clientError` listener. It is not known what the client ' +
        'received, so `http_response` of the record is null. Respond by the response object where you can',
    )
  }

  #awaitHeader(): void {
    this.#isHeaderAwaited = true
    // Every line of an exchange has a stage if one of them may have.
    this.#draft.stage = 'completed'
    this.#watchedResponse.watchHeader()
  }

  /** Called by {@link ResponseWatcher}. */
  onHeader(): void {
    // A response that the handler has ended in one go is held with its header, and its record is sent before.
    if (this.#failClosed !== undefined) process.nextTick(() => this.#sendStarted())
    else this.#sendStarted()
  }

  #sendReceived(): Acceptance {
    return this.#sendStage('received', {})
  }

  #sendStarted(): void {
    const http_response = this.#isHeaderAwaited ? this.#watchedResponse.describeHeader() : undefined
    if (http_response === undefined) return
    this.#isHeaderAwaited = false
    this.#user.observe(PHASE.middleware, false)
    this.#findPathSecrets()
    const place = this.#findPlace(http_response, null)
    const duration_ms = getElapsedMs(this.#startedAt)
    void this.#sendStage('started', { ...place, http_response, duration_ms })
  }

  /** Sends a line before the end of the exchange, with what is known by then. All its lines have the same `id`. */
  #sendStage(stage: EarlyStage, facts: Partial<RecordDraft>): Acceptance {
    const { request, response, context } = this.#arrival
    const draft = this.#draft
    draft.request_id ??= findRequestId(this.#middleware, request, response, context)
    const user = draft.user ?? this.#user.describeSoFar()
    const stageDraft: RecordDraft = { ...draft, ...facts, user, stage }
    const acceptance = this.#middleware.pipeline.send(stageDraft)
    draft.stage = 'completed'
    draft.sequence = stageDraft.sequence
    return acceptance
  }

  /**
   * The route, and how much the policy records of it.
   *
   * @param knownRoute the route if the framework does not show one
   */
  #findPlace(
    http_response: ResponseRecord | null,
    knownRoute: string | null,
  ): Pick<RecordDraft, 'route' | 'detail'> {
    const found = this.#findRoute()
    const route = found ?? knownRoute
    return { route, detail: this.#decideDetail({ route, http_response }, found === null) }
  }

  /** Called by {@link FailClosed}. */
  sendHeldRecords(): Acceptance {
    this.#recordedEnding = 'completed'
    this.builder.send()
    if (this.#children === undefined || this.#acceptance === false) return this.#acceptance
    return allAccepted([this.#acceptance, this.#children.sendHeld(this.#middleware.pipeline.trySend)])
  }

  /** Called by {@link FailClosed}. */
  onReleased(): void {
    this.#watchedResponse.completeIfFlushed()
  }

  /** Called by {@link FailClosed}. A record that the handler sent earlier with `sendLog()` stays as it is. */
  correctRecords(ending: Ending, response: ResponseRecord | undefined): void {
    this.#recordedEnding = ending
    this.#responseRecord = response
    this.#children?.correct()
    if (!this.#isResendable) {
      this.#completedEnding = null
      return
    }
    this.#isResendable = false
    this.#completeDraft()
    resend(this.#middleware.pipeline, this.#draft)
  }
}
