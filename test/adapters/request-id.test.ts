import { afterEach, describe, expect, it, jest } from '@jest/globals'
import KoaRouter from '@koa/router'
import express5 from 'express'
import express4 from 'express-4'
import { type AuditOptions, auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A request with `X-Request-Id: from-client`. Returns its records. */
async function recordsOf(
  listener: Parameters<typeof startServer>[0],
  sink: ReturnType<typeof memory>,
  count = 1,
) {
  const { url } = await startServer(listener)
  await (await fetch(url, { headers: { 'x-request-id': 'from-client', 'x-trace': 'trace-1' } })).text()
  return (await sink.waitFor(count)).map(({ audit }) => audit)
}

const hostileIds: [string, () => unknown][] = [
  ['an object', () => ({ id: 1 })],
  ['an object with toString', () => ({ toString: () => 'own-1' })],
  ['a megabyte', () => 'x'.repeat(1_000_000)],
  ['two lines', () => 'a\nb'],
  ['a token', () => 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2ln'],
  ['a rejected promise', () => Promise.reject(new Error('for the test'))],
  ['a fraction', () => 0.5],
  ['a function', () => () => 'own-1'],
  ['empty', () => ''],
]

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('the request id in %s', (_name, express) => {
  async function idOf(prepare: express5.RequestHandler, options: AuditOptions<express5.Request> = {}) {
    const sink = memory()
    const app = express()
    app.use(
      auditLog({ sink, ...options }),
      prepare,
      (_req: unknown, res: express5.Response) => void res.json({}),
    )
    const [record] = await recordsOf(app, sink)
    return record?.request_id
  }
  const setId =
    (id: unknown): express5.RequestHandler =>
    (req, _res, next) => {
      Object.assign(req, { id })
      next()
    }
  const setHeader =
    (name: string, id: string): express5.RequestHandler =>
    (_req, res, next) => {
      res.set(name, id)
      next()
    }

  it('is req.id of the application rather than the header of the client', async () => {
    expect(await idOf(setId('own-1'))).toBe('own-1')
    expect(await idOf(setId(7))).toBe('7')
  })

  it('is the header of the response', async () => {
    expect(await idOf(setHeader('X-Request-Id', 'sent-1'))).toBe('sent-1')
    expect(await idOf(setHeader('X-Trace', 'sent-2'), { requestId: 'X-Trace' })).toBe('sent-2')
    expect(await idOf(setHeader('X-Other', 'sent-3'))).toBe('from-client')
  })

  it('is the configured header of the client if the application has none', async () => {
    expect(await idOf((_req, _res, next) => next(), { requestId: 'X-Trace' })).toBe('trace-1')
  })

  it.each(hostileIds)('is the header of the client if req.id is %s', async (_case, create) => {
    expect(await idOf(setId(create()))).toBe('from-client')
  })

  it('is the header of the client if reading req.id throws', async () => {
    const id = await idOf((req, _res, next) => {
      Object.defineProperty(req, 'id', {
        get() {
          throw new Error('for the test')
        },
      })
      next()
    })
    expect(id).toBe('from-client')
  })

  it('is what the option returns, unless that is undefined', async () => {
    const requestId = (req: express5.Request) => req.get('x-trace')
    expect(await idOf(setId('own-1'), { requestId })).toBe('trace-1')
    expect(await idOf(setId('own-1'), { requestId: () => undefined })).toBe('own-1')
  })

  it.each<[string, () => unknown]>([
    ...hostileIds,
    [
      'nothing, as it throws',
      () => {
        throw new Error('for the test')
      },
    ],
  ])('ignores the option, and reports it once, if it returns %s', async (_case, requestId) => {
    const onError = jest.fn()
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      expect(await idOf(setId('own-1'), { requestId: requestId as never, onError })).toBe('own-1')
      expect(onError).toHaveBeenCalledTimes(1)
      expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'ERR_AUDIT_CALLBACK' }))
    } finally {
      stderr.mockRestore()
    }
  })

  it('is the same in both records of a request with the stage received', async () => {
    const sink = memory()
    const app = express()
    app.use(
      auditLog({ sink, stages: ['received'] }),
      setId('too-late'),
      (_req: unknown, res: express5.Response) => {
        res.json({})
      },
    )
    const records = await recordsOf(app, sink, 2)
    expect(records.map(({ request_id, stage }) => [stage, request_id])).toEqual([
      ['received', 'from-client'],
      ['completed', 'from-client'],
    ])
  })

  it('is that of the application in both records if it was there before', async () => {
    const sink = memory()
    const app = express()
    app.use(
      setId('early-1'),
      auditLog({ sink, stages: ['received'] }),
      (_req: unknown, res: express5.Response) => {
        res.json({})
      },
    )
    const records = await recordsOf(app, sink, 2)
    expect(records.map(({ request_id }) => request_id)).toEqual(['early-1', 'early-1'])
  })
})

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('the request id in %s', (_name, Koa) => {
  async function idOf(prepare: (ctx: Koa3.Context) => void) {
    const sink = memory()
    const app = new Koa()
    app.use(auditKoa({ sink })).use((ctx) => {
      prepare(ctx)
      ctx.body = {}
    })
    const [record] = await recordsOf(app.callback(), sink)
    return record?.request_id
  }

  it.each<[string, (ctx: Koa3.Context) => void]>([
    ['ctx.state.reqId', (ctx) => Object.assign(ctx.state, { reqId: 'own-1' })],
    ['ctx.state.requestId', (ctx) => Object.assign(ctx.state, { requestId: 'own-1' })],
    ['ctx.reqId', (ctx) => Object.assign(ctx, { reqId: 'own-1' })],
    ['ctx.requestId', (ctx) => Object.assign(ctx, { requestId: 'own-1' })],
    ['ctx.id', (ctx) => Object.assign(ctx, { id: 'own-1' })],
    ['ctx.req.id', (ctx) => Object.assign(ctx.req, { id: 'own-1' })],
    ['the header of the response', (ctx) => ctx.set('X-Request-Id', 'own-1')],
  ])('is %s', async (_place, prepare) => {
    expect(await idOf(prepare)).toBe('own-1')
  })

  it.each(hostileIds)('is the header of the client if ctx.state.requestId is %s', async (_case, create) => {
    expect(await idOf((ctx) => Object.assign(ctx.state, { requestId: create() }))).toBe('from-client')
  })
})

describe('the request id in node:http', () => {
  it('is a new UUID if neither the client nor the application has one', async () => {
    const sink = memory()
    const audit = auditLog({ sink, requestId: 'x-none' })
    const [record] = await recordsOf((req, res) => {
      audit(req, res)
      res.end()
    }, sink)
    expect(record?.request_id).toMatch(UUID)
  })
})

describe('a value of the path on the request', () => {
  const answerWithParams = (_req: unknown, res: express5.Response) => void res.json({})
  const fail = (_req: unknown, _res: unknown, next: (error: Error) => void) => next(new Error('for the test'))

  async function idsOf(
    listener: Parameters<typeof startServer>[0],
    sink: ReturnType<typeof memory>,
    path: string,
  ) {
    const { url } = await startServer(listener)
    await (await fetch(`${url}${path}`, { headers: { 'x-request-id': 'from-client' } })).text()
    return (await sink.waitFor(1))[0].audit.request_id
  }

  it.each<[string, (value: string) => unknown, string]>([
    ['a text', (value) => value, '/persons/p-42'],
    ['a number', Number, '/persons/042'],
    ['a decoded text', (value) => value, '/persons/a%3A1'],
  ])('is no request id in Express: %s', async (_case, parse, path) => {
    for (const express of [express4 as typeof express5, express5]) {
      for (const name of ['id', 'requestId']) {
        for (const handler of [answerWithParams, fail]) {
          const sink = memory()
          const router = express.Router()
          router.param('id', (req, _res, next, value) => {
            Object.assign(req, { [name]: parse(value) })
            next()
          })
          router.get('/:id', handler as never)
          const app = express().use(auditLog({ sink })).use('/persons', router)
          app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
            res.status(500).end()
          })
          expect(await idsOf(app, sink, path)).toBe('from-client')
        }
      }
    }
  })

  it('is no request id in Koa', async () => {
    const sink = memory()
    const router = new KoaRouter().param('id', (value, ctx, next) => {
      ctx.id = value
      return next()
    })
    router.get('/persons/:id', (ctx) => {
      ctx.body = {}
    })
    const app = new Koa3().use(auditKoa({ sink })).use(router.routes())
    expect(await idsOf(app.callback(), sink, '/persons/42')).toBe('from-client')
  })
})
