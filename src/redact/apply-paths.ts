// Applies configured paths to the parts of a record that were not copied by a redactor of values.
import type { JsonValue } from '../serialize/json-value.js'
import type { SecretCollector } from './found/found-secrets.js'
import type { PathMatcher } from './rules/path-matcher.js'
import type { Rules } from './rules/rules.js'

/** Applies the configured paths to a part of the record. `paths` are those of the part; most parts have none. */
export function applyPaths<Part extends object>(
  part: Part,
  path: string,
  paths: PathMatcher | undefined,
  rules: Rules,
  secrets: SecretCollector,
): Part {
  if (paths === undefined) return part
  // Hot path: V8 keeps the hidden class of an object that was copied by spread, and not by `Object.fromEntries`.
  const copy = { ...part } as Record<string, JsonValue>
  for (const key of Object.keys(copy)) {
    // Paths are split at dots, so a key with dots in it (of a header) is matched by its last segment.
    const step = paths.step(key.slice(key.lastIndexOf('.') + 1))
    if (step !== undefined)
      copy[key] = applyPathsToValue(copy[key] as JsonValue, `${path}.${key}`, step, rules, secrets)
  }
  return copy as Part
}

/**
 * These identify no person. Elasticsearch rejects a text in a field that is mapped to a number or a boolean, and schema.json
 * lists the types of users.
 */
const NEVER_REDACTED = new Set([
  'http_response.status_code',
  'user.authenticated',
  'user.type',
  'user.on_behalf_of.type',
])

export function applyPathsToValue(
  value: JsonValue,
  path: string,
  paths: PathMatcher | undefined,
  rules: Rules,
  secrets: SecretCollector,
): JsonValue {
  if (paths === undefined || value === null || NEVER_REDACTED.has(path)) return value
  if (paths.action === 'redact') {
    // Elasticsearch rejects a text in a field that is mapped to an object.
    if (path === 'user.on_behalf_of' && isJsonObject(value)) return redactTextsIn(value, path, rules, secrets)
    secrets.addValue(value, lastKey(path))
    return rules.replacement.replace(value, path)
  }
  if (Array.isArray(value)) return value.map((item) => applyPathsToValue(item, path, paths, rules, secrets))
  if (typeof value === 'object') return applyPaths(value, path, paths, rules, secrets)
  if (paths.action !== 'pseudonymize') return value
  const pseudonym = rules.pseudonymize(value)
  secrets.addPseudonym(value, lastKey(path), pseudonym)
  return pseudonym
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

function isJsonObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function redactTextsIn(
  object: { [key: string]: JsonValue },
  path: string,
  { replacement }: Rules,
  secrets: SecretCollector,
): JsonValue {
  const redacted = Object.entries(object).map(([key, value]) => {
    const valuePath = `${path}.${key}`
    if (value === null || value === '' || NEVER_REDACTED.has(valuePath)) return [key, value]
    secrets.addValue(value, key)
    const redactOne = (item: JsonValue) => replacement.replace(item, valuePath)
    return [key, Array.isArray(value) ? value.map(redactOne) : redactOne(value)]
  })
  return Object.fromEntries(redacted)
}
