// Reads sessions that are properties with a getter (cookie-session, koa-session). The first read of such a session by
// anybody may add a `Set-Cookie` header: after the application's key has changed, or with `rolling`. So it is not read
// before the application reads it itself.
import { getExchange } from '../exchange/attached-exchange.js'
import { firstDefined, readProperty, toIdentifier } from '../http/person.js'

/** The session that the application has read. Shared by both builds of this package. */
const sessionKey = Symbol.for('http-audit-log/session@1')
/** Marks getters that are replaced already. */
const watchedKey = Symbol.for('http-audit-log/session-getter@1')

interface SessionHolder {
  [sessionKey]?: unknown
}
type Getter = (() => unknown) & { [watchedKey]?: true }

/** The session of a request or context, if it is a plain property, or was read before. */
export function readSession(holder: object): unknown {
  if (!Object.hasOwn(holder, 'session')) return (holder as SessionHolder)[sessionKey]
  const { get, value } = Object.getOwnPropertyDescriptor(holder, 'session') as PropertyDescriptor
  return get === undefined ? value : (holder as SessionHolder)[sessionKey]
}

const USER_ID_PROPERTIES = ['userId', 'user_id', 'userid', 'uid']

/** The id that handlers written by hand keep in a session. */
export function findUserId(session: unknown): string | undefined {
  // Hot path: most requests have no session.
  if (session === undefined || session === null) return undefined
  return firstDefined(USER_ID_PROPERTIES, (name) => toIdentifier(readProperty(session, name)))
}

/**
 * Looks at the user whenever the application reads or replaces the session of `holder`, which has the property itself or
 * is the prototype of contexts. Does nothing if the property has no getter.
 *
 * @param findRequest returns the request to which a session belongs
 */
export function watchSession<Holder extends object>(
  holder: Holder,
  findRequest: (holder: Holder) => object,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, 'session')
  const get = descriptor?.get as Getter | undefined
  if (descriptor?.configurable !== true || get === undefined || get[watchedKey]) return
  const { set } = descriptor

  function getSession(this: Holder): unknown {
    const session = (get as Getter).call(this)
    remember(this, session)
    return session
  }
  function setSession(this: Holder, session: unknown): void {
    remember(this, (get as Getter).call(this))
    set?.call(this, session)
  }
  function remember(owner: Holder, session: unknown): void {
    if ((owner as SessionHolder)[sessionKey] === session) return
    Object.defineProperty(owner, sessionKey, { value: session, configurable: true, writable: true })
    getExchange(findRequest(owner))?.lookAtUser('handler', true)
  }
  Object.defineProperty(getSession, watchedKey, { value: true })
  Object.defineProperty(holder, 'session', {
    ...descriptor,
    get: getSession,
    ...(set !== undefined && { set: setSession }),
  })
}
