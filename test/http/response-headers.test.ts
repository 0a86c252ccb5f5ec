import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import type { Server } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express-4'
import helmet from 'helmet'
import { auditLog } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { BROWSER_POLICY_HEADERS } from '#src/record/header-names.js'
import { memory } from '../../src/index.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

type Options = Parameters<typeof auditLog>[0]

const POLICIES = helmet() as (request: IncomingMessage, response: ServerResponse, next: () => void) => void
// Assembled, so that scanners do not take it for a real one.
const SESSION = ['s', 'a1B2c3D4e5F6g7H8i9J0'].join('%3A')
/** The headers that a handler sets about what it did. */
const OF_THE_ACT = {
  location: '/persons/7',
  'content-disposition': 'attachment; filename="persons.csv"',
  'x-total-count': '1',
  'clear-site-data': '"cookies"',
}

function answer(response: ServerResponse): void {
  for (const [name, value] of Object.entries(OF_THE_ACT)) response.setHeader(name, value)
  response.setHeader('Set-Cookie', `auth_token=${SESSION}; HttpOnly`)
  response.statusCode = 201
  response.end('done')
}

function viaConnect(app: { use(...handlers: unknown[]): unknown }, options: Options): RequestListener {
  app.use(auditLog(options))
  app.use(POLICIES)
  app.use((request: { audit?: { info(message: string): void } }, response: ServerResponse) => {
    request.audit?.info(`Created by ${SESSION}`)
    answer(response)
  })
  return app as never
}

function viaKoa(Koa: typeof Koa3, options: Options): RequestListener {
  const app = new Koa()
  app.use(auditKoa(options as never))
  app.use((ctx) => {
    POLICIES(ctx.req, ctx.res, () => {})
    ctx.audit.info(`Created by ${SESSION}`)
    ctx.respond = false
    answer(ctx.res)
  })
  return app.callback()
}

const APPS: [string, (options: Options) => RequestListener][] = [
  ['Express 4', (options) => viaConnect(express4() as never, options)],
  ['Express 5', (options) => viaConnect(express5() as never, options)],
  ['Connect', (options) => viaConnect(connect() as never, options)],
  ['Koa 2', (options) => viaKoa(Koa2 as never, options)],
  ['Koa 3', (options) => viaKoa(Koa3, options)],
]

async function recordOf(build: (options: Options) => RequestListener, options: Options) {
  const sink = memory()
  const { url } = await startServer(build({ ...options, sink }))
  await (await fetch(url, { redirect: 'manual' })).text()
  const [{ audit }] = await sink.waitFor(1)
  return audit
}

describe.each(APPS)('responseHeaders in %s', (_name, build) => {
  it('leaves out by default what tells browsers how to treat every response, and nothing else', async () => {
    const { http_response, truncated } = await recordOf(build, {})
    const all = (await recordOf(build, { responseHeaders: 'all' })).http_response.headers
    expect(http_response.headers).toMatchObject({
      ...OF_THE_ACT,
      'set-cookie': ['auth_token=[REDACTED]; HttpOnly'],
    })
    const omitted = Object.keys(all).filter((name) => !Object.hasOwn(http_response.headers, name))
    expect(omitted).toHaveLength(12)
    expect(omitted.filter((name) => !BROWSER_POLICY_HEADERS.has(name))).toEqual([])
    expect(truncated).toBeUndefined()
  })

  it('records a list of names, in which case does not matter', async () => {
    const responseHeaders = ['Location', 'x-frame-options', 'x-none']
    const { http_response, truncated } = await recordOf(build, { responseHeaders })
    expect(http_response).toEqual({
      status_code: 201,
      reason: 'Created',
      headers: { location: '/persons/7', 'x-frame-options': 'SAMEORIGIN' },
    })
    expect(truncated).toBeUndefined()
  })

  it.each([
    ['none', null],
    [['x-none'], {}],
  ] as const)(
    '%p records none, and hides their secrets in the rest of the record',
    async (responseHeaders, headers) => {
      const { http_response, message } = await recordOf(build, { responseHeaders })
      expect(http_response).toEqual({ status_code: 201, reason: 'Created', headers })
      expect(message).toBe('Created by [REDACTED]')
    },
  )

  it('records all in the format datapunt, unless the option is set', async () => {
    const all = await recordOf(build, { format: 'datapunt' })
    expect(all.http_response.headers).toHaveProperty('content-security-policy')
    const none = await recordOf(build, { format: 'datapunt', responseHeaders: 'none' })
    expect(none.http_response.headers).toBeNull()
  })
})

describe('responseHeaders', () => {
  it.each(['all', undefined, 'none'] as const)('%p applies to HTTP/2', async (responseHeaders) => {
    const sink = memory()
    const app = auditLog({ sink, responseHeaders })
    const server = createHttp2Server((request, response) => {
      app(request as never, response as never)
      response.setHeader('x-frame-options', 'DENY')
      response.setHeader('x-total-count', '1')
      response.end()
    })
    const { url } = await listenOn(server as unknown as Server)
    const session = connectHttp2(url)
    const stream = session.request({ ':path': '/' })
    stream.resume()
    await once(stream, 'close')
    session.close()
    const [{ audit }] = await sink.waitFor(1)
    const { headers } = audit.http_response
    if (responseHeaders === 'none') expect(headers).toBeNull()
    else {
      expect(headers).toHaveProperty('x-total-count', '1')
      expect(Object.hasOwn(headers, 'x-frame-options')).toBe(responseHeaders === 'all')
    }
  })

  it('applies to stand-ins for a response', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const { url } = await startServer((_request, response) => {
      const standIn = Object.assign(Object.create(null), {
        statusCode: 200,
        getHeaders: () => ({ 'x-frame-options': 'DENY', 'x-total-count': '1' }),
        on() {},
        end() {},
      })
      audit({ method: 'GET', url: '/', headers: {}, rawHeaders: [] } as never, standIn)
      standIn.end()
      response.end()
    })
    await (await fetch(url)).text()
    const [{ audit: record }] = await sink.waitFor(1)
    expect(record.http_response.headers).toEqual({ 'x-total-count': '1' })
  })

  it('applies to requests that Node answers itself', async () => {
    const sink = memory()
    const audit = auditLog({ sink, responseHeaders: ['connection'] })
    const { server, port } = await startServer((_request, response) => response.end())
    audit.recordClientErrors(server)
    const client = (await import('node:net')).connect(port, '127.0.0.1')
    client.write('nonsense\r\n\r\n')
    await once(client.resume(), 'close')
    const [{ audit: record }] = await sink.waitFor(1)
    expect(record.http_response).toMatchObject({ status_code: 400, headers: { connection: 'close' } })
  })

  it('finds a listed header behind others that have more bytes than a record', async () => {
    const app = express5()
    const sink = memory()
    app.use(auditLog({ sink, responseHeaders: ['location'], maxRecordBytes: 2048 }))
    app.use((_request, response) => {
      response.setHeader('x-large', 'x'.repeat(5000))
      response.setHeader('location', '/persons/7')
      response.end()
    })
    const { url } = await startServer(app)
    await (await fetch(url)).text()
    const [{ audit }] = await sink.waitFor(1)
    expect(audit.http_response.headers).toEqual({ location: '/persons/7' })
    expect(audit).not.toHaveProperty('truncated')
  })

  it('is that of the middleware on the same server that sees the request', async () => {
    const [first, second] = [memory(), memory()]
    const app = express5()
    app.use('/a', auditLog({ sink: first, responseHeaders: 'all' }))
    app.use('/b', auditLog({ sink: second }))
    app.use((_request, response) => {
      response.setHeader('x-frame-options', 'DENY')
      response.end()
    })
    const { url } = await startServer(app)
    for (const path of ['/a', '/b', '/a']) await (await fetch(`${url}${path}`)).text()
    const hasPolicy = ({ audit }: { audit: { http_response: { headers: object } } }) =>
      Object.hasOwn(audit.http_response.headers, 'x-frame-options')
    expect((await first.waitFor(2)).map(hasPolicy)).toEqual([true, true])
    expect((await second.waitFor(1)).map(hasPolicy)).toEqual([false])
  })

  it.each<[unknown, string]>([
    [
      'some',
      "Expected `responseHeaders` to be 'all', 'none' or an array of one or more header names, such as ['location'], got 'some' (string)",
    ],
    [
      [],
      "Expected `responseHeaders` to be 'all', 'none' or an array of one or more header names, such as ['location'], got [] (array)",
    ],
    [true, 'got true (boolean)'],
    [null, 'got null (null)'],
    [
      ['location', ''],
      "Expected `responseHeaders[1]` to be the name of a header, such as 'location', got '' (string)",
    ],
    [
      ['set cookie'],
      "Expected `responseHeaders[0]` to be the name of a header, such as 'location', got 'set cookie' (string)",
    ],
    [[7], 'Expected `responseHeaders[0]`'],
  ])('%p is an error at start-up', (responseHeaders, message) => {
    expect(() => auditLog({ responseHeaders } as never)).toThrow(message)
  })
})
