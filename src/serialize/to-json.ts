import type { JsonValue } from './json-value.js'
import { walk } from './walk.js'

/** Bounds the time that one value can take of the event loop. */
const MAX_BYTES = 64 * 1024

/**
 * Copies any value into one that `JSON.stringify` accepts. The copy does not change when the value changes later.
 * Nothing is redacted. Never throws.
 *
 * @example
 * toJson({ id: 9n, when: new Date(0) })   // { id: '9', when: '1970-01-01T00:00:00.000Z' }
 */
export function toJson(value: unknown): JsonValue {
  // Hot path: most optional values are missing, and need no walk.
  if (value === undefined || value === null) return null
  return walk(value, { maxBytes: MAX_BYTES }).content
}
