// Calls the functions of the options and of the framework. If one fails, the request goes on: the failure is reported,
// and the record has a default in its place.
import type { IncomingMessage } from 'node:http'
import { normalizeSource, type RequestSource, readConnectionSource } from '../http/request.js'
import { type AuditUser, createAnonymousUser, describeUser } from '../http/user.js'
import { callSync } from '../lib/call-sync.js'
import type { ResolvedOptions } from '../options/resolve.js'
import type { UserRecord } from '../record/record.js'
import { toJson } from '../serialize/to-json.js'
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

/** @param ip the client address, for a user without one */
export function findUser<Context>(
  { adapter, options }: OptionsAndAdapter<Context>,
  context: Context,
  ip: string,
): UserRecord {
  let message =
    'The `user` option threw an error or returned a promise; the record shows an anonymous user. Fix the function'
  try {
    const optionUser = toJson(callSync(() => options.user(context)))
    message =
      'The user that an authentication middleware left could not be read; the record shows an anonymous user. ' +
      'Set the `user` option'
    const user = optionUser ?? adapter.findUser(context)
    return user === undefined ? createAnonymousUser(ip) : describeUser(user as AuditUser, ip)
  } catch (error) {
    options.reporter.reportOnce('ERR_AUDIT_CALLBACK', message, error)
    return createAnonymousUser(ip)
  }
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
