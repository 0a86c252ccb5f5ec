import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { FrameworkAdapter } from '../exchange/adapter.js'
import { attachLogger, findRequestBuilder, getExchange } from '../exchange/attached-exchange.js'
import { type AuditControls, addControls } from '../exchange/controls.js'
import { createMiddleware, createUncalledError, reportUncalledErrors } from '../exchange/middleware.js'
import { type RequestSource, readConnectionSource } from '../http/request.js'
import { toOwnRequestId } from '../http/request-id.js'
import type { Circumstances } from '../http/user/evidence.js'
import { findUser as findUserIn, NOBODY, type UserFinding } from '../http/user/find-user.js'
import type { AuditUser } from '../http/user/user.js'
import { callSync } from '../lib/call-sync.js'
import { AuditLogError } from '../lib/errors.js'
import { readDataProperty, readExistingDataProperty } from '../lib/safe-read.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import type { AuditOptions } from '../options/options.js'
import { resolveOptions } from '../options/resolve.js'
import { suggestUnreached } from './express-audited.js'
import { awaitApp } from './express-late-app.js'
import { watchLayers } from './express-layers.js'
import { type ExpressRequest, readSetting } from './express-request.js'
import { findRoute } from './express-route.js'
import { EXPRESS_USERS, hasCredentials, mayHaveUser } from './express-user.js'
import { watchSession } from './session-accessor.js'

declare global {
  namespace Express {
    interface Request {
      /** The audit record of this request. The middleware sends it when the response has ended. */
      audit: AuditLogger
    }
  }
}

/** A request of `node:http` or Connect after the middleware. Express's own `Request` type has `audit` by itself. */
export type AuditedRequest = IncomingMessage & { audit: AuditLogger }

type NodeRequest = IncomingMessage | Http2ServerRequest
type NodeResponse = ServerResponse | Http2ServerResponse

export interface AuditMiddleware extends AuditControls {
  (request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void): void
  /**
   * For a plain `http.createServer`: returns the logger, which is `request.audit` as well. With `failClosed`, pass your
   * handler as `next`: it must not run for a request that was refused.
   */
  (request: NodeRequest, response: NodeResponse): AuditLogger
}

/**
 * Middleware that writes one audit record per request, for Express 4 and 5, Connect, NestJS on Express and plain
 * `node:http`. Mount it first: a request that an earlier middleware answers is not recorded.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`, or `ERR_AUDIT_RUNTIME` in a runtime that lacks what the record needs
 * @example
 * const app = express()
 * app.use(auditLog())
 * app.get('/persons', (req, res) => {
 *   req.audit.setFilter('Person', req.query).info('List Person')
 *   res.json([])
 * })
 * @example
 * const audit = auditLog()
 * http.createServer((req, res) => {
 *   audit(req, res).info('Hello')
 *   res.end('hello')
 * })
 */
export function auditLog<
  Request extends IncomingMessage = Express.Request & IncomingMessage,
  User extends AuditUser = AuditUser,
>(options?: AuditOptions<Request, User>): AuditMiddleware {
  // biome-ignore lint/complexity/noArguments: app.use(auditLog) calls it with more arguments than it declares.
  if (arguments.length > 1) throw createUncalledError()
  const { start, runNext, controls } = createMiddleware<Request>(resolveOptions(options), adapter)

  function auditMiddleware(
    request: ExpressRequest,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ) {
    // Koa calls middleware with its context and `next`.
    if (typeof response === 'function') {
      throw new AuditLogError(
        'ERR_AUDIT_OPTIONS',
        "This auditLog is for Express, Connect and node:http. In a Koa app, import it from 'http-audit-log/koa'",
      )
    }
    const { logger, isRefused } = start(request, response, request as IncomingMessage as Request)
    attachLogger(request, logger)
    if (typeof request.app === 'function') watchLayers(request)
    else awaitApp(request)
    if (!isRefused && next !== undefined) runNext(logger, request, next as () => void)
    return logger
  }
  return addControls(auditMiddleware, controls) as AuditMiddleware
}

/**
 * Error-handling middleware for Express and Connect that records what a handler threw, and passes it on. Mount it after
 * your routes and before your own error handlers, because Express passes errors only to error-handling middleware.
 *
 * @example
 * app.use(auditErrors())
 * app.use(myErrorHandler)
 */
export function auditErrors(): (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void {
  // biome-ignore lint/complexity/noArguments: a call with `next` is Express using auditErrors itself as a middleware.
  const next: unknown = arguments[2]
  if (typeof next === 'function') {
    reportUncalledErrors()
    next()
  }
  return function auditErrorMiddleware(error, request, _response, next) {
    findRequestBuilder(request, request as ExpressRequest)?.setError(error)
    next(error)
  }
}

/**
 * Scheme, host and client address by Express's own rules if the app is Express, else by the connection alone. `req.ip`
 * is used even without a trusted proxy, because an application may define it itself.
 */
function describeSource(request: ExpressRequest): RequestSource {
  const connectionSource = readConnectionSource(request)
  const trustsProxy = readSetting(request, 'trust proxy fn')
  if (typeof trustsProxy !== 'function') return connectionSource
  const { headers, socket } = request
  // `req.host` is this in Express 5; in Express 4 it lacks the port and is deprecated.
  const forwardedHost = callSync(() => trustsProxy(socket.remoteAddress, 0))
    ? headers['x-forwarded-host']?.toString()
    : undefined
  return {
    scheme: request.protocol ?? 'http',
    host: forwardedHost?.split(',', 1)[0]?.trimEnd() || headers.host,
    target: connectionSource.target,
    ip: request.ip,
  }
}

/** `req.id` of express-request-id, pino-http and nestjs-pino, and `req.requestId` of others. */
function findRequestId(request: ExpressRequest): string | undefined {
  return toOwnRequestId(request.id, request) ?? toOwnRequestId(request.requestId, request)
}

const itself = (request: ExpressRequest): ExpressRequest => request

const adapter: FrameworkAdapter<ExpressRequest> = {
  describeSource,
  findRequestId,
  // Hot path: with a literal name V8 remembers that a property is missing.
  getUser: (request) => ('user' in request ? readDataProperty(request, 'user') : undefined),
  getAuth: (request) => ('auth' in request ? readDataProperty(request, 'auth') : undefined),
  // The guards of Nest set it to `undefined`.
  getAuthInfo: (request) => readExistingDataProperty(request, 'authInfo'),
  // cookie-session defines a property with a getter on each request.
  getSession: (request) => watchSession(request, itself),
  findUser,
  hasCredentials,
  findParams: (request) => request.params,
  suggestUnreached(request) {
    // Outside a route, `req.route` is one that was left.
    if (getExchange(request)?.routeState === 'inside') suggestUnreached(request)
  },
  findRoute,
}

function findUser(request: ExpressRequest, circumstances: Circumstances): UserFinding {
  // Around an Express app in a plain `http.createServer`, the app is known only after it has got a request.
  watchLayers(request)
  return mayHaveUser(request) ? findUserIn(EXPRESS_USERS, request, circumstances) : NOBODY
}
