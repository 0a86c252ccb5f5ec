// Where authentication middleware for Koa leaves its user. docs/users.md lists the libraries, with the sources of these
// facts.
import { copyImpersonators } from '../http/user/acting-user.js'
import type { UserPlace, UserPlaces } from '../http/user/find-user.js'
import { readDataProperty, readProperty } from '../lib/safe-read.js'
import { readClerkAuth } from './clerk.js'
import type { KoaContext } from './koa-context.js'
import { getState } from './koa-state.js'
import { findUserId, readSession } from './session-accessor.js'

const readState = (context: KoaContext, name: string): unknown => readDataProperty(getState(context), name)
const readSessionProperty = (context: KoaContext, name: string): unknown =>
  readProperty(readSession(context), name)

const USERS: readonly UserPlace<KoaContext>[] = [
  // koa-passport, koa-jwt, middleware written by hand.
  {
    name: 'ctx.state.user',
    kind: 'passport',
    read: (context) => readState(context, 'user'),
    hasLogin: hasPassportLogin,
  },
  // Clerk.
  { name: 'ctx.state.auth', kind: 'token', read: (context) => readClerkAuth(readState(context, 'auth')) },
  { name: 'ctx.state.currentUser', kind: 'value', read: (context) => readState(context, 'currentUser') },
  { name: 'ctx.state.decoded', kind: 'value', read: (context) => readState(context, 'decoded') },
  { name: 'ctx.state.userId', kind: 'value', read: (context) => readState(context, 'userId') },
  { name: 'ctx.session.user', kind: 'session', read: (context) => readSessionProperty(context, 'user') },
  {
    name: 'ctx.session.userId',
    kind: 'session',
    read: (context) => findUserId(readSession(context)),
  },
]

export const KOA_USERS: UserPlaces<KoaContext> = {
  users: USERS,
  impersonators: [
    readSession,
    (context) => readSessionProperty(context, 'session'),
    (context, isEarly) => copyImpersonators((name) => readState(context, name), isEarly),
  ],
  readParts: (context) => ({
    url: context.originalUrl,
    rawHeaders: context.req.rawHeaders,
    body: readProperty(readProperty(context, 'request'), 'body'),
    passportUser: readPassportUser(context),
  }),
  hasCredentials,
}

/** Hot path: whether one of the places may have a value. Most requests have an empty state and no session. */
export function mayHaveUser(context: KoaContext): boolean {
  try {
    return !isEmptyObject(getState(context)) || readSession(context) !== undefined
  } catch {
    return true
  }
}

function isEmptyObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined
  for (const _ in value) return false
  return Object.getPrototypeOf(value) === Object.prototype && Object.getOwnPropertyNames(value).length === 0
}

/** koa-jwt with `passthrough` remembers why it has refused a token. */
export function hasCredentials(context: KoaContext): boolean {
  return (
    context.req.headers.authorization !== undefined && readState(context, 'jwtOriginalError') === undefined
  )
}

function readPassportUser(context: KoaContext): unknown {
  return readProperty(readSessionProperty(context, 'passport'), 'user')
}

/** Whether Passport states a login. It also handles requests without one. */
function hasPassportLogin(context: KoaContext): boolean {
  return readState(context, 'authInfo') !== undefined || readPassportUser(context) !== undefined
}
