// The option --where of `prove`.
import { isJsonObject, type JsonObject, membersOf } from '../evidence/sealed-formats/sealed-format.js'
import type { JsonValue } from '../serialize/json-value.js'
import { UsageError } from './command.js'

/**
 * Reads conditions such as `audit.user.id=jane` and `audit.message~transfer` (`~`: contains).
 *
 * @returns whether a record meets all of them
 * @throws UsageError
 */
export function parseConditions(texts: readonly string[]): (record: JsonObject) => boolean {
  const conditions = texts.map(parseCondition)
  return (record) => conditions.every((isMet) => isMet(record))
}

function parseCondition(text: string): (record: JsonObject) => boolean {
  const [, path, operator, expected] = /^([^=~]+)([=~])(.*)$/s.exec(text) ?? []
  if (path === undefined || expected === undefined)
    throw new UsageError(`expected --where to be PATH=VALUE or PATH~PART, got ${JSON.stringify(text)}`)
  const keys = path.trim().split('.')
  const accepts = (value: JsonValue) =>
    operator === '=' ? String(value) === expected : String(value).includes(expected)
  return (record) => [record, membersOf(record.audit)].some((start) => hasValue(start, keys, accepts))
}

/** A list has a value if one of its items has it. A name with dots (`log.level`) is a key too. */
function hasValue(
  value: JsonValue,
  keys: readonly string[],
  accepts: (value: JsonValue) => boolean,
): boolean {
  if (Array.isArray(value)) return value.some((item) => hasValue(item as JsonValue, keys, accepts))
  if (keys.length === 0) return !isJsonObject(value) && accepts(value)
  if (!isJsonObject(value)) return false
  return keys.some((_, count) => {
    const key = keys.slice(0, count + 1).join('.')
    return Object.hasOwn(value, key) && hasValue(value[key] as JsonValue, keys.slice(count + 1), accepts)
  })
}
