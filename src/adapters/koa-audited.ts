import type { IncomingMessage } from 'node:http'
import { findRequestBuilder } from '../exchange/attached-exchange.js'
import type { AuditedOptions } from '../exchange/audited/options.js'
import { type AuditedRequestInfo, createRecordFiller } from '../exchange/audited/record-filler.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { isObject } from '../lib/validate.js'
import type { AuditLogger } from '../logger/audit-logger.js'

/** The part of a Koa context that `audited` uses. A router adds `params`. */
export interface KoaAuditedContext {
  readonly req?: IncomingMessage
  readonly method: string
  readonly query: unknown
  readonly params?: unknown
  /** `body` is set by body parsers. */
  readonly request?: { readonly body?: unknown }
  /** Set by @koa/router. */
  readonly _matchedRoute?: unknown
  /** The layers of routers that the path of the request matches, set by @koa/router. */
  readonly matched?: unknown
  readonly respond?: boolean
  /** The content type of the response, without parameters. */
  readonly type?: string
  body: unknown
  audit: AuditLogger
}

/** A route of @koa/router; without methods, what was passed to `router.use()`. */
interface RouterLayer {
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
  return async function auditedMiddleware(context, next) {
    const recorder = fillRecord(
      findRequestBuilder(context.req, context),
      describeRequest(context, auditedMiddleware),
    )
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
}

function describeRequest(context: KoaAuditedContext, middleware: unknown): AuditedRequestInfo {
  const matchedRoute = isInRoute(context, middleware) ? suppressRejection(context._matchedRoute) : undefined
  // A router creates new parameters for each of its routes.
  const params = suppressRejection(context.params)
  const isOnRoute = matchedRoute !== undefined
  return {
    method: context.method,
    // The router still has it when the response has ended.
    route: undefined,
    place() {
      const pattern = isOnRoute ? matchedRoute : suppressRejection(context._matchedRoute)
      return {
        pattern: typeof pattern === 'string' ? pattern : undefined,
        base: '',
        params: isOnRoute ? params : context.params,
      }
    },
    finalParams: () => context.params,
    query: () => context.query,
    body: () => context.request?.body,
    // The router sets `_matchedRoute` again when another route responds.
    findAnswerer: () =>
      isOnRoute && context._matchedRoute !== matchedRoute ? 'another route' : 'this route',
    onRoute: undefined,
  }
}

/** Whether a middleware is on a route, and not on a router or an app: `router.use()` sets `_matchedRoute` as well. */
function isInRoute({ matched }: KoaAuditedContext, middleware: unknown): boolean {
  const layers: readonly RouterLayer[] = Array.isArray(matched) ? matched : []
  const layer = layers.find(({ stack }) => Array.isArray(stack) && stack.includes(middleware))
  return layer === undefined || (Array.isArray(layer.methods) && layer.methods.length > 0)
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
