// Observes the user before Express calls a callback of a parameter (`app.param`): after it, the user may be one that the
// parameter selected, and `req.params` does not show that it ran if the route passes the request on.
import { getExchange } from '../exchange/attached-exchange.js'
import { INTERFACE_VERSION } from '../http/attachment.js'
import { PHASE } from '../http/user/evidence.js'
import { readSafely } from '../lib/safe-read.js'

type ParamCallback = (request: object, response: unknown, next: () => void) => void

/** Marks the callback of either build of this package. */
const observedKey = Symbol.for(`http-audit-log/param@${INTERFACE_VERSION}`)

const observeBeforeParam: ParamCallback = Object.assign(
  function observeBeforeParam(request: object, _response: unknown, next: () => void): void {
    getExchange(request)?.observeUser(PHASE.parameters, true)
    next()
  },
  { [observedKey]: true },
)

/** `_router` in Express 4, where `router` throws. */
export function getRouter(app: unknown): unknown {
  const { _router } = app as { _router?: unknown }
  return _router ?? (app as { router?: unknown }).router
}

/** Puts a callback of ours before those of a router. Called often: callbacks may be added at any time. Never throws. */
export function watchParams(router: unknown): void {
  if (typeof router !== 'function') return
  const { params } = router as { params?: Record<string, unknown> }
  if (typeof params !== 'object' || params === null) return
  for (const name in params) {
    const callbacks = params[name]
    if (!Array.isArray(callbacks) || isWatched(callbacks[0])) continue
    // A new list, because a request in progress has its place in the old one.
    readSafely(() => {
      params[name] = [observeBeforeParam, ...callbacks]
    })
  }
}

function isWatched(callback: unknown): boolean {
  return typeof callback === 'function' && Object.hasOwn(callback, observedKey)
}
