// Where authentication middleware for Express, Connect and node:http leaves its user. docs/users.md lists the libraries,
// with the sources of these facts.
import { copyImpersonators } from '../http/user/acting-user.js'
import type { PlaceKind, UserPlace, UserPlaces } from '../http/user/find-user.js'
import { readDataProperty, readProperty, readSafely, UNREAD } from '../lib/safe-read.js'
import { isClerkFunction, readClerkAuth } from './clerk.js'
import type { ExpressRequest } from './express-request.js'
import { findUserId, readSession } from './session-accessor.js'

const readRequest = (request: ExpressRequest, name: string): unknown => readDataProperty(request, name)
const readLocal = (request: ExpressRequest, name: string): unknown =>
  readProperty(readProperty(readRequest(request, 'res'), 'locals'), name)
const readSessionProperty = (request: ExpressRequest, name: string): unknown =>
  readProperty(readSession(request), name)

const USERS: readonly UserPlace<ExpressRequest>[] = [
  // Passport, guards of Nest, middleware written by hand.
  { name: 'req.user', kind: 'passport', read: readUser, hasLogin: hasPassportLogin },
  { name: 'req.oidc.user', kind: 'token', read: readOidcUser, hasLogin: () => true },
  {
    name: 'req.auth',
    kind: classifyAuth,
    read: readAuth,
    hasLogin: (request) => hasTokenTimes(readAuth(request)),
  },
  { name: 'req.kauth', kind: 'token', read: readKeycloakClaims, hasLogin: () => true },
  {
    name: 'req.feathers.user',
    kind: 'token',
    read: (request) => readProperty(readRequest(request, 'feathers'), 'user'),
  },
  { name: 'req.currentUser', kind: 'value', read: (request) => readRequest(request, 'currentUser') },
  { name: 'req.userData', kind: 'value', read: (request) => readRequest(request, 'userData') },
  { name: 'req.decoded', kind: 'value', read: (request) => readRequest(request, 'decoded') },
  { name: 'req.userId', kind: 'value', read: (request) => readRequest(request, 'userId') },
  { name: 'req.session.user', kind: 'session', read: (request) => readSessionProperty(request, 'user') },
  { name: 'req.session.userId', kind: 'session', read: readSessionUserId },
  { name: 'req.session.grant', kind: 'session', read: readGrantProfile },
  { name: 'res.locals.session.user', kind: 'session', read: readLocalSessionUser },
]

export const EXPRESS_USERS: UserPlaces<ExpressRequest> = {
  users: USERS,
  impersonators: [
    readSession,
    // The session of Better Auth is inside what its `getSession` returns.
    (request) => readSessionProperty(request, 'session'),
    (request, isEarly) => copyImpersonators((name) => readRequest(request, name), isEarly),
    (request) => readLocal(request, 'session'),
  ],
  readParts: (request) => ({
    url: request.originalUrl ?? request.url ?? '',
    rawHeaders: request.rawHeaders,
    body: readRequest(request, 'body'),
    passportUser: readPassportUser(request),
  }),
  hasCredentials,
}

/**
 * Whether one of the {@link USERS} may have a value: the property of a new place has to be added here too. Hot path: the names are
 * literals, because V8 then remembers that a property is missing.
 */
export function mayHaveUser(request: ExpressRequest): boolean {
  try {
    return (
      'user' in request ||
      'auth' in request ||
      'session' in request ||
      'oidc' in request ||
      'kauth' in request ||
      'feathers' in request ||
      'currentUser' in request ||
      'userData' in request ||
      'decoded' in request ||
      'userId' in request ||
      '_userProperty' in request ||
      hasLocalSession(request)
    )
  } catch {
    // A property of the application cannot be read.
    return true
  }
}

function hasLocalSession({ res }: ExpressRequest): boolean {
  const { locals } = (res ?? {}) as { locals?: object }
  return typeof locals === 'object' && locals !== null && 'session' in locals
}

export function hasCredentials({ headers }: ExpressRequest): boolean {
  return headers.authorization !== undefined
}

function readPassportUser(request: ExpressRequest): unknown {
  return readProperty(readSessionProperty(request, 'passport'), 'user')
}

/** Passport's option `userProperty` is on the request. */
function readUser(request: ExpressRequest): unknown {
  const property = readRequest(request, '_userProperty')
  return readRequest(request, typeof property === 'string' ? property : 'user')
}

/** `isAuthenticated` is a method of express-openid-connect. */
function readOidcUser(request: ExpressRequest): unknown {
  const oidc = readRequest(request, 'oidc')
  if (oidc === UNREAD) return UNREAD
  const isAuthenticated = readProperty(oidc, 'isAuthenticated')
  const isLoggedOut =
    typeof isAuthenticated === 'function' && readSafely(() => isAuthenticated.call(oidc)) === false
  return isLoggedOut ? undefined : readProperty(oidc, 'user')
}

/**
 * `req.auth` of express-jwt is the claims; that of express-oauth2-jwt-bearer has them in `payload`, beside the token; that
 * of Clerk is a function that returns the state of the session.
 */
function readAuth(request: ExpressRequest): unknown {
  const auth = readRequest(request, 'auth')
  if (isClerkFunction(auth)) return readClerkAuth(readSafely(() => auth.call(request)))
  if (readProperty(auth, 'sessionClaims') !== undefined || readProperty(auth, 'tokenType') !== undefined)
    return readClerkAuth(auth)
  return hasToken(auth) ? readProperty(auth, 'payload') : auth
}

function hasTokenTimes(claims: unknown): boolean {
  return typeof readProperty(claims, 'iat') === 'number' || typeof readProperty(claims, 'exp') === 'number'
}

function readKeycloakClaims(request: ExpressRequest): unknown {
  const grant = readProperty(readRequest(request, 'kauth'), 'grant')
  return readProperty(readProperty(grant, 'access_token'), 'content')
}

function readSessionUserId(request: ExpressRequest): unknown {
  return findUserId(readSession(request))
}

/** Grant keeps the profile of the provider in the session, if it was asked for. */
function readGrantProfile(request: ExpressRequest): unknown {
  const grant = readSessionProperty(request, 'grant')
  const profile = readProperty(readProperty(grant, 'response'), 'profile')
  return typeof profile === 'object' && profile !== null
    ? { provider: readProperty(grant, 'provider'), ...profile }
    : undefined
}

/** Auth.js: the example of its documentation keeps the session in `res.locals`, with the time at which it expires. */
function readLocalSessionUser(request: ExpressRequest): unknown {
  const kept = readLocal(request, 'session')
  return readProperty(kept, 'expires') === undefined ? undefined : readProperty(kept, 'user')
}

/** Whether Passport states a login. It also handles requests without one. */
function hasPassportLogin(request: ExpressRequest): boolean {
  return readRequest(request, 'authInfo') !== undefined || readPassportUser(request) !== undefined
}

/** Clerk and express-oauth2-jwt-bearer verify what they leave; claims and names may be put there by anybody. */
function classifyAuth(request: ExpressRequest): PlaceKind {
  const auth = readRequest(request, 'auth')
  return isClerkFunction(auth) || hasToken(auth) ? 'token' : 'value'
}

function hasToken(auth: unknown): boolean {
  return readProperty(auth, 'header') !== undefined && readProperty(auth, 'token') !== undefined
}
