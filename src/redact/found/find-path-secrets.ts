import { readProperty } from '../../lib/safe-read.js'
import { type FoundSecret, NO_SECRETS } from '../../record/record-draft.js'
import type { Rules } from '../rules/rules.js'
import { SecretCollector } from './found-secrets.js'

/**
 * The route parameters that are secrets, because of their name (`/reset/:token`) or of a path of the options:
 * `filter.kwargs.bsn` is that of the parameter in `/persons/:bsn` as well, since `audited()` records parameters there.
 */
export function findPathSecrets(
  params: unknown,
  { paths, pseudonymize }: Pick<Rules, 'paths' | 'pseudonymize'>,
  isSensitive: (name: string) => boolean,
): readonly FoundSecret[] {
  if (typeof params !== 'object' || params === null) return NO_SECRETS
  const kwargsPaths = paths?.step('filter')?.step('kwargs')
  // Hot path: most routes have no parameters, or none that is a secret.
  if (kwargsPaths === undefined && !hasSensitiveName(params, isSensitive)) return NO_SECRETS
  const secrets = new SecretCollector()
  for (const name of Object.keys(params)) {
    const action = kwargsPaths?.step(name)?.action
    if (action === undefined && !isSensitive(name)) continue
    const value = readProperty(params, name)
    // Express 5 gives the segments of a wildcard as a list.
    for (const segment of Array.isArray(value) ? value : [value]) {
      if (typeof segment !== 'string') continue
      const pseudonym = action === 'pseudonymize' ? String(pseudonymize(segment)) : undefined
      secrets.addPathSegment(segment, name, pseudonym)
    }
  }
  return secrets.secrets
}

function hasSensitiveName(params: object, isSensitive: (name: string) => boolean): boolean {
  for (const name in params) if (isSensitive(name)) return true
  return false
}
