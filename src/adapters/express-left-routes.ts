// Notices that a route passes a request on. Express leaves `req.route` unchanged then, so it shows a route whose handler did
// not respond. express-layers.ts calls this around the method by which Express calls a handler.
import type { AttachedExchange } from '../exchange/attached-exchange.js'
import { readSafely } from '../lib/safe-read.js'
import { suggestUnreached } from './express-audited.js'
import type { ExpressRequest } from './express-request.js'

type Next = (error?: unknown) => unknown

/**
 * To be called before a route.
 *
 * @returns the `next` to call the route with. Hot path: a closure per route, because nothing else shows a route that is left
 * if nothing follows it, or something outside Express.
 */
export function enterRoute(
  exchange: AttachedExchange,
  request: ExpressRequest,
  response: unknown,
  next: Next,
): Next {
  exchange.routeState = 'inside'
  return function nextAfterRoute(error) {
    if (!hasResponded(response)) {
      const isPassedOn = !error || error === 'route' || error === 'router'
      exchange.routeState = isPassedOn ? 'left' : 'failed'
      if (!isPassedOn) suggestError(exchange, request, error)
    }
    return next(error)
  }
}

/** Called before routers restore the parameters of their parents. */
function suggestError({ builder }: AttachedExchange, request: ExpressRequest, error: unknown): void {
  if (builder.suggested === undefined && !builder.followsPython) suggestUnreached(request)
  builder.suggested?.addThrownError(error)
}

/** To be called before a middleware: outside a route, `req.route` is one that was left. */
export function passMiddleware(exchange: AttachedExchange, request: ExpressRequest, response: unknown): void {
  const { routeState } = exchange
  if (routeState === 'inside' || routeState === 'left' || !request.route) return
  if (!hasResponded(response)) exchange.routeState = 'left'
}

/** To be called before a handler of a route: a router inside the route may have shown, and left, a route of its own. */
export function passHandler(exchange: AttachedExchange, request: ExpressRequest, layer: object): void {
  if (exchange.routeState === 'inside') return
  const stack = readSafely(() => request.route?.stack)
  exchange.routeState = Array.isArray(stack) && stack.includes(layer) ? 'inside' : 'left'
}

/** A handler may call `next` after it has responded. */
function hasResponded(response: unknown): boolean {
  const { headersSent, writableEnded } = response as { headersSent?: unknown; writableEnded?: unknown }
  return headersSent === true || writableEnded === true
}
