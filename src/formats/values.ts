import type { JsonValue } from '../serialize/json-value.js'
import { isSummary } from '../serialize/summary.js'

/** What is left of a part that was cut (`{ truncated: true, ..., kept }`), or the part as it is. */
export function unwrapSummary(part: JsonValue): JsonValue {
  return isSummary(part) ? part.kept : part
}

/** Roles as a list of texts; `undefined` where a handler said something else than names. */
export function roleNames(roles: JsonValue): string[] | undefined {
  if (roles === null) return []
  const names = [unwrapSummary(roles)].flat().filter((name) => name !== null && name !== '')
  return names.every((name) => typeof name !== 'object') ? names.map(String) : undefined
}
