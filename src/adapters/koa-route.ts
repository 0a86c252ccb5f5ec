import { getPath } from '../http/path.js'
import { fitsPath, formatRoute } from '../http/route-pattern.js'
import { suppressRejection } from '../lib/safe-read.js'

/** The properties of a Koa context that routers and koa-mount set. */
interface RoutedContext {
  readonly req: { readonly url?: unknown }
  readonly originalUrl?: unknown
  readonly _matchedRoute?: unknown
  readonly params?: unknown
  readonly mountPath?: unknown
  readonly newRouterPath?: unknown
}

/** More occurrences of a mount path in one path than any application has. */
const MAX_MOUNTS = 32

/**
 * The route of a request, such as `/persons/:id`, from the property `_matchedRoute` of @koa/router, and of koa-router
 * before it. `undefined` if no route was reached, and `null` if the route is not known for certain.
 *
 * A router matches `ctx.path`, which is only a part of the path inside koa-mount, and another path if a middleware has
 * rewritten it. So the route must fit the whole path that the client asked for.
 *
 * @param target the request target as the client sent it
 */
export function findRoute(context: object, target: string): string | null | undefined {
  const pattern = suppressRejection((context as RoutedContext)._matchedRoute)
  if (pattern === undefined) return undefined
  const { req, originalUrl, mountPath, newRouterPath, params } = readPlace(context as RoutedContext)
  if (typeof pattern !== 'string' || !pattern.startsWith('/')) return null
  const asked = getPath(target)
  // A Koa app that is mounted in an app of another framework sees only a part of the target.
  const own = getPath(String(originalUrl))
  if (!asked.endsWith(own)) return null
  const outer = asked.slice(0, asked.length - own.length)

  if (typeof mountPath === 'string' && mountPath !== '/') {
    const mount = findMount(pattern, own, mountPath, params)
    return mount === undefined ? null : formatRoute(`${outer}${mount}`, pattern)
  }
  const isRewritten =
    (req.url !== originalUrl && getPath(String(req.url)) !== own) ||
    (newRouterPath !== undefined && newRouterPath !== own)
  return !isRewritten && fitsPath(pattern, own, params) ? formatRoute(outer, pattern) : null
}

function readPlace(context: RoutedContext) {
  const { req, originalUrl, mountPath, newRouterPath, params } = context
  ;[mountPath, newRouterPath, params].forEach(suppressRejection)
  return { req, originalUrl, mountPath, newRouterPath, params }
}

/**
 * The part of the path before the pattern: nothing, or the path at which koa-mount has mounted the router. `mountPath` is
 * only the last part of it if mounts are nested.
 */
function findMount(pattern: string, path: string, mountPath: string, params: unknown): string | undefined {
  if (fitsPath(pattern, path, params)) return ''
  const mount = mountPath.endsWith('/') ? mountPath.slice(0, -1) : mountPath
  let end = 0
  for (let count = 0; count < MAX_MOUNTS; count++) {
    const start = path.indexOf(mount, end)
    if (start === -1) return undefined
    end = start + mount.length
    const isWholeSegment = end === path.length || path[end] === '/'
    if (isWholeSegment && fitsPath(pattern, path.slice(end) || '/', params)) return path.slice(0, end)
  }
  return undefined
}
