import type { IncomingMessage, ServerResponse } from 'node:http'
import { createExemptionCheck } from '../http/exempt.js'
import { createPolicy } from '../http/policy.js'
import { prepareHeaderListener } from '../http/response/header-listener.js'
import { mayBeOverridden, readRoutedMethod, readWireMethod, trackWireMethods } from '../http/wire-method.js'
import { requireCapability } from '../lib/capabilities.js'
import { AuditLogError } from '../lib/errors.js'
import { createReporter } from '../lib/reporter.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import { LateChildren } from '../logger/late-children.js'
import { createNoopLogger } from '../logger/noop-logger.js'
import type { ResolvedOptions } from '../options/resolve.js'
import { createPipeline } from '../pipeline/pipeline.js'
import type { FrameworkAdapter } from './adapter.js'
import type { Arrival, MiddlewareContext } from './arrival.js'
import { createNextRunner, type NextRunner } from './async-context.js'
import { type AttachedExchange, getExchange, setExchange } from './attached-exchange.js'
import { describeSource, isFailClosed } from './callbacks.js'
import { type AuditControls, createControls } from './controls.js'
import { RecordedExchange } from './exchange.js'
import { InFlightExchanges } from './in-flight.js'

/** The parts of a middleware that do not depend on the framework. An adapter joins them. */
export interface Middleware<Context> {
  /** Starts the record of a request, which is sent once, when the exchange has ended. */
  start(request: IncomingMessage, response: ServerResponse, context: Context): StartedExchange
  /** Calls the next middleware. Not to be called if the request is refused. */
  readonly runNext: NextRunner
  readonly controls: AuditControls
}

/** The part of an exchange that an adapter uses. */
export type StartedExchange = Pick<AttachedExchange, 'isRefused'> & { readonly logger: AuditLogger }

/** For `app.use(auditLog)`, with which the framework calls `auditLog` for each request. */
export function createUncalledError(): AuditLogError {
  return new AuditLogError(
    'ERR_AUDIT_OPTIONS',
    'auditLog was mounted without being called. Mount its result: app.use(auditLog())',
  )
}

/** Without a middleware of ours there is no `onError`. */
const misuseReporter = createReporter()

/** For `app.use(auditErrors)`, with which the framework calls `auditErrors` for each error or request. */
export function reportUncalledErrors(): void {
  misuseReporter.reportOnce(
    'ERR_AUDIT_OPTIONS',
    'auditErrors was mounted without being called, so errors are not recorded. Call it: app.use(auditErrors())',
  )
}

export function createMiddleware<Context>(
  options: ResolvedOptions<Context>,
  adapter: FrameworkAdapter<Context>,
): Middleware<Context> {
  requireRuntime(options.context)
  if (options.stages.isStartedRecorded) prepareHeaderListener(options.reporter)
  const pipeline = createPipeline(options)
  const isExempt = createExemptionCheck(options)
  const policy = createPolicy(options.policy)
  const inFlight = new InFlightExchanges()
  const late = new LateChildren()
  trackWireMethods()
  const middleware: MiddlewareContext<Context> = { options, adapter, pipeline, inFlight, policy, late }

  function start(request: IncomingMessage, response: ServerResponse, context: Context): StartedExchange {
    const source = describeSource(middleware, request, context)
    const method = readWireMethod(request, context)
    const arrival: Arrival<Context> = { request, response, context, source, method }
    const earlier = getExchange(request)
    if (isExempt(arrival) || isExcludedByPolicy(arrival)) {
      return earlier ?? { logger: createNoopLogger(), isRefused: false }
    }
    const exchange = earlier ?? startRecord(arrival)
    if (earlier !== undefined && !earlier.hasSameOutput(options)) reportDuplicate()
    // Also for the exchange of an earlier middleware without `failClosed`.
    if (options.isFailClosedUsed && isFailClosed(middleware, context)) exchange.enforceFailClosed()
    return exchange
  }

  function startRecord(arrival: Arrival<Context>): AttachedExchange {
    const exchange = new RecordedExchange(arrival, middleware)
    setExchange(arrival.request, exchange)
    return exchange
  }

  function isExcludedByPolicy({ request, method, source: { target } }: Arrival<Context>): boolean {
    if (policy.constantLevel !== undefined) return policy.constantLevel === 'none'
    const level = policy.decideOnArrival({ method, routedMethod: readRoutedMethod(request), target })
    // A method-override that is mounted after this middleware may make another request of it. The end decides.
    return level === 'none' && !mayBeOverridden(request, target)
  }

  function reportDuplicate(): void {
    options.reporter.reportOnce(
      'ERR_AUDIT_DUPLICATE_MIDDLEWARE',
      'Two auditLog() middlewares with different options see the same request: the first one records it, and of the ' +
        'second only `failClosed` has an effect. Share one middleware: const audit = auditLog(options)',
    )
  }

  return {
    start,
    runNext: createNextRunner(options.context),
    controls: createControls(options, pipeline, inFlight, late),
  }
}

/** @throws AuditLogError `ERR_AUDIT_RUNTIME` */
function requireRuntime(hasContext: boolean): void {
  const alternative = 'Use AuditLogger without the middleware'
  requireCapability('responses', 'auditLog() records the response that was sent', alternative)
  requireCapability(
    'exit',
    'auditLog() records the requests that are open when the process exits',
    alternative,
  )
  if (!hasContext) return
  requireCapability('asyncContext', '`context` finds the record of a request by it', 'Leave `context` out')
}
