import { callOption } from '../lib/call-option.js'
import type { Reporter } from '../lib/reporter.js'
import { createUrlPathMatcher, parseUnambiguousPath } from './path.js'
import type { RequestSource } from './request.js'

/** A path and all below it, a pattern for the path, or a function of the request. */
export type Exemption<Context> = string | RegExp | ((request: Context) => boolean)

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
export function createExemptionCheck<Context>({
  exempt,
  reporter,
}: {
  readonly exempt: readonly Exemption<Context>[]
  readonly reporter: Reporter
}): (arrival: { readonly source: Pick<RequestSource, 'target'>; readonly context: Context }) => boolean {
  const byPath = exempt.filter((exemption) => typeof exemption !== 'function').map(createUrlPathMatcher)
  const byContext = exempt.filter((exemption) => typeof exemption === 'function')
  return ({ source, context }) => {
    const path = byPath.length > 0 ? parseUnambiguousPath(source.target) : undefined
    if (path !== undefined && byPath.some((matches) => matches(path))) return true
    try {
      return byContext.some((exempts) => callOption(() => exempts(context)) === true)
    } catch (error) {
      reporter.reportOnce(
        'ERR_AUDIT_CALLBACK',
        'A function of `exempt` threw, the request is recorded',
        error,
      )
      return false
    }
  }
}
