import { BoundedCache } from '../lib/bounded-cache.js'

/** Route patterns beyond plain names: wildcards, optional parts, groups, in the syntaxes of Express 4 and 5. */
const BEYOND_NAMES = /[*?+(){}[\]\\]|[^/]:/

/**
 * The route by what Express leaves on a request: `req.baseUrl`, `req.route.path` and `req.url`.
 *
 * A router that passes a request on, as it does with errors, puts back `baseUrl` and `url`, and leaves `route` as it
 * was. Together they would tell a route that there is not, so the route has to fit the URL.
 */
export function resolveExpressRoute(baseUrl: unknown, path: unknown, url: unknown): string | undefined {
  const patterns: unknown[] = Array.isArray(path) ? path : [path]
  const target = upTo('#', upTo('?', String(url)))
  const pattern = patterns.find((pattern) => typeof pattern === 'string' && fits(pattern, target))
  if (typeof pattern !== 'string') return undefined
  const base = typeof baseUrl === 'string' ? baseUrl : ''
  return pattern === '/' && base !== '' ? base : `${base}${pattern}`
}

function upTo(mark: string, url: string): string {
  const end = url.indexOf(mark)
  return end === -1 ? url : url.slice(0, end)
}

function fits(pattern: string, path: string): boolean {
  const { compared, isWhole } = readPattern(pattern)
  const given = segments(path)
  if (isWhole && compared.length !== given.length) return false
  return compared.every((segment, index) => {
    const other = given[index]
    if (other === undefined) return false
    return segment === other || segment.startsWith(':') || segment.toLowerCase() === other.toLowerCase()
  })
}

/** What of a pattern can be compared: its segments up to the first that stands for more than a name. */
interface ReadPattern {
  readonly compared: readonly string[]
  readonly isWhole: boolean
}

/** An application has the same few, and each is read once: 1 µs less for a request. */
const readPatterns = new BoundedCache<ReadPattern>(1000)

function readPattern(pattern: string): ReadPattern {
  const before = readPatterns.get(pattern)
  if (before !== undefined) return before
  const wanted = segments(pattern)
  const wild = wanted.findIndex((segment) => BEYOND_NAMES.test(segment))
  const read = { compared: wild === -1 ? wanted : wanted.slice(0, wild), isWhole: wild === -1 }
  readPatterns.set(pattern, read)
  return read
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}
