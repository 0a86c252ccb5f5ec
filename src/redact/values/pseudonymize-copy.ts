import type { JsonValue } from '../../serialize/json-value.js'
import type { WalkContinuation } from '../../serialize/walk.js'
import type { SecretCollector } from '../found/found-secrets.js'
import type { Rules } from '../rules/rules.js'

/** The things that {@link pseudonymizeCopy} needs besides the value. */
export interface PseudonymizeContext {
  readonly pseudonymize: Rules['pseudonymize']
  readonly secrets: SecretCollector | undefined
  readonly walk: Pick<WalkContinuation<unknown>, 'spend'>
}

/**
 * Replaces every scalar in a copy by its pseudonym.
 *
 * @param name the key of the value; items have that of their list
 */
export function pseudonymizeCopy(
  copy: JsonValue | bigint,
  name: string,
  context: PseudonymizeContext,
): JsonValue {
  if (copy === null) return copy
  if (Array.isArray(copy)) return copy.map((item) => pseudonymizeCopy(item, name, context))
  if (typeof copy === 'object') {
    for (const [key, value] of Object.entries(copy)) copy[key] = pseudonymizeCopy(value, key, context)
    return copy
  }
  const pseudonym = context.pseudonymize(copy)
  context.secrets?.addPseudonym(copy, name, pseudonym)
  context.walk.spend(String(pseudonym).length)
  return pseudonym
}
