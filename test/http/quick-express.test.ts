// What we do to the requests of Express before Express sees them: nobody may be able to tell, and no other request is touched.

import { once } from 'node:events'
import {
  request as ask,
  createServer,
  IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import express5 from 'express'
import express4 from 'express-4'
import { auditLog, memory } from 'http-audit-log'

// For all of this file: V8 may compile a function anew at any time.
setFlagsFromString('--allow-natives-syntax')
/** Whether V8 keeps the properties of an object in no table, in words of V8's own. */
const isDescribed = new Function('object', 'return %HasFastProperties(object)') as (object: object) => boolean
const describesAnew = Number.parseInt(process.versions.v8, 10) < 13

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

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function listen(listener?: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return server
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

async function get(server: Server): Promise<string> {
  return (await fetch(urlOf(server))).text()
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
    const bare = await listen(plain.app)
    const server = await listen(audited.app)
    for (let number = 0; number < 3; number++) {
      expect(await get(bare)).toBe('ok')
      expect(await get(server)).toBe('ok')
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

  it(`has them in tables from the second on${describesAnew ? '' : ', but not with this V8'}`, async () => {
    const { app, looks } = build()
    const server = await listen(app)
    await get(server)
    await get(server)
    await get(server)
    expect(looks.map((look) => look.isDescribed)).toEqual([true, !describesAnew, !describesAnew])
  })

  it('has them in tables once', async () => {
    const { app } = build()
    const server = await listen(app)
    await get(server)
    const define = jest.spyOn(Reflect, 'defineProperty')
    await get(server)
    const named = define.mock.calls.filter(([, name]) => name === 'aborted' || name === 'sendDate')
    // Each is changed and changed back.
    expect(named).toHaveLength(describesAnew ? 4 : 0)
    define.mockRestore()
  })

  it('has them in tables behind us where somebody stands before it from some time on', async () => {
    const { app, looksBehind } = build()
    const server = await listen(app)
    await get(server)
    server.off('request', app).on('request', (request, response) => app(request, response))
    await get(server)
    await get(server)
    expect(looksBehind.map((look) => look.isDescribed)).toEqual([
      !describesAnew,
      !describesAnew,
      !describesAnew,
    ])
  })

  it('is found on a server that was given another app meanwhile', async () => {
    const one = build()
    const other = build()
    const server = await listen(one.app)
    await get(server)
    server.off('request', one.app).on('request', other.app)
    await get(server)
    await get(server)
    await get(server)
    // With the first request the server is forgotten, with the next it is learnt anew.
    expect(other.looks.map((look) => look.isDescribed)).toEqual([true, !describesAnew, !describesAnew])
    const [first] = one.looks as [Look]
    for (const look of other.looks) expect(look.requestPrototype).not.toBe(first.requestPrototype)
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
    const server = await listen((request, response) => {
      if (isRaw) raw(looks)(request, response)
      else app(request, response)
    })
    await get(server)
    await get(server)
    isRaw = true
    expect(await get(server)).toBe('raw')
    expect(looks.map(areOfNode)).toEqual([true])
  })

  it('on a server of its own sees those of Node', async () => {
    const looks: Look[] = []
    const server = await listen(appBehindAudit())
    await get(server)
    await get(server)
    expect(await get(await listen(raw(looks)))).toBe('raw')
    expect(looks.map(areOfNode)).toEqual([true])
  })

  it.each<[string, (server: Server, app: RequestListener, looks: Look[]) => void]>([
    [
      'in the place of Express',
      (server, app, looks) => void server.off('request', app).on('request', raw(looks)),
    ],
    [
      'beside Express, in front of it',
      (server, _app, looks) =>
        void server.prependListener('request', (request, response) => {
          looks.push(lookAt(request, response))
        }),
    ],
  ])('%s sees those of Node from then on', async (_where, change) => {
    const looks: Look[] = []
    const app = appBehindAudit()
    const server = await listen(app)
    await get(server)
    await get(server)
    change(server, app, looks)
    await get(server)
    await get(server)
    expect(looks.map(areOfNode)).toEqual([true, true])
  })

  it('only looks like Express sees those of Node', async () => {
    const looks: Look[] = []
    const audit = auditLog({ sink: memory() })
    function handle(request: IncomingMessage, response: ServerResponse) {
      looks.push(lookAt(request, response))
      Object.setPrototypeOf(request, prototype)
      audit(request, response, () => response.end('ok'))
    }
    const app = Object.assign(handle, { request: { a: 1 }, response: { a: 1 } })
    const prototype = Object.assign(Object.create(IncomingMessage.prototype), { app })
    const server = await listen(app)
    await get(server)
    expect(await get(server)).toBe('ok')
    expect(looks.map(areOfNode)).toEqual([true, true])
  })

  it('listens for `Expect: 100-continue` sees those of Node', async () => {
    const looks: Look[] = []
    const server = await listen(appBehindAudit())
    server.on('checkContinue', raw(looks))
    await get(server)
    await get(server)
    const asked = ask(urlOf(server), { method: 'POST', headers: { expect: '100-continue' } })
    asked.end('body')
    const [response] = await once(asked, 'response')
    response.resume()
    await once(response, 'end')
    expect(looks.map(areOfNode)).toEqual([true])
  })
})

it.each([['request'], ['response']] as const)(
  'an app whose `%s` cannot be read is recorded, and nothing is thrown',
  async (name) => {
    const sink = memory()
    const app = express5()
    app.use(auditLog({ sink }))
    app.use((_request, response) => void response.send('ok'))
    const server = await listen(app)
    await get(server)
    const own = app[name]
    let asked = 0
    Object.defineProperty(app, name, {
      get() {
        // By us, as the first one that asks for a request. Express does so after.
        asked += 1
        if (asked === 1 && describesAnew) throw new Error(name)
        return own
      },
    })
    expect(await get(server)).toBe('ok')
    expect(await get(server)).toBe('ok')
    expect(await sink.waitFor(3)).toHaveLength(3)
  },
)
