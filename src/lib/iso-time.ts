// ISO 8601 times: UTC, with milliseconds. Memoized, because under load several requests share a millisecond.
import { memoizeLast } from './bounded-cache.js'

/**
 * Creates a function that formats milliseconds since 1970. Create one for each kind of time: two kinds that alternate
 * would overwrite the one memoized result.
 *
 * @example createIsoTime()(0)   // '1970-01-01T00:00:00.000Z'
 */
export function createIsoTime(): (milliseconds: number) => string {
  return memoizeLast((milliseconds) => new Date(milliseconds).toISOString())
}

/** Parses an ISO 8601 time to milliseconds since 1970. */
export const parseIsoTime = memoizeLast((time: string) => Date.parse(time))
