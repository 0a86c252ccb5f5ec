// Observes the user of a request before each middleware and handler of Express, because a handler may log the user out.
//
// Express offers no event for this. A property with a setter on the request would show in `'user' in req`, by which some
// applications decide whether somebody is logged in. So the method by which Express calls a handler is replaced, once per
// copy of Express: `handle_request` in Express 4 (express/lib/router/layer.js), `handleRequest` in Express 5
// (router/lib/layer.js). In an app that has neither, the user is observed when the response has ended, and when the
// handler calls its logger.
import { getExchange } from '../exchange/attached-exchange.js'
import { INTERFACE_VERSION } from '../http/attachment.js'
import { PHASE, type Phase } from '../http/user/evidence.js'
import { hasKeys, readSafely } from '../lib/safe-read.js'
import { enterRoute, passHandler, passMiddleware } from './express-left-routes.js'
import { getRouter, watchParams } from './express-params.js'
import type { ExpressRequest } from './express-request.js'

type Next = (error?: unknown) => unknown
type HandleRequest = (this: Layer, request: ExpressRequest, response: unknown, next: Next) => unknown

interface Layer {
  /** A router, if one is mounted. */
  readonly handle?: unknown
  /** The route that the layer calls. Other layers have none. */
  readonly route?: { readonly path?: unknown } | undefined
  /** Only layers inside a route have a method. */
  readonly method?: unknown
}

/** Marks the replacement itself: another library may put the original back. */
const observedKey = Symbol.for(`http-audit-log/layer@${INTERFACE_VERSION}`)

type ObservableMethod = HandleRequest & { [observedKey]?: true }

interface LayerPrototype {
  handleRequest?: ObservableMethod
  handle_request?: ObservableMethod
}

/** The prototypes of the layers of the apps that were seen. */
const layerPrototypes = new WeakMap<object, LayerPrototype>()

/** Called for each request: an app has no router before its first route, and another library may undo the replacement. */
export function watchLayers({ app }: ExpressRequest): void {
  if (typeof app !== 'function') return
  try {
    const prototype = layerPrototypes.get(app) ?? findLayerPrototype(app)
    if (prototype !== undefined) watchPrototype(prototype)
    watchParams(getRouter(app))
  } catch {
    // The app has no router, or no layers, yet.
  }
}

/** @throws if the app has no layers yet */
function findLayerPrototype(app: object): LayerPrototype | undefined {
  const [layer] = (getRouter(app) as { stack: readonly object[] }).stack
  const prototype = Object.getPrototypeOf(layer)
  if (prototype === Object.prototype) return undefined
  layerPrototypes.set(app, prototype)
  return prototype
}

function watchPrototype(prototype: LayerPrototype): void {
  // Hot path: no loop.
  if (isUnobserved(prototype.handleRequest)) prototype.handleRequest = observeBefore(prototype.handleRequest)
  if (isUnobserved(prototype.handle_request))
    prototype.handle_request = observeBefore(prototype.handle_request)
}

function isUnobserved(handleRequest: ObservableMethod | undefined): handleRequest is ObservableMethod {
  return typeof handleRequest === 'function' && handleRequest[observedKey] !== true
}

function observeBefore(handleRequest: HandleRequest): HandleRequest {
  function handleRequestAfterObservation(
    this: Layer,
    request: ExpressRequest,
    response: unknown,
    next: Next,
  ) {
    const exchange = getExchange(request)
    if (exchange === undefined) return handleRequest.call(this, request, response, next)
    const isHandler = 'method' in this
    try {
      watchParams(this.handle)
      exchange.observeUser(findPhase(this, request), this.route !== undefined)
    } catch {
      // `params` or `handle` of the application cannot be read.
    }
    if (this.route !== undefined) {
      const { suggested } = exchange.builder
      if (suggested !== undefined) readSafely(() => suggested.suggestions.onRoute?.())
      return handleRequest.call(this, request, response, enterRoute(exchange, request, response, next))
    }
    if (isHandler) passHandler(exchange, request, this)
    else passMiddleware(exchange, request, response)
    return handleRequest.call(this, request, response, next)
  }
  return Object.assign(handleRequestAfterObservation, { [observedKey]: true })
}

/** Paths whose parameters are never missing: they have no optional parts. */
const ALWAYS_HAS_PARAMETERS = /^[\w/.-]*:\w+[\w/.:-]*$/

/** The code that the layer calls. A route whose only parameters are wildcards, such as `/api/*`, selects nothing. */
function findPhase(layer: Layer, { params }: ExpressRequest): Phase {
  if ('method' in layer) return PHASE.route
  const { route } = layer
  if (route === undefined) return hasKeys(params) ? PHASE.parameters : PHASE.middleware
  const { path } = route
  if (typeof path === 'string' && !path.includes(':')) return PHASE.route
  // Hot path: a list of the keys is needed only if a parameter may be missing.
  const hasParameters = (typeof path === 'string' && ALWAYS_HAS_PARAMETERS.test(path)) || hasKeys(params)
  return hasParameters ? PHASE.parameters : PHASE.route
}
