// Where authentication middleware for Express, Connect and node:http leaves its user. docs/users.md lists the libraries,
// with the sources of these facts.
import type { Moment, UserPlace, UserPlaces } from '../http/find-user.js'
import { type Person, readPerson, readProperty, toIdentifier } from '../http/person.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { isClerkFunction, readClerkAuth } from './clerk.js'
import { hasParamCallback } from './express-params.js'
import type { ExpressRequest } from './express-request.js'
import { findUserId, readSession } from './session-accessor.js'

const at = (request: ExpressRequest, name: string): unknown => readProperty(request, name)
const local = (request: ExpressRequest, name: string): unknown =>
  readProperty(readProperty(at(request, 'res'), 'locals'), name)
const session = (request: ExpressRequest, name: string): unknown => readProperty(readSession(request), name)

const USERS: readonly UserPlace<ExpressRequest>[] = [
  // Passport, guards of Nest, middleware written by hand.
  { name: 'req.user', read: readUser, hasLogin: hasPassport, doubt: doubtUser },
  { name: 'req.oidc.user', read: readOidcUser, hasLogin: () => true },
  { name: 'req.auth', read: readAuth, hasLogin: (request) => hasTokenTimes(readAuth(request)) },
  { name: 'req.kauth', read: readKeycloakClaims, hasLogin: () => true },
  { name: 'req.feathers.user', read: (request) => readProperty(at(request, 'feathers'), 'user') },
  { name: 'req.currentUser', read: (request) => at(request, 'currentUser') },
  { name: 'req.userData', read: (request) => at(request, 'userData') },
  { name: 'req.decoded', read: (request) => at(request, 'decoded') },
  { name: 'req.userId', read: (request) => at(request, 'userId') },
  { name: 'req.session.user', read: (request) => session(request, 'user') },
  { name: 'req.session.userId', read: readSessionUserId },
  { name: 'req.session.grant', read: readGrantProfile },
  { name: 'res.locals.session.user', read: readLocalSessionUser },
]

type Impersonated = ExpressRequest & {
  readonly impersonator?: unknown
  readonly originalUser?: unknown
  readonly realUser?: unknown
}

export const EXPRESS_USERS: UserPlaces<ExpressRequest> = {
  users: USERS,
  impersonators: [
    readSession,
    // The session of Better Auth is inside what its `getSession` returns.
    (request) => session(request, 'session'),
    // Not the request itself: it has many properties (hot path).
    ({ impersonator, originalUser, realUser }: Impersonated) => ({ impersonator, originalUser, realUser }),
    (request) => local(request, 'session'),
  ],
}

/** Passport's option `userProperty` is on the request. */
function readUser(request: ExpressRequest): unknown {
  const property = at(request, '_userProperty')
  return typeof property === 'string' ? at(request, property) : request.user
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
  const grant = session(request, 'grant')
  const profile = readProperty(readProperty(grant, 'response'), 'profile')
  return typeof profile === 'object' && profile !== null
    ? { provider: readProperty(grant, 'provider'), ...profile }
    : undefined
}

/** Auth.js: the example of its documentation keeps the session in `res.locals`, with the time at which it expires. */
function readLocalSessionUser(request: ExpressRequest): unknown {
  const kept = local(request, 'session')
  return readProperty(kept, 'expires') === undefined ? undefined : readProperty(kept, 'user')
}

/** What Passport adds to each request that it handles (0.6 and newer, and older). */
function hasPassport(request: ExpressRequest): boolean {
  return ['_sessionManager', '_passport', 'authInfo'].some((name) => at(request, name) !== undefined)
}

/**
 * `app.param('user', ...)` and middleware that loads a record put the user that the request is about in the place where
 * Passport puts the user who sent it.
 */
function doubtUser(request: ExpressRequest, person: Person, moment: Moment): string | undefined {
  const serialized = readProperty(session(request, 'passport'), 'user')
  const isEqual = serialized !== undefined && [...person.names.values()].includes(String(serialized))
  if (isEqual) return undefined
  if (serialized !== undefined && serialized !== null) {
    const inSession = readPerson(serialized)
    if (typeof inSession !== 'string') {
      const values = readOwnTexts(readUser(request))
      for (const name of person.names.values()) values.add(name)
      const sessionNames = [...inSession.names.values()]
      if (sessionNames.some((name) => values.has(name))) return undefined
      const looks = new Set([...person.names.values()].map(describeLook))
      if (sessionNames.some((name) => looks.has(describeLook(name)))) {
        return 'names somebody else than the Passport session'
      }
    }
  }
  // A verified token, or a strategy of Passport that has no session.
  if (person.isToken || at(request, 'authInfo') !== undefined) return undefined
  return isAboutParam(request, person, moment) ? 'may be the user that the request is about' : undefined
}

/** Whether the value was chosen by a route parameter. */
function isAboutParam(request: ExpressRequest, person: Person, moment: Moment): boolean {
  const params = request.params
  if (typeof params !== 'object' || params === null) return false
  const entries = Object.entries(params)
  if (entries.length === 0) return false
  const names = new Set(person.names.values())
  return entries.some(([param, value]) => {
    const isChosen = names.has(String(value))
    if (!isChosen && param !== 'user') return false
    // Before a route, only the callbacks of `app.param` have seen its parameters.
    return hasParamCallback(request, param) || (isChosen && moment === 'handler' && /^user/i.test(param))
  })
}

/** The texts and numbers of a user, for comparison only. */
function readOwnTexts(user: unknown): Set<string> {
  if (typeof user !== 'object' || user === null) return new Set()
  const values = readSafely(() => Object.values(user)) ?? []
  return new Set(
    values
      .map(suppressRejection)
      .map(toIdentifier)
      .filter((text) => text !== undefined),
  )
}

/** Names that look alike are names of one kind: both are numbers, both are UUIDs. */
function describeLook(name: string): string {
  if (/^\d+$/.test(name)) return 'number'
  if (/^[0-9a-f]{24}$/i.test(name)) return 'ObjectId'
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(name)) return 'UUID'
  return name.includes('@') ? 'email' : 'text'
}
