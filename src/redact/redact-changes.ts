import type { JsonValue } from '../serialize/json-value.js'
import type { SecretCollector } from './found/found-secrets.js'
import type { ValueRedactor } from './values/value-redactor.js'

/** Redacts the two sides of changes. Whole objects, because a key can be sensitive beside another. */
export interface ChangeRedactor {
  /**
   * Copies a bounded copy of an object without its secrets, except those in its keys. Configured paths are applied: see
   * `expandPath`.
   */
  redactSide(copy: unknown, side: 'from' | 'to', secrets: SecretCollector): JsonValue
  /** Copies a part of what {@link redactSide} has returned without the secrets in its keys. */
  redactKeys(value: JsonValue, secrets: SecretCollector): JsonValue
}

export function createChangeRedactor(valueRedactor: ValueRedactor): ChangeRedactor {
  return {
    redactSide: (copy, side, secrets) => valueRedactor.redactExceptKeys(copy, `changes.${side}`, secrets),
    redactKeys: (value, secrets) => valueRedactor.redactKeys(value, 'changes', secrets),
  }
}
