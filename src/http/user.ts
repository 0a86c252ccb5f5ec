import { readSafely, suppressRejection } from '../lib/safe-read.js'
import type { UserRecord } from '../record/record.js'
import { toJson } from '../serialize/to-json.js'
import { toText } from '../serialize/to-text.js'

/** Who sent a request. All but `authenticated` may be left out. */
export interface AuditUser {
  readonly authenticated: boolean
  /** The authentication backend: `keycloak`, the issuer of a token, ... */
  readonly provider?: string | undefined
  readonly realm?: string | undefined
  readonly email?: string | undefined
  readonly roles?: readonly string[] | null | undefined
  /** @default the client address by the framework's own rules */
  readonly ip?: string | undefined
  readonly id?: string | undefined
}

/** Who sent a request of which no user is known. */
export function createAnonymousUser(ip: string): UserRecord {
  return { authenticated: false, provider: '', realm: '', email: '', roles: null, ip }
}

/** What a handler or an option says of a user, in the form of the record. Never throws. */
export function describeUser(user: Partial<AuditUser>, ip: string): UserRecord {
  const { authenticated, provider, realm, email, roles, id } = user
  return {
    // Not what is merely true to JavaScript: a function that was not called, or `NaN`.
    authenticated: authenticated === true,
    provider: toText(provider),
    realm: toText(realm),
    email: toText(email),
    roles: toJson(roles),
    ip: toText(user.ip) || ip,
    ...(id !== undefined && { id: toText(id) }),
  }
}

/**
 * The user that an authentication middleware left: a Passport profile or user, the claims of a token
 * (express-jwt, koa-jwt), or a user of the application's own. It is never copied wholesale: only what is named
 * here is read.
 */
export function recognizeUser(found: unknown): AuditUser | undefined {
  if (!found) return undefined
  if (found === true) return { authenticated: true }
  const id = identifier(found)
  if (id !== undefined) return { authenticated: true, id }
  if (typeof found !== 'object' || found === null) return undefined
  if (readSafely(() => saysNobody(found))) return undefined
  const user = found as Record<string, unknown>
  const read = (name: string) => readSafely(() => user[name])
  const issuer = string(read('iss'))
  return {
    authenticated: true,
    provider: string(read('provider')) ?? issuer,
    // Keycloak's issuer ends in `/realms/<realm>`.
    realm: string(read('realm')) ?? issuer?.match(/\/realms\/([^/]+)\/?$/)?.[1],
    email: string(read('email')) ?? readSafely(() => firstEmail(read('emails'))),
    roles:
      readSafely(() => strings(read('roles'))) ??
      readSafely(() =>
        strings(suppressRejection((read('realm_access') as { roles?: unknown } | undefined)?.roles)),
      ),
    id: identifier(read('id')) ?? identifier(read('sub')) ?? string(read('username')),
  }
}

/** What some leave where nobody is logged in: `{ authenticated: false }`, `{}`, `{ id: null }`, `[]`. */
function saysNobody(found: object): boolean {
  const { authenticated, isAuthenticated } = found as Record<string, unknown>
  if (
    [authenticated, isAuthenticated].map(suppressRejection).some((said) => said === false || said === 'false')
  )
    return true
  if (Array.isArray(found) || found instanceof Map || found instanceof Set || found instanceof Promise)
    return true
  const prototype = Object.getPrototypeOf(found)
  const isPlain = prototype === Object.prototype || prototype === null
  // An instance of a class may have getters, and fields that nobody sees.
  return (
    isPlain &&
    Object.values(found)
      .map(suppressRejection)
      .every((value) => value === null || value === undefined)
  )
}

/** The first user that is found in the places where authentication may have left one. */
export function recognizeFirstUser(...places: readonly (() => unknown)[]): AuditUser | undefined {
  for (const place of places) {
    const user = recognizeUser(readSafely(place))
    if (user !== undefined) return user
  }
  return undefined
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function identifier(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : string(value)
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}

/** Passport's normalised profile has `emails: [{ value }]`. */
function firstEmail(emails: unknown): string | undefined {
  return Array.isArray(emails) ? string(suppressRejection(emails[0]?.value)) : undefined
}
