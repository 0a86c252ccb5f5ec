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
      'The framework could not determine where a request came from, so the record shows the connection. ' +
        'Check your `trust proxy` function',
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
      'The `failClosed` function failed, which counts as true. Fix the function',
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
  try {
    const user = toJson(callSync(() => options.user(context))) ?? adapter.findUser(context)
    return user === undefined ? createAnonymousUser(ip) : describeUser(user as AuditUser, ip)
  } catch (error) {
    options.reporter.reportOnce(
      'ERR_AUDIT_CALLBACK',
      'The user of a request could not be determined, so the record shows an anonymous user. ' +
        'Check your `user` function',
      error,
    )
    return createAnonymousUser(ip)
  }
}

export function findRoute<Context>({ adapter }: OptionsAndAdapter<Context>, context: Context): string | null {
  try {
    return adapter.findRoute(context) ?? null
  } catch {
    return null
  }
}
