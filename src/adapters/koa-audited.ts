import type { IncomingMessage } from 'node:http'
import { findRequestBuilder } from '../exchange/attached-exchange.js'
import { type AuditedOptions, createRecordFiller } from '../exchange/audited.js'
import { suppressRejection } from '../lib/safe-read.js'
import type { AuditLogger } from '../logger/audit-logger.js'

/** The part of a Koa context that `audited` uses. A router adds `params`. */
export interface KoaAuditedContext {
  readonly req?: IncomingMessage
  readonly method: string
  readonly query: unknown
  readonly params?: unknown
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
    const recordBody = fillRecord(findRequestBuilder(context.req, context), {
      method: context.method,
      // The router still has it when the response has ended.
      route: undefined,
      params: () => context.params,
      query: () => context.query,
    })
    const result = await next()
    if (isSentAsJson(context.body)) recordBody(context.body)
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
