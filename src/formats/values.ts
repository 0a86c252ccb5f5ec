// Helpers that omit empty values from formatted records. `JSON.stringify` leaves out a property that is `undefined`.

import { isIP } from 'node:net'
import type { JsonValue } from '../serialize/json-value.js'
import { Summary } from '../serialize/summary.js'

/** `undefined` for `null` and for the empty text. */
export function omitEmptyText(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text
}

/** `undefined` for a list without items. */
export function omitEmptyList<Item>(items: Item[]): Item[] | undefined {
  return items.length > 0 ? items : undefined
}

/** `undefined` for an object whose properties are all `undefined`. */
export function omitEmptyObject<Value extends object>(object: Value): Value | undefined {
  // Hot path: `for...in` avoids the array that `Object.values` allocates.
  for (const name in object) if (object[name] !== undefined) return object
  return undefined
}

/**
 * Whether a text is valid in a field of type `ip`, which rejects other texts such as `unknown` and pseudonyms. An IPv6
 * address with a zone (`fe80::1%eth0`) is not valid either: a zone has a meaning on one host only (RFC 4007 section 11).
 */
export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%')
}

/** The content of a truncated value (`{ truncated: true, ..., kept }`); any other value is returned unchanged. */
export function unwrapSummary(value: JsonValue): JsonValue {
  return value instanceof Summary ? value.kept : value
}

/** Roles as a list of names, or `undefined` if a handler set something other than names. */
export function toRoleNames(roles: JsonValue): string[] | undefined {
  if (roles === null) return []
  const names = [unwrapSummary(roles)].flat().filter((name) => name !== null && name !== '')
  return names.every((name) => typeof name !== 'object') ? names.map(String) : undefined
}

/** The texts that are not empty, each of them once. */
export function uniqueTexts(...texts: readonly (string | undefined)[]): string[] {
  const unique: string[] = []
  for (const text of texts) if (text && !unique.includes(text)) unique.push(text)
  return unique
}
