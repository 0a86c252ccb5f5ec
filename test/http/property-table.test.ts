// What we do to the requests and responses of Express so that V8 is quick with them: nobody must be able to see it.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express-4'
import { auditLog, memory } from 'http-audit-log'
import { keepInTable } from '../../src/http/property-table.js'
import { start, stopAll } from '../helpers/frameworks.js'
import { describesAnew, isDescribed } from '../helpers/v8.js'

afterEach(stopAll)

/** All that can be asked of the properties of an object, in their order. */
function seen(object: object) {
  return Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)] as const)
}

interface Look {
  readonly request: ReturnType<typeof seen>
  readonly response: ReturnType<typeof seen>
  readonly isRequestDescribed: boolean
  readonly isResponseDescribed: boolean
}

/** What stands before and behind `auditLog()` sees of a request and its response. */
async function lookAround(
  build: (before: Middleware, audit: Middleware, behind: Middleware) => RequestListener,
): Promise<[before: Look, behind: Look]> {
  const looks: Look[] = []
  const look: Middleware = (request, response, next) => {
    looks.push({
      request: seen(request),
      response: seen(response),
      isRequestDescribed: isDescribed(request),
      isResponseDescribed: isDescribed(response),
    })
    if (looks.length === 2) response.end('ok')
    else next()
  }
  const audit = auditLog({ sink: memory() })
  const { url } = await start(build(look, audit as Middleware, look))
  await (await fetch(url)).text()
  return looks as [Look, Look]
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_name, express) => {
  const build = (...middlewares: Middleware[]) => {
    const app = express()
    for (const middleware of middlewares) app.use(middleware as never)
    return app
  }

  it('has the same properties as before, described in the same way, in the same order', async () => {
    const [before, behind] = await lookAround(build)
    // Those that we add, and those in which a router says how far it has come.
    const ours = (key: string | symbol) => key === 'audit' || key === Symbol.for('http-audit-log/exchange@1')
    const moved = (key: string | symbol) =>
      ours(key) || key === 'next' || key === '_events' || key === '_eventsCount'
    const keys = (look: Look['request']) => look.map(([key]) => key).filter((key) => !ours(key))
    expect(keys(behind.request)).toEqual(keys(before.request))
    expect(keys(behind.response)).toEqual(keys(before.response))
    const unmoved = (look: Look['request']) => look.filter(([key]) => !moved(key))
    expect(unmoved(behind.request)).toEqual(unmoved(before.request))
    expect(unmoved(behind.response)).toEqual(unmoved(before.response))
  })

  it(`are ${describesAnew ? 'kept in a table' : 'left as they are'} by this V8`, async () => {
    const [before, behind] = await lookAround(build)
    expect(before).toMatchObject({ isRequestDescribed: true, isResponseDescribed: true })
    const isRequestDescribed = !describesAnew
    expect(behind).toMatchObject({ isRequestDescribed, isResponseDescribed: isRequestDescribed })
  })
})

it.each<[string, (...middlewares: Middleware[]) => RequestListener]>([
  [
    'Connect',
    (...middlewares) => {
      const app = connect()
      for (const middleware of middlewares) app.use(middleware as never)
      return app
    },
  ],
  [
    'node:http',
    (before, audit, behind) => (request, response) =>
      before(request, response, () => audit(request, response, () => behind(request, response, () => {}))),
  ],
  [
    'node:http with an `app` of their own',
    (before, audit, behind) => (request, response) => {
      Object.assign(request, { app: {} })
      before(request, response, () => audit(request, response, () => behind(request, response, () => {})))
    },
  ],
])('those of %s, which V8 knows, are left as they are', async (_name, build) => {
  const define = jest.spyOn(Reflect, 'defineProperty')
  const [, behind] = await lookAround(build)
  expect(behind).toMatchObject({ isRequestDescribed: true, isResponseDescribed: true })
  expect(define.mock.calls.filter(([, name]) => name === 'aborted' || name === 'sendDate')).toEqual([])
  define.mockRestore()
})

it.each<[string, Middleware]>([
  [
    'whose app cannot be read',
    (request, _response, next) => {
      Object.defineProperty(Object.getPrototypeOf(request), 'app', {
        configurable: true,
        get: () => {
          throw new Error('app')
        },
      })
      next()
    },
  ],
  [
    'that is a Proxy which refuses',
    (request, _response, next) => {
      Object.setPrototypeOf(
        request,
        new Proxy(Object.getPrototypeOf(request), {
          getOwnPropertyDescriptor: () => {
            throw new Error('a trap')
          },
        }),
      )
      next()
    },
  ],
])('a request %s is recorded', async (_what, spoil) => {
  const sink = memory()
  const app = express5()
  app.use(spoil as never)
  app.use(auditLog({ sink }))
  app.use((_req, res) => void res.writeHead(200).end('ok'))
  const { url } = await start(app)
  expect(await (await fetch(url)).text()).toBe('ok')
  const [record] = await sink.waitFor(1)
  expect(record.audit.http_response?.status_code).toBe(200)
})

describe('an object that is not as expected', () => {
  it.each([
    ['frozen', Object.freeze({ first: 1, last: 2 })],
    ['sealed', Object.seal({ first: 1, last: 2 })],
    ['without the property', { last: 2 }],
    ['with one that is inherited', Object.create({ first: 1 })],
    ['with one that is hidden', Object.defineProperty({}, 'first', { value: 1 })],
  ])('stays as it is, %s', (_what, object) => {
    const before = seen(object)
    keepInTable(object, 'first')
    expect(seen(object)).toEqual(before)
  })

  it('is not asked for what a getter says', () => {
    const object = {
      get first(): number {
        throw new Error('asked')
      },
      last: 2,
    }
    const before = seen(object)
    keepInTable(object, 'first')
    expect(seen(object)).toEqual(before)
  })
})
