import type { IncomingMessage } from 'node:http'
import { findRequestBuilder } from '../exchange/attached-exchange.js'
import { type AuditedOptions, createRecordFiller } from '../exchange/audited.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { isObject } from '../lib/validate.js'
import type { AuditLogger } from '../logger/audit-logger.js'

/** The part of a Koa context that `audited` uses. A router adds `params`. */
export interface KoaAuditedContext {
  readonly req?: IncomingMessage
  readonly method: string
  readonly query: unknown
  readonly params?: unknown
  /** Set by @koa/router. */
  readonly _matchedRoute?: unknown
  readonly respond?: boolean
  /** The content type of the response, without parameters. */
  readonly type?: string
  body: unknown
  audit: AuditLogger
}

/**
 * Route middleware that fills the record by itself: the name of the object, the filter from route and query, the
 * message by method, and the results from `ctx.body`. Values that the handler sets win.
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
    const matchedRoute = suppressRejection(context._matchedRoute)
    const recorder = fillRecord(findRequestBuilder(context.req, context), {
      method: context.method,
      // The router still has it when the response has ended.
      route: undefined,
      params: () => context.params,
      query: () => context.query,
      // The router sets `_matchedRoute` again when another route responds. Outside a route it is undefined here.
      isLeft: () => matchedRoute !== undefined && context._matchedRoute !== matchedRoute,
    })
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
