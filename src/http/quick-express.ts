// Express made quick on Node 20 and 22, where V8 describes each of its requests and responses anew: property-table.ts says
// why, and what helps. Here is when: best after Express has swapped their prototypes, and before it adds anything to them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { DESCRIBES_ANEW, keepInTables } from './property-table.js'

type Handle = (this: unknown, request: IncomingMessage, response: ServerResponse, next: unknown) => unknown

/** An app of Express 5. The one of Express 4 has a `router` that throws. */
export interface ExpressApp {
  readonly router?: { handle?: Handle }
}

/** Whether the router of an app puts in tables what it is given. */
const preparesItself = new WeakMap<ExpressApp, boolean>()

/**
 * Called for each request. Those of Express are put in tables; from an app's second on, the router of Express 5 does it before it adds
 * the first property. Express 4 swaps prototypes right before its first middleware.
 */
export function makeQuick(request: IncomingMessage & { app?: ExpressApp }, response: ServerResponse): void {
  if (!DESCRIBES_ANEW) return
  try {
    const { app } = request
    // Express has swapped its prototype for one that knows the app. An own one may be anybody's.
    if (app === undefined || Object.hasOwn(request, 'app')) return
    const isPrepared = preparesItself.get(app)
    if (isPrepared) return
    if (isPrepared === undefined) preparesItself.set(app, letRouterPrepare(app))
    keepInTables(request, response)
  } catch {
    // A getter of the application's own. It may be as slow as it was.
  }
}

/**
 * Puts a `handle` of ours before the one that the router inherits, whatever that is when it is called. Where the router has
 * one of its own, somebody else has put it there and may want to find it again.
 */
function letRouterPrepare(app: ExpressApp): boolean {
  try {
    const { router } = app
    if (typeof router?.handle !== 'function' || Object.hasOwn(router, 'handle')) return false
    const value = function handle(
      this: unknown,
      request: IncomingMessage,
      response: ServerResponse,
      next: unknown,
    ): unknown {
      keepInTables(request, response)
      return (Object.getPrototypeOf(router) as { handle: Handle }).handle.call(this, request, response, next)
    }
    Object.defineProperty(router, 'handle', { value, writable: true, configurable: true })
    return true
  } catch {
    return false
  }
}
