import type { SealedFacts } from '../evidence/sealed-formats/sealed-format.js'
import type { Finding } from './findings.js'

export function describeFinding(index: number, { id, time }: SealedFacts, reason: string): Finding {
  return {
    index,
    id: typeof id === 'string' ? id.slice(0, MAX_TEXT) : undefined,
    time: describeTime(time),
    reason,
  }
}

const MAX_TEXT = 200
const MAX_TIME = 8.64e15

/** As this package writes it, with or without fractions: shippers may shorten them. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z$/

/** `undefined` for what is no time. OCSF has milliseconds. */
export function describeTime(time: unknown): string | undefined {
  if (typeof time === 'string') return ISO_TIME.test(time) ? time : undefined
  if (typeof time !== 'number' || !(Math.abs(time) <= MAX_TIME)) return undefined
  return new Date(time).toISOString()
}
