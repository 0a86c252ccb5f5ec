// Express made quick on Node 20 and 22, where V8 describes each of its requests and responses anew: property-table.ts says
// why, and what helps. Here is when: best after Express has swapped their prototypes, and before it adds anything to them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { types } from 'node:util'
import { DESCRIBES_ANEW, keepInTables } from './property-table.js'

type Handle = (
  this: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  ...more: unknown[]
) => unknown

/** An app of Express 5. The one of Express 4 has a `router` that throws. */
export interface ExpressApp {
  readonly router?: object
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
    const inherited = router && inheritedHandle(router)
    if (inherited === undefined) return false
    const value = function handle(this: unknown, ...given: Parameters<Handle>): unknown {
      keepInTables(given[0], given[1])
      const prototype: object | null = Object.getPrototypeOf(router)
      const handle: unknown = prototype && Reflect.get(prototype, 'handle', this)
      return Reflect.apply(typeof handle === 'function' ? handle : inherited, this, given)
    }
    // Its name and length, and the mark of whoever has wrapped it and looks whether he has.
    Object.defineProperties(value, Object.getOwnPropertyDescriptors(inherited))
    Object.defineProperty(router, 'handle', { value, writable: true, configurable: true })
    return true
  } catch {
    return false
  }
}

/** A method, as a class has it: neither own, nor a getter, nor what a Proxy makes up. */
function inheritedHandle(router: object): Handle | undefined {
  if (types.isProxy(router) || Object.hasOwn(router, 'handle')) return undefined
  for (
    let holder: object | null = Object.getPrototypeOf(router);
    holder !== null && !types.isProxy(holder);
    holder = Object.getPrototypeOf(holder)
  ) {
    const found = Object.getOwnPropertyDescriptor(holder, 'handle')
    if (found !== undefined) return typeof found.value === 'function' ? found.value : undefined
  }
  return undefined
}
