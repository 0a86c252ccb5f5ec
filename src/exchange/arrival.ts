// A request that has arrived, the middleware that records it, and the parts of its record that follow from the two.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Policy } from '../http/policy.js'
import type { RequestSource } from '../http/request.js'
import { readRoutedMethod } from '../http/wire-method.js'
import type { Reporter } from '../lib/reporter.js'
import { readSafely } from '../lib/safe-read.js'
import type { LateChildren } from '../logger/late-children.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { ResponseRecord } from '../record/record.js'
import type { FoundSecret, PolicyLevel, RecordDraft } from '../record/record-draft.js'
import type { RouteState } from './attached-exchange.js'
import { findRoute, type OptionsAndAdapter } from './callbacks.js'
import type { InFlightExchanges } from './in-flight.js'

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

/** `null` if there is a route that is not known for certain, and `undefined` if there is none. */
export function findRouteOf<Context>(
  middleware: MiddlewareContext<Context>,
  { context, source }: Arrival<Context>,
  routeState: RouteState,
): string | null | undefined {
  return routeState === 'left' ? null : findRoute(middleware, context, source.target)
}

/** How much the policy records of a request whose response is known. */
export function decideDetail<Context>(
  { policy }: MiddlewareContext<Context>,
  { request, source, method }: Arrival<Context>,
  { route, http_response }: Pick<RecordDraft, 'route' | 'http_response'>,
  isRouteUncertain: boolean,
): PolicyLevel {
  if (policy.constantLevel !== undefined) return policy.constantLevel
  return policy.decideAtEnd({
    method,
    routedMethod: readRoutedMethod(request),
    target: source.target,
    route,
    isRouteUncertain,
    status: http_response?.status_code,
  })
}

/**
 * The route, and how much the policy records of it, before the record of the exchange has them.
 *
 * @param knownRoute the route if the framework does not show one
 */
export function findPlace<Context>(
  middleware: MiddlewareContext<Context>,
  arrival: Arrival<Context>,
  routeState: RouteState,
  http_response: ResponseRecord | null,
  knownRoute: string | null,
): Pick<RecordDraft, 'route' | 'detail'> {
  const found = findRouteOf(middleware, arrival, routeState)
  const route = found ?? knownRoute
  return { route, detail: decideDetail(middleware, arrival, { route, http_response }, found === null) }
}

/** The secrets among the route parameters, which are hidden in the path of the URL. */
export function findPathSecrets<Context>(
  { adapter, pipeline }: MiddlewareContext<Context>,
  { context }: Arrival<Context>,
): readonly FoundSecret[] {
  // The parameters belong to the application: a proxy may throw on any access.
  return readSafely(() => pipeline.redactor.findPathSecrets(adapter.findParams(context))) ?? []
}

/** Takes the action from the route for a request that was refused, or failed, before it reached `audited()`. */
export function suggestUnreached<Context>(
  { adapter, options }: MiddlewareContext<Context>,
  { context }: Arrival<Context>,
  http_response: ResponseRecord | null,
): void {
  const status = http_response?.status_code ?? null
  const hasFailed = status === null || status >= 400
  if (hasFailed && !options.followsPython) readSafely(() => adapter.suggestUnreached(context))
}

export function reportUnknownResponse(reporter: Reporter): void {
  reporter.reportOnce(
    'ERR_AUDIT_UNKNOWN_RESPONSE',
    'A connection closed after bytes were written to it that are not the header of the response: early hints, or the ' +
      'output of code that writes to the socket, such as a `clientError` listener. It is not known what the client ' +
      'received, so `http_response` of the record is null. Respond by the response object where you can',
  )
}
