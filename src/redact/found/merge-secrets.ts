import type { FoundSecret } from '../../record/record-draft.js'
import { MAX_SECRETS_OF_DRAFT } from './found-secrets.js'

/** The secrets of a draft and those that were found later, each once, up to the limit of a draft. */
export function mergeSecrets(
  known: readonly FoundSecret[],
  added: readonly FoundSecret[],
): readonly FoundSecret[] {
  // Hot path: most records have no secrets, and those of children often have the list of their parent.
  if (added.length === 0 || added === known) return known
  if (known.length === 0) return added
  const identities = new Set(known.map(identify))
  const others = added.filter((secret) => !identities.has(identify(secret)))
  return others.length === 0 ? known : [...known, ...others].slice(0, MAX_SECRETS_OF_DRAFT)
}

function identify({ value, name, pseudonym, isPathSegment }: FoundSecret): string {
  return `${isPathSegment === true}:${pseudonym ?? ''}:${name}:${value}`
}
