/** Route patterns beyond plain names: wildcards, optional parts, groups, in the syntaxes of Express 4 and 5. */
const BEYOND_NAMES = /[*?+(){}[\]\\]|[^/]:/

/**
 * The route by what Express leaves on a request: `req.baseUrl`, `req.route.path` and `req.url`.
 *
 * A router that passes a request on, as it does with errors, puts back `baseUrl` and `url`, and leaves `route` as it
 * was. Together they would tell a route that there is not, so the route has to fit the URL.
 */
export function expressRoute(baseUrl: unknown, path: unknown, url: unknown): string | undefined {
  const patterns: unknown[] = Array.isArray(path) ? path : [path]
  const target = String(url).split(/[?#]/, 1)[0] as string
  const pattern = patterns.find((pattern) => typeof pattern === 'string' && fits(pattern, target))
  if (typeof pattern !== 'string') return undefined
  const base = typeof baseUrl === 'string' ? baseUrl : ''
  return pattern === '/' && base !== '' ? base : `${base}${pattern}`
}

function fits(pattern: string, path: string): boolean {
  const wanted = segments(pattern)
  const given = segments(path)
  const wild = wanted.findIndex((segment) => BEYOND_NAMES.test(segment))
  if (wild === -1 && wanted.length !== given.length) return false
  const compared = wild === -1 ? wanted : wanted.slice(0, wild)
  return compared.every((segment, index) => {
    const other = given[index]
    return other !== undefined && (segment.startsWith(':') || segment.toLowerCase() === other.toLowerCase())
  })
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}
