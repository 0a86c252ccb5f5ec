import type { JsonValue } from './json-value.js'

/** Replaces a value that was too long: what the value was, how many parts it had, and its beginning. */
export type Summary = {
  readonly truncated: true
  readonly type: 'array' | 'object' | 'string'
  /** Items, keys or characters of the whole value. */
  readonly count: number
  /** The beginning of the value. */
  readonly kept: JsonValue
}

/** Whether a value has exactly the keys and types of a {@link Summary}. */
export function isSummary(value: JsonValue): value is Summary {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  // Hot path: rejects nearly every value before it is destructured.
  if (value.truncated !== true) return false
  const { truncated: _truncated, type, count, kept, ...otherKeys } = value
  return (
    typeof count === 'number' &&
    kept !== undefined &&
    kept !== null &&
    type === (Array.isArray(kept) ? 'array' : typeof kept) &&
    Object.keys(otherKeys).length === 0
  )
}
