// Looks at the user of a request before each middleware and handler of Express, because a handler may log the user out.
//
// Express offers no event for this. A property with a setter on the request would show in `'user' in req`, by which some
// applications decide whether somebody is logged in. So the method by which Express calls a handler is replaced, once per
// copy of Express: `handle_request` in Express 4 (express/lib/router/layer.js), `handleRequest` in Express 5
// (router/lib/layer.js). In an app that has neither, the user is looked for when the response has ended, and when the
// handler calls its logger.
import { getExchange } from '../exchange/attached-exchange.js'
import { readSafely } from '../lib/safe-read.js'
import { getRouter } from './express-params.js'
import type { ExpressRequest } from './express-request.js'

type HandleRequest = (this: Layer, request: object, response: unknown, next: unknown) => unknown

interface Layer {
  /** Of a layer that calls a route. */
  readonly route?: unknown
  /** Of a layer inside a route. */
  readonly method?: unknown
}

/** Shared by the whole process, so that the ES module and the CommonJS build replace the method once. */
const watchedKey = Symbol.for('http-audit-log/layer@1')

const METHOD_NAMES = ['handleRequest', 'handle_request'] as const

/** Apps whose copy of Express was looked at. */
const seenApps = new WeakSet<object>()

/** Called for each request, because an app has no router before its first route. */
export function watchLayers({ app }: ExpressRequest): void {
  if (typeof app !== 'function' || seenApps.has(app)) return
  seenApps.add(app)
  readSafely(() => watchLayerClass(getRouter(app)))
}

function watchLayerClass(router: unknown): void {
  const [layer] = (router as { stack: readonly object[] }).stack
  const prototype = Object.getPrototypeOf(layer) as Record<string | symbol, unknown>
  if (prototype === Object.prototype || Object.hasOwn(prototype, watchedKey)) return
  for (const name of METHOD_NAMES) {
    const handleRequest = prototype[name]
    if (typeof handleRequest !== 'function' || !Object.hasOwn(prototype, name)) continue
    prototype[name] = lookBefore(handleRequest as HandleRequest)
    Object.defineProperty(prototype, watchedKey, { value: true })
  }
}

function lookBefore(handleRequest: HandleRequest): HandleRequest {
  return function handleRequestAfterLook(request, response, next) {
    getExchange(request)?.lookAtUser('method' in this ? 'handler' : 'layer', this.route !== undefined)
    return handleRequest.call(this, request, response, next)
  }
}
