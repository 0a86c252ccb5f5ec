import type { IncomingMessage, ServerResponse } from 'node:http'
import { AuditLogger, type ExchangeFacts } from './audit-logger.js'
import { createExemptions } from './http/exempt.js'
import { onSettled } from './http/on-settled.js'
import { absoluteUrl, describeIp, type RequestSource, requestId, traceId } from './http/request.js'
import { bytesWrittenSoFar, describeResponse } from './http/response.js'
import { type AuditUser, describeUser } from './http/user.js'
import type { ResolvedOptions } from './options.js'
import { createPipeline, type Pipeline, silentPipeline } from './pipeline.js'
import { plain } from './protect/plain.js'
import { text } from './protect/text.js'
import { type Ending, emptyDraft, type RecordDraft, type UserRecord } from './record.js'

/** What an adapter knows of one request; `context` is what its framework's users call the request. */
export interface Arrival<Context> {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly context: Context
  readonly source: RequestSource
  /** The user that the framework's authentication left, if any. Asked at the end. */
  findUser(): AuditUser | undefined
}

/** Opens the record of each request that arrives, and sends it once, when the exchange has ended. */
export type OpenExchange<Context> = (arrival: Arrival<Context>) => Exchange<Context>

/** Marks a request that is being recorded, for whoever of us sees it next: the middleware may be mounted twice. */
const recorded = Symbol.for('http-audit-log/exchange')

export function createExchanges<Context>(options: ResolvedOptions<Context>): OpenExchange<Context> {
  const pipeline = createPipeline(options)
  const isExempt = createExemptions(options)
  return (arrival) => {
    const marked = arrival.request as { [recorded]?: Exchange<Context> }
    marked[recorded] ??= new Exchange(arrival, options, isExempt(arrival) ? silentPipeline : pipeline)
    return marked[recorded]
  }
}

export class Exchange<Context> implements ExchangeFacts {
  readonly logger: AuditLogger
  readonly ip: string
  readonly #arrival: Arrival<Context>
  readonly #options: ResolvedOptions<Context>
  readonly #draft: RecordDraft
  readonly #startedAt = performance.now()
  readonly #bytesBefore: number
  #ended: Ending | null = null

  constructor(arrival: Arrival<Context>, options: ResolvedOptions<Context>, pipeline: Pipeline) {
    const { request, response, source } = arrival
    this.#arrival = arrival
    this.#options = options
    this.#bytesBefore = bytesWrittenSoFar(request, response)
    this.ip = describeIp(source.ip)
    this.#draft = {
      ...emptyDraft(new Date()),
      http_request: {
        method: request.method ?? '',
        url: absoluteUrl(source, request.socket),
        user_agent: request.headers['user-agent'] ?? '',
      },
      request_id: requestId(request, options.requestIdHeader),
      trace_id: traceId(request),
    }
    this.logger = new AuditLogger(pipeline, this.#draft, this)
    onSettled(request, response, (ended) => this.#end(ended))
  }

  /** Says what the handler threw. */
  fail(error: unknown): void {
    const { name, message } = (plain(error) ?? {}) as { name?: unknown; message?: unknown }
    this.#draft.error = { name: text(name, 'Error'), message: text(message, text(error)) }
  }

  /** Called by the logger as the record leaves: now, and not before, these are known. */
  complete(draft: RecordDraft): void {
    const { request, response } = this.#arrival
    draft.ended = this.#ended
    draft.duration_ms = Math.round((performance.now() - this.#startedAt) * 1000) / 1000
    draft.user ??= this.#describeUser()
    draft.http_response = describeResponse(request, response, this.#bytesBefore, this.#ended === 'completed')
  }

  #end(ended: Ending): void {
    this.#ended = ended
    this.logger.sendLog()
  }

  #describeUser(): UserRecord {
    const { context, findUser } = this.#arrival
    try {
      const user = plain(this.#options.user(context)) ?? findUser()
      return describeUser((user as AuditUser | undefined) ?? { authenticated: false }, this.ip)
    } catch (error) {
      this.#options.report('ERR_AUDIT_CALLBACK', 'The user of a request could not be told', error)
      return describeUser({ authenticated: false }, this.ip)
    }
  }
}
