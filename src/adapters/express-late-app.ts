// Finds the Express app of a plain `node:http` server, in which auditLog runs before Express has the request: only then are
// the layers of its first request observed. Express sets `req.params` before it calls a layer, and `req.app` before the
// layers of the application (lib/express.js and lib/router/index.js in Express 4, lib/application.js and router/index.js in
// Express 5).
import { watchLayers } from './express-layers.js'
import type { ExpressRequest } from './express-request.js'

/** A process with more requests that no Express app has handled probably has none (hot path). */
const MAX_REQUESTS = 100

let requestCount = 0

const paramsKey = Symbol('params')

/** Shared by all requests (hot path). */
const paramsAccessor: PropertyDescriptor & ThisType<ExpressRequest & { [paramsKey]?: unknown }> = {
  configurable: true,
  get() {
    return this[paramsKey]
  },
  set(params: unknown) {
    if (typeof this.app === 'function') {
      Object.defineProperty(this, 'params', {
        value: params,
        configurable: true,
        enumerable: true,
        writable: true,
      })
      watchLayers(this)
    } else {
      Object.defineProperty(this, paramsKey, { value: params, configurable: true, writable: true })
      Object.defineProperty(this, 'params', { ...paramsAccessor, enumerable: true })
    }
  },
}

/** Called when a request arrives that no Express app has. */
export function awaitApp(request: ExpressRequest): void {
  if (requestCount === MAX_REQUESTS || 'params' in request || !Object.isExtensible(request)) return
  requestCount++
  Object.defineProperty(request, 'params', paramsAccessor)
}
