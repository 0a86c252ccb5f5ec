// Errors that do not pass through auditLog, because Koa or the application catches them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { findRequestBuilder } from '../exchange/attached-exchange.js'
import { reportUncalledErrors } from '../exchange/middleware.js'
import { isClientDisconnect } from '../http/response-error.js'
import { readSafely } from '../lib/safe-read.js'

interface ErrorContext {
  readonly req?: IncomingMessage
  readonly res?: ServerResponse
  readonly audit?: unknown
}

interface App {
  listenerCount(event: string): number
  on(event: string, listener: (error: unknown, context?: ErrorContext) => void): unknown
}

const observedApps = new WeakSet<object>()

/**
 * Records the errors that are emitted on the app: a body stream that fails after all middleware has returned, and what an
 * error handler of the application reports by `ctx.app.emit('error', error, ctx)`.
 *
 * To be called with a request: Koa adds its own listener, which prints errors, in `app.callback()`, and only if there is no
 * other listener yet.
 */
export function observeAppErrors(app: object | undefined): void {
  if (app === undefined || observedApps.has(app)) return
  readSafely(() => {
    if ((app as App).listenerCount('error') === 0) return
    observedApps.add(app)
    ;(app as App).on('error', recordAppError)
  })
}

function recordAppError(error: unknown, context?: ErrorContext): void {
  readSafely(() => {
    if (!context?.req || isClientDisconnect(error, context.res)) return
    findRequestBuilder(context.req, context)?.suggestError(error)
  })
}

/**
 * Middleware that records what a handler throws, and throws it again. Needed only if the application has an error handler
 * of its own that catches errors before auditLog sees them: mount it after that.
 *
 * @example
 * app.use(auditLog())
 * app.use(myErrorHandler)
 * app.use(auditErrors())
 */
export function auditErrors(): (context: ErrorContext, next: () => Promise<unknown>) => Promise<unknown> {
  // biome-ignore lint/complexity/noArguments: a call with `next` is Koa using auditErrors itself as a middleware.
  const next: unknown = arguments[1]
  if (typeof next === 'function') {
    reportUncalledErrors()
    return next()
  }
  return async function auditErrorMiddleware(context, next) {
    try {
      return await next()
    } catch (error) {
      findRequestBuilder(context.req, context)?.setError(error)
      throw error
    }
  }
}
