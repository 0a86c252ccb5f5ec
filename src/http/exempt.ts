import type { Reporter } from '../report.js'
import type { RequestSource } from './request.js'

/** A path and all below it, a pattern for the path, or a function of the request. */
export type Exemption<Context> = string | RegExp | ((request: Context) => boolean)

/** Path segments that a file server or a proxy may resolve to another place than the path shows. */
const AMBIGUOUS = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|%2f|%5c|\\|\/\//i

/**
 * Says of a request whether it is exempt. Only the path counts, never the query. When in doubt there is a
 * record: for a path that could be read in two ways (`/assets/../persons`), and where a function throws.
 *
 * @example
 * const isExempt = createExemptions({ exempt: ['/health'], reporter })
 * isExempt({ source: { target: '/health/live' }, ... })         // true
 * isExempt({ source: { target: '/healthcare' }, ... })          // false
 * isExempt({ source: { target: '/persons?x=/health' }, ... })   // false
 */
export function createExemptions<Context>({
  exempt,
  reporter,
}: {
  readonly exempt: readonly Exemption<Context>[]
  readonly reporter: Reporter
}): (arrival: { readonly source: Pick<RequestSource, 'target'>; readonly context: Context }) => boolean {
  const byPath = exempt.filter((exemption) => typeof exemption !== 'function').map(matchesPath)
  const byContext = exempt.filter((exemption) => typeof exemption === 'function')
  const hasExemptPath = (path: string) => !AMBIGUOUS.test(path) && byPath.some((matches) => matches(path))
  return ({ source, context }) => {
    if (byPath.length > 0 && hasExemptPath(pathOf(source.target))) return true
    try {
      return byContext.some((exempts) => exempts(context) === true)
    } catch (error) {
      reporter.failOnce('ERR_AUDIT_CALLBACK', 'A function of `exempt` threw, the request is recorded', error)
      return false
    }
  }
}

function matchesPath(exemption: string | RegExp): (path: string) => boolean {
  if (typeof exemption === 'string') {
    const below = exemption.endsWith('/') ? exemption : `${exemption}/`
    return (path) => path === exemption || path.startsWith(below)
  }
  // With `g` or `y` a pattern remembers where it stopped, and would answer differently from request to request.
  const pattern = new RegExp(exemption.source, exemption.flags.replace(/[gy]/g, ''))
  return (path) => pattern.test(path)
}

/** The path of a request target: `/persons` for `/persons?q=1` and for `http://localhost/persons?q=1`. */
function pathOf(target: string): string {
  const withoutOrigin = target.startsWith('/')
    ? target
    : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  return withoutOrigin.split(/[?#]/, 1)[0] ?? ''
}
