import { readSafely, suppressRejection } from '../lib/safe-read.js'
import type { UserRecord } from '../record/record.js'
import { toJson } from '../serialize/to-json.js'
import { toText } from '../serialize/to-text.js'
import { normalizeIp } from './ip-address.js'

/** The user who sent a request. All properties except `authenticated` are optional. */
export interface AuditUser {
  readonly authenticated: boolean
  /** The authentication backend: `keycloak`, the issuer of a token, ... */
  readonly provider?: string | undefined
  readonly realm?: string | undefined
  readonly email?: string | undefined
  readonly roles?: readonly string[] | null | undefined
  /** @default the client address, as the framework determines it (`trust proxy`, `app.proxy`) */
  readonly ip?: string | undefined
  readonly id?: string | undefined
}

/** The user of a request without a recognized user. */
export function createAnonymousUser(ip: string): UserRecord {
  return { authenticated: false, provider: '', realm: '', email: '', roles: null, ip }
}

/** Converts the user that a handler or the option `user` provides to the form of the record. Never throws. */
export function describeUser(user: Partial<AuditUser>, ip: string): UserRecord {
  const { authenticated, provider, realm, email, roles, id } = user
  return {
    // Only `true`, not every truthy value: an uncalled function must not count as authenticated.
    authenticated: authenticated === true,
    provider: toText(provider),
    realm: toText(realm),
    email: toText(email),
    roles: toJson(roles),
    ip: normalizeIp(toText(user.ip)) || ip,
    ...(id !== undefined && { id: toText(id) }),
  }
}

/**
 * Recognizes the user that authentication middleware left on a request: a Passport profile or user, the claims of a
 * token (express-jwt, koa-jwt), or the application's own user object. Reads only the properties named here, so that no
 * password hash or token gets into a record.
 *
 * @example
 * recognizeUser({ sub: '42', iss: 'https://sso.example/realms/city' })
 * // { authenticated: true, provider: 'https://sso.example/realms/city', realm: 'city', id: '42', ... }
 */
export function recognizeUser(value: unknown): AuditUser | undefined {
  if (!value) return undefined
  if (value === true) return { authenticated: true }
  const id = toIdentifier(value)
  if (id !== undefined) return { authenticated: true, id }
  if (typeof value !== 'object' || value === null) return undefined
  if (readSafely(() => isAnonymous(value))) return undefined
  const user = value as Record<string, unknown>
  const read = (name: string) => readSafely(() => user[name])
  const issuer = nonEmptyString(read('iss'))
  return {
    authenticated: true,
    provider: nonEmptyString(read('provider')) ?? issuer,
    // Keycloak's issuer ends in `/realms/<realm>`.
    realm: nonEmptyString(read('realm')) ?? issuer?.match(/\/realms\/([^/]+)\/?$/)?.[1],
    email: nonEmptyString(read('email')) ?? readSafely(() => firstEmail(read('emails'))),
    roles:
      readSafely(() => onlyStrings(read('roles'))) ??
      readSafely(() =>
        onlyStrings(suppressRejection((read('realm_access') as { roles?: unknown } | undefined)?.roles)),
      ),
    id: toIdentifier(read('id')) ?? toIdentifier(read('sub')) ?? nonEmptyString(read('username')),
  }
}

/** Recognizes values that mean "not logged in": `{ authenticated: false }`, `{}`, `{ id: null }`, `[]`. */
function isAnonymous(value: object): boolean {
  const { authenticated, isAuthenticated } = value as Record<string, unknown>
  const flags = [authenticated, isAuthenticated].map(suppressRejection)
  if (flags.some((flag) => flag === false || flag === 'false')) return true
  if (Array.isArray(value) || value instanceof Map || value instanceof Set || value instanceof Promise)
    return true
  const prototype = Object.getPrototypeOf(value)
  const isPlainObject = prototype === Object.prototype || prototype === null
  // An instance of a class may have getters and private fields, so no visible value does not mean no user.
  return (
    isPlainObject &&
    Object.values(value)
      .map(suppressRejection)
      .every((property) => property === null || property === undefined)
  )
}

/** The first recognized user among the places where authentication middleware may have left one. */
export function recognizeFirstUser(...places: readonly (() => unknown)[]): AuditUser | undefined {
  for (const readPlace of places) {
    const user = recognizeUser(readSafely(readPlace))
    if (user !== undefined) return user
  }
  return undefined
}

function nonEmptyString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function toIdentifier(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : nonEmptyString(value)
}

function onlyStrings(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}

/** Passport's normalized profile has `emails: [{ value }]`. */
function firstEmail(emails: unknown): string | undefined {
  return Array.isArray(emails) ? nonEmptyString(suppressRejection(emails[0]?.value)) : undefined
}
