// audited() records as results only what the client may have received, and reads no more of a body than it records.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import express5, { type RequestHandler, type Response } from 'express'
import express4 from 'express-4'
import { type AuditedOptions, auditErrors, audited, auditLog, memory } from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import methodOverride from 'method-override'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { type HandlerContext, type Route, routedApps } from '../helpers/frameworks.js'
import { exchangeBytes, RawClient, rawRequest } from '../helpers/raw-client.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const person = { id: 1, last_name: 'Jansen', bsn: '123456782' }
const CLOSE = { headers: 'Connection: close\r\n' }

describe.each(routedApps)('%s', (_name, build) => {
  async function requestOne(route: Partial<Route>, request: string) {
    const sink = memory()
    const whole: Route = {
      method: 'get',
      path: '/persons',
      objectName: 'Person',
      options: { fields: 'all' },
      handle: ({ send }) => send(person),
      ...route,
    }
    const { port } = await listenOn(createServer(build([whole], { sink })))
    const text = await exchangeBytes(port, request)
    const [record] = await sink.waitFor(1)
    return { status: Number(text.slice(9, 12)), text, record: record.audit }
  }

  it('records no results for HEAD', async () => {
    const { status, record } = await requestOne({}, rawRequest('/persons', { method: 'HEAD', ...CLOSE }))
    expect([status, record.results, record.message]).toEqual([200, null, 'Retrieve Person'])
  })

  it.each([204, 205, 304])('records no results for a response without body: %i', async (status) => {
    const handle = ({ send }: HandlerContext) => send(person, status)
    const exchange = await requestOne({ handle }, rawRequest('/persons', CLOSE))
    expect([exchange.status, exchange.text.includes('Jansen'), exchange.record.results]).toEqual([
      status,
      false,
      null,
    ])
  })

  it('records results of which the client received a part', async () => {
    const sink = memory()
    const handle = ({ send }: HandlerContext) => send({ id: 1, text: 'x'.repeat(32 * 1024 * 1024) })
    const options: AuditedOptions = { fields: 'all' }
    const routes: Route[] = [{ method: 'get', path: '/persons', objectName: 'Person', options, handle }]
    const { port } = await listenOn(createServer(build(routes, { sink })))
    const client = new RawClient(port).send(rawRequest('/persons'))
    await client.waitFor(/xxx/)
    client.socket.destroy()
    const { audit } = (await sink.waitFor(1))[0]
    expect(audit).toMatchObject({ ended: 'aborted', results: { count: 2, kept: { id: 1 } } })
  })

  it('reads no item of a list that it does not record', async () => {
    let reads = 0
    const row = Object.defineProperty({}, 'id', {
      enumerable: true,
      get: () => {
        reads += 1
        return 1
      },
    })
    const rows = Array.from({ length: 1000 }, () => row)
    await requestOne({ handle: ({ send }) => send(rows) }, rawRequest('/persons', CLOSE))
    // The framework reads each item, once.
    expect(reads).toBe(1000)
  })

  it('records what toJSON of a collection returns as a list', async () => {
    const collection = { toJSON: () => [person], secret: 1 }
    const handle = ({ send }: HandlerContext) => send(collection)
    const unlisted = await requestOne({ handle }, rawRequest('/persons', CLOSE))
    expect(unlisted.record).toMatchObject({ message: 'List Person', action: 'list', results: null })
    const options = { listResults: true, fields: ['id'] }
    const listed = await requestOne({ handle, options }, rawRequest('/persons', CLOSE))
    expect(listed.record.results).toEqual([{ id: 1 }])
  })

  it('chooses fields from the items of a frozen list', async () => {
    const rows = Object.freeze([Object.freeze({ ...person })])
    const { record } = await requestOne(
      { handle: ({ send }) => send(rows), options: { listResults: true, fields: ['id'] } },
      rawRequest('/persons', CLOSE),
    )
    expect(record.results).toEqual([{ id: 1 }])
  })
})

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  type App = ReturnType<typeof express5>
  async function requestOne(prepare: (app: App) => void, headers = '') {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink }))
    prepare(app)
    // The error handler of Express itself prints the error to stderr.
    app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
      if (res.headersSent) res.end()
      else res.status(200).send('<p>Something went wrong</p>')
    })
    const { port } = await listenOn(createServer(app))
    const text = await exchangeBytes(
      port,
      rawRequest('/persons?callback=show', { headers: `${CLOSE.headers}${headers}` }),
    )
    return { text, record: (await sink.waitFor(1))[0].audit }
  }
  const answer =
    (options: AuditedOptions, handle: (res: express5.Response) => unknown) =>
    (app: App): void => {
      app.get('/persons', audited('Person', { fields: 'all', ...options }), (_req, res) => void handle(res))
    }

  it('records the argument of res.jsonp', async () => {
    const { text, record } = await requestOne(answer({}, (res) => res.jsonp(person)))
    expect(text).toContain(`show(${JSON.stringify(person)})`)
    expect(record.results).toEqual(person)
  })

  it('records no results if Express answers a conditional request with 304', async () => {
    const first = await requestOne(answer({}, (res) => res.json(person)))
    const [, etag] = /etag: (\S+)/i.exec(first.text) ?? []
    const { text, record } = await requestOne(
      answer({}, (res) => res.json(person)),
      `If-None-Match: ${etag}\r\n`,
    )
    expect(text).toMatch(/^HTTP\/1\.1 304/)
    expect(record).toMatchObject({ http_response: { status_code: 304 }, results: null })
  })

  it('records no results if the body cannot be serialized and an error page is sent with status 200', async () => {
    const { text, record } = await requestOne(answer({}, (res) => res.json({ id: 1n, list: [1] })))
    expect(text).toContain('Something went wrong')
    expect(record).toMatchObject({ http_response: { status_code: 200 }, results: null })
  })

  it('records a failure if an error of the handler was recorded, whatever the status is', async () => {
    const { record } = await requestOne((app) => {
      app.get('/persons', audited('Person'), (_req, _res, next) => next(new Error('for the test')))
      app.use(auditErrors())
    })
    expect(record).toMatchObject({
      http_response: { status_code: 200 },
      error: { message: 'for the test' },
      message: 'List Person: failed',
      outcome: 'failure',
      type: 'ERROR',
    })
  })

  it('records the first body if res.json is called twice, because a second one is not sent', async () => {
    const { text, record } = await requestOne(
      answer({}, (res) => {
        res.json(person)
        res.json({ id: 2 })
      }),
    )
    expect(text).toContain('Jansen')
    expect(record.results).toEqual(person)
  })

  it('records no results if something else has been sent before', async () => {
    const { record } = await requestOne(
      answer({}, (res) => {
        res.end('a page')
        res.json(person)
      }),
    )
    expect(record).toMatchObject({ http_response: { status_code: 200 }, results: null })
  })

  it('records once what res.send passes to res.json', async () => {
    let calls = 0
    const counted = { toJSON: () => ({ id: ++calls }) }
    const { record } = await requestOne(answer({}, (res) => res.send(counted)))
    // Once for the record and once for the response.
    expect([calls, record.results]).toEqual([2, { id: 1 }])
  })

  it('lets the fields of the inner audited() decide', async () => {
    const { record } = await requestOne((app) => {
      app.use(audited('Anything'))
      answer({ fields: ['id'] }, (res) => res.json(person))(app)
    })
    expect(record.results).toEqual({ id: 1 })
  })

  it('is not affected by the settings `json spaces` and `json escape`', async () => {
    const { text, record } = await requestOne((app) => {
      app.set('json spaces', 2).set('json escape', true)
      answer({}, (res) => res.json({ text: '<b>' }))(app)
    })
    expect(text).toContain('"text": "\\u003cb\\u003e"')
    expect(record.results).toEqual({ text: '<b>' })
  })

  describe('with the setting `json replacer`', () => {
    const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, bsn: '1' }))

    /** How often the replacer ran, and the record. */
    async function countReplacer(body: unknown, options?: AuditedOptions) {
      let calls = 0
      const { record } = await requestOne((app) => {
        app.set('json replacer', (key: string, value: unknown) => {
          calls += 1
          return key === 'bsn' ? undefined : value
        })
        if (options === undefined) app.get('/persons', (_req, res) => void res.json(body))
        else answer(options, (res) => res.json(body))(app)
      })
      return { calls, record }
    }

    it('replaces nothing of a list that is not recorded', async () => {
      const bare = await countReplacer(rows)
      const { calls, record } = await countReplacer(rows, {})
      // One call for the list itself, which the replacer might turn into something else.
      expect(calls).toBe(bare.calls + 1)
      expect(record).toMatchObject({ message: 'List Person', results: null })
    })

    it.each<[string, unknown, AuditedOptions]>([
      ['a list', rows, { listResults: true }],
      ['an object with a list', { count: rows.length, rows }, {}],
      ['an object with many keys', { rows: Object.fromEntries(rows.map((row) => [`r${row.id}`, row])) }, {}],
    ])('replaces only as much of %s as is recorded', async (_what, body, options) => {
      const bare = await countReplacer(body)
      const { calls, record } = await countReplacer(body, options)
      expect(calls - bare.calls).toBeLessThan(4000)
      expect(JSON.stringify(record.results)).not.toContain('bsn')
      expect(JSON.stringify(record.results)).toContain('20000')
      expect(record.truncated).toEqual(['results'])
    })
  })
})

it('records no results if the client leaves while failClosed holds the response', async () => {
  const sink = new ControllableSink('hold')
  const app = express5().use(auditLog({ sink, failClosed: true }))
  app.get('/persons', audited('Person', { fields: 'all' }), (_req, res) => void res.json(person))
  const server = createServer(app)
  const connected = once(server, 'connection')
  const { port } = await listenOn(server)
  const client = new RawClient(port).send(rawRequest('/persons'))
  const write = await sink.next()
  expect(write.record.results).toEqual(person)
  client.socket.resetAndDestroy()
  const [socket] = await connected
  await new Promise((resolve) => socket.once('close', resolve))
  write.accept()
  await sink.acceptOldest()
  expect(sink.last().audit).toMatchObject({ stage: 'corrected', ended: 'aborted', results: null })
})

describe.each([
  ['Koa 2', Koa2 as unknown as typeof Koa3],
  ['Koa 3', Koa3],
])('%s', (_name, Koa) => {
  type Middleware = (ctx: Koa3.Context, next: () => Promise<unknown>) => unknown
  async function requestOne(outer: Middleware, handle: Middleware, options: AuditedOptions = {}) {
    const sink = memory()
    const app = new Koa()
    app.silent = true
    app
      .use(auditKoa({ sink }))
      .use(outer)
      .use(auditedKoa('Person', { fields: 'all', ...options }) as never)
      .use(handle)
    const { url } = await startServer(app.callback())
    const response = await fetch(url)
    const text = await response.text()
    return { status: response.status, text, record: (await sink.waitFor(1))[0].audit }
  }
  const sendPerson: Middleware = (ctx) => {
    ctx.body = person
  }
  const bodyBy = (create: (body: unknown) => unknown) => (ctx: Koa3.Context) => {
    ctx.body = create(ctx.body)
  }
  const replaceBody =
    (replace: (ctx: Koa3.Context) => unknown): Middleware =>
    async (ctx, next) => {
      await next()
      await replace(ctx)
    }

  it.each<[string, (ctx: Koa3.Context) => unknown, unknown]>([
    ['a wrapper of it', bodyBy((body) => ({ data: body })), person],
    ['its JSON text', bodyBy((body) => JSON.stringify(body)), person],
    ['a stream of its JSON', bodyBy((body) => Readable.from([JSON.stringify(body)])), person],
    ['another object', bodyBy(() => ({ lastName: 'Jansen' })), { lastName: 'Jansen' }],
    ['an error page', bodyBy(() => '<p>Later</p>'), null],
    [
      'a stream of a page',
      (ctx) => {
        ctx.type = 'html'
        ctx.body = Readable.from(['<p>Later</p>'])
      },
      null,
    ],
    ['nothing', bodyBy(() => null), null],
    [
      'a response of its own',
      (ctx) => {
        ctx.respond = false
        ctx.res.end('by hand')
      },
      null,
    ],
  ])('records what was sent if a middleware replaces the body by %s', async (_what, replace, results) => {
    const { record } = await requestOne(replaceBody(replace), sendPerson)
    expect(record.results).toEqual(results)
  })

  it('records a failure and no results if a middleware answers an error of the handler with status 200', async () => {
    const outer: Middleware = async (ctx, next) => {
      await next().catch(() => {
        ctx.body = { ok: false }
      })
    }
    const { status, record } = await requestOne(outer, (ctx) => {
      ctx.body = person
      fail()
    })
    expect(status).toBe(200)
    expect(record).toMatchObject({
      message: 'Retrieve Person: failed',
      action: 'retrieve',
      results: null,
      outcome: 'failure',
      reason: 'Error',
    })
  })

  it('records no list that replaces an object', async () => {
    const { record } = await requestOne(
      replaceBody((ctx) => {
        ctx.body = [{ id: 2 }]
      }),
      sendPerson,
    )
    expect(record.results).toBeNull()
  })

  it('records no results if the client leaves after the header', async () => {
    const sink = memory()
    const app = new Koa()
    app.silent = true
    app.use(auditKoa({ sink })).use(auditedKoa('Person') as never)
    app.use(async (ctx) => {
      ctx.status = 200
      ctx.flushHeaders()
      await once(ctx.req.socket, 'close')
      ctx.body = person
    })
    const { port } = await listenOn(createServer(app.callback()))
    const client = new RawClient(port).send(rawRequest('/'))
    await client.waitFor(/\r\n\r\n/)
    client.socket.destroy()
    const { audit } = (await sink.waitFor(1))[0]
    expect(audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted', results: null })
  })

  it.each<[string, () => unknown]>([
    ['a getter `pipe` that throws', () => Object.defineProperty({ id: 1 }, 'pipe', { get: fail })],
    ['a proxy that throws', () => new Proxy({}, { has: fail, get: fail, getPrototypeOf: fail })],
  ])('does not change the response to a body with %s', async (_what, createBody) => {
    const sendBody: Middleware = (ctx) => {
      ctx.body = createBody()
    }
    const bare = new Koa()
    bare.silent = true
    const { url } = await startServer(bare.use(sendBody).callback())
    const response = await fetch(url)
    const { status, text } = await requestOne((_ctx, next) => next(), sendBody)
    expect([status, text]).toEqual([response.status, await response.text()])
  })

  it('lets the inner audited() decide', async () => {
    const outer = auditedKoa('Anything') as unknown as Middleware
    const { record } = await requestOne(outer, sendPerson, { fields: ['id'] })
    expect(record).toMatchObject({ results: { id: 1 }, filter: { object: 'Person' } })
  })
})

function fail(): never {
  throw new Error('for the test')
}

describe('Express 5', () => {
  it('records the first of two arguments of res.json, which is what Express 5 sends', async () => {
    const sink = memory()
    const app = express5().use(auditLog({ sink }))
    app.get('/persons', audited('Person', { fields: 'all' }), (_req, res) => {
      ;(res.json as (...given: unknown[]) => unknown)(200, person)
    })
    const { url } = await startServer(app)
    expect(await (await fetch(`${url}/persons`)).text()).toBe('200')
    expect((await sink.waitFor(1))[0].audit.results).toBe(200)
  })
})

it('records what was sent over HTTP/2', async () => {
  const sink = memory()
  const app = new Koa3()
  app.use(auditKoa({ sink })).use(auditedKoa('Person', { fields: 'all' }) as never)
  app.use((ctx) => {
    ctx.body = person
  })
  const { port } = await listenOn(createHttp2Server(app.callback()))
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  for (const method of ['GET', 'HEAD']) {
    const stream = client.request({ ':path': '/persons', ':method': method }).resume()
    await once(stream, 'close')
  }
  client.close()
  const records = await sink.waitFor(2)
  expect(records.map(({ audit }) => audit.results)).toEqual([person, null])
})

describe('the option `action`', () => {
  it.each<[AuditedOptions['action'], string, string, string[], number, string]>([
    ['list', 'POST', 'List Person', ['access'], 2, 'Read'],
    ['retrieve', 'POST', 'Retrieve Person', ['access'], 2, 'Read'],
    ['destroy', 'POST', 'Destroy Person', ['deletion'], 4, 'Delete'],
    ['update', 'POST', 'Update of Person', ['change'], 3, 'Update'],
    ['partial_update', 'GET', 'Partial update of Person', ['change'], 3, 'Update'],
    ['create', 'PUT', 'Created Person object', ['creation'], 1, 'Create'],
    [undefined, 'POST', 'Created Person object', ['creation'], 1, 'Create'],
  ])(
    '%s by %s decides the message and what every format derives from it',
    async (action, method, ...expected) => {
      const [message, type, activity_id, activity_name] = expected
      const sinks = { audit: memory(), ecs: memory(), ocsf: memory() }
      for (const format of ['audit', 'ecs', 'ocsf'] as const) {
        const app = express5().use(auditLog({ sink: sinks[format], format }))
        app.all('/persons', audited('Person', { action }), (_req, res) => void res.json({ id: 1 }))
        const { url } = await startServer(app)
        await (await fetch(`${url}/persons`, { method })).text()
      }
      const [audit] = await sinks.audit.waitFor(1)
      const [ecs] = await sinks.ecs.waitFor<Record<string, unknown>>(1)
      const [ocsf] = await sinks.ocsf.waitFor<Record<string, unknown>>(1)
      const name = action ?? 'create'
      expect(audit.audit).toMatchObject({ message, action: name, http_request: { method } })
      expect(ecs).toMatchObject({
        message,
        event: { type, action: name },
        Audit: { operation: `${method} /persons` },
      })
      expect(ocsf).toMatchObject({
        message,
        activity_id,
        activity_name,
        type_uid: 600_300 + activity_id,
        unmapped: { operation: `${method} /persons` },
      })
    },
  )

  it('follows the method that method-override sets, because the handler of that method runs', async () => {
    const sink = memory()
    const app = express5()
      .use(auditLog({ sink, format: 'ecs' }))
      .use(methodOverride('X-HTTP-Method-Override'))
    app.delete('/persons', audited('Person', { fields: 'all' }), (_req, res) => void res.status(204).end())
    const { url } = await startServer(app)
    await fetch(`${url}/persons`, { method: 'POST', headers: { 'x-http-method-override': 'DELETE' } })
    expect((await sink.waitFor<Record<string, unknown>>(1))[0]).toMatchObject({
      message: 'Destroy Person',
      http: { request: { method: 'POST' } },
      event: { type: ['deletion'], action: 'destroy' },
    })
  })

  it('is recorded for a request that failed', async () => {
    const sink = memory()
    const app = express5().use(auditLog({ sink, format: 'ecs' }))
    app.post('/persons', audited('Person', { action: 'destroy' }), (_req, res) => void res.status(403).end())
    const { url } = await startServer(app)
    await (await fetch(`${url}/persons`, { method: 'POST' })).text()
    expect((await sink.waitFor<Record<string, unknown>>(1))[0]).toMatchObject({
      message: 'Destroy Person: denied (403)',
      event: { category: ['api'], type: ['deletion', 'denied'] },
    })
  })
})

describe.each(routedApps)('%s, by the status of the response', (_name, build) => {
  async function recordOf(method: Route['method'], status: number) {
    const sink = memory()
    const route: Route = {
      method,
      path: '/persons',
      objectName: 'Person',
      handle: ({ send }) => send(person, status),
    }
    const { url } = await startServer(build([route], { sink }))
    await (await fetch(`${url}/persons`, { method: method.toUpperCase(), redirect: 'manual' })).text()
    return (await sink.waitFor(1))[0].audit
  }

  it.each<[Route['method'], number, string, string]>([
    ['post', 300, 'create', 'Create Person: redirected (300)'],
    ['post', 302, 'create', 'Create Person: redirected (302)'],
    ['delete', 303, 'destroy', 'Destroy Person: redirected (303)'],
    ['put', 304, 'update', 'Update Person: not modified (304)'],
    ['patch', 307, 'partial_update', 'Partial update of Person: redirected (307)'],
    ['get', 302, 'retrieve', 'Retrieve Person: redirected (302)'],
  ])('records the attempt and no results of a %s with status %i', async (method, status, action, message) => {
    expect(await recordOf(method, status)).toMatchObject({ action, message, results: null })
  })

  it.each<[Route['method'], number, string, string]>([
    ['post', 202, 'create', 'Create Person: accepted (202)'],
    ['delete', 202, 'destroy', 'Destroy Person: accepted (202)'],
    ['patch', 207, 'partial_update', 'Partial update of Person: multi-status (207)'],
  ])('does not say that a %s with status %i was done', async (method, status, action, message) => {
    expect(await recordOf(method, status)).toMatchObject({ action, message, results: { id: 1 } })
  })

  it('says that a read with status 304 was done', async () => {
    expect(await recordOf('get', 304)).toMatchObject({ action: 'retrieve', message: 'Retrieve Person' })
  })

  it.each(['options', 'propfind'] as unknown as Route['method'][])(
    'records no results of a method without an action: %s',
    async (method) => {
      const record = await recordOf(method, 200)
      expect(record).toMatchObject({ message: '', results: null, filter: { object: 'Person' } })
      expect(record.action).toBeUndefined()
    },
  )
})

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('a middleware that replaces res.json in %s', (_name, express) => {
  const mask: RequestHandler = (_req, res, next) => {
    const json = res.json
    res.json = (body) => json.call(res, { ...body, bsn: undefined })
    next()
  }
  const auditedPerson = audited('Person', { fields: 'all' })
  const sent = { id: 1, last_name: 'Jansen' }

  it.each<[string, RequestHandler[], unknown]>([
    ['before audited()', [mask, auditedPerson], sent],
    ['after audited()', [auditedPerson, mask], sent],
    ['before two audited()', [mask, audited('Team'), auditedPerson], sent],
    ['between two audited()', [audited('Team'), mask, auditedPerson], sent],
    ['before audited() with fields', [mask, audited('Person', { fields: ['id', 'bsn'] })], { id: 1 }],
  ])('shows what was sent as results, if it is %s', async (_case, handlers, results) => {
    const sink = memory()
    const app = express().use(auditLog({ sink }))
    app.get('/persons', ...handlers, (_req: unknown, res: Response) => void res.json(person))
    const { url } = await startServer(app)
    expect(await (await fetch(`${url}/persons`)).json()).toEqual(sent)
    expect((await sink.waitFor(1))[0].audit.results).toEqual(results)
  })
})
