// Where authentication middleware for Koa leaves its user. docs/users.md lists the libraries, with the sources of these
// facts.
import type { UserPlace, UserPlaces } from '../http/find-user.js'
import { type Person, readProperty, toIdentifier } from '../http/person.js'
import { readClerkAuth } from './clerk.js'
import type { KoaContext } from './koa-context.js'
import { findUserId, readSession } from './session-accessor.js'

const inState = (context: KoaContext, name: string): unknown => readProperty(context.state, name)
const session = (context: KoaContext, name: string): unknown => readProperty(readSession(context), name)

const USERS: readonly UserPlace<KoaContext>[] = [
  // koa-passport, koa-jwt, middleware written by hand.
  {
    name: 'ctx.state.user',
    read: (context) => inState(context, 'user'),
    hasLogin: hasPassport,
    doubt: doubtUser,
  },
  // Clerk.
  { name: 'ctx.state.auth', read: (context) => readClerkAuth(inState(context, 'auth')) },
  { name: 'ctx.state.currentUser', read: (context) => inState(context, 'currentUser') },
  { name: 'ctx.state.decoded', read: (context) => inState(context, 'decoded') },
  { name: 'ctx.state.userId', read: (context) => inState(context, 'userId') },
  { name: 'ctx.session.user', read: (context) => session(context, 'user') },
  {
    name: 'ctx.session.userId',
    read: (context) => findUserId(readSession(context)),
  },
]

export const KOA_USERS: UserPlaces<KoaContext> = {
  users: USERS,
  impersonators: [readSession, (context) => session(context, 'session'), (context) => context.state],
}

/** koa-passport adds `isAuthenticated` to each context. */
function hasPassport(context: KoaContext): boolean {
  return typeof readProperty(context, 'isAuthenticated') === 'function'
}

/**
 * `router.param('user', ...)` may put the user that the request is about into the state. Middleware that authenticates runs
 * before the router, when there are no parameters yet.
 */
function doubtUser(context: KoaContext, person: Person): string | undefined {
  const params = readProperty(context, 'params')
  if (typeof params !== 'object' || params === null || person.isToken) return undefined
  const serialized = toIdentifier(readProperty(session(context, 'passport'), 'user'))
  const names = new Set(person.names.values())
  if (serialized !== undefined && names.has(serialized)) return undefined
  const isChosen = Object.entries(params).some(
    ([param, value]) => /^user/i.test(param) && names.has(String(value)),
  )
  return isChosen ? 'may be the user that the request is about' : undefined
}
