// audited() records action and target of what was attempted, whatever the outcome is and whatever has answered.
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import KoaRouter from '@koa/router'
import express5, { type RequestHandler } from 'express'
import express4 from 'express-4'
import { auditErrors, audited, auditLog, memory } from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { type AnyAuditOptions, type HandlerContext, type Route, routedApps } from '../helpers/frameworks.js'
import { RawClient, rawRequest } from '../helpers/raw-client.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const PERSON = { type: 'Person', id: '2' }

describe.each(routedApps)('%s', (_name, build) => {
  async function attempt(
    method: Route['method'],
    handle: (handling: HandlerContext) => unknown,
    route: Partial<Route> = {},
    options: AnyAuditOptions = {},
  ) {
    const sink = memory()
    const routes: Route[] = [{ method, path: '/persons/:id', objectName: 'Person', handle, ...route }]
    const { url } = await startServer(build(routes, { sink, ...options }))
    const path = (route.path ?? '/persons/:id').replace(':id', '2')
    const init = { method: method.toUpperCase(), redirect: 'manual' } as const
    await (await fetch(`${url}${path}`, init)).text()
    return (await sink.waitFor(1))[0].audit
  }

  it.each<[Route['method'], number, string, string, string]>([
    ['delete', 401, 'destroy', 'denied', 'Destroy Person: denied (401)'],
    ['delete', 403, 'destroy', 'denied', 'Destroy Person: denied (403)'],
    ['get', 404, 'retrieve', 'failure', 'Retrieve Person: failed (404)'],
    ['put', 405, 'update', 'failure', 'Update Person: failed (405)'],
    ['put', 409, 'update', 'failure', 'Update Person: failed (409)'],
    ['patch', 422, 'partial_update', 'failure', 'Partial update of Person: failed (422)'],
    ['delete', 429, 'destroy', 'failure', 'Destroy Person: failed (429)'],
    ['delete', 500, 'destroy', 'failure', 'Destroy Person: failed (500)'],
  ])('records the attempt of a %s with status %i', async (method, status, action, outcome, message) => {
    const record = await attempt(method, ({ send }) => send({ id: 99, error: 'no' }, status))
    expect(record).toMatchObject({ action, target: [PERSON], outcome, message, results: null })
  })

  it('records the attempt to create an object, without the id of an error', async () => {
    const record = await attempt('post', ({ send }) => send({ id: 'problem-1' }, 422), { path: '/persons' })
    expect(record).toMatchObject({
      action: 'create',
      target: [{ type: 'Person' }],
      message: 'Create Person: failed (422)',
      results: null,
    })
  })

  it.each([
    ['/persons', 'List Person: denied (403)'],
    ['/me', 'Retrieve Person: denied (403)'],
  ])('records a refused GET %s as "%s"', async (path, message) => {
    const record = await attempt('get', ({ send }) => send({}, 403), { path })
    expect(record).toMatchObject({ message, target: [{ type: 'Person' }] })
  })

  it.each<[string, (handling: HandlerContext) => unknown, string]>([
    ['deny()', ({ audit, send }) => send({ id: 5 }, audit.deny('not yours') && 200), 'denied'],
    ['fail()', ({ audit, send }) => send({ id: 5 }, audit.fail('no money') && 200), 'failed'],
  ])('records what %s states beside status 200, and no results', async (_verdict, handle, result) => {
    const record = await attempt('delete', handle)
    expect(record).toMatchObject({ message: `Destroy Person: ${result}`, target: [PERSON], results: null })
  })

  it('prefers the action and the targets of the handler, and keeps a target that it does not set', async () => {
    const approve = await attempt('patch', ({ audit, send }) => {
      audit.setAction('approve')
      send({ id: 2 })
    })
    expect(approve).toMatchObject({ action: 'approve', target: [PERSON], message: 'approve Person 2' })
    const transfer = await attempt('patch', ({ audit, send }) => {
      audit.setAction('transfer', [{ type: 'Account', id: 'A' }])
      send({}, 403)
    })
    expect(transfer).toMatchObject({
      action: 'transfer',
      target: [{ type: 'Account', id: 'A' }],
      message: 'transfer Account A: denied (403)',
    })
    const none = await attempt('patch', ({ audit, send }) => {
      audit.setAction('sweep', [])
      send({})
    })
    expect(none.target).toBeUndefined()
  })

  it('records an action of the application', async () => {
    const route: Partial<Route> = { options: { action: 'send_reminder' }, objectName: 'Invoice' }
    const done = await attempt('post', ({ send }) => send({ id: 'job-1' }), route)
    expect(done).toMatchObject({
      action: 'send_reminder',
      message: 'Send reminder Invoice',
      target: [{ type: 'Invoice', id: '2' }],
    })
    const refused = await attempt('post', ({ send }) => send({}, 403), route)
    expect(refused.message).toBe('Send reminder Invoice: denied (403)')
    const inherited = await attempt('post', ({ send }) => send({}), { options: { action: 'constructor' } })
    expect(inherited).toMatchObject({ action: 'constructor', message: 'Constructor Person' })
  })

  it('records an attempt that the client aborted', async () => {
    const sink = memory()
    let isReached = () => {}
    const reached = new Promise<void>((resolve) => {
      isReached = resolve
    })
    const routes: Route[] = [
      {
        method: 'delete',
        path: '/persons/:id',
        objectName: 'Person',
        handle: () => {
          isReached()
          return new Promise(() => {})
        },
      },
    ]
    const { port } = await listenOn(createServer(build(routes, { sink })))
    const client = new RawClient(port).send(rawRequest('/persons/2', { method: 'DELETE' }))
    await reached
    client.socket.destroy()
    expect((await sink.waitFor(1))[0].audit).toMatchObject({
      action: 'destroy',
      target: [PERSON],
      outcome: 'unknown',
      message: 'Destroy Person: unknown (aborted)',
    })
  })

  it('leaves the format datapunt unchanged', async () => {
    const options = { format: 'datapunt' } as const
    const handle = ({ send }: HandlerContext) => send({ id: 2, name: 'Jansen' })
    const done = await attempt('delete', handle, {}, options)
    expect(done).toMatchObject({ message: 'Destroy Person', results: { id: 2, name: 'Jansen' } })
    expect(Object.keys(done).sort()).toEqual([
      'filter',
      'http_request',
      'http_response',
      'message',
      'results',
      'type',
      'user',
    ])
    const refused = await attempt('delete', ({ send }) => send({}, 403), {}, options)
    expect(refused).toMatchObject({ message: '', results: null })
  })
})

describe.each([
  ['Express 4', express4 as unknown as typeof express5],
  ['Express 5', express5],
])('%s', (_name, express) => {
  type App = ReturnType<typeof express5>
  async function attempt(prepare: (app: App) => void, method = 'DELETE', path = '/persons/2') {
    const sink = memory()
    const app = express().use(auditLog({ sink }))
    prepare(app)
    app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
      res.status(res.statusCode < 400 ? 500 : res.statusCode).json({ id: 'error-1' })
    })
    const { url } = await startServer(app)
    await (await fetch(`${url}${path}`, { method })).text()
    return (await sink.waitFor(1))[0].audit
  }
  const answer: RequestHandler = (_req, res) => void res.json({})
  const refuse: RequestHandler = (_req, res) => void res.status(403).json({ error: 'no' })
  const pass: RequestHandler = (_req, _res, next) => next()
  const fail: RequestHandler = (_req, _res, next) => next(new TypeError('for the test'))

  it.each<[string, (app: App) => void, string]>([
    [
      'authorization after audited()',
      (app) => app.delete('/persons/:id', audited('Person'), refuse, answer),
      'denied (403)',
    ],
    [
      'validation that fails',
      (app) => app.delete('/persons/:id', audited('Person'), fail, answer),
      'failed (500)',
    ],
    [
      'an error that passes auditErrors()',
      (app) => app.delete('/persons/:id', audited('Person'), fail).use(auditErrors()),
      'failed (500)',
    ],
    [
      'a refusal in front of audited()',
      (app) => app.delete('/persons/:id', pass, refuse, audited('Person'), answer),
      'denied (403)',
    ],
    [
      'an error in front of audited()',
      (app) => app.delete('/persons/:id', fail, audited('Person'), answer),
      'failed (500)',
    ],
    [
      'an error in front of audited() in a router',
      (app) => app.use('/persons', express.Router().delete('/:id', fail, audited('Person'), answer)),
      'failed (500)',
    ],
    [
      'an error that leaves a router',
      (app) => app.use('/persons', express.Router().delete('/:id', audited('Person'), fail)),
      'failed (500)',
    ],
    [
      'an error that leaves a router with audited() for all its routes',
      (app) => app.use('/persons', express.Router().use(audited('Person')).delete('/:id', fail)),
      'failed (500)',
    ],
    [
      'a refusal in a router with audited() for all its routes',
      (app) => app.use('/persons', express.Router().use(audited('Person')).delete('/:id', refuse)),
      'denied (403)',
    ],
    [
      'a route that passes the request on, and nothing that answers',
      (app) => app.delete('/persons/:id', audited('Person'), pass),
      'failed (404)',
    ],
    [
      'a route that passes the request on to a page for status 404',
      (app) =>
        app.delete('/persons/:id', audited('Person'), pass).use((_req, res) => void res.sendStatus(404)),
      'failed (404)',
    ],
  ])('records the attempt after %s', async (_case, prepare, result) => {
    const record = await attempt(prepare)
    expect(record).toMatchObject({
      action: 'destroy',
      target: [PERSON],
      message: `Destroy Person: ${result}`,
      filter: { object: 'Person', kwargs: { id: '2' } },
      results: null,
    })
  })

  it('records the error of a handler that an error handler answers with status 200', async () => {
    const record = await attempt((app) => {
      app.delete('/persons/:id', audited('Person'), fail)
      app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
        res.json({ id: 'error-1' })
      })
    })
    expect(record).toMatchObject({
      outcome: 'failure',
      reason: 'TypeError',
      message: 'Destroy Person: failed',
      results: null,
    })
  })

  it.each<[string, (app: App) => void]>([
    ['of another method', (app) => app.route('/persons/:id').all(refuse).get(audited('Person'), answer)],
    [
      'of a route that was not entered',
      (app) => app.use(refuse).delete('/persons/:id', audited('Person'), answer),
    ],
    [
      'of a route that passed the request on',
      (app) => app.delete('/persons/:id', (_req, _res, next) => next('route'), audited('Person')).use(refuse),
    ],
  ])('records no attempt by an audited() %s', async (_case, prepare) => {
    const record = await attempt(prepare)
    expect(record).toMatchObject({ outcome: 'denied', message: '', filter: null })
    expect(record.action).toBeUndefined()
  })

  it('records no attempt of a route after which another route has answered', async () => {
    const record = await attempt((app) => {
      app.delete('/persons/:id', audited('Person'), pass)
      app.delete('/persons/2', refuse)
    })
    expect(record).toMatchObject({ filter: null, message: '', outcome: 'denied' })
    expect(record.target).toBeUndefined()
  })

  it('records an attempt with a method that the route answers with 405', async () => {
    const record = await attempt((app) => {
      app
        .route('/persons/:id')
        .all(audited('Person'))
        .get(answer)
        .all((_req, res) => void res.sendStatus(405))
    })
    expect(record).toMatchObject({ message: 'Destroy Person: failed (405)', target: [PERSON] })
  })
})

describe.each([
  ['Koa 2', Koa2 as unknown as typeof Koa3],
  ['Koa 3', Koa3],
])('%s', (_name, Koa) => {
  async function attempt(router: KoaRouter, outer?: Koa3.Middleware) {
    const sink = memory()
    const app = new Koa()
    app.silent = true
    app.use(auditKoa({ sink }) as never)
    if (outer !== undefined) app.use(outer as never)
    const { url } = await startServer(app.use(router.routes() as never).callback())
    await (await fetch(`${url}/persons/2`, { method: 'DELETE' })).text()
    return (await sink.waitFor(1))[0].audit
  }
  const refuse = (ctx: Koa3.Context) => ctx.throw(403)

  it.each<[string, () => KoaRouter]>([
    ['in a route', () => new KoaRouter().delete('/persons/:id', auditedKoa('Person'), refuse)],
    ['in a router', () => new KoaRouter().use(auditedKoa('Person')).delete('/persons/:id', refuse)],
    ['behind the refusal', () => new KoaRouter().delete('/persons/:id', refuse, auditedKoa('Person'))],
    [
      'in a router with a prefix',
      () => new KoaRouter({ prefix: '/persons' }).use(auditedKoa('Person')).delete('/:id', refuse),
    ],
  ])(
    'records the attempt that a handler refuses by an error, with audited() %s',
    async (_case, createRouter) => {
      expect(await attempt(createRouter())).toMatchObject({
        action: 'destroy',
        target: [PERSON],
        message: 'Destroy Person: denied (403)',
        reason: 'ForbiddenError',
      })
    },
  )

  it('records the type of the object that a middleware of the router refuses', async () => {
    const router = new KoaRouter().use(refuse).delete('/persons/:id', auditedKoa('Person'), () => {})
    const record = await attempt(router)
    expect(record).toMatchObject({ action: 'destroy', message: 'Destroy Person: denied (403)' })
    expect(record.target).toEqual([{ type: 'Person' }])
  })

  it('records no attempt if several routes match', async () => {
    const router = new KoaRouter()
      .use(refuse)
      .delete('/persons/:id', auditedKoa('Person'), () => {})
      .delete('/persons/2', auditedKoa('Root'), () => {})
    expect((await attempt(router)).action).toBeUndefined()
  })

  it('records the error that a middleware answers', async () => {
    const outer: Koa3.Middleware = async (ctx, next) => {
      await next().catch(() => {
        ctx.status = 404
        ctx.body = { error: 'hidden' }
      })
    }
    const router = new KoaRouter().delete('/persons/:id', auditedKoa('Person'), refuse)
    expect(await attempt(router, outer)).toMatchObject({
      message: 'Destroy Person: failed (404)',
      reason: 'ForbiddenError',
      target: [PERSON],
    })
  })
})
