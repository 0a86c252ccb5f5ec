import type { Server } from 'node:http'
import type { AuditLogger } from './audit-logger.js'
import { createEntrance, type Entrance } from './context.js'
import { recordClientErrors } from './http/client-errors.js'
import { createExemptions } from './http/exempt.js'
import { createPolicy } from './http/policy.js'
import { loadOpenTelemetry } from './http/trace.js'
import { inertLogger } from './inert-logger.js'
import { OpenExchanges } from './open-exchanges.js'
import type { ResolvedOptions } from './options.js'
import { createPipeline } from './pipeline.js'
import { type Arrival, RecordedExchange } from './recorded-exchange.js'

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
   * @example process.once('SIGTERM', () => server.close(() => audit.close()))
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
  /**
   * Records also the requests that Node answers itself, because they cannot be read (400, 408, 413, 431). They
   * reach no middleware.
   *
   * @example audit.onClientError(app.listen(3000))
   */
  onClientError(server: Server): void
}

export interface Exchanges<Context> {
  /** Opens the record of a request. It is sent once, when the exchange has ended. */
  open(arrival: Arrival<Context>): Exchange
  /** What comes after the middleware is run by this. */
  readonly enter: Entrance
  readonly controls: AuditControls
}

/** What an adapter needs of an exchange. */
export interface Exchange {
  readonly logger: AuditLogger
  /** The request was answered with 503, because it could not be recorded: its handler must not run. */
  readonly isRefused: boolean
}

/** Marks a request that is being recorded, for whoever of us sees it next: the middleware may be mounted twice. */
const recorded = Symbol.for('http-audit-log/exchange')

export function createExchanges<Context>(options: ResolvedOptions<Context>): Exchanges<Context> {
  const pipeline = createPipeline(options)
  const isExempt = createExemptions(options)
  const policy = createPolicy(options.policy)
  void loadOpenTelemetry()
  const inFlight = new OpenExchanges()

  function open(arrival: Arrival<Context>): Exchange {
    const marked = arrival.request as { [recorded]?: Exchange }
    marked[recorded] ??=
      isExempt(arrival) || isLeftOut(arrival)
        ? { logger: inertLogger(), isRefused: false }
        : new RecordedExchange(arrival, options, pipeline, inFlight, policy)
    return marked[recorded]
  }

  function isLeftOut({ request, source }: Arrival<Context>): boolean {
    return policy.atEntry({ method: request.method, target: source.target }) === 'none'
  }

  return {
    open,
    enter: createEntrance(options.context),
    controls: {
      stats: () => ({ ...pipeline.counts(), inFlight: inFlight.size }),
      flush: pipeline.flush,
      async close({ timeoutMs = 10_000 } = {}) {
        await inFlight.whenEmpty(timeoutMs)
        await pipeline.close()
      },
      onClientError: (server) => recordClientErrors(server, (draft) => void pipeline.send(draft)),
    },
  }
}
