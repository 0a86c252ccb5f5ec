// The fields of ECS that say who acted, for whom, on whom and from where: `user.*`, `client.*` and `related.*`.
import type { AuditRecord, OnBehalfOfRecord, TargetRecord, UserRecord } from '../../record/record.js'
import {
  isIpAddress,
  omitEmptyList,
  omitEmptyObject,
  omitEmptyText,
  toRoleNames,
  uniqueTexts,
} from '../values.js'

/** A text that the option `pseudonymize` has replaced. */
const PSEUDONYM = /^hmac-sha256:[\w.-]+:[0-9a-f]{64}$/

export function describeUser({ user, target }: AuditRecord) {
  return omitEmptyObject({
    id: omitEmptyText(user?.id),
    email: omitEmptyText(user?.email),
    // `user.name` is the login name, which is not known.
    full_name: omitEmptyText(user?.name),
    domain: omitEmptyText(user?.realm),
    roles: omitEmptyList(toRoleNames(user?.roles ?? null) ?? []),
    effective: describeEffectiveUser(user?.on_behalf_of),
    target: describeTargetUser(target),
  })
}

/** ECS, "User fields usage": `user` is the one who acts, and `user.effective` the one whose rights are used. */
function describeEffectiveUser(onBehalfOf: OnBehalfOfRecord | undefined) {
  if (onBehalfOf === undefined) return undefined
  return omitEmptyObject({
    id: omitEmptyText(onBehalfOf.id),
    email: omitEmptyText(onBehalfOf.email),
    full_name: omitEmptyText(onBehalfOf.name),
    domain: omitEmptyText(onBehalfOf.realm),
    roles: omitEmptyList(toRoleNames(onBehalfOf.roles) ?? []),
  })
}

/** Only a single target with the type `User`: the application itself calls it a user, and `user.target` has one id. */
function describeTargetUser(targets: readonly TargetRecord[] | undefined) {
  const [target] = targets ?? []
  if (targets?.length !== 1 || target?.type.toLowerCase() !== 'user') return undefined
  const id = omitEmptyText(target.id)
  return id === undefined ? undefined : { id }
}

/** A text that is not an IP address, such as a pseudonym, is only in `address`: Elasticsearch rejects it in `ip`. */
export function describeClient(user: UserRecord | null) {
  const address = omitEmptyText(user?.ip)
  return address === undefined ? undefined : { address, ip: isIpAddress(address) ? address : undefined }
}

/** The fields `related.*`, in which ECS repeats users, addresses and hosts from other fields, so that one search finds them. */
export function describeRelated(
  { user: acting, host }: AuditRecord,
  user: ReturnType<typeof describeUser>,
  client: ReturnType<typeof describeClient>,
  domain: string | undefined,
) {
  const { effective, target } = user ?? {}
  const names = uniqueTexts(user?.id, user?.email, effective?.id, effective?.email, target?.id)
  return omitEmptyObject({
    user: omitEmptyList(names),
    ip: client?.ip === undefined ? undefined : [client.ip],
    hash: omitEmptyList(
      uniqueTexts(...names, user?.full_name, effective?.full_name, acting?.ip).filter((text) =>
        PSEUDONYM.test(text),
      ),
    ),
    hosts: omitEmptyList(uniqueTexts(domain, host?.name)),
  })
}
