import type { IncomingMessage, ServerResponse } from 'node:http'
import { findRequestBuilder } from '../exchange/attached-exchange.js'
import { type AuditedOptions, createRecordFiller } from '../exchange/audited.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { type ExpressRequest, readSetting } from './express-request.js'
import { findRoute } from './express-route.js'

/**
 * Route middleware that fills the record by itself: the name of the object, the filter from route and query, the
 * message by method, and the results from what the handler sends with `res.json`. Values that the handler sets win.
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
  return function auditedMiddleware(request: ExpressRequest, response, next) {
    const route = findRoute(request, request.originalUrl ?? request.url ?? '') ?? undefined
    const params = readSafely(() => ({ ...(request.params as object | undefined) })) ?? {}
    Object.values(params).forEach(suppressRejection)
    const recordBody = fillRecord(findRequestBuilder(request, request), {
      method: request.method,
      route,
      // On a route the parameters are copied now, because a router restores its parent's when it passes the request on.
      // On a router the route is not known yet, so they are read when the response has ended.
      params: () => (route === undefined ? request.params : params),
      query: () => request.query,
    })
    observeJson(request, response, recordBody)
    next()
  }
}

/** Passes the argument of `res.json` to `onBody`; otherwise `res.json` works as before. */
function observeJson(
  request: ExpressRequest,
  response: ServerResponse & { json?: (...args: unknown[]) => unknown },
  onBody: (body: unknown) => void,
): void {
  const { json } = response
  if (typeof json !== 'function') return
  // Assigned in a second step: V8 allocates a function in the old generation if its literal is assigned to a property.
  const observedJson = function (this: unknown, ...args: unknown[]): unknown {
    // Express 4 also accepts a status, before or after the body.
    const body = args.length === 2 && typeof args[1] !== 'number' ? args[1] : args[0]
    onBody(applyReplacer(body, request))
    return json.apply(this, args)
  }
  response.json = observedJson
}

/** The body as Express sends it: the setting `json replacer` may leave properties out. */
function applyReplacer(body: unknown, request: ExpressRequest): unknown {
  try {
    const replacer = readSetting(request, 'json replacer')
    if (replacer === undefined || replacer === null) return body
    return JSON.parse(JSON.stringify(body, replacer as never))
  } catch {
    return undefined
  }
}
