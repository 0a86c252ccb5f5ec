import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import { createExemptionCheck } from '../http/exempt.js'
import { recordClientErrors } from '../http/node/client-errors.js'
import { recordNodeResponses } from '../http/node/node-responses.js'
import { createPolicy } from '../http/policy.js'
import { normalizeSource, type RequestSource, readConnectionSource } from '../http/request.js'
import { loadOpenTelemetry } from '../http/trace-context.js'
import { callOption } from '../lib/call-option.js'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { suppressRejection } from '../lib/safe-read.js'
import { type Checks, checkInteger, checkOptions } from '../lib/validate.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import { createNoopLogger } from '../logger/noop-logger.js'
import type { ResolvedOptions } from '../options/options.js'
import { createPipeline } from '../pipeline/pipeline.js'
import type { RecordDraft } from '../record/record.js'
import type { FrameworkAdapter } from './adapter.js'
import { type ContextRunner, createContextRunner } from './async-context.js'
import { type Arrival, type Output, RecordedExchange, type Shared } from './exchange.js'
import { InFlightExchanges } from './in-flight.js'

/** For health checks and metrics. All but `inFlight` count records. */
export interface AuditStats {
  /** Accepted by the sink. */
  readonly written: number
  /** Kept in memory while the sink is down, or handed to it and not answered for. */
  readonly waiting: number
  readonly lost: number
  /** Requests whose exchange has not ended. */
  readonly inFlight: number
}

/** What a middleware can be asked besides handling requests. */
export interface AuditControls {
  /** @example app.get('/metrics', (req, res) => res.json(audit.stats())) */
  stats(): AuditStats
  /** Waits until the sink has accepted all that it was given, or has been given up on. */
  flush(): Promise<void>
  /**
   * For a graceful shutdown, after `server.close()`: waits for the requests in flight, then for the sink, and
   * gives back what the sink holds.
   *
   * @param options.timeoutMs how long to wait for requests in flight, milliseconds; 10,000 where it is left out
   * @throws AuditLogError `ERR_AUDIT_OPTIONS`
   * @example process.once('SIGTERM', () => server.close(() => audit.close()))
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
  /**
   * Records also the requests that reach no middleware, because Node answers them itself: those that it cannot read
   * (400, 408, 413, 431), and those without a Host (400), with an unknown `Expect` (417), or beyond
   * `maxRequestsPerSocket` (503). A second call for the same server has no effect.
   *
   * @throws AuditLogError `ERR_AUDIT_OPTIONS` where it is given no server
   * @example audit.recordClientErrors(app.listen(3000))
   */
  recordClientErrors(server: Server): void
}

export interface Exchanges<Context> {
  /** Opens the record of a request. It is sent once, when the exchange has ended. */
  open(request: IncomingMessage, response: ServerResponse, context: Context): Exchange
  /** What comes after the middleware is run by this. */
  readonly enter: ContextRunner
  readonly controls: AuditControls
}

/** What an adapter needs of an exchange. */
export interface Exchange {
  readonly logger: AuditLogger
  /** The request was answered with 503, because it could not be recorded: its handler must not run. */
  readonly isRefused: boolean
}

/** What the middlewares that a request passes one after the other need of it. */
interface OpenExchange extends Exchange {
  /** Whether a middleware with these options would write the same line to the same place. */
  leavesBy(options: Output): boolean
  /** Lets no answer leave unrecorded. A request whose record cannot be expected to be accepted is refused. */
  failClosed(): void
}

/**
 * Marks a request that is being recorded, for whoever of us sees it next: a middleware may be mounted more than once. The
 * number is that of {@link OpenExchange}: a version of this package with another one must not call this one's.
 *
 * In a WeakMap it would take V8 20 µs more for each request, as the garbage collector has to look after each entry.
 */
const recorded = Symbol.for('http-audit-log/exchange@1')

interface Marked {
  [recorded]?: OpenExchange
}

/** What users of a framework call the request: `req.audit`, `ctx.audit`. */
interface Holder {
  audit?: unknown
}

/** Gives a request its logger, as far as the application lets us. */
export function attachLogger(holder: Holder, logger: AuditLogger): void {
  try {
    holder.audit = logger
  } catch {
    // A getter or a setter of the application's own stands there.
  }
}

/** The logger of a request, also where the application has put something of its own in its place. */
export function findLogger(request: object | undefined, holder: Holder): AuditLogger | undefined {
  const exchange = (request as Marked | undefined)?.[recorded]
  if (exchange !== undefined) return exchange.logger
  try {
    const audit = suppressRejection(holder.audit)
    // Of a request that is exempt, and in a test of one's own.
    return isLogger(audit) ? audit : undefined
  } catch {
    return undefined
  }
}

/** Not by its class: there is one of each build of this package. */
function isLogger(found: unknown): found is AuditLogger {
  return typeof suppressRejection((found as AuditLogger | null | undefined)?.suggestResults) === 'function'
}

/** Marks a server that somebody of us listens to: whoever listens has to answer, and two would each wait for the other. */
const listened = Symbol.for('http-audit-log/server')

const CLOSE_CHECKS: Checks<{ timeoutMs?: number }> = { timeoutMs: checkInteger(0, 2 ** 31 - 1) }

export function createMiddleware<Context>(
  options: ResolvedOptions<Context>,
  framework: FrameworkAdapter<Context>,
): Exchanges<Context> {
  const pipeline = createPipeline(options)
  const isExempt = createExemptionCheck(options)
  const policy = createPolicy(options.policy)
  void loadOpenTelemetry()
  const inFlight = new InFlightExchanges()
  const shared: Shared<Context> = { options, framework, pipeline, inFlight, policy }

  function open(request: IncomingMessage, response: ServerResponse, context: Context): Exchange {
    const arrival = { request, response, context, source: describeSource(request, context) }
    const marked = request as Marked
    const before = marked[recorded]
    if (isExempt(arrival) || isLeftOut(arrival)) {
      return before ?? { logger: createNoopLogger(), isRefused: false }
    }
    // One record each, whoever opened it. What a second middleware asks beyond that must not be lost.
    const exchange: OpenExchange = before ?? new RecordedExchange(arrival, shared)
    if (before === undefined) marked[recorded] = exchange
    else if (!exchange.leavesBy(options)) tellSecond()
    if (failsClosed(context)) exchange.failClosed()
    return exchange
  }

  function describeSource(request: IncomingMessage, context: Context): RequestSource {
    try {
      return normalizeSource(framework.describeSource(context), request)
    } catch (error) {
      const what = 'Where a request came from could not be told (a `trust proxy` function?)'
      options.reporter.reportOnce('ERR_AUDIT_CALLBACK', what, error)
      return readConnectionSource(request)
    }
  }

  function failsClosed(context: Context): boolean {
    try {
      return callOption(() => options.failClosed(context)) !== false
    } catch (error) {
      const what = 'The function `failClosed` threw, which counts as true'
      options.reporter.reportOnce('ERR_AUDIT_CALLBACK', what, error)
      return true
    }
  }

  function tellSecond(): void {
    const what = 'A request has one record, and an auditLog() that was mounted before writes it'
    options.reporter.reportOnce(
      'ERR_AUDIT_DUPLICATE_MIDDLEWARE',
      what,
      'of this one only `failClosed` counts for it',
    )
  }

  function isLeftOut({ request, source }: Arrival<Context>): boolean {
    return policy.decideOnArrival({ method: request.method, target: source.target }) === 'none'
  }

  return {
    open,
    enter: createContextRunner(options.context),
    controls: {
      stats: () => ({ ...pipeline.counts(), inFlight: inFlight.size }),
      flush: pipeline.flush,
      async close(given = {}) {
        const { timeoutMs = 10_000 } = checkOptions<{ timeoutMs?: number }>(given, CLOSE_CHECKS)
        await inFlight.whenEmpty(timeoutMs)
        await pipeline.close()
      },
      recordClientErrors(server) {
        if (!(server instanceof NetServer)) {
          const expected = 'Expected the server of recordClientErrors to be one, such as app.listen() returns'
          throw new AuditLogError('ERR_AUDIT_OPTIONS', `${expected}, got ${describeValue(server)}`)
        }
        const marked = server as { [listened]?: true }
        if (marked[listened]) return
        marked[listened] = true
        const send = (draft: RecordDraft) => void pipeline.send(draft)
        recordClientErrors(server, send)
        recordNodeResponses(server, { send, requestIdHeader: options.requestIdHeader })
      },
    },
  }
}
