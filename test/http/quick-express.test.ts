// What we do to the requests of Express before its middlewares see them: nobody may be able to tell, and no other request is
// touched.
import { once } from 'node:events'
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import express5 from 'express'
import express4 from 'express-4'
import { auditLog, memory } from 'http-audit-log'
import { start, stopAll } from '../helpers/frameworks.js'
import { describesAnew, isDescribed } from '../helpers/v8.js'

afterEach(stopAll)

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

interface Look {
  readonly requestKeys: readonly PropertyKey[]
  readonly responseKeys: readonly PropertyKey[]
  readonly requestPrototype: object | null
  readonly responsePrototype: object | null
  readonly isDescribed: boolean
}

function lookAt(request: IncomingMessage, response: ServerResponse): Look {
  return {
    requestKeys: Reflect.ownKeys(request),
    responseKeys: Reflect.ownKeys(response),
    requestPrototype: Object.getPrototypeOf(request),
    responsePrototype: Object.getPrototypeOf(response),
    isDescribed: isDescribed(request) || isDescribed(response),
  }
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text()
}

/** By identity: Jest compares objects by what is in them. */
function areOfNode({ requestPrototype, responsePrototype }: Look): boolean {
  return requestPrototype === IncomingMessage.prototype && responsePrototype === ServerResponse.prototype
}

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_name, express) => {
  /** An app that looks at each request before `auditLog()` does, and answers. */
  function build({ isAudited = true } = {}) {
    const looks: Look[] = []
    const sink = memory()
    const app = express()
    app.use(((request, response, next) => {
      looks.push(lookAt(request, response))
      next()
    }) as Middleware as never)
    if (isAudited) app.use(auditLog({ sink }))
    const looksBehind: Look[] = []
    app.get('/', (request, response) => {
      looksBehind.push(lookAt(request, response))
      response.send('ok')
    })
    return { app, looks, looksBehind, sink }
  }

  it('sees the same requests whether they were prepared or not', async () => {
    const plain = build({ isAudited: false })
    const audited = build()
    const bare = await start(plain.app)
    const { url } = await start(audited.app)
    for (let number = 0; number < 3; number++) {
      expect(await get(bare.url)).toBe('ok')
      expect(await get(url)).toBe('ok')
    }
    const { requestPrototype, responsePrototype } = audited.looks[0] as Look
    for (const look of audited.looks) {
      expect(look).toMatchObject({
        requestKeys: plain.looks[0]?.requestKeys,
        responseKeys: plain.looks[0]?.responseKeys,
      })
      expect(look.requestPrototype).toBe(requestPrototype)
      expect(look.responsePrototype).toBe(responsePrototype)
    }
    expect(await audited.sink.waitFor(3)).toHaveLength(3)
  })

  // Express 4 swaps prototypes in a middleware of its own, right before ours.
  const isPrepared = describesAnew && express === (express5 as unknown)

  it(`has them in tables ${isPrepared ? 'from the second on before its first middleware' : 'in ours'}`, async () => {
    const { app, looks, looksBehind } = build()
    const { url } = await start(app)
    await get(url)
    await get(url)
    await get(url)
    expect(looks.map((look) => look.isDescribed)).toEqual([true, !isPrepared, !isPrepared])
    expect(looksBehind.map((look) => look.isDescribed)).toEqual(Array(3).fill(!describesAnew))
  })

  it('has them in tables once', async () => {
    const { app } = build()
    const { url } = await start(app)
    await get(url)
    const define = jest.spyOn(Reflect, 'defineProperty')
    await get(url)
    const named = define.mock.calls.filter(([, name]) => name === 'aborted' || name === 'sendDate')
    // Each is changed and changed back.
    expect(named).toHaveLength(describesAnew ? 4 : 0)
    define.mockRestore()
  })

  it('has them in tables behind us where its router cannot be changed', async () => {
    const { app, looksBehind, sink } = build()
    if (express === (express5 as unknown)) Object.preventExtensions(app.router)
    const { url } = await start(app)
    await get(url)
    await get(url)
    expect(looksBehind.map((look) => look.isDescribed)).toEqual([!describesAnew, !describesAnew])
    expect(await sink.waitFor(2)).toHaveLength(2)
  })

  it.each(['query', 'ip', 'protocol'])(
    'lets whoever stands before it put a `%s` on the request',
    async (name) => {
      const put = (request: IncomingMessage) => Object.assign(request, { [name]: 'mine' })
      const app = express()
      app.use(auditLog({ sink: memory() }))
      app.get(
        '/',
        (request, response) =>
          void response.send(String(Object.entries(request).find(([key]) => key === name)?.[1])),
      )
      const { handle } = app as unknown as { handle: RequestListener }
      Object.assign(app, {
        handle(request: IncomingMessage, ...more: [ServerResponse]) {
          handle.call(this, put(request), ...more)
        },
      })
      const { url } = await start(app)
      expect([await get(url), await get(url), await get(url)]).toEqual(['mine', 'mine', 'mine'])
    },
  )

  it('runs what an app has added to its responses when it would run without us', async () => {
    const seen: unknown[] = []
    const app = express()
    Object.assign(app.response, {
      end(this: ServerResponse & { locals?: object }, ...given: Parameters<ServerResponse['end']>) {
        seen.push(this.locals)
        return ServerResponse.prototype.end.apply(this, given)
      },
    })
    app.use(auditLog({ sink: memory() }))
    app.get('/', (_request, response) => void response.send('ok'))
    const { port, url } = await start(app)
    await get(url)
    await get(url)
    seen.length = 0
    // Node answers this itself.
    const socket = connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
    expect(seen).toEqual([])
  })
})

describe('the router of an app', () => {
  function buildApp() {
    const app = express5()
    app.use(auditLog({ sink: memory() }))
    app.get('/', (_request, response) => void response.send('ok'))
    return app
  }
  type Handling = { handle: (...given: unknown[]) => unknown }

  it('follows whoever replaces what it inherits, and gives it back', async () => {
    const app = buildApp()
    const inherited = Object.getPrototypeOf(app.router) as Handling
    const { handle } = inherited
    let calls = 0
    const { url } = await start(app)
    inherited.handle = function (...given) {
      calls += 1
      return handle.apply(this, given)
    }
    await get(url)
    await get(url)
    expect(calls).toBe(2)
    inherited.handle = handle
    expect(await get(url)).toBe('ok')
    expect(calls).toBe(2)
  })

  it('hands on all that it is given, and has the mark of whoever has wrapped it', async () => {
    const app = buildApp()
    const inherited = Object.getPrototypeOf(app.router) as Handling
    const { handle } = inherited
    const wrapped = function (this: unknown, ...given: unknown[]) {
      return handle.apply(this, given)
    }
    try {
      inherited.handle = Object.assign(wrapped, { isWrapped: true })
      const { url } = await start(app)
      await get(url)
      const router = app.router as unknown as Handling
      expect(router.handle).toHaveProperty('isWrapped', true)
      inherited.handle = (...given) => given
      const given = [{}, {}, () => {}, 'more']
      expect(router.handle(...given)).toEqual(given)
    } finally {
      inherited.handle = handle
    }
  })

  it.each([
    [
      'a Proxy that shows the router of the moment',
      (router: Handling): object =>
        new Proxy(() => {}, {
          get: (own, name) => Reflect.get(Object.hasOwn(own, name) ? own : router, name),
        }),
    ],
    [
      'one that makes its `handle` when it is asked',
      (router: Handling): object =>
        new (class {
          readonly #router = router
          get handle() {
            return (...given: unknown[]) => this.#router.handle(...given)
          }
        })(),
    ],
  ])('is left alone where it is %s', async (_title, inPlaceOf) => {
    const app = buildApp()
    const value = inPlaceOf(app.router as unknown as Handling)
    Object.defineProperty(app, 'router', { value })
    const { url } = await start(app)
    expect([await get(url), await get(url), await get(url)]).toEqual(['ok', 'ok', 'ok'])
  })

  it('keeps a `handle` that an application has put on it', async () => {
    const app = buildApp()
    const router = app.router as unknown as Handling
    const { handle } = router
    const own = function (this: unknown, ...given: unknown[]) {
      return handle.apply(this, given)
    }
    router.handle = own
    const { url } = await start(app)
    await get(url)
    expect(await get(url)).toBe('ok')
    expect(router.handle).toBe(own)
  })

  it('looks as before', async () => {
    const app = buildApp()
    const router = app.router as unknown as Handling
    const before = { keys: Object.keys(router), name: router.handle.name, length: router.handle.length }
    const { url } = await start(app)
    await get(url)
    await get(url)
    expect({ keys: Object.keys(router), name: router.handle.name, length: router.handle.length }).toEqual(
      before,
    )
  })

  it('may be that of many apps', async () => {
    const { router } = express5()
    router.use(auditLog({ sink: memory() }))
    router.get('/', (_request, response) => void response.send('ok'))
    const { handle } = router as unknown as Handling
    const found = new Set<unknown>()
    for (let number = 0; number < 5; number++) {
      const app = Object.defineProperty(express5(), 'router', { value: router })
      expect(await get((await start(app)).url)).toBe('ok')
      found.add((router as unknown as Handling).handle)
    }
    found.delete(handle)
    expect(found.size).toBeLessThanOrEqual(1)
  })
})

describe('whoever else handles requests', () => {
  function appBehindAudit() {
    const app = express5()
    app.use(auditLog({ sink: memory() }))
    app.use((_request, response) => void response.send('by Express'))
    return app
  }

  function raw(looks: Look[]): RequestListener {
    return (request, response) => {
      looks.push(lookAt(request, response))
      response.end('raw')
    }
  }

  it('in front of Express sees those of Node', async () => {
    const looks: Look[] = []
    const app = appBehindAudit()
    let isRaw = false
    const { url } = await start((request, response) => {
      if (isRaw) raw(looks)(request, response)
      else app(request, response)
    })
    await get(url)
    await get(url)
    isRaw = true
    expect(await get(url)).toBe('raw')
    expect(looks.map(areOfNode)).toEqual([true])
  })

  it('sees those of Node in a patched `server.emit`, as Sentry does', async () => {
    const looks: Look[] = []
    const { server, url } = await start(appBehindAudit())
    const { emit } = server
    server.emit = (name: string, ...given: unknown[]) => {
      if (name === 'request') looks.push(lookAt(given[0] as IncomingMessage, given[1] as ServerResponse))
      return (emit as (...all: unknown[]) => boolean).call(server, name, ...given)
    }
    await get(url)
    await get(url)
    await get(url)
    expect(looks.map(areOfNode)).toEqual([true, true, true])
  })
})
