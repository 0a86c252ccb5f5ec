import { toJson } from './to-json.js'
import { truncateWithMark } from './truncate.js'
import { isError } from './value-kinds.js'

/** Longer texts do not fit any record, and would only occupy memory until the record is written. */
const MAX_BYTES = 64 * 1024

/**
 * Converts any value to one string: `null` and `undefined` become `fallback`, an error its name and message, an object
 * its JSON. Never throws.
 *
 * @example
 * toText('List Person')   // 'List Person'
 * toText(42)              // '42'
 * toText(undefined)       // ''
 */
export function toText(value: unknown, fallback = ''): string {
  if (typeof value === 'string') return truncate(value)
  if (value === null || value === undefined) return fallback
  const json = toJson(value)
  if (isErrorCopy(value, json)) return truncate(`${json.name}: ${json.message}`)
  return truncate(typeof json === 'string' ? json : JSON.stringify(json))
}

function truncate(text: string): string {
  return truncateWithMark(text, MAX_BYTES)
}

function isErrorCopy(value: unknown, json: unknown): json is { name: string; message: string } {
  return isError(value) && typeof json === 'object' && json !== null && 'message' in json
}
