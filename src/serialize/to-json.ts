import { createRules } from '../redact/rules.js'
import type { JsonValue } from './json-value.js'
import { snapshot } from './walk.js'

/** What is described here is no part of a record, or is protected later: nothing is hidden. */
const HIDE_NOTHING = createRules(false)
/** Keeps one value from holding up the event loop. */
const MAX_BYTES = 64 * 1024

/**
 * A copy of `value` that `JSON.stringify` cannot fail on: as it is now, whatever the handler does to it later.
 *
 * @example
 * plain({ id: 9n, when: new Date(0) })   // { id: '9', when: '1970-01-01T00:00:00.000Z' }
 */
export function toJson(value: unknown): JsonValue {
  // Of most users nothing is said, and so nothing has to be set up.
  if (value === undefined || value === null) return null
  return snapshot(value, '', HIDE_NOTHING, MAX_BYTES).content
}
