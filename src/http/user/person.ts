// Reads who is named by a value that authentication middleware left on a request: a Passport profile or user, the claims
// of a token, a row of the application's user table. Only the properties named here are read, so that no password hash
// or token gets into a record. The values are untrusted: getters may throw, and anything may be a promise.
import { types } from 'node:util'
import {
  firstDefined,
  nonEmptyString,
  readProperty,
  readSafely,
  suppressRejection,
} from '../../lib/safe-read.js'
import { isPlainObject } from '../../lib/validate.js'
import { CLAIM_PROPERTIES, readTenant, readType } from './claims.js'
import type { AuditUser } from './user.js'

/** Somebody who is named by a value. */
export interface Person {
  readonly user: AuditUser
  /** The values that identify the person, by kind. Two different values of one kind are two persons. */
  readonly names: ReadonlyMap<NameKind, string>
  /** The value has the times that a verified token has (RFC 7519 sections 4.1.4 and 4.1.6). */
  readonly isToken: boolean
}

/**
 * - a {@link Person}
 * - `nobody`: the value states that nobody is logged in, or is empty.
 * - `guest`: it has an id and the role of a guest, which may mean either.
 * - `undecided`: it names somebody, and has a function that says whether they are logged in.
 * - `unnamed`: it names nobody, although it is not empty.
 */
export type Reading = Person | 'nobody' | 'guest' | 'undecided' | 'unnamed'

type PropertyReader = (name: string) => unknown

type NameKind = 'id' | 'sub' | 'uid' | 'oid' | 'nameId' | 'username' | 'dn' | 'client' | 'email'

/** The properties that hold an id, by library and in order of preference. */
const ID_PROPERTIES: readonly (readonly [string, NameKind])[] = [
  ['id', 'id'],
  // Mongoose, MongoDB.
  ['_id', 'id'],
  // RFC 7519 section 4.1.2.
  ['sub', 'sub'],
  // Clerk, and handlers written by hand.
  ['userId', 'id'],
  ['user_id', 'id'],
  // Firebase, LDAP.
  ['uid', 'uid'],
  // Microsoft Entra ID.
  ['oid', 'oid'],
  // SAML.
  ['nameID', 'nameId'],
]

/** The properties that hold a login name, which serves as the id where there is none. */
const LOGIN_PROPERTIES: readonly (readonly [string, NameKind])[] = [
  ['username', 'username'],
  ['userName', 'username'],
  ['user_name', 'username'],
  // express-basic-auth.
  ['user', 'username'],
  // OpenID Connect Core section 5.1.
  ['preferred_username', 'username'],
  // Amazon Cognito.
  ['cognito:username', 'username'],
  // Microsoft Entra ID.
  ['upn', 'username'],
  ['unique_name', 'username'],
  // GitHub.
  ['login', 'username'],
  // LDAP and Active Directory.
  ['sAMAccountName', 'username'],
  ['dn', 'dn'],
]

/** A client that acts for itself (RFC 9068 section 2.2). Beside a user they name the client that the user uses. */
const CLIENT_PROPERTIES: readonly (readonly [string, NameKind])[] = [
  ['client_id', 'client'],
  ['azp', 'client'],
  ['appid', 'client'],
]

const DISPLAY_NAMES = ['name', 'displayName', 'cn']

const EMAIL_PROPERTIES = [
  'email',
  'mail',
  'emailAddress',
  'email_address',
  // SAML attributes of Active Directory Federation Services, and the OID of `mail`.
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'urn:oid:0.9.2342.19200300.100.1.3',
]

/** Properties that mean "not logged in" if they are false. */
const LOGIN_FLAGS = [
  'authenticated',
  'isAuthenticated',
  'is_authenticated',
  'loggedIn',
  'isLoggedIn',
  'logged_in',
  'signedIn',
  'isSignedIn',
]
/** Properties that mean "not logged in" if they are true. */
const GUEST_FLAGS = [
  'anonymous',
  'isAnonymous',
  'is_anonymous',
  'guest',
  'isGuest',
  'is_guest',
  // Mongoose and Sequelize: an object that is not in the database.
  '$isNew',
  'isNewRecord',
]
/** With the prefix of Spring Security and Symfony: `ROLE_ANONYMOUS`. */
const GUEST_WORD =
  /^(?:role[_:-])?(?:anon|anonymous|anonymous_?user|guest|nobody|public|unauthenticated|visitor)$/i
/** Where a guest is called a guest. */
const GUEST_WORD_PROPERTIES = ['role', 'roles', 'type', 'kind', 'userType']

/** Texts that appear where an id is missing: what `String(undefined)` and the like make, and ids that nobody has. */
const NO_IDS = new Set([
  'undefined',
  'null',
  'NaN',
  'false',
  '0',
  '[object Object]',
  // RFC 9562 section 5.9.
  '00000000-0000-0000-0000-000000000000',
])

/** The properties of a role that is an object. */
const ROLE_NAMES = ['name', 'role', 'authority', 'slug', 'key']

/** Scopes of OpenID Connect: they ask for claims, and grant no access to the application. */
const CLAIM_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])

/** Every property that this file reads. */
const KNOWN_PROPERTIES = new Set([
  ...[...ID_PROPERTIES, ...LOGIN_PROPERTIES, ...CLIENT_PROPERTIES].map(([name]) => name),
  ...[...DISPLAY_NAMES, ...EMAIL_PROPERTIES, ...LOGIN_FLAGS, ...GUEST_FLAGS, ...GUEST_WORD_PROPERTIES],
  ...[
    'emails',
    'emailAddresses',
    'provider',
    'realm',
    'iss',
    'issuer',
    'iat',
    'exp',
    'firebase',
    'app_metadata',
  ],
  ...['realm_access', 'cognito:groups', 'groups', 'memberOf', 'scope', 'scp', 'scopes'],
  ...CLAIM_PROPERTIES,
])

/** With more properties, asking for the known ones is faster. */
const MAX_COPIED_NAMES = 50

/** Reads a value that stands where authentication middleware leaves its user. Never throws. */
export function readPerson(value: unknown): Reading {
  if (!value) return 'nobody'
  const id = toIdentifier(value)
  if (id !== undefined) {
    if (GUEST_WORD.test(id)) return 'nobody'
    return { user: { authenticated: true, id }, names: new Map([['id', id]]), isToken: false }
  }
  return typeof value === 'object' ? readObject(value) : 'unnamed'
}

function readObject(value: object): Reading {
  if (types.isPromise(value)) return 'unnamed'
  if (types.isMap(value) || types.isSet(value)) return value.size === 0 ? 'nobody' : 'unnamed'
  if (Array.isArray(value)) return value.length === 0 ? 'nobody' : 'unnamed'
  const read = createReader(value)
  if (statesNobody(read)) return 'nobody'
  const reading = readNamedPerson(read)
  // The function belongs to the application, so it is not called.
  if (typeof reading !== 'string' && LOGIN_FLAGS.some((name) => typeof read(name) === 'function'))
    return 'undecided'
  return reading === 'unnamed' && (readSafely(() => isEmpty(value)) ?? false) ? 'nobody' : reading
}

/** Reads properties of an untrusted object; one that cannot be read is `undefined`. */
function createReader(value: object): PropertyReader {
  const copy = readSafely(() => copyKnownProperties(value))
  return copy === undefined ? (name) => readProperty(value, name) : (name) => copy.get(name)
}

/**
 * Hot path: most users are plain objects with a few properties, and reading these is faster than asking for every name that
 * a user could have. `undefined` for any other object.
 */
function copyKnownProperties(value: object): ReadonlyMap<string, unknown> | undefined {
  if (!isPlainObject(value)) return undefined
  const names = Object.keys(value)
  if (names.length > MAX_COPIED_NAMES) return undefined
  const copy = new Map<string, unknown>()
  for (const name of names) if (KNOWN_PROPERTIES.has(name)) copy.set(name, readProperty(value, name))
  return copy
}

export type Names = Person['names']

/** Whether a value has a password beside the name: it is what the client has sent, as in express-basic-auth. */
export function hasPassword(value: unknown): boolean {
  return ['password', 'pass'].some((name) => typeof readProperty(value, name) === 'string')
}

/** Whether two persons are certainly the same: they have a name in common. */
export function shareName(one: Names, other: Names): boolean {
  const values = new Set(other.values())
  for (const value of one.values()) if (values.has(value)) return true
  return false
}

/**
 * Whether two persons are certainly not the same: they have no name in common, and names of one kind. An id of the
 * identity provider and an id of the application's database may belong to one person.
 */
export function areDifferent(one: Names, other: Names): boolean {
  for (const kind of one.keys()) if (other.has(kind)) return !shareName(one, other)
  return false
}

function readNamedPerson(read: PropertyReader): Reading {
  const names = new Map<NameKind, string>()
  const id = readFirstName(read, ID_PROPERTIES, names)
  const login = readFirstName(read, LOGIN_PROPERTIES, names)
  const email = readEmail(read)
  if (email !== undefined) names.set('email', email.toLowerCase())
  const onlyName =
    id === undefined && login === undefined && email === undefined ? readDisplayName(read) : undefined
  const name =
    id ??
    login ??
    onlyName ??
    (email === undefined ? readFirstName(read, CLIENT_PROPERTIES, names) : undefined)
  if (name === undefined && email === undefined) return hasGuestWord(read) ? 'nobody' : 'unnamed'
  // A guest may have an id, of its session or its shopping cart. A login name or an email address belongs to an account.
  const account = login ?? onlyName ?? email
  if (
    (account === undefined || GUEST_WORD.test(account)) &&
    (GUEST_WORD.test(name ?? '') || hasGuestWord(read))
  ) {
    return id === undefined || GUEST_WORD.test(id) ? 'nobody' : 'guest'
  }
  if (names.size === 0 && name !== undefined) names.set('username', name)
  const issuer = nonEmptyString(read('iss')) ?? nonEmptyString(read('issuer'))
  const isToken = typeof read('iat') === 'number' || typeof read('exp') === 'number'
  return {
    user: {
      authenticated: true,
      provider: readProvider(read) ?? issuer,
      // Keycloak's issuer ends in `/realms/<realm>`.
      realm: nonEmptyString(read('realm')) ?? issuer?.match(/\/realms\/([^/]+)\/?$/)?.[1],
      email,
      roles: readRoles(read),
      id: name,
      type: isToken ? readType(read) : undefined,
      tenant: isToken ? readTenant(read) : undefined,
    },
    names,
    isToken,
  }
}

/** Reads all names into `names`, and returns the first. */
function readFirstName(
  read: PropertyReader,
  properties: readonly (readonly [string, NameKind])[],
  names: Map<NameKind, string>,
): string | undefined {
  let first: string | undefined
  for (const [property, kind] of properties) {
    const name = toIdentifier(read(property))
    if (name === undefined) continue
    first ??= name
    if (!names.has(kind)) names.set(kind, name)
  }
  return first
}

function readDisplayName(read: PropertyReader): string | undefined {
  return firstDefined(DISPLAY_NAMES, (property) => nonEmptyString(read(property)))
}

/** Passport's normalized profile has `emails: [{ value }]`, Clerk's user `emailAddresses: [{ emailAddress }]`. */
function readEmail(read: PropertyReader): string | undefined {
  return (
    firstDefined(EMAIL_PROPERTIES, (property) => nonEmptyString(firstItem(read(property)))) ??
    readNested(firstItem(read('emails')), 'value') ??
    nonEmptyString(firstItem(read('emails'))) ??
    readNested(firstItem(read('emailAddresses')), 'emailAddress')
  )
}

/** Supabase names the provider in `app_metadata`. */
function readProvider(read: PropertyReader): string | undefined {
  return nonEmptyString(read('provider')) ?? readNested(read('app_metadata'), 'provider')
}

/** The first of the usual places that has roles; `undefined` if none has. */
function readRoles(read: PropertyReader): string[] | undefined {
  return (
    toRoleList(read('roles')) ??
    // Keycloak.
    toRoleList(readProperty(read('realm_access'), 'roles')) ??
    toRoleList(read('role')) ??
    toRoleList(readProperty(read('app_metadata'), 'roles')) ??
    toRoleList(read('cognito:groups')) ??
    toRoleList(read('groups')) ??
    toRoleList(read('memberOf')) ??
    toScopeList(read('scope') ?? read('scp') ?? read('scopes'))
  )
}

/** Accepts `'admin'`, `['admin']`, `{ name: 'admin' }` and `[{ name: 'admin' }]`, and the like. */
function toRoleList(value: unknown): string[] | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const items = toArray(value)
  const names = items.map(toRoleName).filter((name) => name !== undefined)
  return names.length > 0 || (Array.isArray(value) && items.length === 0) ? names : undefined
}

function toRoleName(item: unknown): string | undefined {
  if (typeof item === 'string') return nonEmptyString(item)
  if (typeof item !== 'object' || item === null) return undefined
  return firstDefined(ROLE_NAMES, (property) => readNested(item, property))
}

/** RFC 6749 section 3.3: names that are separated by spaces. */
function toScopeList(value: unknown): string[] | undefined {
  const scopes = typeof value === 'string' ? value.split(' ') : toArray(value)
  const granted = scopes.filter(
    (scope): scope is string => nonEmptyString(scope) !== undefined && !CLAIM_SCOPES.has(scope as string),
  )
  return granted.length > 0 ? granted : undefined
}

/** Recognizes values that mean "not logged in": `{ authenticated: false }`, `{ isGuest: true }`. */
function statesNobody(read: PropertyReader): boolean {
  if (LOGIN_FLAGS.some((name) => isFlag(read(name), false))) return true
  if (GUEST_FLAGS.some((name) => isFlag(read(name), true))) return true
  // Clerk's signed-out state has only this property and functions. Firebase's anonymous accounts name no person.
  if (read('userId') === null && read('id') === undefined && read('sub') === undefined) return true
  return readNested(read('firebase'), 'sign_in_provider') === 'anonymous'
}

/** `{}`, `{ id: null }`. An instance of a class without visible properties may have getters and private fields, so it is not empty. */
function isEmpty(value: object): boolean {
  const contents = Object.values(value).map(suppressRejection)
  if (contents.length === 0) return isPlainObject(value)
  return contents.every((content) => content === null || content === undefined)
}

/** Databases without a type for truth values have 0 and 1. */
function isFlag(value: unknown, expected: boolean): boolean {
  const number = Number(expected)
  return value === expected || value === String(expected) || value === number || value === String(number)
}

function hasGuestWord(read: PropertyReader): boolean {
  return GUEST_WORD_PROPERTIES.some((property) => {
    const value = read(property)
    if (value === undefined) return false
    const words = toArray(value)
    return words.length > 0 && words.every((word) => GUEST_WORD.test(toRoleName(word) ?? ''))
  })
}

/** A text, a number, or a binary id such as MongoDB's ObjectId. */
export function toIdentifier(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return toRealId(String(value))
  if (typeof value !== 'object' || value === null) return toRealId(nonEmptyString(value))
  return readSafely(() => readBinaryId(value))
}

function toRealId(id: string | undefined): string | undefined {
  return id === undefined || NO_IDS.has(id) ? undefined : id
}

function readBinaryId(value: object): string | undefined {
  if (value instanceof Uint8Array)
    return value.length > 0 && value.length <= 32 ? Buffer.from(value).toString('hex') : undefined
  const { toHexString, $oid } = value as { toHexString?: unknown; $oid?: unknown }
  if (typeof toHexString === 'function') return nonEmptyString(suppressRejection(toHexString.call(value)))
  return nonEmptyString(suppressRejection($oid))
}

function toArray(value: unknown): unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return [value]
  const items: unknown[] = []
  try {
    // Hot path: `Array.from` with a function is slow.
    for (let index = 0; index < value.length; index++) items.push(suppressRejection(value[index]))
  } catch {
    // A proxy: what could be read counts.
  }
  return items
}

function firstItem(value: unknown): unknown {
  return Array.isArray(value) ? readSafely(() => value[0]) : value
}

function readNested(value: unknown, name: string): string | undefined {
  return nonEmptyString(readProperty(value, name))
}
