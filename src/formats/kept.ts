import { isSummary } from '../protect/limit.js'
import type { PlainJson } from '../record.js'

/** What is left of a part that was cut (`{ truncated: true, ..., kept }`), or the part as it is. */
export function keptOf(part: PlainJson): PlainJson {
  return isSummary(part) ? part.kept : part
}

/** Roles as a list of texts; `undefined` where a handler said something else than names. */
export function roleNames(roles: PlainJson): string[] | undefined {
  if (roles === null) return []
  const names = [keptOf(roles)].flat().filter((name) => name !== null && name !== '')
  return names.every((name) => typeof name !== 'object') ? names.map(String) : undefined
}
