import type { IncomingMessage } from 'node:http'
import { findRequestBuilder } from '../exchange/attached-exchange.js'
import type { BodyRecorder } from '../exchange/audited/body-recorder.js'
import type { AuditedOptions } from '../exchange/audited/options.js'
import { type AuditedRequestInfo, createRecordFiller } from '../exchange/audited/record-filler.js'
import type { RoutePlace } from '../exchange/audited/target-id.js'
import { readProperty, readSafely, suppressRejection } from '../lib/safe-read.js'
import { isObject } from '../lib/validate.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import { markAudited, suggestByLast } from './unreached-audited.js'

/** The part of a Koa context that `audited` uses. A router adds `params`. */
export interface KoaAuditedContext {
  readonly req?: IncomingMessage | undefined
  readonly method: string
  readonly query: unknown
  readonly params?: unknown
  /** `body` is set by body parsers. */
  readonly request?: unknown
  /** Set by @koa/router. */
  readonly _matchedRoute?: unknown
  /** The layers of routers that the path of the request matches, set by @koa/router. */
  readonly matched?: unknown
  readonly respond?: boolean | undefined
  /** The content type of the response, without parameters. */
  readonly type?: string | undefined
  body: unknown
  audit: AuditLogger
}

/** A route of @koa/router; without methods, what was passed to `router.use()`. */
interface RouterLayer {
  readonly path?: unknown
  readonly methods?: unknown
  readonly stack?: unknown
}

/**
 * Route middleware that fills the record by itself: action and target from method and route, also of an attempt that was refused
 * or has failed; the filter from route and query; the message; and the ids in `ctx.body` as results. Values that the handler sets
 * win. Mount it before authorization and validation.
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
  const fillRecord = createRecordFiller(objectName, options)
  async function auditedMiddleware(
    context: KoaAuditedContext,
    next: () => Promise<unknown>,
  ): Promise<unknown> {
    const place = isInRoute(context, auditedMiddleware) ? readPlace(context) : undefined
    const recorder = suggest(context, place)
    let result: unknown
    try {
      result = await next()
    } catch (error) {
      recorder.fail(error)
      throw error
    }
    readSafely(() => {
      const { body, respond } = context
      // With `respond: false` the handler writes to Node's response itself.
      if (respond !== false && isSentAsJson(body)) recorder.record(body, () => findSentBody(context, body))
    })
    return result
  }
  function suggest(context: KoaAuditedContext, place: RoutePlace | undefined): BodyRecorder {
    return fillRecord(findRequestBuilder(context.req, context), describeRequest(context, place))
  }
  markAudited<UnreachedRequest>(auditedMiddleware, ({ context, place }) => void suggest(context, place))
  return auditedMiddleware
}

interface UnreachedRequest {
  readonly context: KoaAuditedContext
  readonly place: RoutePlace
}

/**
 * Suggests by the `audited()` of the only route that matches path and method, for a request that was ended before it: by a
 * handler of the route, or by a middleware of its router. Never throws.
 */
export function suggestUnreached(context: KoaAuditedContext): void {
  const layers = listLayers(context).filter(
    ({ methods }) => isList(methods) && methods.includes(context.method),
  )
  const [layer] = layers
  if (layers.length !== 1 || layer === undefined || !isList(layer.stack)) return
  const isEntered = context._matchedRoute === layer.path
  // The parameters of a route are known when the router has entered it.
  const place = isEntered ? readPlace(context) : { pattern: undefined, base: '', params: undefined }
  suggestByLast<UnreachedRequest>(layer.stack, { context, place })
}

/** @param ownPlace that of the route of `audited()`; `undefined` on a router or an app */
function describeRequest(context: KoaAuditedContext, ownPlace: RoutePlace | undefined): AuditedRequestInfo {
  return {
    method: context.method,
    // The router still has it when the response has ended.
    route: undefined,
    place: () => ownPlace ?? readPlace(context),
    finalParams: () => context.params,
    query: () => context.query,
    body: () => readProperty(context.request, 'body'),
    // The router sets `_matchedRoute` again when another route responds.
    findResponseSource() {
      const pattern = ownPlace?.pattern
      return pattern !== undefined && context._matchedRoute !== pattern ? 'another route' : 'this route'
    },
    onRoute: undefined,
  }
}

/** A router creates new parameters for each of its routes. */
function readPlace(context: KoaAuditedContext): RoutePlace {
  const pattern = suppressRejection(context._matchedRoute)
  const params = suppressRejection(context.params)
  return { pattern: typeof pattern === 'string' ? pattern : undefined, base: '', params }
}

/** Whether a middleware is on a route, and not on a router or an app: `router.use()` sets `_matchedRoute` as well. */
function isInRoute(context: KoaAuditedContext, middleware: unknown): boolean {
  if (context._matchedRoute === undefined) return false
  const layer = listLayers(context).find(({ stack }) => isList(stack) && stack.includes(middleware))
  return layer === undefined || (isList(layer.methods) && layer.methods.length > 0)
}

function listLayers({ matched }: KoaAuditedContext): readonly RouterLayer[] {
  return isList(matched) ? (matched as readonly RouterLayer[]) : []
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** Koa sends buffers, streams, blobs and web responses as they are, and any other object as JSON. */
function isSentAsJson(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return false
  if (body instanceof Blob || body instanceof ReadableStream || body instanceof Response) return false
  return !('pipe' in body && typeof suppressRejection(body.pipe) === 'function')
}

/**
 * A middleware around the handler may replace the body: by an encoded or wrapped form of it, in which the body is sent
 * nevertheless, or by another object or an error page.
 *
 * @returns the JSON body that was sent; `undefined` if no JSON was sent
 */
function findSentBody({ body: sent, type, respond }: KoaAuditedContext, body: unknown): unknown {
  if (respond === false) return undefined
  if (isSentAsJson(sent)) return Object.values(sent as object).includes(body) ? body : sent
  const isJsonText = typeof sent === 'string' && /^\s*[[{]/.test(sent)
  // Text of JSON, or with a content type of JSON a compressed stream.
  const isEncodedBody = typeof sent === 'string' ? isJsonText : isObject(sent) && /[/+]json$/.test(type ?? '')
  return isEncodedBody ? body : undefined
}
