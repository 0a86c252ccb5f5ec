// Matching of request paths, for `exempt` and `policy`.

/**
 * Paths that a file server or a proxy may resolve to another location: dot segments, also with a parameter (`/..;/` in
 * Tomcat), double encoding, encoded slashes, backslashes and empty segments.
 */
const AMBIGUOUS = /(?:^|\/)(?:\.|%2e){1,2}(?:[/;]|%3b|$)|%(?:2f|5c|25)|\\|\/\//i
/**
 * Scheme and authority of an absolute target (RFC 9112 section 3.2.2). Strict, because the path begins where they end.
 */
const TARGET_ORIGIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?=\/)/i

/**
 * The path of a request target, or `undefined` if the path is invalid or can be interpreted in two ways.
 *
 * @example
 * parseUnambiguousPath('/persons?q=1')                   // '/persons'
 * parseUnambiguousPath('http://localhost/persons?q=1')   // '/persons'
 * parseUnambiguousPath('/assets/../persons')             // undefined
 */
export function parseUnambiguousPath(target: string): string | undefined {
  const path = target.replace(TARGET_ORIGIN, '').split(/[?#]/, 1)[0]
  return path?.startsWith('/') && !AMBIGUOUS.test(path) ? path : undefined
}

/**
 * The path of a request target, whatever it may be interpreted as.
 *
 * @example
 * getPath('/persons?q=1')                   // '/persons'
 * getPath('http://localhost/persons?q=1')   // '/persons'
 */
export function getPath(target: string): string {
  // Hot path: most targets start with a slash, which is cheaper to test than the pattern.
  const path = target.startsWith('/') ? target : target.replace(TARGET_ORIGIN, '')
  return cutAt('#', cutAt('?', path))
}

function cutAt(separator: string, text: string): string {
  const end = text.indexOf(separator)
  return end === -1 ? text : text.slice(0, end)
}

/** Returns a test for paths: a string matches that path and every path below it, a RegExp matches by itself. */
export function createUrlPathMatcher(pathOrPattern: string | RegExp): (path: string) => boolean {
  if (typeof pathOrPattern === 'string') {
    const prefix = pathOrPattern.endsWith('/') ? pathOrPattern : `${pathOrPattern}/`
    return (path) => path === pathOrPattern || path.startsWith(prefix)
  }
  // A copy, because a pattern with the flag `g` or `y` keeps `lastIndex`, which its owner may rely on too.
  const pattern = new RegExp(pathOrPattern)
  return (path) => {
    pattern.lastIndex = 0
    return pattern.test(path)
  }
}

/** Rejects strings with a query, which no path has, and with `*`, which is not a wildcard here. */
export function isPathOrPattern(value: unknown): value is string | RegExp {
  return value instanceof RegExp || (typeof value === 'string' && /^\/[^?#*]*$/.test(value))
}
