// Notices logins and logouts in `ctx.state`, because a handler may log the user out. Whoever changes the state reads
// `ctx.state` first, so each context has an accessor in place of this property, which observes the user before it returns the state.
// The state itself is not touched.
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
  enumerable: true,
  get() {
    observeUser(this)
    return this[stateKey]
  },
  set(state: unknown) {
    observeUser(this)
    const isInherited = !Object.hasOwn(this, stateKey)
    if (isInherited) defineValue(this, 'state', state, true)
    else this[stateKey] = state
  },
}

/** Whether the state is being read for the record, which is no reason to observe the user. */
let isReading = false

/** The state, without the observation: for the code that looks for the user in it. May throw what a getter of the application throws. */
export function getState(context: KoaContext): unknown {
  const wasReading = isReading
  isReading = true
  try {
    return context.state
  } finally {
    isReading = wasReading
  }
}

function observeUser(context: WatchedContext): void {
  const exchange = isReading ? undefined : getExchange(context.req)
  if (exchange === undefined) return
  const state = context[stateKey]
  const isForced = OTHER_PLACES.some((name) => readProperty(state, name) !== undefined)
  exchange.observeUser(findPhase(context), isForced)
}

/**
 * Has the states of contexts that are created later observed: Koa assigns a state to each of them, which calls the setter. Hot path:
 * the context gets the accessor at once, instead of one in place of a property that it has already.
 *
 * @param prototype that of the contexts of an app
 */
export function watchStates(prototype: object): void {
  if ('state' in prototype) return
  Object.defineProperty(prototype, 'state', {
    configurable: true,
    get: () => undefined,
    set(this: WatchedContext, state: unknown) {
      // An application may assign a state to its `app.context`, or to an object without a request.
      if (this.req === undefined) defineValue(this, 'state', state, true)
      else addAccessor(this, state)
    },
  })
}

function addAccessor(context: WatchedContext, state: unknown): void {
  defineValue(context, stateKey, state, false)
  Object.defineProperty(context, 'state', stateAccessor)
}

/** Whether the state of a context is observed. */
export function isStateWatched(context: KoaContext): boolean {
  return Object.hasOwn(context, stateKey)
}

/** Observes the state of a context that was created before the first request of its app arrived here. Never throws. */
export function watchState(context: KoaContext): void {
  try {
    const descriptor = Object.getOwnPropertyDescriptor(context, 'state')
    if (descriptor?.configurable !== true || descriptor.writable !== true) return
    // First, because this is what fails in a context that cannot be extended.
    defineValue(context, stateKey, descriptor.value, false)
    // V8 has a slower form of an object in which a property was redefined. Deleting the one that was added last avoids it.
    Reflect.deleteProperty(context, 'state')
    Object.defineProperty(context, 'state', stateAccessor)
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
