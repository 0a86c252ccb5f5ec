// Calls the functions of the options and of the framework. If one fails, the request goes on: the failure is reported,
// and the record has a default in its place.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { normalizeSource, type RequestSource, readConnectionSource } from '../http/request.js'
import { readClientRequestId, readResponseId, toRequestId } from '../http/request-id.js'
import { callSync } from '../lib/call-sync.js'
import type { Reporter } from '../lib/reporter.js'
import type { ResolvedOptions } from '../options/resolve.js'
import type { FrameworkAdapter } from './adapter.js'

/** The functions that this file calls are properties of these two. */
export interface OptionsAndAdapter<Context> {
  readonly options: ResolvedOptions<Context>
  readonly adapter: FrameworkAdapter<Context>
}

export function describeSource<Context>(
  { adapter, options }: OptionsAndAdapter<Context>,
  request: IncomingMessage,
  context: Context,
): RequestSource {
  try {
    return normalizeSource(adapter.describeSource(context), request)
  } catch (error) {
    options.reporter.reportOnce(
      'ERR_AUDIT_CALLBACK',
      'The framework threw an error when asked for the client address and the host of a request; the record shows those ' +
        'of the connection. In Express, check the `trust proxy` function',
      error,
    )
    return readConnectionSource(request)
  }
}

export function isFailClosed<Context>({ options }: OptionsAndAdapter<Context>, context: Context): boolean {
  try {
    return callSync(() => options.failClosed(context)) !== false
  } catch (error) {
    options.reporter.reportOnce(
      'ERR_AUDIT_CALLBACK',
      'The `failClosed` option threw an error or returned a promise; this counts as true. Fix the function',
      error,
    )
    return true
  }
}

/**
 * The request id, by precedence: that of the option, the one that a middleware of the application left on the request, the
 * one in the response, the one that the client sent, or a new UUID.
 */
export function findRequestId<Context>(
  { adapter, options }: OptionsAndAdapter<Context>,
  request: IncomingMessage,
  response: ServerResponse,
  context: Context,
): string {
  const { requestId, requestIdHeader } = options
  const optionId = requestId && callRequestIdOption(requestId, context, options.reporter)
  if (optionId !== undefined) return optionId
  try {
    const ownId = adapter.findRequestId(context) ?? readResponseId(response, requestIdHeader)
    if (ownId !== undefined) return ownId
  } catch {
    // A getter of the application threw.
  }
  return readClientRequestId(request, requestIdHeader)
}

function callRequestIdOption<Context>(
  requestId: (context: Context) => unknown,
  context: Context,
  reporter: Reporter,
): string | undefined {
  try {
    const value = callSync(() => requestId(context))
    const id = toRequestId(value)
    if (id !== undefined || value === undefined || value === null) return id
    reporter.reportOnce(
      'ERR_AUDIT_CALLBACK',
      'The `requestId` option returned a value that is no request id; the record shows another one, as without the option. ' +
        'Return up to 128 letters, digits and characters of `_.~:@=+/-`, but no token',
    )
  } catch (error) {
    reporter.reportOnce(
      'ERR_AUDIT_CALLBACK',
      'The `requestId` option threw an error or returned a promise; the record shows another request id, as without the ' +
        'option. Fix the function',
      error,
    )
  }
  return undefined
}

/** `null` if there is a route that is not known for certain, and `undefined` if there is none. */
export function findRoute<Context>(
  { adapter }: OptionsAndAdapter<Context>,
  context: Context,
  target: string,
): string | null | undefined {
  try {
    return adapter.findRoute(context, target)
  } catch {
    return null
  }
}
