import { askOption } from '../ask-option.js'
import type { Reporter } from '../report.js'
import type { RequestSource } from './request.js'

/** A path and all below it, a pattern for the path, or a function of the request. */
export type Exemption<Context> = string | RegExp | ((request: Context) => boolean)

/**
 * Path segments that a file server or a proxy may resolve to another place than the path shows: dots, also with a
 * parameter behind them (`/..;/` in Tomcat), and what is encoded once more.
 */
const AMBIGUOUS = /(?:^|\/)(?:\.|%2e){1,2}(?:[/;]|%3b|$)|%(?:2f|5c|25)|\\|\/\//i

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
    const path = pathOf(source.target)
    if (path !== undefined && byPath.length > 0 && hasExemptPath(path)) return true
    try {
      return byContext.some((exempts) => askOption(() => exempts(context)) === true)
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
  // A copy of our own: with `g` or `y` a pattern remembers where it stopped, and so does its owner's.
  const pattern = new RegExp(exemption)
  return (path) => {
    pattern.lastIndex = 0
    return pattern.test(path)
  }
}

/** RFC 9112 section 3.2.2, and strictly: where the path begins depends on where the origin is thought to end. */
const ORIGIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?=\/)/i

/**
 * The path of a request target: `/persons` for `/persons?q=1` and for `http://localhost/persons?q=1`. `undefined`
 * where it is in doubt.
 */
function pathOf(target: string): string | undefined {
  const path = target.replace(ORIGIN, '').split(/[?#]/, 1)[0]
  return path?.startsWith('/') ? path : undefined
}
