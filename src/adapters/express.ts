import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { FrameworkAdapter } from '../exchange/adapter.js'
import { type AuditControls, attachLogger, createMiddleware, findLogger } from '../exchange/middleware.js'
import { type AuditedOptions, createSuggestionFiller } from '../exchange/suggestions.js'
import { type RequestSource, readConnectionSource } from '../http/request.js'
import { resolveExpressRoute } from '../http/route.js'
import { type AuditUser, recognizeFirstUser } from '../http/user.js'
import { callOption } from '../lib/call-option.js'
import { AuditLogError } from '../lib/errors.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import { type AuditOptions, resolveOptions } from '../options/options.js'

declare global {
  namespace Express {
    interface Request {
      /** The audit record of this request. The middleware sends it when the response has ended. */
      audit: AuditLogger
    }
  }
}

/** A request of `node:http` or Connect that the middleware has seen; Express's own `Request` has `audit` by itself. */
export type AuditedRequest = IncomingMessage & { audit: AuditLogger }

/** What Express, Connect and authentication add to a request of `node:http`. All of it may be missing. */
type AnyRequest = IncomingMessage & {
  audit?: AuditLogger
  app?: SettingsHolder
  originalUrl?: string
  protocol?: string
  ip?: string
  baseUrl?: string
  route?: { path?: unknown }
  params?: unknown
  query?: unknown
  user?: unknown
  auth?: { header?: unknown; payload?: unknown; token?: unknown }
  oidc?: { user?: unknown }
  kauth?: { grant?: { access_token?: { content?: unknown } } }
}

interface SettingsHolder {
  get?(setting: string): unknown
}

type AnyIncoming = IncomingMessage | Http2ServerRequest
type AnyAnswer = ServerResponse | Http2ServerResponse

export interface AuditMiddleware extends AuditControls {
  (request: AnyIncoming, response: AnyAnswer, next: (error?: unknown) => void): void
  /**
   * For a bare `http.createServer`: gives the logger, which is `request.audit` as well. With `failClosed` give your
   * handler as `next`: it must not run for a request that was refused.
   */
  (request: AnyIncoming, response: AnyAnswer): AuditLogger
}

/**
 * Middleware that leaves one audit record for each request, for Express 4 and 5, Connect, NestJS on Express and
 * bare `node:http`. Put it first: what comes before it is not recorded.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
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
export function auditLog<Request extends IncomingMessage = Express.Request & IncomingMessage>(
  options?: AuditOptions<Request>,
): AuditMiddleware {
  // biome-ignore lint/complexity/noArguments: more arguments than the signature has are just what is looked for.
  if (arguments.length > 1) {
    throw new AuditLogError('ERR_AUDIT_OPTIONS', 'auditLog was mounted itself. Call it: app.use(auditLog())')
  }
  const { open, enter, controls } = createMiddleware<Request>(resolveOptions(options), EXPRESS)

  function auditMiddleware(request: AnyRequest, response: ServerResponse, next?: (error?: unknown) => void) {
    if (typeof response === 'function') {
      throw new AuditLogError(
        'ERR_AUDIT_OPTIONS',
        "This auditLog is for Express, Connect and node:http. In a Koa app import it from 'http-audit-log/koa'",
      )
    }
    const { logger, isRefused } = open(request, response, request as IncomingMessage as Request)
    attachLogger(request, logger)
    if (!isRefused && next !== undefined) enter(logger, request, next as () => void)
    return logger
  }
  return Object.assign(auditMiddleware, controls) as AuditMiddleware
}

/**
 * Error-handling middleware for Express and Connect that puts what a handler threw in the record, and passes it
 * on. Mount it after your routes and before your own error handlers: Express shows errors to nobody else.
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
  return function auditErrorMiddleware(error, request, _response, next) {
    findLogger(request, request as AnyRequest)?.setError(error)
    next(error)
  }
}

/**
 * Route middleware that fills the record by itself: the object's name, the filter from route and query, the message by
 * method, the results from what the handler sends with `res.json`. What the handler says itself wins.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 * @example
 * app.get('/persons', audited('Person', { listResults: true, fields: ['id'] }), listPersons)
 * app.get('/persons/:id', audited('Person'), retrievePerson)
 */
export function audited(
  objectName: string,
  options?: AuditedOptions,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
  const suggest = createSuggestionFiller(objectName, options)
  return function auditedMiddleware(request: AnyRequest, response, next) {
    const route = findRoute(request)
    const params = readSafely(() => ({ ...(request.params as object | undefined) })) ?? {}
    Object.values(params).forEach(suppressRejection)
    const answered = suggest(findLogger(request, request), {
      method: request.method,
      route,
      // A router that has passed the request on has put back its own. On a router, the route is not known yet.
      params: () => (route === undefined ? request.params : params),
      query: () => request.query,
    })
    onJson(request, response, answered)
    next()
  }
}

/** Tells what is given to `res.json`, which does what it did before. */
function onJson(
  request: AnyRequest,
  response: ServerResponse & { json?: (...given: unknown[]) => unknown },
  tell: (body: unknown) => void,
): void {
  const { json } = response
  if (typeof json !== 'function') return
  const toldJson = function (this: unknown, ...given: unknown[]): unknown {
    // Express 4 also takes a status, before or after the body.
    const body = given.length === 2 && typeof given[1] !== 'number' ? given[1] : given[0]
    tell(asSent(body, request))
    return json.apply(this, given)
  }
  response.json = toldJson
}

/** An application may have a function that leaves things out of whatever it sends. */
function asSent(body: unknown, request: AnyRequest): unknown {
  try {
    const replacer = settingOf(request, 'json replacer')
    if (replacer === undefined || replacer === null) return body
    return JSON.parse(JSON.stringify(body, replacer as never))
  } catch {
    return undefined
  }
}

/** Of Express. What a request has as its own `app` may be anybody's, unless it is a function, as apps of Express are. */
function settingOf(request: AnyRequest, name: string): unknown {
  const app = suppressRejection(request.app)
  if (typeof app !== 'function' && Object.hasOwn(request, 'app')) return undefined
  return callOption(() => (app as SettingsHolder | undefined)?.get?.(name))
}

/**
 * Scheme, host and client address by Express's own rules where it is Express, else by the connection alone. Express is
 * asked also where it trusts no proxy: an application may have put its own `ip` in the place of Express's.
 */
function describeSource(request: AnyRequest): RequestSource {
  const known = readConnectionSource(request)
  const trusts = settingOf(request, 'trust proxy fn')
  if (typeof trusts !== 'function') return known
  const { headers, socket } = request
  // `req.host` is this in Express 5; in Express 4 it lacks the port and is deprecated.
  const forwarded = callOption(() => trusts(socket.remoteAddress, 0))
    ? headers['x-forwarded-host']?.toString()
    : undefined
  const host = forwarded?.split(',', 1)[0]?.trimEnd() || headers.host
  return { scheme: request.protocol ?? 'http', host, target: known.target, ip: request.ip }
}

function findRoute({ baseUrl, route, url }: AnyRequest): string | undefined {
  return route && resolveExpressRoute(baseUrl, route.path, url)
}

function findUser(request: AnyRequest): AuditUser | undefined {
  return recognizeFirstUser(
    // Passport
    () => request.user,
    // express-openid-connect
    () => suppressRejection(request.oidc)?.user,
    // express-oauth2-jwt-bearer has the claims inside, beside the token; express-jwt has the claims themselves.
    () => {
      const auth = suppressRejection(request.auth)
      return suppressRejection(auth?.header) !== undefined && suppressRejection(auth?.token) !== undefined
        ? auth?.payload
        : auth
    },
    // keycloak-connect
    () =>
      suppressRejection(suppressRejection(suppressRejection(request.kauth)?.grant)?.access_token)?.content,
  )
}

const EXPRESS: FrameworkAdapter<AnyRequest> = { describeSource, findUser, findRoute }
