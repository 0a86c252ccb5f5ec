// A module can only be augmented if it is imported.
import type {} from 'koa'
import type { FrameworkAdapter } from '../exchange/adapter.js'
import { attachLogger, getExchange } from '../exchange/attached-exchange.js'
import { type AuditControls, addControls } from '../exchange/controls.js'
import { createMiddleware, createUncalledError } from '../exchange/middleware.js'
import type { RequestSource } from '../http/request.js'
import { type PathSource, toOwnRequestId } from '../http/request-id.js'
import { findUser, NOBODY } from '../http/user/find-user.js'
import type { AuditUser } from '../http/user/user.js'
import { AuditLogError } from '../lib/errors.js'
import { readDataProperty, readExistingDataProperty, readSafely } from '../lib/safe-read.js'
import { isObject } from '../lib/validate.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import type { AuditOptions } from '../options/options.js'
import { resolveOptions } from '../options/resolve.js'
import { type KoaAuditedContext, suggestUnreached } from './koa-audited.js'
import type { KoaContext } from './koa-context.js'
import { observeAppErrors } from './koa-errors.js'
import { findRoute } from './koa-route.js'
import { getState, isStateWatched, watchParams, watchState, watchStates } from './koa-state.js'
import { hasCredentials, KOA_USERS, mayHaveUser } from './koa-user.js'
import { readSession, watchSession } from './session-accessor.js'

export type { KoaContext }

declare module 'koa' {
  interface ExtendableContext {
    /** The audit record of this request. The middleware sends it when the response has ended. */
    audit: AuditLogger
  }
}

export type KoaAuditMiddleware<Context> = AuditControls &
  ((context: Context, next: () => Promise<unknown>) => Promise<unknown>)

/**
 * Middleware that writes one audit record per request, for Koa 2 and 3. Mount it first: a request that an earlier
 * middleware answers is not recorded. The functions among the options are called with the Koa context.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`, or `ERR_AUDIT_RUNTIME` in a runtime that lacks what the record needs
 * @example
 * new Koa()
 *   .use(auditLog())
 *   .use((ctx) => {
 *     ctx.audit.setFilter('Person', ctx.query).info('List Person')
 *     ctx.body = []
 *   })
 */
export function auditLog<Context extends KoaContext = KoaContext, User extends AuditUser = AuditUser>(
  options?: AuditOptions<Context, User>,
): KoaAuditMiddleware<Context> {
  // biome-ignore lint/complexity/noArguments: app.use(auditLog) calls it with more arguments than it declares.
  if (arguments.length > 1) throw createUncalledError()
  const { start, runNext, controls } = createMiddleware<Context>(resolveOptions(options), adapter)

  function auditMiddleware(context: Context, next: () => Promise<unknown>): Promise<unknown> {
    // Thrown rather than rejected: Express 4 does not handle rejections, so the process would crash.
    if (context.req === undefined || context.res === undefined) {
      throw new AuditLogError(
        'ERR_AUDIT_OPTIONS',
        "This auditLog is for Koa. In an Express, Connect or node:http app, import it from 'http-audit-log'",
      )
    }
    observeAppErrors(context.app)
    const { logger, isRefused } = start(context.req, context.res, context)
    watchUser(context)
    attachLogger(context, logger)
    if (isRefused) return Promise.resolve()
    return recordError(logger, () => runNext(logger, context.req, next))
  }
  return addControls(auditMiddleware, controls)
}

/** Called before the properties of the middleware are added to the context. Never throws. */
function watchUser(context: KoaContext): void {
  if (getExchange(context.req) === undefined) return
  if (!isStateWatched(context)) watchState(context)
  const prototype = context.app?.context
  if (prototype === undefined || watchedPrototypes.has(prototype)) return
  watchedPrototypes.add(prototype)
  readSafely(() => watchStates(prototype))
  readSafely(() => watchParams(prototype))
  readSafely(() => watchSession(prototype as KoaContext, readRequest))
}

/** The prototypes of contexts that were seen. */
const watchedPrototypes = new WeakSet<object>()

const readRequest = (context: KoaContext): object => context.req

/** Records what `handle` fails with. An async function would need more memory for each request in flight (hot path). */
function recordError(logger: AuditLogger, handle: () => Promise<unknown>): Promise<unknown> {
  const setError = (error: unknown) => void logger.setError(error)
  try {
    const handled = Promise.resolve(handle())
    // The first handler of the promise, so that the error is in the record before Koa responds.
    handled.then(undefined, setError)
    return handled
  } catch (error) {
    setError(error)
    return Promise.reject(error)
  }
}

/** By Koa's own rules: `app.proxy` decides whether X-Forwarded-* headers count. */
function describeSource(context: KoaContext): RequestSource {
  const { protocol, originalUrl, ip, req } = context
  // Express sets it on the request of a Koa app that is mounted in an Express app.
  const target = (req as { originalUrl?: string }).originalUrl ?? originalUrl
  return { scheme: protocol, host: hostOf(context), target, ip }
}

/** A Host header that is a list, or has user info: Koa takes a part of it. */
const UNUSUAL_HOST = /[,@]/

/** Hot path: avoids Koa's parsing of the Host header in the common case, where the header is the host. */
function hostOf(context: KoaContext): string | undefined {
  const { app, req } = context
  const { headers } = req
  const header = headers[':authority']?.toString() || headers.host
  return header !== undefined &&
    !UNUSUAL_HOST.test(header) &&
    app?.proxy === false &&
    !overridesHost(app.request) &&
    !overridesHost(app.context)
    ? header
    : context.host
}

/** Whether an application may have replaced Koa's `host` getter by its own. */
function overridesHost(prototype: object | undefined): boolean {
  return prototype === undefined || Object.hasOwn(prototype, 'host')
}

/** The properties in which middleware leaves a request id. */
interface Identified {
  readonly id?: unknown
  readonly reqId?: unknown
  readonly requestId?: unknown
}
type IdentifiedContext = KoaContext & Identified & PathSource

/** `ctx.req.id` is that of koa-pino-logger, `ctx.id` of koa-request-id. */
function findRequestId(context: IdentifiedContext): string | undefined {
  const state = getState(context) as Identified | null | undefined
  return (
    toOwnRequestId(state?.reqId, context) ??
    toOwnRequestId(state?.requestId, context) ??
    toOwnRequestId(context.reqId, context) ??
    toOwnRequestId(context.requestId, context) ??
    toOwnRequestId(context.id, context) ??
    toOwnRequestId((context.req as Identified).id, context)
  )
}

const adapter: FrameworkAdapter<KoaContext> = {
  describeSource,
  findRequestId,
  // Hot path: with a literal name V8 remembers that a property is missing.
  getUser(context) {
    const state = getState(context)
    return isObject(state) && 'user' in state ? readDataProperty(state, 'user') : undefined
  },
  getAuth(context) {
    const state = getState(context)
    return isObject(state) && 'auth' in state ? readDataProperty(state, 'auth') : undefined
  },
  getAuthInfo: (context) => readExistingDataProperty(getState(context) as object, 'authInfo'),
  getSession: readSession,
  findUser: (context, circumstances) =>
    mayHaveUser(context) ? findUser(KOA_USERS, context, circumstances) : NOBODY,
  hasCredentials,
  suggestUnreached: (context) => suggestUnreached(context as unknown as KoaAuditedContext),
  findParams: (context) => (context as { readonly params?: unknown }).params,
  findRoute,
}
