// What the claims of a token state about a user beyond the name, as far as the standard or the documentation of the issuer
// makes it certain. The display name is not among them: id and email address identify the user already.
import { nonEmptyString, readProperty } from '../../lib/safe-read.js'
import type { UserType } from '../../record/record.js'

/** The claims that only this file reads. */
export const CLAIM_PROPERTIES = ['clientId', 'gty', 'idtyp', 'tid', 'org_id']

/** Stands for all personal accounts (https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference). */
const ENTRA_CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad'

type ClaimReader = (name: string) => unknown

/** `service` if the token was issued to a client for itself. That a user was involved is in few tokens, so nothing is `user`. */
export function readType(read: ClaimReader): UserType | undefined {
  const subject = nonEmptyString(read('sub'))
  const azp = nonEmptyString(read('azp'))
  // Keycloak before version 24 calls it `clientId`.
  const client = nonEmptyString(read('client_id')) ?? nonEmptyString(read('clientId'))
  const isService =
    // RFC 9068 section 2.2: without a resource owner, the subject is the client.
    (subject !== undefined && subject === client) ||
    // Auth0: https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow
    (read('gty') === 'client-credentials' && azp !== undefined && subject === `${azp}@clients`) ||
    // Keycloak: https://www.keycloak.org/docs/latest/server_admin/#_service_accounts. Its login names are in lower case.
    (client !== undefined &&
      azp === client &&
      read('preferred_username') === `service-account-${client.toLowerCase()}`) ||
    // Microsoft Entra ID: https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference
    (read('idtyp') === 'app' && isEntraTenant(read))
  return isService ? 'service' : undefined
}

/** The tenant or organization with which the user logged in. */
export function readTenant(read: ClaimReader): string | undefined {
  if (isEntraTenant(read)) return read('tid') === ENTRA_CONSUMERS ? undefined : (read('tid') as string)
  return (
    // Auth0 (https://auth0.com/docs/manage-users/organizations/using-tokens), WorkOS, Clerk.
    nonEmptyString(read('org_id')) ??
    // Firebase: https://cloud.google.com/identity-platform/docs/multi-tenancy-authentication
    nonEmptyString(readProperty(read('firebase'), 'tenant'))
  )
}

/** The issuer of Microsoft Entra ID has the tenant in its path. */
function isEntraTenant(read: ClaimReader): boolean {
  const tenant = nonEmptyString(read('tid'))
  return tenant !== undefined && (nonEmptyString(read('iss'))?.split('/').includes(tenant) ?? false)
}
