import { toJson } from './to-json.js'
import { truncateToBytes, truncationMark } from './truncate.js'
import { isError } from './walk.js'

/** More of one text no record has room for, and none is kept waiting in memory. */
const MAX_BYTES = 64 * 1024

/**
 * Any value as one string, whatever a handler hands over: `null` and `undefined` give `fallback`,
 * an error gives its name and message, an object its JSON. Never throws.
 *
 * @example
 * text('List Person')   // 'List Person'
 * text(42)              // '42'
 * text(undefined)       // ''
 */
export function toText(value: unknown, fallback = ''): string {
  if (typeof value === 'string') return bounded(value)
  if (value === null || value === undefined) return fallback
  const described = toJson(value)
  if (isErrorDescription(value, described)) return bounded(`${described.name}: ${described.message}`)
  return bounded(typeof described === 'string' ? described : JSON.stringify(described))
}

function bounded(whole: string): string {
  if (whole.length <= MAX_BYTES / 3) return whole
  const kept = truncateToBytes(whole, MAX_BYTES)
  return kept.length === whole.length ? whole : `${kept}${truncationMark(whole.length - kept.length)}`
}

function isErrorDescription(
  value: unknown,
  described: unknown,
): described is { name: string; message: string } {
  return isError(value) && typeof described === 'object' && described !== null && 'message' in described
}
