// Notices logins and logouts in `ctx.state`, because a handler may log the user out. Whoever changes the state reads
// `ctx.state` first, so the prototype of contexts has an accessor of this name, which observes the user before it returns the
// state. The state itself is not touched.
import { getExchange } from '../exchange/attached-exchange.js'
import { PHASE, type Phase } from '../http/user/evidence.js'
import { hasKeys, readProperty } from '../lib/safe-read.js'
import type { KoaContext } from './koa-context.js'

const stateKey = Symbol('state')

type WatchedContext = KoaContext & { [stateKey]?: unknown }

/** Properties of the state that may hold a user. The exchange itself notices changes of the other two, `user` and `auth`. */
const OTHER_PLACES = ['currentUser', 'decoded', 'userId']

/** Shared by all contexts (hot path). */
const stateAccessor: PropertyDescriptor & ThisType<WatchedContext> = {
  configurable: true,
  get() {
    observeUser(this)
    return this[stateKey]
  },
  set(state: unknown) {
    observeUser(this)
    const isInherited = !Object.hasOwn(this, stateKey) && this[stateKey] !== undefined
    if (isInherited) defineValue(this, 'state', state, true)
    else this[stateKey] = state
  },
}

/** The state, without the observation: for the code that looks for the user in it. */
export function getState(context: KoaContext): unknown {
  return (context as WatchedContext)[stateKey] ?? context.state
}

function observeUser(context: WatchedContext): void {
  const exchange = getExchange(context.req)
  if (exchange === undefined) return
  const state = context[stateKey]
  const isForced = OTHER_PLACES.some((name) => readProperty(state, name) !== undefined)
  exchange.observeUser(findPhase(context), isForced)
}

/**
 * Observes the states of all contexts that are created later: Koa assigns a state to each of them, which calls the setter.
 *
 * @param prototype that of the contexts of an app
 */
export function watchStates(prototype: object): void {
  if (!('state' in prototype)) Object.defineProperty(prototype, 'state', stateAccessor)
}

/** Observes the state of a context that was created before, when the first request of its app arrives. Never throws. */
export function watchState(context: KoaContext): void {
  try {
    const descriptor = Object.getOwnPropertyDescriptor(context, 'state')
    if (descriptor?.configurable !== true || descriptor.writable !== true) return
    // First, because this is what fails in a context that cannot be extended.
    defineValue(context, stateKey, descriptor.value, false)
    Object.defineProperty(context, 'state', { ...stateAccessor, enumerable: true })
  } catch {
    // The user is observed when the request arrives, before the route, and at the end.
  }
}

/**
 * Observes the user before a router gives the context its `params`: later, the user may be one that a parameter selected.
 * The setter is on the prototype of the contexts, so that a context has no `params` before the router sets them.
 */
export function watchParams(prototype: object): void {
  if ('params' in prototype) return
  Object.defineProperty(prototype, 'params', {
    configurable: true,
    get: () => undefined,
    set(this: KoaContext, params: unknown) {
      getExchange(this.req)?.observeUser(hasKeys(params) ? PHASE.parameters : PHASE.route, true)
      defineValue(this, 'params', params, true)
    },
  })
}

/** The code that may run next: a router sets `_matchedRoute` and `params` before it runs a route. */
function findPhase(context: WatchedContext & RoutedContext): Phase {
  if (hasKeys(context.params)) return PHASE.parameters
  return context._matchedRoute === undefined ? PHASE.middleware : PHASE.route
}

interface RoutedContext {
  readonly params?: unknown
  readonly _matchedRoute?: unknown
}

function defineValue(object: object, name: string | symbol, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, name, { value, enumerable, configurable: true, writable: true })
}
