// Where authentication middleware for Express, Connect and node:http leaves its user. docs/users.md lists the libraries,
// with the sources of these facts.
import { doubtUser } from '../http/user/doubt-user.js'
import type { RoutePhase, UserPlace, UserPlaces } from '../http/user/find-user.js'
import type { Person } from '../http/user/person.js'
import { readProperty, readSafely, suppressRejection } from '../lib/safe-read.js'
import { isClerkFunction, readClerkAuth } from './clerk.js'
import { hasParamCallback } from './express-params.js'
import type { ExpressRequest } from './express-request.js'
import { findUserId, readSession } from './session-accessor.js'

const readRequest = (request: ExpressRequest, name: string): unknown => readProperty(request, name)
const readLocal = (request: ExpressRequest, name: string): unknown =>
  readProperty(readProperty(readRequest(request, 'res'), 'locals'), name)
const readSessionProperty = (request: ExpressRequest, name: string): unknown =>
  readProperty(readSession(request), name)

const USERS: readonly UserPlace<ExpressRequest>[] = [
  // Passport, guards of Nest, middleware written by hand.
  { name: 'req.user', read: readUser, hasLogin: hasPassport, doubt: doubtRequestUser },
  { name: 'req.oidc.user', read: readOidcUser, hasLogin: () => true },
  { name: 'req.auth', read: readAuth, hasLogin: (request) => hasTokenTimes(readAuth(request)) },
  { name: 'req.kauth', read: readKeycloakClaims, hasLogin: () => true },
  { name: 'req.feathers.user', read: (request) => readProperty(readRequest(request, 'feathers'), 'user') },
  { name: 'req.currentUser', read: (request) => readRequest(request, 'currentUser') },
  { name: 'req.userData', read: (request) => readRequest(request, 'userData') },
  { name: 'req.decoded', read: (request) => readRequest(request, 'decoded') },
  { name: 'req.userId', read: (request) => readRequest(request, 'userId') },
  { name: 'req.session.user', read: (request) => readSessionProperty(request, 'user') },
  { name: 'req.session.userId', read: readSessionUserId },
  { name: 'req.session.grant', read: readGrantProfile },
  { name: 'res.locals.session.user', read: readLocalSessionUser },
]

export const EXPRESS_USERS: UserPlaces<ExpressRequest> = {
  users: USERS,
  impersonators: [
    readSession,
    // The session of Better Auth is inside what its `getSession` returns.
    (request) => readSessionProperty(request, 'session'),
    (request) => request,
    (request) => readLocal(request, 'session'),
  ],
}

/** Passport's option `userProperty` is on the request. */
function readUser(request: ExpressRequest): unknown {
  const property = readRequest(request, '_userProperty')
  return typeof property === 'string' ? readRequest(request, property) : request.user
}

/** `isAuthenticated` is a method of express-openid-connect. */
function readOidcUser(request: ExpressRequest): unknown {
  const oidc = suppressRejection(request.oidc)
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
  const { auth } = request
  if (isClerkFunction(auth)) return readClerkAuth(readSafely(() => auth.call(request)))
  if (readProperty(auth, 'sessionClaims') !== undefined || readProperty(auth, 'tokenType') !== undefined)
    return readClerkAuth(auth)
  const hasPayload = readProperty(auth, 'header') !== undefined && readProperty(auth, 'token') !== undefined
  return hasPayload ? readProperty(auth, 'payload') : auth
}

function hasTokenTimes(claims: unknown): boolean {
  return typeof readProperty(claims, 'iat') === 'number' || typeof readProperty(claims, 'exp') === 'number'
}

function readKeycloakClaims(request: ExpressRequest): unknown {
  const grant = readProperty(suppressRejection(request.kauth), 'grant')
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

/** Whether Passport has handled the request: it adds one of these properties (0.6 and newer, and older). */
function hasPassport(request: ExpressRequest): boolean {
  return ['_sessionManager', '_passport', 'authInfo'].some((name) => readRequest(request, name) !== undefined)
}

function doubtRequestUser(request: ExpressRequest, person: Person, phase: RoutePhase): string | undefined {
  return doubtUser(person, {
    value: readUser(request),
    serialized: readProperty(readSessionProperty(request, 'passport'), 'user'),
    isAuthenticated: readRequest(request, 'authInfo') !== undefined,
    params: request.params,
    wasSelected: (param, isNamed) =>
      ((isNamed || param === 'user') && hasParamCallback(request, param)) ||
      (isNamed && phase === 'inRoute' && /^user/i.test(param)),
  })
}
