import type { IncomingMessage, ServerResponse } from 'node:http'
import { findRequestBuilder, getExchange } from '../exchange/attached-exchange.js'
import type { BodyRecorder } from '../exchange/audited/body-recorder.js'
import type { AuditedOptions } from '../exchange/audited/options.js'
import { type AuditedRequestInfo, createRecordFiller } from '../exchange/audited/record-filler.js'
import type { RoutePlace } from '../exchange/audited/target-id.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import type { ResponseSource } from '../logger/suggestions.js'
import { type ExpressRequest, readSetting } from './express-request.js'
import { findOwnPattern, findRoute } from './express-route.js'
import { applyReplacer } from './json-replacer.js'
import { markAudited, suggestByLast } from './unreached-audited.js'

/**
 * Route middleware that fills the record by itself: action and target from method and route, also of an attempt that was refused
 * or has failed; the filter from route and query; the message; and the ids in what the handler sends with `res.json` or
 * `res.jsonp` as results. Values that the handler sets win. Mount it before authorization and validation.
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
  const fillRecord = createRecordFiller(objectName, options)
  function auditedMiddleware(request: ExpressRequest, response: ServerResponse, next: () => void): void {
    observeBody(request, response, suggest(request, response))
    next()
  }
  function suggest(request: ExpressRequest, response: ServerResponse): BodyRecorder {
    return fillRecord(findRequestBuilder(request, request), describeRequest(request, response))
  }
  markAudited<ExpressRequest>(auditedMiddleware, (request) => {
    if (request.res !== undefined) suggest(request, request.res)
  })
  return auditedMiddleware
}

/** Suggests by the `audited()` of the route that the request is in, for a request that was ended before it. Never throws. */
export function suggestUnreached(request: ExpressRequest): void {
  const stack = readSafely(() => request.route?.stack)
  if (!Array.isArray(stack)) return
  const method = request.method === 'HEAD' ? 'get' : request.method?.toLowerCase()
  const handlers = (stack as readonly RouteLayer[])
    .filter((layer) => layer.method === undefined || layer.method === method)
    .map(({ handle }) => handle)
  suggestByLast(handlers, request)
}

/** A handler of a route. Without a method it is one of `route.all()`. */
interface RouteLayer {
  readonly method?: unknown
  readonly handle?: unknown
}

function describeRequest(request: ExpressRequest, response: ServerResponse): AuditedRequestInfo {
  const route = findOwnRoute(request)
  const findResponseSource = createResponseSourceCheck(request, response, route)
  let place = request.route ? copyPlace(request) : undefined
  const ownParams = place?.params
  return {
    method: request.method,
    route,
    place: () => place ?? readPlace(request),
    finalParams: () => (route === undefined ? request.params : ownParams),
    query: () => request.query,
    body: () => request.body,
    findResponseSource,
    // On a router the route is not known yet.
    onRoute() {
      place ??= copyPlace(request)
    },
  }
}

/** The pattern of the route; `undefined` if it is not known, as on a router. */
function findOwnRoute(request: ExpressRequest): string | undefined {
  return findRoute(request, request.originalUrl ?? request.url ?? '') ?? undefined
}

function readPlace(request: ExpressRequest): RoutePlace {
  return { pattern: findOwnPattern(request), base: readBaseUrl(request), params: request.params }
}

/** The parameters are copied, because a router restores its parent's when it passes the request on. */
function copyPlace(request: ExpressRequest): RoutePlace {
  const params = readSafely(() => ({ ...(request.params as object | undefined) })) ?? {}
  Object.values(params).forEach(suppressRejection)
  return { ...readPlace(request), params }
}

/**
 * Another route that responds is not that of `audited()`, unless it has the same pattern: a handler may be added later.
 * Mounted on a router, `audited()` is for the paths below it; an error handler outside the router answers for it.
 */
function createResponseSourceCheck(
  request: ExpressRequest,
  response: ServerResponse,
  pattern: string | undefined,
): () => ResponseSource {
  const route = suppressRejection(request.route)
  const baseUrl = readBaseUrl(request)
  return () => {
    const routeNow = suppressRejection(request.route)
    if (!route) {
      const isOutside = response.statusCode < 400 && !isBelow(readBaseUrl(request), baseUrl)
      return isOutside ? 'another route' : 'this route'
    }
    if (routeNow !== route && !isSamePattern(findOwnRoute(request), pattern)) return 'another route'
    return getExchange(request)?.routeState === 'left' ? 'no route' : 'this route'
  }
}

/** Nest mounts a middleware at `/persons/` for a handler at `/persons`. Both match the same request, so they mean the same. */
function isSamePattern(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return one === other || one.replace(/\/$/, '') === other.replace(/\/$/, '')
}

function readBaseUrl({ baseUrl }: ExpressRequest): string {
  return typeof baseUrl === 'string' ? baseUrl : ''
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`)
}

type SendJson = (...args: unknown[]) => unknown
type JsonMethod = 'json' | 'jsonp'

/** The `res.json` that `audited()` has put on a response. */
const observedJsonKey = Symbol('observed json')

type ExpressResponse = ServerResponse & { [method in JsonMethod | 'send']?: SendJson } & {
  sendfile?: unknown
  [observedJsonKey]?: SendJson
}

/** Records the body of `res.json` and `res.jsonp`, which work as before. `res.send(object)` calls `res.json`. */
function observeBody(request: ExpressRequest, response: ExpressResponse, recorder: BodyRecorder): void {
  // Assigned by a middleware before this one, which may remove properties from the body. The text has what is left of it.
  const isReplaced = Object.hasOwn(response, 'json') && response.json !== response[observedJsonKey]
  if (isReplaced && typeof response.send === 'function') {
    observeText(response, response.send, recorder)
    return
  }
  observe('json', request, response, recorder)
  response[observedJsonKey] = response.json as SendJson
  observe('jsonp', request, response, recorder)
}

/** Records the argument of `res.json` or `res.jsonp`. */
function observe(
  method: JsonMethod,
  request: ExpressRequest,
  response: ExpressResponse,
  recorder: BodyRecorder,
): void {
  const send = response[method]
  if (typeof send !== 'function') return
  // Assigned in a second step: V8 allocates a function in the old generation if its literal is assigned to a property.
  const observedSend = function (this: unknown, ...args: unknown[]): unknown {
    // A second body cannot be sent.
    if (response.headersSent) return send.apply(this, args)
    readSafely(() => recorder.record(replaceAsExpress(findBody(response, args), request)))
    try {
      return send.apply(this, args)
    } catch (error) {
      if (!response.headersSent) recorder.forget()
      throw error
    }
  }
  response[method] = observedSend
}

/** Records the JSON that Express's `res.json` passes to `res.send` as text. */
function observeText(response: ExpressResponse, send: SendJson, recorder: BodyRecorder): void {
  const observedSend = function (this: unknown, ...args: unknown[]): unknown {
    const text = findBody(response, args)
    if (typeof text === 'string' && !response.headersSent) {
      readSafely(() => {
        const isJson = /[/+]json\b/.test(String(response.getHeader('content-type')))
        if (isJson) recorder.record(JSON.parse(text))
      })
    }
    return send.apply(this, args)
  }
  response.send = observedSend
}

/** Express 4, which alone has `res.sendfile`, also accepts a status, before or after the body. */
function findBody(response: ExpressResponse, args: readonly unknown[]): unknown {
  const isStatusFirst = args.length === 2 && typeof args[1] !== 'number'
  return isStatusFirst && typeof response.sendfile === 'function' ? args[1] : args[0]
}

/** The body as Express sends it: the setting `json replacer` may leave properties out. */
function replaceAsExpress(body: unknown, request: ExpressRequest): unknown {
  return applyReplacer(body, readSetting(request, 'json replacer'))
}
