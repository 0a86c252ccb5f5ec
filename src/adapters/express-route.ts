import { getPath } from '../http/path.js'
import { fitsPath, formatRoute } from '../http/route-pattern.js'
import { removeWebSocketSuffix, WEBSOCKET_SUFFIX } from '../http/websocket.js'
import { suppressRejection } from '../lib/safe-read.js'
import type { ExpressRequest } from './express-request.js'

/**
 * The route of a request, such as `/persons/:id`, from the properties that Express sets: `req.baseUrl`,
 * `req.route.path` and `req.url`. `undefined` if no route was reached, and `null` if the route is not known for certain.
 *
 * The route must fit the whole path that the client asked for. It does not if a middleware has rewritten `req.url`; and a
 * router that passes a request on, as it does for errors, resets `baseUrl` and `url` but leaves `route` unchanged.
 *
 * @param target the request target as the client sent it
 */
export function findRoute(request: ExpressRequest, target: string): string | null | undefined {
  const { route, baseUrl, url, params } = request
  if (route === undefined || route === null) return undefined
  const { path, stack } = route
  // Routes of other frameworks have no `stack`, and their `path` may be anything.
  if (!Array.isArray(stack)) {
    ;[route, path, stack].forEach(suppressRejection)
    return null
  }
  // Sails puts an origin there.
  const base = typeof baseUrl === 'string' && baseUrl.startsWith('/') ? baseUrl : ''
  suppressRejection(path)
  const asked = getPath(target)
  // Hot path: most routes are not inside a router, and have one pattern.
  if (base === '' && url === target && typeof path === 'string')
    return fitsPath(path, asked, params) ? formatRoute('', path) : null
  return resolveExpressRoute({ base, path, rest: getPath(String(url)), asked, params })
}

/** The pattern by which the router of the route has matched; `undefined` if it is not known, as for a regular expression. */
export function findOwnPattern(request: ExpressRequest): string | undefined {
  const path = suppressRejection(suppressRejection(request.route)?.path)
  if (typeof path === 'string') return path
  return findPattern(path, getPath(String(request.url)), request.params)
}

/**
 * @example
 * const request = { asked: '/api/persons/1', base: '/api', rest: '/persons/1', params: { id: '1' } }
 * resolveExpressRoute({ ...request, path: '/persons/:id' })   // '/api/persons/:id'
 */
function resolveExpressRoute({
  base,
  path,
  rest,
  asked,
  params,
}: {
  /** The part of the path at which the router is mounted. */
  readonly base: string
  /** The pattern of the route, or several. */
  readonly path: unknown
  /** The part of the path that the router matched. */
  readonly rest: string
  /** The path that the client asked for. */
  readonly asked: string
  readonly params: unknown
}): string | null {
  const hasSuffix = rest.endsWith(WEBSOCKET_SUFFIX) && !asked.endsWith(WEBSOCKET_SUFFIX)
  if (!isWholePath(asked, base, hasSuffix ? removeWebSocketSuffix(rest) : rest)) return null
  const pattern = findPattern(path, rest, params)
  if (pattern === undefined) return null
  const route = formatRoute(base, pattern)
  return hasSuffix ? removeWebSocketSuffix(route) || '/' : route
}

function findPattern(path: unknown, rest: string, params: unknown): string | undefined {
  const patterns: unknown[] = Array.isArray(path) ? path : [path]
  return patterns.find(
    (candidate): candidate is string => typeof candidate === 'string' && fitsPath(candidate, rest, params),
  )
}

/** Whether base and rest are the path that the client asked for, so that no middleware has rewritten the URL. */
function isWholePath(asked: string, base: string, rest: string): boolean {
  if (!asked.startsWith(base)) return false
  // Express passes a slash on to a router if nothing is left of the path.
  if (asked.length === base.length) return rest === '' || rest === '/'
  if (base === '' && rest === '') return asked === '/'
  return asked.length === base.length + rest.length && asked.endsWith(rest)
}
