import type { Exact } from '../../lib/exact.js'
import { type OnBehalfOfRecord, USER_TYPES, type UserRecord, type UserType } from '../../record/record.js'
import { toJson } from '../../serialize/to-json.js'
import { toText } from '../../serialize/to-text.js'
import { normalizeIp } from '../ip-address.js'

/** The user who sent a request: the one who acts. All properties except `authenticated` are optional. */
export interface AuditUser {
  /** `null` if it is not known whether the user is logged in. */
  readonly authenticated: boolean | null
  /** The authentication backend: `keycloak`, the issuer of a token, ... */
  readonly provider?: string | undefined
  readonly realm?: string | undefined
  readonly email?: string | undefined
  readonly roles?: readonly string[] | null | undefined
  /** @default the client address, as the framework determines it (`trust proxy`, `app.proxy`) */
  readonly ip?: string | undefined
  readonly id?: string | undefined
  /** The name for display. */
  readonly name?: string | undefined
  /** A person, a program, a program that decides by itself (such as an AI agent), or the application itself. */
  readonly type?: UserType | undefined
  /** The organization, customer or tenant in whose data the user acts. */
  readonly tenant?: string | undefined
  /**
   * The user whose rights are used, if it is not the one who acts: the customer as whom an employee is logged in, or the
   * subject of a token that another party uses (RFC 8693 section 4.1).
   * @example { authenticated: true, id: 'employee-1', onBehalfOf: { id: 'customer-42' } }
   */
  readonly onBehalfOf?: OnBehalfOf | undefined
}

/** The user on whose behalf somebody acts. */
export interface OnBehalfOf {
  readonly id?: string | undefined
  readonly email?: string | undefined
  readonly provider?: string | undefined
  readonly realm?: string | undefined
  readonly roles?: readonly string[] | null | undefined
  /** The name for display. */
  readonly name?: string | undefined
  readonly type?: UserType | undefined
  /** The organization, customer or tenant that the user belongs to. */
  readonly tenant?: string | undefined
  /** The ids of earlier actors in a chain of delegation, the latest first. They do not act in this request. */
  readonly via?: readonly string[] | undefined
}

/** A user of type `User` without properties that records do not have. */
export type ExactUser<User extends AuditUser> = Exact<User, AuditUser> & {
  readonly onBehalfOf?: Exact<User['onBehalfOf'], OnBehalfOf> | undefined
}

export const USER_PROPERTIES = [
  'authenticated',
  'provider',
  'realm',
  'email',
  'roles',
  'ip',
  'id',
  'name',
  'type',
  'tenant',
  'onBehalfOf',
] as const satisfies readonly (keyof AuditUser)[]

export const ON_BEHALF_OF_PROPERTIES = [
  'id',
  'email',
  'provider',
  'realm',
  'roles',
  'name',
  'type',
  'tenant',
  'via',
] as const satisfies readonly (keyof OnBehalfOf)[]

export function isUserType(type: unknown): type is UserType {
  return USER_TYPES.some((known) => known === type)
}

/** The user of a request with which nobody logged in. */
export function createAnonymousUser(ip: string): UserRecord {
  return { authenticated: false, provider: '', realm: '', email: '', roles: null, ip }
}

/** The user of a request of which it is not known who sent it. */
export function createUnknownUser(ip: string): UserRecord {
  return { authenticated: null, provider: '', realm: '', email: '', roles: null, ip }
}

/** Converts the user that a handler or the option `user` provides to the form of the record. Never throws. */
export function describeUser(user: Partial<AuditUser>, ip: string): UserRecord {
  const { authenticated, provider, realm, email, roles, onBehalfOf } = user
  const record: UserRecord = {
    // Not by truthiness: an uncalled function must not count as authenticated.
    authenticated: typeof authenticated === 'boolean' ? authenticated : null,
    provider: toText(provider),
    realm: toText(realm),
    email: toText(email),
    roles: toJson(roles),
    ip: normalizeIp(toText(user.ip)) || ip,
  }
  addIdentity(record, user)
  const described = onBehalfOf === undefined ? undefined : describeOnBehalfOf(toJson(onBehalfOf))
  if (described !== undefined) record.on_behalf_of = described
  return record
}

/** Adds what is absent if it is not known. */
function addIdentity(record: UserRecord | OnBehalfOfRecord, user: Readonly<Record<string, unknown>>): void {
  const { id, name, type, tenant } = user
  if (id !== undefined) record.id = toText(id)
  if (name !== undefined && name !== null) record.name = toText(name)
  if (isUserType(type)) record.type = type
  if (tenant !== undefined && tenant !== null) record.tenant = toText(tenant)
}

/** A text or a number counts as the id of the user. */
function describeOnBehalfOf(value: unknown): OnBehalfOfRecord | undefined {
  if (value === null || value === undefined || value === '' || typeof value === 'boolean') return undefined
  const user = (typeof value === 'object' ? value : { id: value }) as Record<string, unknown>
  const { email, provider, realm, roles, via } = user
  const record: OnBehalfOfRecord = {
    provider: toText(provider),
    realm: toText(realm),
    email: toText(email),
    roles: toJson(roles),
  }
  addIdentity(record, user)
  if (Array.isArray(via) && via.length > 0) record.via = via.map((actor) => toText(actor))
  return record
}
