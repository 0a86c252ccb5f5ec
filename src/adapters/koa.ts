import type { IncomingMessage, ServerResponse } from 'node:http'
// Without an import of it a module cannot be augmented.
import type {} from 'koa'
import type { FrameworkAdapter } from '../exchange/adapter.js'
import { type AuditControls, attachLogger, createMiddleware, findLogger } from '../exchange/middleware.js'
import { type AuditedOptions, createSuggestionFiller } from '../exchange/suggestions.js'
import type { RequestSource } from '../http/request.js'
import { recognizeFirstUser } from '../http/user.js'
import { AuditLogError } from '../lib/errors.js'
import { suppressRejection } from '../lib/safe-read.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import { type AuditOptions, resolveOptions } from '../options/options.js'

declare module 'koa' {
  interface ExtendableContext {
    /** The audit record of this request. The middleware sends it when the response has ended. */
    audit: AuditLogger
  }
}

/** What the middleware needs of a Koa context. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly app?: { readonly proxy?: boolean; readonly request?: object; readonly context?: object }
  readonly protocol: string
  readonly host: string
  readonly method: string
  readonly path: string
  readonly originalUrl: string
  readonly ip: string
  // biome-ignore lint/suspicious/noExplicitAny: Koa types its state so.
  readonly state: any
  audit: AuditLogger
}

export type KoaAuditMiddleware<Context> = AuditControls &
  ((context: Context, next: () => Promise<unknown>) => Promise<unknown>)

/**
 * Middleware that leaves one audit record for each request, for Koa 2 and 3. Put it first: what comes before it
 * is not recorded. The functions among the options get Koa's context.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 * @example
 * new Koa()
 *   .use(auditLog())
 *   .use((ctx) => {
 *     ctx.audit.setFilter('Person', ctx.query).info('List Person')
 *     ctx.body = []
 *   })
 */
export function auditLog<Context extends KoaContext = KoaContext>(
  options?: AuditOptions<Context>,
): KoaAuditMiddleware<Context> {
  // biome-ignore lint/complexity/noArguments: more arguments than the signature has are just what is looked for.
  if (arguments.length > 1) {
    throw new AuditLogError('ERR_AUDIT_OPTIONS', 'auditLog was mounted itself. Call it: app.use(auditLog())')
  }
  const { open, enter, controls } = createMiddleware<Context>(resolveOptions(options), KOA)

  function auditMiddleware(context: Context, next: () => Promise<unknown>): Promise<unknown> {
    // Not with a rejection: Express 4 would not hear of it, and the process would end.
    if (context.req === undefined || context.res === undefined) {
      throw new AuditLogError(
        'ERR_AUDIT_OPTIONS',
        "This auditLog is for Koa. In an Express, Connect or node:http app import it from 'http-audit-log'",
      )
    }
    const { logger, isRefused } = open(context.req, context.res, context)
    attachLogger(context, logger)
    if (isRefused) return Promise.resolve()
    return tellingError(logger, () => enter(logger, context.req, next))
  }
  return Object.assign(auditMiddleware, controls)
}

/** Shows the logger what `handle` fails with. An async function would take more memory for each request in flight. */
function tellingError(logger: AuditLogger, handle: () => Promise<unknown>): Promise<unknown> {
  const tell = (error: unknown) => void logger.setError(error)
  try {
    const handled = Promise.resolve(handle())
    // Before anybody else hears of it, and without making them wait for another turn.
    handled.then(undefined, tell)
    return handled
  } catch (error) {
    tell(error)
    return Promise.reject(error)
  }
}

const KOA: FrameworkAdapter<KoaContext> = {
  describeSource,
  // koa-passport, koa-jwt
  findUser: (context) => recognizeFirstUser(() => context.state.user),
  findRoute,
}

/** Koa's own rules: `app.proxy` decides whether X-Forwarded-* count. */
function describeSource(context: KoaContext): RequestSource {
  const { protocol, originalUrl, ip } = context
  return { scheme: protocol, host: hostOf(context), target: originalUrl, ip }
}

/** To tell the host, Koa takes a header apart that nearly always is the host: 2.5 µs. Where it may not be, Koa is asked. */
function hostOf(context: KoaContext): string | undefined {
  const { app, req } = context
  const asked = req.headers[':authority']?.toString() || req.headers.host
  const isHost = asked !== undefined && !asked.includes(',') && !asked.includes('@')
  return isHost && app?.proxy === false && !hasOwnHost(app.request) && !hasOwnHost(app.context)
    ? asked
    : context.host
}

/** Where an application may have put a getter of its own in the place of Koa's. */
function hasOwnHost(extended: object | undefined): boolean {
  return extended === undefined || Object.hasOwn(extended, 'host')
}

/** What `audited` needs of a Koa context; the parameters are there where a router is. */
export interface KoaAuditedContext {
  readonly req?: IncomingMessage
  readonly method: string
  readonly query: unknown
  readonly params?: unknown
  body: unknown
  audit: AuditLogger
}

/**
 * Route middleware that fills the record by itself: the object's name, the filter from route and query, the message by
 * method, the results from `ctx.body`. What the handler says itself wins.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 * @example
 * router.get('/persons', audited('Person', { listResults: true, fields: ['id'] }), listPersons)
 * router.get('/persons/:id', audited('Person'), retrievePerson)
 */
export function audited(
  objectName: string,
  options?: AuditedOptions,
): (context: KoaAuditedContext, next: () => Promise<unknown>) => Promise<unknown> {
  const suggest = createSuggestionFiller(objectName, options)
  return async function auditedMiddleware(context, next) {
    const answered = suggest(findLogger(context.req, context), {
      method: context.method,
      // At the end the router still tells it.
      route: undefined,
      params: () => context.params,
      query: () => context.query,
    })
    const result = await next()
    if (isSentAsJson(context.body)) answered(context.body)
    return result
  }
}

/** Koa sends these as they are. */
function isSentAsJson(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return false
  if (body instanceof Blob || body instanceof ReadableStream || body instanceof Response) return false
  return !('pipe' in body && typeof suppressRejection(body.pipe) === 'function')
}

/** As @koa/router leaves it, and koa-router before it. */
function findRoute(context: object): string | undefined {
  const route = (context as { _matchedRoute?: unknown })._matchedRoute
  return typeof route === 'string' && route.startsWith('/') ? route : undefined
}
