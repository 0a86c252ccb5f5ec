// ISO 8601 times: UTC, with milliseconds. Memoized, because under load several requests share a second, or even a millisecond.
import { memoizeLast } from './bounded-cache.js'

const MS_PER_SECOND = 1000
/** The length of `2026-11-28T10:00:00.` */
const LENGTH_TO_SECOND = 20

/** By the number of the second. Years beyond 9999 have more digits, which `toISOString` writes. */
function formatSecond(second: number): string {
  const time = new Date(second * MS_PER_SECOND).toISOString()
  return time.length === LENGTH_TO_SECOND + 4 ? time.slice(0, LENGTH_TO_SECOND) : ''
}

/**
 * Creates a function that formats milliseconds since 1970. Create one for each kind of time: two kinds that alternate
 * would overwrite the one memoized result.
 *
 * @example createIsoTime()(0)   // '1970-01-01T00:00:00.000Z'
 */
export function createIsoTime(): (milliseconds: number) => string {
  const formatLastSecond = memoizeLast(formatSecond)
  return memoizeLast((milliseconds) => {
    const second = Math.floor(milliseconds / MS_PER_SECOND)
    const beginning = formatLastSecond(second)
    if (beginning === '' || !Number.isInteger(milliseconds)) return new Date(milliseconds).toISOString()
    // Hot path: instead of `padStart`, a leading 1 that is cut off again. V8 caches the texts of small integers.
    const digits = String((MS_PER_SECOND + milliseconds - second * MS_PER_SECOND) | 0)
    return `${beginning}${digits.slice(1)}Z`
  })
}

/** Parses an ISO 8601 time to milliseconds since 1970. */
export const parseIsoTime = memoizeLast((time: string) => Date.parse(time))
