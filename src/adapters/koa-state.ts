// Notices when authentication middleware sets `ctx.state.user`, because a handler may log the user out later.
import { getExchange } from '../exchange/attached-exchange.js'
import type { KoaContext } from './koa-context.js'
import { watchSession } from './session-accessor.js'

/** The request of a state. Not enumerable, so that copies of the state do not have it. */
const requestKey = Symbol('request')

interface WatchedState {
  readonly [requestKey]?: object
}

/**
 * The prototype of `ctx.state` in place of `Object.prototype`, to which it passes everything on. It is asked only for what
 * the state does not have, so it sees each property once, when it is set for the first time. An accessor property would
 * show in `'user' in ctx.state`.
 */
const stateObserver: object = new Proxy(Object.prototype, {
  set(target, name, value, state: WatchedState) {
    const isSet = Reflect.set(target, name, value, state)
    const request = state[requestKey]
    if (isSet && request !== undefined && typeof name === 'string' && value) {
      getExchange(request)?.lookAtUser('handler', true)
    }
    return isSet
  },
})

const seenPrototypes = new WeakSet<object>()

/** Called when a request arrives. */
export function watchState({ state, req, app }: KoaContext): void {
  if (typeof state === 'object' && state !== null && Object.getPrototypeOf(state) === Object.prototype) {
    Object.defineProperty(state, requestKey, { value: req })
    Object.setPrototypeOf(state, stateObserver)
  }
  const prototype = app?.context
  if (prototype !== undefined && !seenPrototypes.has(prototype)) {
    seenPrototypes.add(prototype)
    watchSession(prototype as KoaContext, (context) => context.req)
  }
}
