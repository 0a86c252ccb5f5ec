// Reads sessions that are properties with a getter (cookie-session, koa-session). The first read of such a session by
// anybody may add a `Set-Cookie` header: after the application's key has changed, or with `rolling`. So it is not read
// before the application reads it itself.
import { getExchange } from '../exchange/attached-exchange.js'
import { INTERFACE_VERSION } from '../http/attachment.js'
import { PHASE } from '../http/user/evidence.js'
import { toIdentifier } from '../http/user/person.js'
import { firstDefined, readProperty } from '../lib/safe-read.js'

/** The session that the application has read. Shared by both builds of this package. */
const sessionKey = Symbol.for(`http-audit-log/session@${INTERFACE_VERSION}`)
/** Marks getters that are replaced already. */
const watchedKey = Symbol.for(`http-audit-log/session-getter@${INTERFACE_VERSION}`)

interface SessionHolder {
  [sessionKey]?: unknown
}
type Getter = (() => unknown) & { [watchedKey]?: true }

/** The session of a request or context, if it is a plain property, or was read before. */
export function readSession(holder: object): unknown {
  // Hot path: most requests have none.
  if (!('session' in holder)) return undefined
  const descriptor = Object.getOwnPropertyDescriptor(holder, 'session')
  const isPlain = descriptor !== undefined && descriptor.get === undefined
  return isPlain ? descriptor.value : (holder as SessionHolder)[sessionKey]
}

const USER_ID_PROPERTIES = ['userId', 'user_id', 'userid', 'uid']

/** The id that handlers written by hand keep in a session. */
export function findUserId(session: unknown): string | undefined {
  // Hot path: most requests have no session.
  if (session === undefined || session === null) return undefined
  return firstDefined(USER_ID_PROPERTIES, (name) => toIdentifier(readProperty(session, name)))
}

/**
 * Observes the user whenever the application reads or replaces the session of `holder`, which has the property itself or
 * is the prototype of contexts. Does nothing if the property has no getter.
 *
 * @param findRequest returns the request to which a session belongs
 * @returns the session, as {@link readSession}
 */
export function watchSession<Holder extends object>(
  holder: Holder,
  findRequest: (holder: Holder) => object,
): unknown {
  if (!('session' in holder)) return undefined
  const descriptor = Object.getOwnPropertyDescriptor(holder, 'session')
  // Hot path: most sessions are plain properties.
  if (descriptor !== undefined && descriptor.get === undefined) return descriptor.value
  const get = descriptor?.get as Getter | undefined
  if (descriptor?.configurable === true && get?.[watchedKey] === undefined) {
    replaceGetter(holder, descriptor, findRequest)
  }
  return (holder as SessionHolder)[sessionKey]
}

function replaceGetter<Holder extends object>(
  holder: Holder,
  descriptor: PropertyDescriptor,
  findRequest: (holder: Holder) => object,
): void {
  const { get, set } = descriptor as PropertyDescriptor & { get: Getter }

  function getSession(this: Holder): unknown {
    const session = get.call(this)
    remember(this, session)
    return session
  }
  function setSession(this: Holder, session: unknown): void {
    remember(this, get.call(this))
    set?.call(this, session)
  }
  function remember(owner: Holder, session: unknown): void {
    if ((owner as SessionHolder)[sessionKey] === session) return
    Object.defineProperty(owner, sessionKey, { value: session, configurable: true, writable: true })
    getExchange(findRequest(owner))?.observeUser(PHASE.middleware, true)
  }
  Object.defineProperty(getSession, watchedKey, { value: true })
  Object.defineProperty(holder, 'session', {
    ...descriptor,
    get: getSession,
    ...(set !== undefined && { set: setSession }),
  })
}
