import type { JsonValue } from '../serialize/json-value.js'

// Two simple patterns: one for whole strings, with their escapes, would exhaust the stack on a string of millions of escapes.
const ESCAPES = /\\./g
const STRINGS = /"[^"]*"/g

/**
 * Whether an object in a JSON text has a key twice. Parsers disagree about which one counts, so the record would be another one for
 * another reader.
 *
 * @param value the parsed text
 */
export function hasDuplicateKeys(text: string, value: JsonValue): boolean {
  // Hot path: a line that no shipper has rewritten is what JSON.stringify returns.
  if (JSON.stringify(value) === text) return false
  // Outside of strings, each member has one colon.
  const colons = text.replace(ESCAPES, '').replace(STRINGS, '').split(':').length - 1
  return colons !== countMembers(value)
}

function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  const values = Array.isArray(value) ? value : Object.values(value)
  const own = Array.isArray(value) ? 0 : values.length
  return values.reduce<number>((count, member) => count + countMembers(member as JsonValue), own)
}
