// Where authentication middleware for Koa leaves its user. docs/users.md lists the libraries, with the sources of these
// facts.
import { doubtUser } from '../http/user/doubt-user.js'
import type { UserPlace, UserPlaces } from '../http/user/find-user.js'
import type { Person } from '../http/user/person.js'
import { readProperty } from '../lib/safe-read.js'
import { readClerkAuth } from './clerk.js'
import type { KoaContext } from './koa-context.js'
import { findUserId, readSession } from './session-accessor.js'

const readState = (context: KoaContext, name: string): unknown => readProperty(context.state, name)
const readSessionProperty = (context: KoaContext, name: string): unknown =>
  readProperty(readSession(context), name)

const USERS: readonly UserPlace<KoaContext>[] = [
  // koa-passport, koa-jwt, middleware written by hand.
  {
    name: 'ctx.state.user',
    read: (context) => readState(context, 'user'),
    hasLogin: hasPassport,
    doubt: doubtStateUser,
  },
  // Clerk.
  { name: 'ctx.state.auth', read: (context) => readClerkAuth(readState(context, 'auth')) },
  { name: 'ctx.state.currentUser', read: (context) => readState(context, 'currentUser') },
  { name: 'ctx.state.decoded', read: (context) => readState(context, 'decoded') },
  { name: 'ctx.state.userId', read: (context) => readState(context, 'userId') },
  { name: 'ctx.session.user', read: (context) => readSessionProperty(context, 'user') },
  {
    name: 'ctx.session.userId',
    read: (context) => findUserId(readSession(context)),
  },
]

export const KOA_USERS: UserPlaces<KoaContext> = {
  users: USERS,
  impersonators: [
    readSession,
    (context) => readSessionProperty(context, 'session'),
    (context) => context.state,
  ],
}

/** koa-passport adds `isAuthenticated` to each context. */
function hasPassport(context: KoaContext): boolean {
  return typeof readProperty(context, 'isAuthenticated') === 'function'
}

/** Middleware that authenticates runs before the router, when there are no parameters yet. */
function doubtStateUser(context: KoaContext, person: Person): string | undefined {
  return doubtUser(person, {
    value: readState(context, 'user'),
    serialized: readProperty(readSessionProperty(context, 'passport'), 'user'),
    isAuthenticated: false,
    params: readProperty(context, 'params'),
    wasSelected: (param, isNamed) => isNamed && /^user/i.test(param),
  })
}
