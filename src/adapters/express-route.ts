/** Route syntax beyond literal segments and `:name`: wildcards, optional parts, groups (Express 4 and 5). */
const COMPLEX_SYNTAX = /[*?+(){}[\]\\]|[^/]:/

/**
 * The route of a request, such as `/persons/:id`, from the properties that Express sets: `req.baseUrl`,
 * `req.route.path` and `req.url`. `undefined` if they do not belong together.
 *
 * A router that passes a request on, as it does for errors, resets `baseUrl` and `url` but leaves `route` unchanged.
 * Combined, these would be a route that does not exist, so the route must match the URL.
 *
 * @example
 * resolveExpressRoute('/api', '/persons/:id', '/persons/1?full=yes')   // '/api/persons/:id'
 */
export function resolveExpressRoute(baseUrl: unknown, path: unknown, url: unknown): string | undefined {
  const patterns: unknown[] = Array.isArray(path) ? path : [path]
  const target = cutAt('#', cutAt('?', String(url)))
  const pattern = patterns.find((candidate) => typeof candidate === 'string' && matches(candidate, target))
  if (typeof pattern !== 'string') return undefined
  const base = typeof baseUrl === 'string' ? baseUrl : ''
  return pattern === '/' && base !== '' ? base : `${base}${pattern}`
}

function cutAt(separator: string, url: string): string {
  const end = url.indexOf(separator)
  return end === -1 ? url : url.slice(0, end)
}

function matches(pattern: string, path: string): boolean {
  const { comparable, isWholePattern } = parsePattern(pattern)
  const actual = splitPath(path)
  if (isWholePattern && comparable.length !== actual.length) return false
  return comparable.every((segment, index) => {
    const other = actual[index]
    if (other === undefined) return false
    return segment === other || segment.startsWith(':') || segment.toLowerCase() === other.toLowerCase()
  })
}

interface ParsedPattern {
  /** The segments before the first one with {@link COMPLEX_SYNTAX}, which this file does not interpret. */
  readonly comparable: readonly string[]
  readonly isWholePattern: boolean
}

function parsePattern(pattern: string): ParsedPattern {
  const segments = splitPath(pattern)
  const end = segments.findIndex((segment) => COMPLEX_SYNTAX.test(segment))
  const isWholePattern = end === -1
  return { comparable: isWholePattern ? segments : segments.slice(0, end), isWholePattern }
}

function splitPath(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}
