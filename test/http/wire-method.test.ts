import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { afterEach, describe, expect, it } from '@jest/globals'
import KoaRouter from '@koa/router'
import express5 from 'express'
import express4 from 'express-4'
import { audited, auditLog, type MemorySink, memory, type PolicyRule } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import methodOverride from 'method-override'
import { readWireMethod } from '#src/http/wire-method.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

/** Records no GET, so a DELETE that counts as a GET leaves no record. */
const POLICY: PolicyRule[] = [{ level: 'none', methods: ['GET'] }, { level: 'full' }]

type Listener = Parameters<typeof startServer>[0]

async function recordOf(sink: MemorySink, listener: Listener, request: RequestInit & { path?: string }) {
  const { url } = await startServer(listener)
  await (await fetch(url + (request.path ?? '/'), request)).text()
  const [record] = await sink.waitFor(1)
  return record.audit
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('the method in %s', (_name, express) => {
  const header = (value: string) => ({ 'x-http-method-override': value })
  const body = (value: string) => ({
    body: `_method=${value}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  const overrideByBody = [
    express.urlencoded({ extended: false }),
    methodOverride((req) => (req as express5.Request).body?._method, { methods: null as never }),
  ]
  const any = { methods: null as never }

  it.each<[string, express5.RequestHandler[], RequestInit & { path?: string }]>([
    [
      'a header',
      [methodOverride('X-HTTP-Method-Override', any)],
      { method: 'DELETE', headers: header('GET') },
    ],
    ['a header', [methodOverride()], { method: 'POST', headers: header('GET') }],
    ['the query', [methodOverride('_method', any)], { method: 'DELETE', path: '/?_method=GET' }],
    ['the body', overrideByBody, { method: 'PUT', ...body('GET') }],
    [
      'a middleware of the application',
      [
        (req, _res, next) => {
          req.method = 'GET'
          next()
        },
      ],
      { method: 'DELETE' },
    ],
  ])(
    'is the one on the wire if %s overrides it, before and after auditLog',
    async (_case, override, request) => {
      for (const isFirst of [true, false]) {
        const sink = memory()
        const app = express()
        const audit = auditLog({ sink, policy: POLICY })
        app.use(isFirst ? [audit, ...override] : ([...override, audit] as never))
        app.use((_req, res) => void res.json({}))
        const record = await recordOf(sink, app, request)
        expect(record.http_request.method).toBe(request.method)
      }
    },
  )

  it('is the one on the wire beside the action of the route that handled the request', async () => {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink }), methodOverride())
    app.delete('/persons/:id', audited('Person'), (_req, res) => void res.json({}))
    const record = await recordOf(sink, app, {
      method: 'POST',
      path: '/persons/7',
      headers: header('DELETE'),
    })
    expect(record).toMatchObject({
      http_request: { method: 'POST' },
      message: 'Destroy Person',
      route: '/persons/:id',
    })
  })
})

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('the method in %s', (_name, Koa) => {
  it.each([true, false])(
    'is the one on the wire if ctx.method is set (auditLog first: %p)',
    async (isFirst) => {
      const sink = memory()
      const app = new Koa()
      const override: Koa3.Middleware = (ctx, next) => {
        ctx.method = 'GET'
        return next()
      }
      const audit = auditKoa({ sink, policy: POLICY })
      app.use(isFirst ? audit : override).use(isFirst ? override : audit)
      app.use(
        new KoaRouter()
          .get('/', (ctx) => {
            ctx.body = {}
          })
          .routes(),
      )
      const record = await recordOf(sink, app.callback(), { method: 'DELETE' })
      expect(record).toMatchObject({
        http_request: { method: 'DELETE' },
        http_response: { status_code: 200 },
      })
    },
  )
})

describe('the method in node:http', () => {
  it('is the one on the wire if the handler changes it later', async () => {
    const sink = memory()
    const audit = auditLog({ sink, policy: POLICY })
    const record = await recordOf(
      sink,
      (req: IncomingMessage, res: ServerResponse) => {
        audit(req, res)
        req.method = 'GET'
        res.end()
      },
      { method: 'DELETE' },
    )
    expect(record.http_request.method).toBe('DELETE')
  })
})

describe('the method in node:http2', () => {
  it('is the one of the header :method', async () => {
    const sink = memory()
    const audit = auditLog({ sink, policy: POLICY })
    const server = createHttp2Server((req, res) => {
      Object.assign(req, { method: 'GET' })
      audit(req, res)
      res.end()
    })
    const { url } = await listenOn(server)
    const session = connectHttp2(url)
    const stream = session.request({ ':method': 'DELETE', ':path': '/' })
    stream.resume()
    await once(stream, 'close')
    session.close()
    const [record] = await sink.waitFor(1)
    expect(record.audit.http_request.method).toBe('DELETE')
  })
})

describe('the method where Node does not publish requests', () => {
  it.each<[string, object, unknown, string]>([
    ['originalMethod of the request', { method: 'GET', originalMethod: 'DELETE' }, undefined, 'DELETE'],
    ['originalMethod of the Koa request', { method: 'GET' }, { request: { originalMethod: 'PUT' } }, 'PUT'],
    ['the current method', { method: 'GET' }, {}, 'GET'],
    ['the current method, if the other is no method', { method: 'GET', originalMethod: 'a b' }, {}, 'GET'],
    ['the current method, if the other is no string', { method: 'GET', originalMethod: {} }, {}, 'GET'],
    [
      'the current method, if the other throws',
      {
        method: 'GET',
        get originalMethod() {
          throw new Error('for the test')
        },
      },
      undefined,
      'GET',
    ],
    ['empty without any', {}, undefined, ''],
  ])('is %s', (_case, request, context, expected) => {
    expect(readWireMethod(request as IncomingMessage, context)).toBe(expected)
  })
})
