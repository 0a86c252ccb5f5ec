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

/** OCSF has milliseconds. */
export function describeTime(time: unknown): string | undefined {
  if (typeof time === 'string') return time.slice(0, MAX_TEXT)
  if (typeof time !== 'number' || !(Math.abs(time) <= MAX_TIME)) return undefined
  return new Date(time).toISOString()
}
