// One HTTP exchange. The middleware creates a RecordedExchange from an Arrival; other files see only a part of it:
// - StartedExchange (middleware.ts): the adapter of the framework.
// - AttachedExchange (attached-exchange.ts): a second middleware on the same request.
// - InFlightExchange (in-flight.ts): `close()`, and the exit of the process.
// - ResponseEndListener (http/response-end.ts): the watcher of the response.
// - HeldExchange (fail-closed.ts): `failClosed`, which holds the response back.
// - StagedExchange (stage-records.ts): the option `stages`.
// - DraftSender (logger/record-builder.ts): the builder, which hands over the record when it is sent.
import { normalizeIp } from '../http/ip-address.js'
import { createRequestDraft } from '../http/request.js'
import { watchResponse } from '../http/response.js'
import { mayHaveSentBody } from '../http/response-body.js'
import type { ResponseEndListener, ResponseWatcher } from '../http/response-end.js'
import { findResponseError } from '../http/response-error.js'
import { PHASE, type Phase } from '../http/user/evidence.js'
import { performance } from '../lib/clock.js'
import type { Reporter } from '../lib/reporter.js'
import { type AuditLogger, createLogger } from '../logger/audit-logger.js'
import { ChildRecords } from '../logger/child-records.js'
import { type DraftSender, RecordBuilder } from '../logger/record-builder.js'
import { type Acceptance, allAccepted } from '../pipeline/acceptance.js'
import type { Ending, ResponseRecord } from '../record/record.js'
import { getElapsedMs, type RecordDraft, resend } from '../record/record-draft.js'
import {
  type Arrival,
  decideDetail,
  findPathSecrets,
  findPlace,
  findRouteOf,
  type MiddlewareContext,
  reportUnknownResponse,
  suggestUnreached,
} from './arrival.js'
import type { AttachedExchange, RouteState } from './attached-exchange.js'
import { findRequestId } from './callbacks.js'
import { FailClosed, type HeldExchange } from './fail-closed.js'
import type { InFlightExchange } from './in-flight.js'
import { haveSameOutput, type OutputOptions } from './output-options.js'
import { type StagedExchange, StageRecords } from './stage-records.js'
import { UserTracker } from './user-tracker.js'

/** One HTTP exchange and its record, from the arrival of the request until the response has ended. */
export class RecordedExchange<Context>
  implements
    AttachedExchange,
    ResponseEndListener,
    InFlightExchange,
    HeldExchange,
    StagedExchange,
    DraftSender
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
  #stages: StageRecords | undefined
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
    if (isReceivedRecorded || isStartedRecorded) this.#stages = new StageRecords(this, this.#draft)
    this.#isReceivedAccepted = !isReceivedRecorded || this.#stages?.sendReceived() !== false
    if (isStartedRecorded) this.#stages?.awaitHeader()
  }

  /** Called by the builder. */
  get reporter(): Reporter {
    return this.#middleware.options.reporter
  }

  /** Called by the builder. */
  get lastMessageWins(): boolean {
    return this.#middleware.options.followsPython
  }

  get method(): string {
    return this.#arrival.method
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
    this.#stages?.end()
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
    const draft = this.#draft
    this.#completedEnding = this.#recordedEnding
    this.#fillRequestId()
    draft.ended = this.#recordedEnding
    draft.duration_ms = getElapsedMs(this.#startedAt)
    draft.http_response = this.#describeResponse()
    draft.user ??= this.#user.describeAtEnd(draft.http_response?.status_code ?? null)
    if (this.#recordedEnding !== 'completed')
      this.builder.suggestError(findResponseError(this.#arrival.response))
    const route = findRouteOf(this.#middleware, this.#arrival, this.routeState)
    draft.route = route ?? null
    this.#addPathSecrets()
    if (this.builder.suggested === undefined)
      suggestUnreached(this.#middleware, this.#arrival, draft.http_response)
    if (this.builder.needsCompletion) this.builder.complete({ mayHaveBody: this.#mayHaveBody() })
    draft.detail = decideDetail(this.#middleware, this.#arrival, draft, route === null)
  }

  #describeResponse(): ResponseRecord | null {
    const isComplete = this.#recordedEnding === 'completed'
    const response = this.#responseRecord ?? this.#watchedResponse.describe(isComplete)
    if (response === null) reportUnknownResponse(this.reporter)
    return response
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
      // Without a reference to the exchange, which a late child must not retain.
      context: {
        redactor: pipeline.redactor,
        reporter: options.reporter,
        lastMessageWins: options.followsPython,
        ip: normalizeIp(this.#arrival.source.ip),
        findSecrets: pipeline.findSecrets,
        allocateSequence: pipeline.allocateSequence,
        write: pipeline.send,
      },
      maxBatch: pipeline.maxBatch,
      late,
      hasEnded: () => this.ending !== null,
      describeShared: () => this.#describeShared(),
      onUse: () => this.onUse(),
    })
  }

  /** The parts that all records of the exchange have in common, as far as they are known now. */
  #describeShared(): RecordDraft {
    const draft = this.#draft
    if (this.#completedEnding !== null && this.#completedEnding === this.#recordedEnding) return draft
    this.#fillRequestId()
    this.#addPathSecrets()
    const http_response = this.#describeResponse()
    const user = draft.user ?? this.#user.describeAtEnd(http_response?.status_code ?? null)
    const ended = this.#recordedEnding
    const duration_ms = getElapsedMs(this.#startedAt)
    const place = findPlace(this.#middleware, this.#arrival, this.routeState, http_response, draft.route)
    return { ...draft, ...place, http_response, user, ended, duration_ms }
  }

  #fillRequestId(): void {
    const { request, response, context } = this.#arrival
    this.#draft.request_id ??= findRequestId(this.#middleware, request, response, context)
  }

  #addPathSecrets(): void {
    this.builder.addSecrets(findPathSecrets(this.#middleware, this.#arrival))
  }

  #mayHaveBody(): boolean {
    return mayHaveSentBody({
      watcher: this.#watchedResponse,
      method: this.#arrival.method,
      status: this.#draft.http_response?.status_code ?? null,
      ending: this.#recordedEnding,
    })
  }

  /** Called by {@link ResponseWatcher}. */
  onHeader(): void {
    // A response that the handler has ended in one go is held with its header, and its record is sent before.
    if (this.#failClosed !== undefined) process.nextTick(() => this.#stages?.sendStarted())
    else this.#stages?.sendStarted()
  }

  /** Called by {@link StageRecords}. */
  watchHeader(): void {
    this.#watchedResponse.watchHeader()
  }

  /** Called by {@link StageRecords}. */
  describeSoFar(): RecordDraft {
    const draft = this.#draft
    this.#fillRequestId()
    this.#children?.shareSecretsSoFar()
    return { ...draft, user: draft.user ?? this.#user.describeSoFar() }
  }

  /** Called by {@link StageRecords}. */
  describeStarted(): Partial<RecordDraft> | undefined {
    const http_response = this.#watchedResponse.describeHeader()
    if (http_response === undefined) return undefined
    this.#user.observe(PHASE.middleware, false)
    this.#addPathSecrets()
    const duration_ms = getElapsedMs(this.#startedAt)
    const place = findPlace(this.#middleware, this.#arrival, this.routeState, http_response, null)
    return { ...place, http_response, duration_ms }
  }

  /** Called by {@link StageRecords}. */
  write(draft: RecordDraft): Acceptance {
    const isUnreached = draft.stage === 'started' && this.builder.suggested === undefined
    if (isUnreached) suggestUnreached(this.#middleware, this.#arrival, draft.http_response)
    this.builder.completeStage(draft)
    return this.#middleware.pipeline.send(draft)
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
