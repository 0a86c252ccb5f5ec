// Mounts a middleware in front of every application of the process, without the application's knowledge: as an
// application would in Express, Koa and Connect, and before the listeners of any other server.

import { readFileSync } from 'node:fs'
import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import { Server as HttpsServer } from 'node:https'
import Module from 'node:module'
import { dirname, join } from 'node:path'

type Next = (error?: unknown) => void
// biome-ignore lint/suspicious/noExplicitAny: these are functions of other packages.
type AnyFunction = (this: any, ...args: any[]) => any

/** The middlewares to mount. Each gets the name of the application. */
export interface Middlewares {
  node(framework: string, request: IncomingMessage, response: ServerResponse, next: Next): void
  koa(context: { req: IncomingMessage; res: ServerResponse }, next: () => Promise<unknown>): Promise<unknown>
}

export interface MountListener {
  onConnection(socket: unknown): void
  onRequest(request: IncomingMessage, response: ServerResponse): void
}

/** Request listeners of applications that mount the middleware themselves. */
const mountedListeners = new WeakSet<object>()
const patched = new WeakSet<object>()

export function mountEverywhere(middlewares: Middlewares, listener: MountListener): void {
  for (const prototype of serverPrototypes()) patchServer(prototype, middlewares, listener)
  patchModules(middlewares)
}

/** The classes of HTTP/2 servers are not exported. */
function serverPrototypes(): object[] {
  return [
    HttpServer.prototype,
    HttpsServer.prototype,
    Object.getPrototypeOf(createHttp2Server()),
    Object.getPrototypeOf(createSecureServer()),
  ]
}

const REQUEST_EVENTS = new Set(['request', 'checkContinue', 'checkExpectation'])

function patchServer(prototype: object, middlewares: Middlewares, listener: MountListener): void {
  const server = prototype as HttpServer
  const emit = server.emit as AnyFunction
  server.emit = function emitThroughMiddleware(this: HttpServer, event: string, ...args: unknown[]): boolean {
    if (event === 'connection' || event === 'secureConnection') listener.onConnection(args[0])
    if (!REQUEST_EVENTS.has(event)) return emit.call(this, event, ...args)
    const [request, response] = args as [IncomingMessage, ServerResponse]
    listener.onRequest(request, response)
    if (this.listeners(event).some((each) => mountedListeners.has(each)))
      return emit.call(this, event, ...args)
    middlewares.node('node:http', request, response, () => void emit.call(this, event, ...args))
    return true
  } as HttpServer['emit']
}

/** Looks at every CommonJS module that is loaded, because a test suite imports its package by any path. */
function patchModules(middlewares: Middlewares): void {
  // Not `Module.prototype.load`: Node 20 has taken the exports for an `import` when that returns.
  const extensions = (Module as unknown as { _extensions: Record<string, AnyFunction> })._extensions
  const loadScript = extensions['.js'] as AnyFunction
  extensions['.js'] = function loadAndMount(module: { exports: unknown }, filename: string): unknown {
    const result = loadScript.call(this, module, filename)
    const { exports } = module
    if (typeof exports !== 'function' || patched.has(exports)) return result
    patched.add(exports)
    if (isExpress(exports)) patchExpress(exports.application, middlewares)
    else if (isKoa(exports)) patchKoa(exports.prototype, middlewares)
    else if (isConnect(filename)) module.exports = wrapConnect(exports as AnyFunction, middlewares)
    return result
  }
}

type ExpressApplication = Record<'init' | 'lazyrouter', AnyFunction | undefined>

function isExpress(exports: object): exports is { application: ExpressApplication } {
  return ['application', 'request', 'response', 'Router'].every((name) => Object.hasOwn(exports, name))
}

/** When the router exists, as late as an application could: Express reads the settings of the router then. */
function patchExpress(application: ExpressApplication, middlewares: Middlewares): void {
  if (patched.has(application)) return
  patched.add(application)
  const audit = (request: IncomingMessage, response: ServerResponse, next: Next) =>
    middlewares.node('Express', request, response, next)
  const { init, lazyrouter } = application
  application.init = function initAndMark(...args) {
    mountedListeners.add(this)
    const result = init?.apply(this, args)
    if (lazyrouter === undefined) mountOnLazyRouter(this, audit)
    return result
  }
  // Express 4. The layers before are `query` and `init`, which make `req` a request of Express.
  if (lazyrouter !== undefined) {
    application.lazyrouter = function createRouterAndMount() {
      const isNew = this._router === undefined
      lazyrouter.call(this)
      if (isNew) this._router.use(audit)
    }
  }
}

/** Express 5 creates the router when its property is first read. */
function mountOnLazyRouter(app: object, audit: AnyFunction): void {
  const { get } = Object.getOwnPropertyDescriptor(app, 'router') ?? {}
  if (get === undefined) return
  let mountedRouter: unknown
  Object.defineProperty(app, 'router', {
    configurable: true,
    enumerable: true,
    get() {
      const router = get.call(this)
      if (router !== mountedRouter) router.use(audit)
      mountedRouter = router
      return router
    },
  })
}

type KoaPrototype = Record<'callback' | 'handleRequest', AnyFunction>

function isKoa(exports: { prototype?: unknown }): exports is { prototype: KoaPrototype } {
  const { prototype } = exports
  return ['callback', 'handleRequest', 'createContext'].every((name) =>
    Object.hasOwn((prototype as object | undefined) ?? {}, name),
  )
}

function patchKoa(prototype: KoaPrototype, middlewares: Middlewares): void {
  const { callback, handleRequest } = prototype
  prototype.callback = function callbackAndMark() {
    const listener = callback.call(this)
    mountedListeners.add(listener)
    return listener
  }
  prototype.handleRequest = function handleThroughMiddleware(context, handle) {
    return handleRequest.call(this, context, () => middlewares.koa(context, () => handle(context)))
  }
}

/** A package by its name, because its function has nothing that tells it from others. */
function isConnect(filename: string): boolean {
  try {
    return JSON.parse(readFileSync(join(dirname(filename), 'package.json'), 'utf8')).name === 'connect'
  } catch {
    return false
  }
}

function wrapConnect(createApp: AnyFunction, middlewares: Middlewares): AnyFunction {
  function createMountedApp(this: unknown, ...args: unknown[]): unknown {
    const app = createApp.apply(this, args)
    app.use((request: IncomingMessage, response: ServerResponse, next: Next) =>
      middlewares.node('Connect', request, response, next),
    )
    mountedListeners.add(app)
    return app
  }
  return Object.assign(createMountedApp, createApp)
}
