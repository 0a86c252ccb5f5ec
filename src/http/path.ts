/**
 * Path segments that a file server or a proxy may resolve to another place than the path shows: dots, also with a
 * parameter behind them (`/..;/` in Tomcat), and what is encoded once more.
 */
const AMBIGUOUS = /(?:^|\/)(?:\.|%2e){1,2}(?:[/;]|%3b|$)|%(?:2f|5c|25)|\\|\/\//i
/** RFC 9112 section 3.2.2, and strictly: where the path begins depends on where the origin is thought to end. */
const ORIGIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?=\/)/i

/**
 * The path of a request target: `/persons` for `/persons?q=1` and for `http://localhost/persons?q=1`. `undefined`
 * where it is in doubt, also because it can be read in two ways, as `/assets/../persons` can.
 */
export function parseUnambiguousPath(target: string): string | undefined {
  const path = target.replace(ORIGIN, '').split(/[?#]/, 1)[0]
  return path?.startsWith('/') && !AMBIGUOUS.test(path) ? path : undefined
}

/** Whether a path is meant: a path stands for itself and all below it, a pattern for what it matches. */
export function createUrlPathMatcher(meant: string | RegExp): (path: string) => boolean {
  if (typeof meant === 'string') {
    const below = meant.endsWith('/') ? meant : `${meant}/`
    return (path) => path === meant || path.startsWith(below)
  }
  // A copy of our own: with `g` or `y` a pattern remembers where it stopped, and so does its owner's.
  const pattern = new RegExp(meant)
  return (path) => {
    pattern.lastIndex = 0
    return pattern.test(path)
  }
}

/** No path has a query, and one with a `*` is meant as a pattern that this is not. */
export function isPathOrPattern(value: unknown): value is string | RegExp {
  return value instanceof RegExp || (typeof value === 'string' && /^\/[^?#*]*$/.test(value))
}
