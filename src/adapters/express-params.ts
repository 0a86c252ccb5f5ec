import { readSafely } from '../lib/safe-read.js'
import type { ExpressRequest } from './express-request.js'

/** A router of Express 4 or 5, as far as this file knows it. */
interface RouterLike {
  /** The callbacks of `router.param`, by name. */
  readonly params?: Readonly<Record<string, unknown>>
  readonly stack?: readonly { readonly handle?: unknown }[]
}

/** Deeper routers are rare, and the answer is only one sign among others. */
const MAX_DEPTH = 5

/** Whether the app of a request, or a router in it, has a callback for a route parameter (`app.param`). */
export function hasParamCallback(request: ExpressRequest, name: string): boolean {
  return readSafely(() => hasCallback(getRouter(request.app), name, 0)) ?? false
}

/** `_router` in Express 4, where `router` throws. */
export function getRouter(app: unknown): unknown {
  const { _router } = app as { _router?: unknown }
  return _router ?? (app as { router?: unknown }).router
}

function hasCallback(router: unknown, name: string, depth: number): boolean {
  if ((typeof router !== 'function' && typeof router !== 'object') || router === null) return false
  const { params, stack } = router as RouterLike
  if (params !== undefined && Object.hasOwn(params, name)) return true
  if (!Array.isArray(stack) || depth === MAX_DEPTH) return false
  return stack.some(({ handle }) => hasCallback(handle, name, depth + 1))
}
