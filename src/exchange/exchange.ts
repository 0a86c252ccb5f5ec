import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { type HeldResponse, holdResponse, respondUnavailable } from '../http/node/hold-response.js'
import type { Policy } from '../http/policy.js'
import { createRequestDraft, normalizeIp, type RequestSource } from '../http/request.js'
import { ensureRequestId } from '../http/request-id.js'
import { describeResponse, type ResponseStart, trackResponseStart } from '../http/response.js'
import { type ResponseEndListener, ResponseEndWatcher } from '../http/response-end.js'
import { type AuditUser, createAnonymousUser, describeUser } from '../http/user.js'
import { callOption } from '../lib/call-option.js'
import { AuditLogger, type Sender } from '../logger/audit-logger.js'
import type { ResolvedOptions } from '../options/options.js'
import type { Acceptance } from '../pipeline/delivery.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import {
  type Ending,
  millisecondsSince,
  type RecordDraft,
  type ResponseRecord,
  type UserRecord,
} from '../record/record.js'
import { toJson } from '../serialize/to-json.js'
import type { FrameworkAdapter } from './adapter.js'
import type { InFlightExchange, InFlightExchanges } from './in-flight.js'

/** A request that came; `context` is what its framework's users call the request. */
export interface Arrival<Context> {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly context: Context
  readonly source: RequestSource
}

/** What all exchanges of a middleware have in common. */
export interface Shared<Context> {
  readonly options: ResolvedOptions<Context>
  readonly framework: FrameworkAdapter<Context>
  readonly pipeline: Pipeline
  readonly inFlight: InFlightExchanges
  readonly policy: Policy
}

/** The options that say where a record goes and what it shows. */
const OUTPUT = [
  'sink',
  'format',
  'level',
  'user',
  'requestIdHeader',
  'startRecords',
  'redact',
  'pseudonymize',
  'policy',
  'maxRecordBytes',
] as const
export type Output = Pick<ResolvedOptions<never>, (typeof OUTPUT)[number] | 'service'>

const REFUSED: ResponseRecord = {
  status_code: 503,
  reason: 'Service Unavailable',
  headers: { 'retry-after': '5', 'content-length': '0', connection: 'close' },
}

const refusedChannel = channel('http-audit-log:refused')

function tellRefused(request: IncomingMessage): void {
  if (refusedChannel.hasSubscribers) refusedChannel.publish({ request })
}

/** One HTTP exchange and its record, from the arrival of the request until the response has ended. */
export class RecordedExchange<Context> implements ResponseEndListener, InFlightExchange, Sender {
  /** Kept by {@link InFlightExchanges}. */
  slot = -1
  readonly logger: AuditLogger
  readonly #arrival: Arrival<Context>
  readonly #shared: Shared<Context>
  readonly #draft: RecordDraft
  readonly #ip: string
  readonly #startedAt = performance.now()
  readonly #turn: ResponseStart
  #ended: Ending | null = null
  /** How the exchange ended, once it has. */
  #settled: Ending | null = null
  readonly #responseEnd: ResponseEndWatcher
  /** Whether the sink has accepted the record. */
  #acceptance: Acceptance = true
  /** While the response is held back, the record is only offered: what it says may still have to change. */
  #isHolding = false
  #isOffered = false
  #isReleased = false
  #isTakenBack = false
  #answered: ResponseRecord | undefined
  /** Whether its receipt, where one is asked for, was accepted. */
  readonly #isReceived: boolean
  #isClosed = false
  #isRefused = false

  constructor(arrival: Arrival<Context>, shared: Shared<Context>) {
    const { request, response, source } = arrival
    const { options, pipeline, inFlight } = shared
    this.#arrival = arrival
    this.#shared = shared
    this.#turn = trackResponseStart(request, response)
    this.#ip = normalizeIp(source.ip)
    this.#draft = createRequestDraft(request, source, options.requestIdHeader)
    this.logger = new AuditLogger(this.#draft, pipeline.redactor, this, this.#ip)

    this.#responseEnd = new ResponseEndWatcher(request, response, this)
    inFlight.add(this)
    this.#isReceived = !options.startRecords || this.#sendReceipt() !== false
  }

  /** The request was answered with 503, because it could not be recorded: its handler must not run. */
  get isRefused(): boolean {
    return this.#isRefused
  }

  /** Whether a middleware with these options would write the same line to the same place. */
  leavesBy(options: Output): boolean {
    const own = this.#shared.options
    return (
      OUTPUT.every((name) => options[name] === own[name]) && isDeepStrictEqual(options.service, own.service)
    )
  }

  /** Lets no answer leave unrecorded. A request whose record cannot be expected to be accepted is refused. */
  failClosed(): void {
    const { request, response } = this.#arrival
    if (this.#isClosed || response.headersSent) return
    this.#isClosed = true
    if (this.#isReceived && this.#shared.pipeline.isUp()) {
      holdResponse(request, response, (held) => this.#hold(held))
      return
    }
    this.#isRefused = true
    tellRefused(request)
    respondUnavailable(response)
  }

  /** Called by {@link ResponseEndWatcher}. */
  onResponseEnd(ended: Ending): void {
    this.#shared.inFlight.delete(this)
    this.#end(ended)
  }

  /** Called by {@link ResponseEndWatcher}. */
  get isResponseHeld(): boolean {
    return this.#isClosed && !this.#isReleased
  }

  /** Called by {@link InFlightExchanges}. */
  endNow(): void {
    this.#end(this.#responseEnd.isFlushed ? 'completed' : 'crashed')
  }

  #end(ended: Ending): void {
    this.#settled = ended
    this.#ended ??= ended
    this.logger.sendLog()
    if (this.#isTakenBack) this.#sendAgain()
    else if (this.#isReleased) this.#correct(ended)
  }

  /** The record of a response that was held says that it left whole. Where it did not after all, a second line says so. */
  #correct(ended: Ending): void {
    if (ended === 'completed' || !this.#isOffered) return
    this.#ended = ended
    this.#sendAgain()
  }

  /** Called by the logger, once. */
  send(): void {
    this.#complete()
    this.#isOffered = this.#isHolding
    const { pipeline } = this.#shared
    this.#acceptance = this.#isHolding ? pipeline.trySend(this.#draft) : pipeline.send(this.#draft)
  }

  /** Only as the record leaves are these known. */
  #complete(): void {
    const { request, response } = this.#arrival
    const draft = this.#draft
    ensureRequestId(draft)
    draft.ended = this.#ended
    draft.duration_ms = millisecondsSince(this.#startedAt)
    draft.user ??= this.#describeUser()
    draft.http_response =
      this.#answered ?? describeResponse(response, this.#turn, this.#ended === 'completed')
    draft.route = this.#findRoute()
    this.logger.applySuggestion()
    draft.detail = this.#shared.policy.decideAtEnd({
      method: request.method,
      target: this.#arrival.source.target,
      route: draft.route,
      status: draft.http_response.status_code,
    })
  }

  /** Before the handler runs, and so before anybody can have logged in. */
  #sendReceipt(): Acceptance {
    ensureRequestId(this.#draft)
    this.#draft.stage = 'received'
    this.#draft.user = createAnonymousUser(this.#ip)
    const acceptance = this.#shared.pipeline.send(this.#draft)
    this.#draft.stage = 'completed'
    this.#draft.user = null
    return acceptance
  }

  /**
   * The handler has ended its response. It leaves when, and only if, the sink has accepted the record. Tells whether that
   * is decided.
   */
  #hold(held: HeldResponse): boolean {
    this.#isHolding = true
    this.#ended = 'completed'
    this.logger.sendLog()
    if (typeof this.#acceptance === 'boolean') {
      this.#decide(held, this.#acceptance)
      return true
    }
    void this.#acceptance.then((isAccepted) => this.#decide(held, isAccepted))
    return false
  }

  #decide(held: HeldResponse, isAccepted: boolean): void {
    if (isAccepted) {
      this.#isReleased = true
      if (held.release()) this.#responseEnd.completeIfFlushed()
      if (this.#settled !== null) this.#correct(this.#settled)
      return
    }
    // The record says what did not come to pass. It is made anew when the exchange has really ended.
    const isAnswered = held.refuse()
    if (!isAnswered) this.#ended = null
    // A response of HTTP/2 can tell itself, as it was answered by its own means.
    else if (this.#arrival.request.httpVersionMajor === 1) this.#answered = REFUSED
    // One that the handler sent early is not ours to take back.
    this.#isTakenBack = this.#isOffered
    tellRefused(this.#arrival.request)
    if (this.#settled !== null && this.#isTakenBack) this.#sendAgain()
  }

  #sendAgain(): void {
    this.#isTakenBack = false
    this.#ended ??= 'aborted'
    // One that has no place was not to be recorded at all.
    if (this.#draft.sequence !== null) this.#draft.stage = 'corrected'
    this.#complete()
    void this.#shared.pipeline.send(this.#draft)
  }

  #findRoute(): string | null {
    try {
      return this.#shared.framework.findRoute(this.#arrival.context) ?? null
    } catch {
      return null
    }
  }

  #describeUser(): UserRecord {
    const { context } = this.#arrival
    const { options, framework } = this.#shared
    try {
      const user = toJson(callOption(() => options.user(context))) ?? framework.findUser(context)
      return user === undefined ? createAnonymousUser(this.#ip) : describeUser(user as AuditUser, this.#ip)
    } catch (error) {
      options.reporter.reportOnce('ERR_AUDIT_CALLBACK', 'The user of a request could not be told', error)
      return createAnonymousUser(this.#ip)
    }
  }
}
