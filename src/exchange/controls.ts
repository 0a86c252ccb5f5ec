import type { Server } from 'node:http'
import { recordClientErrors } from '../http/node/client-errors.js'
import type { NodeResponseRecording } from '../http/node/node-response-recording.js'
import { recordNodeResponses } from '../http/node/node-responses.js'
import { toRequestId } from '../http/request-id.js'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { RUNTIME } from '../lib/runtime.js'
import { type Checks, checkInteger, checkOptions, isObject } from '../lib/validate.js'
import { type AuditLogger, createLogger } from '../logger/audit-logger.js'
import type { LateChildren } from '../logger/late-children.js'
import { createStandaloneBuilder } from '../logger/standalone-record.js'
import type { ResolvedOptions } from '../options/resolve.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { createStandalonePipeline } from '../pipeline/standalone-pipeline.js'
import type { SealStats } from '../seal/seal.js'
import type { InFlightExchanges } from './in-flight.js'

/** For health checks and metrics. All but `inFlight` count records. */
export interface AuditStats {
  /** Accepted by the sink. */
  readonly written: number
  /** Buffered in memory during an outage of the sink, or handed to the sink and not accepted yet. */
  readonly waiting: number
  /** Dropped because the buffer was full, and reported in a record of their own. */
  readonly lost: number
  /** Requests whose exchange has not ended. */
  readonly inFlight: number
  /** Only with the option `seal`. */
  readonly seal?: SealStats
}

/** The methods of a middleware besides handling requests. */
export interface AuditControls {
  /**
   * Creates a logger without a request, for a job, a message of a queue or of a WebSocket: it has the options of the middleware,
   * its records count in `stats()`, and `level` applies to them. Call `sendLog()` when the action is done. `failClosed` does not
   * apply, because there is no response to hold back.
   *
   * @param options.requestId the id of the request that caused the action, such as the one that queued a job
   * @throws AuditLogError `ERR_AUDIT_OPTIONS` for an unknown option
   * @example audit.logger().setAction('expire', { type: 'Session', id }).sendLog()
   */
  logger(options?: StandaloneLoggerOptions): AuditLogger
  /** @example app.get('/metrics', (req, res) => res.json(audit.stats())) */
  stats(): AuditStats
  /**
   * Whether the sink takes records: `false` during an outage, while `failClosed` refuses requests, and after `close()`.
   * Records that were lost earlier do not count, since {@link stats} and a record of their own show them.
   * @example app.get('/ready', (req, res) => res.sendStatus(audit.healthy ? 200 : 503))
   */
  readonly healthy: boolean
  /** Resolves when the sink has accepted all records sent so far, or is considered down. */
  flush(): Promise<void>
  /**
   * Shuts down gracefully: waits for the requests in flight, then for the sink, and closes the sink. Call it right
   * after `server.close()`, not in its callback, which waits for all requests however long they take. The sink may take
   * `sinkTimeoutMs` for its own `close()`.
   *
   * @param options.timeoutMs how long to wait for requests in flight, milliseconds; 10,000 by default
   * @throws AuditLogError `ERR_AUDIT_OPTIONS`
   * @example
   * process.once('SIGTERM', () => {
   *   server.close()
   *   audit.close().finally(() => process.exit())
   * })
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
  /**
   * Also records the requests that reach no middleware, because Node answers them itself: those that it cannot parse
   * (400, 408, 413, 431), and those without a Host header (400), with an unknown `Expect` header (417), or beyond
   * `maxRequestsPerSocket` (503). A second call for the same server has no effect. With `failClosed` these responses wait
   * for their records too: a client whose request cannot be recorded gets 503, or a closed connection if the request
   * could not be read.
   *
   * @throws AuditLogError `ERR_AUDIT_OPTIONS` if `server` is no server
   * @example audit.recordClientErrors(app.listen(3000))
   */
  recordClientErrors(server: Server): void
}

/** The options of `audit.logger()`. */
export interface StandaloneLoggerOptions {
  /** Up to 128 letters, digits and characters of `_.~:@=+/-`. Anything else is ignored, because it comes from a message. */
  readonly requestId?: string | undefined
}

const LOGGER_CHECKS: Checks<StandaloneLoggerOptions> = {
  // Never a reason to throw while a message is handled, since it comes from that message. An invalid one is ignored.
  requestId: { expected: 'a text', accepts: () => true },
}

const CLOSE_CHECKS: Checks<{ timeoutMs?: number }> = { timeoutMs: checkInteger(0, 2 ** 31 - 1) }

/**
 * Marks a server whose client errors are recorded. A 'clientError' listener has to send the response unless there is
 * another one, so two listeners of this package would each wait for the other.
 */
const serverKey = Symbol.for('http-audit-log/server@1')

/** Adds the methods to a middleware. Not by `Object.assign`, which would read `healthy` once. */
export function addControls<Middleware extends object>(
  middleware: Middleware,
  controls: AuditControls,
): Middleware & AuditControls {
  return Object.defineProperties(middleware, Object.getOwnPropertyDescriptors(controls)) as Middleware &
    AuditControls
}

/** By a property, because the servers of Bun are no instances of `net.Server`. Applications of Express and Koa lack it. */
function isServer(value: unknown): boolean {
  return isObject(value) && typeof value.on === 'function' && typeof value.listening === 'boolean'
}

export function createControls(
  options: ResolvedOptions<never>,
  pipeline: Pipeline,
  inFlight: InFlightExchanges,
  late: LateChildren,
): AuditControls {
  const standalone = createStandalonePipeline(options, pipeline)
  let isClosing = false
  return {
    logger(loggerOptions) {
      const { requestId } = checkOptions<StandaloneLoggerOptions>(loggerOptions ?? {}, LOGGER_CHECKS)
      return createLogger(createStandaloneBuilder(standalone, { requestId: toRequestId(requestId), late }))
    },
    // Tried again at most every 100 ms, so that an instance which gets no requests any more is found to be well again.
    get healthy() {
      return !isClosing && pipeline.isUp()
    },
    stats: () => ({ ...pipeline.counts(), inFlight: inFlight.size }),
    async flush() {
      await late.whenSent()
      await pipeline.flush()
    },
    async close(closeOptions) {
      const { timeoutMs = 10_000 } = checkOptions<{ timeoutMs?: number }>(closeOptions ?? {}, CLOSE_CHECKS)
      isClosing = true
      await inFlight.whenEmpty(timeoutMs)
      late.sendAll()
      await late.whenSent()
      await pipeline.close()
    },
    recordClientErrors(server) {
      if (!isServer(server)) {
        throw new AuditLogError(
          'ERR_AUDIT_OPTIONS',
          'Expected the argument of recordClientErrors() to be a server, such as app.listen() returns, ' +
            `got ${describeValue(server)}`,
        )
      }
      const marked = server as { [serverKey]?: true }
      if (marked[serverKey]) return
      marked[serverKey] = true
      if (RUNTIME.name === 'bun') {
        options.reporter.reportOnce(
          'ERR_AUDIT_RUNTIME',
          `${RUNTIME.description} lacks the diagnostics channel http.server.request.start, so requests that it answers by ` +
            'itself (400 without a Host header, 417, 503) are not recorded. Requests that cannot be read are. ' +
            'If you need all of them, run on Node.js or Deno',
        )
      }
      const recording: NodeResponseRecording = {
        requestIdHeader: options.requestIdHeader,
        isFailClosed: options.isFailClosedUsed,
        send: (draft) => void pipeline.send(draft),
        trySend: pipeline.trySend,
        isUp: pipeline.isUp,
      }
      recordClientErrors(server, recording)
      recordNodeResponses(server, recording)
    },
  }
}
