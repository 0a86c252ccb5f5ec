// A route that passes the request on did not respond: it is not the route of the record, and audited() on it fills nothing.
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import KoaRouter from '@koa/router'
import express5 from 'express'
import express4 from 'express-4'
import { auditErrors, audited, auditLog, memory, type PolicyRule } from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

type App = ReturnType<typeof express5>
type Express = typeof express5

const SILENT_PAGES: readonly PolicyRule[] = [{ level: 'none', routes: ['/:page'] }, { level: 'full' }]

const pass = (_req: unknown, _res: unknown, next: (way?: 'route' | 'router') => void) => next()
const leaveRoute = (_req: unknown, _res: unknown, next: (way: 'route') => void) => next('route')
const leaveRouter = (_req: unknown, _res: unknown, next: (way: 'router') => void) => next('router')
const answer = (_req: unknown, res: express5.Response) => void res.json({ id: 1 })

describe.each<[string, Express]>([
  ['Express 4', express4 as Express],
  ['Express 5', express5],
])('%s', (_name, express) => {
  async function recordOf(prepare: (app: App) => void, method = 'POST', policy?: readonly PolicyRule[]) {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink, policy }))
    prepare(app)
    const { url } = await startServer(app)
    await (await fetch(`${url}/orders`, { method, redirect: 'manual' })).text()
    return (await sink.waitFor(1))[0].audit
  }

  it.each<[string, (app: App) => void]>([
    ['next() to a middleware', (app) => app.all('/:page', pass).use(answer)],
    ["next('route') to a middleware", (app) => app.all('/:page', leaveRoute).use(answer)],
    ["next('router') out of a router", (app) => app.use(express.Router().all('/:page', leaveRouter), answer)],
    ['next() out of a router', (app) => app.use(express.Router().all('/:page', pass)).use(answer)],
    [
      'a route parameter whose callback skips the route',
      (app) => {
        app.param('page', (_req, _res, next) => (next as (way: string) => void)('route'))
        app.all('/:page', pass).use(answer)
      },
    ],
    [
      'an error that an error handler recovers from',
      (app) => {
        app.all('/:page', (_req, _res, next) => next(new Error('for the test')))
        app.use((_error: unknown, _req: unknown, _res: unknown, next: () => void) => next())
        app.use(answer)
      },
    ],
    ['a router inside the route', (app) => app.all('/:page', express.Router().all('/orders', pass), answer)],
  ])('records no route, and lets no policy rule for it decide, after %s', async (_case, prepare) => {
    const record = await recordOf(prepare, 'DELETE', SILENT_PAGES)
    expect(record).toMatchObject({ http_response: { status_code: 200 }, http_request: { method: 'DELETE' } })
    expect(record.route).toBeUndefined()
  })

  it('records no route if the app passes the request on to something else', async () => {
    const sink = memory()
    const app = express().use(auditLog({ sink })).all('/:page', pass)
    const listener = createServer((req, res) => app(req as never, res as never, () => res.end('other')))
    const { url } = await startServer(listener.listeners('request')[0] as never)
    await (await fetch(`${url}/orders`)).text()
    expect((await sink.waitFor(1))[0].audit.route).toBeUndefined()
  })

  it.each<[string, (app: App) => void, string]>([
    ['the next route', (app) => app.all('/:page', pass).post('/orders', answer), '/orders'],
    ['the same pattern', (app) => app.all('/:page', leaveRoute).post('/:page', answer), '/:page'],
    [
      'the route that calls next() after it has responded',
      (app) => {
        app.post('/orders', (_req, res, next) => {
          res.json({})
          next()
        })
      },
      '/orders',
    ],
    [
      'a route that failed',
      (app) => {
        app.post('/orders', (_req, _res, next) => next(new Error('for the test')))
        app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
          res.status(500).end()
        })
      },
      '/orders',
    ],
    [
      'a route whose handler is a router of middleware',
      (app) => {
        app.post('/orders', express.Router().use(answer))
      },
      '/orders',
    ],
  ])('records the route of %s', async (_case, prepare, route) => {
    expect((await recordOf(prepare)).route).toBe(route)
  })

  it.each<[string, (app: App) => void]>([
    ["next('route')", (app) => app.all('/:page', audited('Person'), leaveRoute).post('/orders', answer)],
    ['next()', (app) => app.all('/:page', audited('Person'), pass).use(answer)],
    [
      "next('router')",
      (app) => {
        app
          .use('/orders', express.Router().use(audited('Person')).all('/', leaveRouter))
          .post('/orders', answer)
      },
    ],
    [
      'an error that an error handler recovers from',
      (app) => {
        app.all('/:page', audited('Person'), (_req, _res, next) => next(new Error('for the test')))
        app.use((_error: unknown, _req: unknown, _res: unknown, next: () => void) => next())
        app.post('/orders', answer)
      },
    ],
  ])('does not fill the record of another handler after audited() and %s', async (_case, prepare) => {
    const record = await recordOf(prepare)
    expect(record).toMatchObject({
      http_response: { status_code: 200 },
      message: '',
      filter: null,
      results: null,
    })
    expect(record.action).toBeUndefined()
  })

  it.each<[string, (app: App) => void]>([
    [
      'a handler of the same pattern',
      (app) => {
        app.post('/:page', audited('Order')).post('/:page', answer)
      },
    ],
    [
      'a router below',
      (app) => {
        app.use('/orders', audited('Order'), express.Router().post('/', answer))
      },
    ],
    [
      'an app-wide audited()',
      (app) => {
        app.use(audited('Order')).all('/:page', pass).use(answer)
      },
    ],
  ])('fills the record of %s', async (_case, prepare) => {
    expect(await recordOf(prepare)).toMatchObject({
      message: 'Created Order object',
      filter: { object: 'Order' },
      results: { id: 1 },
    })
  })

  it('records the object of a route that failed', async () => {
    const record = await recordOf((app) => {
      const fail = (_req: unknown, _res: unknown, next: (error: Error) => void) =>
        next(new Error('for the test'))
      app.use(express.Router().post('/:page', audited('Order'), fail), auditErrors())
      app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
        res.redirect('/error')
      })
    })
    expect(record).toMatchObject({
      message: 'Create Order: failed',
      filter: { object: 'Order' },
      action: 'create',
    })
  })
})

it('does not fill the record of another route of a Koa router after audited()', async () => {
  const sink = memory()
  const router = new KoaRouter()
    .all('/:page', auditedKoa('Person'), (_ctx, next) => next())
    .post('/orders', (ctx) => {
      ctx.body = { order: 1 }
    })
  const { url } = await startServer(new Koa().use(auditKoa({ sink })).use(router.routes()).callback())
  await (await fetch(`${url}/orders`, { method: 'POST' })).text()
  const [{ audit }] = await sink.waitFor(1)
  expect(audit).toMatchObject({ route: '/orders', message: '', filter: null, results: null })
  expect(audit.action).toBeUndefined()
})
