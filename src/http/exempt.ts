import { callSync } from '../lib/call-sync.js'
import type { Reporter } from '../lib/reporter.js'
import { createUrlPathMatcher, parseUnambiguousPath } from './path.js'
import type { RequestSource } from './request.js'

/** A path and every path below it, a pattern for the path, or a function of the request. */
export type Exemption<Context> = string | RegExp | ((request: Context) => boolean)

/**
 * Returns a test whether a request is exempt. Only the path counts, never the query. In case of doubt the request is
 * recorded: if its path can be interpreted in two ways (`/assets/../persons`), and if a function throws.
 *
 * @example
 * const isExempt = createExemptionCheck({ exempt: ['/health'], reporter })
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
  // Hot path: most applications have no exemptions.
  if (exempt.length === 0) return () => false
  const pathMatchers = exempt.filter((exemption) => typeof exemption !== 'function').map(createUrlPathMatcher)
  const predicates = exempt.filter((exemption) => typeof exemption === 'function')
  return ({ source, context }) => {
    const path = pathMatchers.length > 0 ? parseUnambiguousPath(source.target) : undefined
    if (path !== undefined && pathMatchers.some((matches) => matches(path))) return true
    try {
      return predicates.some((isExempt) => callSync(() => isExempt(context)) === true)
    } catch (error) {
      reporter.reportOnce(
        'ERR_AUDIT_CALLBACK',
        'A function of the `exempt` option threw an error or returned a promise; the request is recorded. Fix the function',
        error,
      )
      return false
    }
  }
}
