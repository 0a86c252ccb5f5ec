// Who acted, on what, from where and on which machine, as objects of OCSF.
import type { AuditRecord, ServiceRecord, UserRecord, UserType } from '../../record/record.js'
import type { UrlParts } from '../url-parts.js'
import { isIpAddress, omitEmptyList, omitEmptyText, toRoleNames } from '../values.js'
import { UNKNOWN } from './unknown.js'

/** Maximum length of the schema's type `ip_t`. */
const MAX_ADDRESS_LENGTH = 40
/** Pattern of the schema's type `email_t`. */
const EMAIL = /^[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/
/** OCSF has no number for an agent: 99 is `Other`, with the source's own name in `type`. */
const USER_TYPES: Record<UserType, { readonly type_id: number; readonly type: string }> = {
  user: { type_id: 1, type: 'User' },
  system: { type_id: 3, type: 'System' },
  service: { type_id: 4, type: 'Service' },
  agent: { type_id: 99, type: 'agent' },
}

/** The schema requires a name or a uid. The email address serves as the name, as it does in most login forms. */
export function describeActor(user: UserRecord | null) {
  const uid = omitEmptyText(user?.id)
  const email = omitEmptyText(user?.email)
  const full_name = omitEmptyText(user?.name)
  const tenant = omitEmptyText(user?.tenant)
  const roles = toRoleNames(user?.roles ?? null) ?? []
  return {
    user: {
      uid,
      name: email ?? (uid === undefined ? (full_name ?? UNKNOWN) : undefined),
      full_name,
      // 1 is `User`, 0 is `Unknown`.
      ...(user?.type === undefined ? { type_id: user?.authenticated ? 1 : 0 } : USER_TYPES[user.type]),
      email_addr: email !== undefined && EMAIL.test(email) ? email : undefined,
      domain: omitEmptyText(user?.realm),
      org: tenant === undefined ? undefined : { uid: tenant },
      groups: omitEmptyList(roles.filter(Boolean).map((name) => ({ name, type: 'role' }))),
    },
    idp: user?.provider ? { name: user.provider } : undefined,
  }
}

/** The targets, and the type of the filter unless a target has it. The schema requires a name or a uid for each. */
export function describeResources({ target = [], filter }: AuditRecord) {
  const resources: { type?: string | undefined; uid?: string; name?: string }[] = target.map(
    ({ type, id }) =>
      id === undefined ? { name: omitEmptyText(type) ?? UNKNOWN } : { type: omitEmptyText(type), uid: id },
  )
  if (filter?.object && !target.some(({ type }) => type === filter.object))
    resources.push({ name: filter.object })
  return omitEmptyList(resources)
}

/** The machine that wrote the record, for the profile `host`. Its kind is not known: `type_id` 0. */
export function describeDevice({ host }: AuditRecord) {
  const hostname = omitEmptyText(host?.name)
  return hostname === undefined ? undefined : { hostname, type_id: 0 }
}

/** The schema requires an address or a name. Texts that are not an IP address, such as pseudonyms, become the name. */
export function describeSourceEndpoint(ip: string) {
  if (isIpAddress(ip) && ip.length <= MAX_ADDRESS_LENGTH) return { ip }
  return { name: omitEmptyText(ip) ?? UNKNOWN }
}

export function describeDestination(url: UrlParts | undefined, service: ServiceRecord = {}) {
  const hostname = omitEmptyText(url?.host)
  const { name: svc_name, node_name: name } = service
  if (hostname === undefined && svc_name === undefined && name === undefined) return undefined
  return { hostname, svc_name, name, port: url?.port }
}
