import { type FoundSecret, NO_SECRETS } from '../../record/record-draft.js'
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

/** As {@link mergeSecrets}, of many lists at once. */
export function mergeAllSecrets(lists: readonly (readonly FoundSecret[])[]): readonly FoundSecret[] {
  const merged = new Map<string, FoundSecret>()
  for (const list of new Set(lists))
    for (const secret of list) {
      if (merged.size === MAX_SECRETS_OF_DRAFT) return [...merged.values()]
      const identity = identify(secret)
      if (!merged.has(identity)) merged.set(identity, secret)
    }
  return merged.size === 0 ? NO_SECRETS : [...merged.values()]
}

function identify({ value, name, pseudonym, isPathSegment, isIssued }: FoundSecret): string {
  return `${isPathSegment === true}:${isIssued === true}:${pseudonym ?? ''}:${name}:${value}`
}
