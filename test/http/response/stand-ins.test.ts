// Responses without a connection of an HTTP server: serverless adapters, injected requests, mocks.
import { EventEmitter } from 'node:events'
import { createServer, IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import { Duplex, PassThrough, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { configure as serverlessExpress } from '@codegenie/serverless-express'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express-4'
import { auditErrors, auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import { createMocks } from 'node-mocks-http'
import serverlessHttp from 'serverless-http'
import { runScript } from '../../helpers/child-process.js'
import { listenOn, stopServers } from '../../helpers/servers.js'
import { collectGarbage } from '../../helpers/v8.js'

afterEach(stopServers)

interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
}

/** An adapter sends one request, and resolves to what it would hand over to its platform. */
type Adapter = (listener: RequestListener, path: string, method?: string) => Promise<Answer>

function gatewayEvent(path: string, method: string) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'api.example.org', 'x-forwarded-for': '192.0.2.7' },
    requestContext: {
      accountId: '1',
      apiId: 'a',
      domainName: 'api.example.org',
      domainPrefix: 'api',
      requestId: 'r',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: 'test' },
    },
    isBase64Encoded: false,
  }
}

interface GatewayResult {
  readonly statusCode: number
  readonly headers?: Record<string, unknown>
}

const adapters: Record<string, Adapter> = {
  async 'serverless-http'(listener, path, method = 'GET') {
    const handler = serverlessHttp(listener)
    const result = (await handler(gatewayEvent(path, method), {})) as GatewayResult
    return { status: result.statusCode, headers: result.headers ?? {} }
  },
  async '@codegenie/serverless-express'(listener, path, method = 'GET') {
    // The adapter calls `handle`, as Express's apps have it.
    const app = Object.assign((req: never, res: never) => listener(req, res), { handle: listener })
    const handler = serverlessExpress({ app: app as never })
    const result = (await handler(gatewayEvent(path, method), {} as never, () => {})) as GatewayResult
    return { status: result.statusCode, headers: result.headers ?? {} }
  },
  async 'node-mocks-http with events'(listener, path, method = 'GET') {
    const { req, res } = createMocks({ method: method as 'GET', url: path }, { eventEmitter: EventEmitter })
    const ended = new Promise((resolve) => res.on('end', resolve))
    listener(req as never, res as never)
    await ended
    return { status: res.statusCode, headers: res.getHeaders() }
  },
}

type Sink = ReturnType<typeof memory>

function route(path: string, response: ServerResponse): void {
  if (path === '/created') {
    // Not chained: `writeHead` of some adapters returns nothing.
    response.writeHead(201, { 'content-type': 'text/plain' })
    response.end('hello')
  } else if (path === '/implicit') {
    response.setHeader('content-type', 'text/plain')
    response.end('hello')
  } else if (path === '/pieces') {
    response.setHeader('content-type', 'text/plain')
    response.write('a')
    setImmediate(() => response.end('b'))
  } else if (path === '/empty') {
    response.statusCode = 204
    response.end()
  } else response.end('?')
}

function expressApp(express: typeof express5, sink: Sink): RequestListener {
  const app = express()
  app.set('env', 'test')
  app.use(auditLog({ sink }))
  app.get('/json', (req, res) => {
    res.status(202).json({ id: 1 })
    // After the response has been ended, but in the same turn.
    req.audit.info('Set last')
  })
  app.get('/throws', () => {
    throw new Error('The handler failed')
  })
  app.use(auditErrors())
  return app
}

const frameworks: Record<string, (sink: Sink) => RequestListener> = {
  'Express 4': (sink) => expressApp(express4 as never, sink),
  'Express 5': (sink) => expressApp(express5, sink),
  Connect: (sink) => {
    const app = connect()
    app.use(auditLog({ sink }))
    app.use('/json', (req, res) => {
      res.statusCode = 202
      res.setHeader('content-type', 'application/json; charset=utf-8')
      res.end('{}')
      ;(req as express5.Request).audit.info('Set last')
    })
    app.use('/throws', () => {
      throw new Error('The handler failed')
    })
    return app
  },
  'Koa 3': (sink) => {
    const app = new Koa3()
    app.silent = true
    app.use(auditKoa({ sink }))
    app.use((ctx) => {
      if (ctx.path === '/throws') throw new Error('The handler failed')
      if (ctx.path !== '/json') return
      ctx.status = 202
      ctx.body = { id: 1 }
      ctx.audit.info('Set last')
    })
    return app.callback()
  },
}

describe.each(Object.entries(adapters))('%s', (name, send) => {
  const isMock = name.startsWith('node-mocks-http')

  it.each([
    ['/created', 201],
    ['/implicit', 200],
    ['/pieces', 200],
    ['/empty', 204],
  ])('records the response that node:http gives: %s', async (path, status) => {
    const sink = memory()
    const audit = auditLog({ sink })
    const answer = await send((request, response) => {
      audit(request, response)
      route(request.url ?? '', response)
    }, path)
    // The record is there when the promise of the adapter has resolved.
    expect(sink.records().map(({ audit: record }) => record)).toEqual([
      expect.objectContaining({
        ended: 'completed',
        outcome: 'success',
        http_response: expect.objectContaining({ status_code: status }),
      }),
    ])
    expect(answer.status).toBe(status)
    expect(sink.last().audit.http_response.headers['content-type']).toBe(answer.headers['content-type'])
    expect(audit.stats().inFlight).toBe(0)
  })

  it('records no header that the adapter does not hand over', async () => {
    const sink = memory()
    const audit = auditLog({ sink, redact: false })
    const answer = await send((request, response) => {
      audit(request, response)
      response.setHeader('x-kind', 'test')
      response.setHeader('content-length', 2)
      response.end('ok')
    }, '/')
    const handedOver = Object.fromEntries(
      Object.entries(answer.headers).map(([key, value]) => [key.toLowerCase(), String(value)]),
    )
    const { headers } = sink.last().audit.http_response
    expect(headers).toMatchObject({ 'x-kind': 'test', 'content-length': '2' })
    expect(handedOver).toMatchObject(headers)
  })

  it('records a response to HEAD', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    await send(
      (request, response) => {
        audit(request, response)
        route('/created', response)
      },
      '/created',
      'HEAD',
    )
    expect(sink.last().audit).toMatchObject({ http_response: { status_code: 201 }, ended: 'completed' })
  })

  if (!isMock) {
    it.each(Object.entries(frameworks))('records the responses of %s', async (_name, build) => {
      const sink = memory()
      const app = build(sink)
      for (const [path, status] of [
        ['/json', 202],
        ['/throws', 500],
        ['/missing', 404],
      ] as const) {
        const before = sink.lines.length
        expect((await send(app, path)).status).toBe(status)
        expect(sink.lines).toHaveLength(before + 1)
        expect(sink.last().audit).toMatchObject({
          http_response: { status_code: status },
          ended: 'completed',
          outcome: status < 400 ? 'success' : 'failure',
          message: path === '/json' ? 'Set last' : '',
        })
      }
    })
  }

  it('keeps nothing of 5,000 requests in memory', async () => {
    const lines = { count: 0 }
    const audit = auditLog({ sink: { write: () => void lines.count++ } })
    const listener: RequestListener = (request, response) => {
      audit(request, response)
      response.setHeader('content-type', 'text/plain')
      response.end('hello')
    }
    const run = async (count: number) => {
      for (let index = 0; index < count; index++) await send(listener, '/')
      await delay(0)
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    // The heap of one round may contain what the engine has not collected yet, so the least growth of several rounds counts.
    let before = await run(500)
    let growth = Number.POSITIVE_INFINITY
    for (let round = 0; round < 5; round++) {
      const after = await run(1000)
      growth = Math.min(growth, (after - before) / 1000)
      before = after
    }
    expect(lines.count).toBe(5500)
    expect(audit.stats().inFlight).toBe(0)
    expect(growth).toBeLessThan(500)
  }, 60_000)
})

function createRequest(overrides: object = {}): IncomingMessage {
  const request = new IncomingMessage(new PassThrough() as never)
  return Object.assign(request, { method: 'GET', url: '/persons', headers: { host: 'a' } }, overrides)
}

/** Runs a handler that sends 201 on a response, and returns the records after the current turn. */
async function answer(
  request: object,
  response: object,
  handle = (res: ServerResponse) => void Object.assign(res, { statusCode: 201 }).end('hello'),
) {
  const sink = memory()
  const audit = auditLog({ sink })
  audit(request as IncomingMessage, response as ServerResponse)
  handle(response as ServerResponse)
  await delay(0)
  return { records: sink.records().map((line) => line.audit), sink, audit }
}

class OwnSocket extends Duplex {
  override _read() {}
  override _write(_chunk: unknown, _encoding: unknown, callback: () => void) {
    callback()
  }
}

function assigned(socket: Duplex | Writable): ServerResponse {
  const response = new ServerResponse(createRequest())
  response.assignSocket(socket as never)
  return response
}

describe('a response of a test', () => {
  it.each<[string, () => object, ended: string]>([
    ['a plain object', () => ({ end() {} }), 'completed'],
    ['a plain object whose end() is a mock function', () => ({ end: jest.fn(), on: jest.fn() }), 'completed'],
    ['node-mocks-http without events', () => createMocks().res, 'completed'],
    ['an emitter without events', () => Object.assign(new EventEmitter(), { end() {} }), 'completed'],
    [
      'an emitter that finishes later',
      () =>
        Object.assign(new EventEmitter(), {
          end(this: EventEmitter) {
            process.nextTick(() => this.emit('finish'))
          },
        }),
      'completed',
    ],
    [
      'an emitter that only closes',
      () =>
        Object.assign(new EventEmitter(), {
          end(this: EventEmitter) {
            process.nextTick(() => this.emit('close'))
          },
        }),
      'completed',
    ],
    [
      'a writable stream',
      () => new Writable({ write: (_chunk, _encoding, callback) => callback() }),
      'completed',
    ],
    ['on a PassThrough', () => assigned(new PassThrough()), 'completed'],
    ['on a Duplex', () => assigned(new OwnSocket()), 'completed'],
    ['on a Writable', () => assigned(new Writable({ write: (_c, _e, done) => done() })), 'completed'],
    ['without a socket', () => new ServerResponse(createRequest()), 'unknown'],
  ])('is recorded once, with its status: %s', async (_name, create, ended) => {
    for (const request of [createRequest(), { method: 'GET', url: '/', headers: {} }]) {
      const { records, audit } = await answer(request, create())
      expect(records).toEqual([
        expect.objectContaining({ ended, http_response: expect.objectContaining({ status_code: 201 }) }),
      ])
      expect(records[0]?.outcome).toBe(ended === 'completed' ? 'success' : 'unknown')
      expect(audit.stats().inFlight).toBe(0)
    }
  })

  it.each<[string, (response: ServerResponse) => undefined]>([
    [
      'statusCode is changed after writeHead()',
      (response) => {
        response.writeHead(403, 'Not You', { 'x-a': '1' })
        response.statusCode = 200
        response.statusMessage = 'OK'
        response.end('hello')
      },
    ],
    [
      'statusCode is changed after end()',
      (response) => {
        response.end('hello')
        response.statusCode = 500
      },
    ],
    [
      'statusCode is changed after write()',
      (response) => {
        response.statusCode = 404
        response.write('hello')
        response.statusCode = 500
        response.end()
      },
    ],
  ])(
    'is recorded as it was written to the stream that stands in for a connection: %s',
    async (_name, handle) => {
      for (const Kind of [PassThrough, Writable]) {
        let written = ''
        const socket = new Kind({
          write(chunk: unknown, _encoding: unknown, done: () => void) {
            written += chunk
            done()
          },
        })
        const { sink } = await answer(createRequest(), assigned(socket), handle)
        const [{ audit }] = await sink.waitFor(1)
        const { status_code, reason, headers } = audit.http_response
        expect(written).toContain(`HTTP/1.1 ${status_code} ${reason}\r\n`)
        expect(written.toLowerCase()).toContain(`\r\ndate: ${headers.date}\r\n`.toLowerCase())
        expect(audit).toMatchObject({
          ended: 'completed',
          outcome: { 200: 'success', 403: 'denied' }[String(status_code)] ?? 'failure',
        })
      }
    },
  )

  it('keeps its mock function', async () => {
    const response = { end: jest.fn() }
    await answer(createRequest(), response)
    expect(response.end).toHaveBeenCalledTimes(1)
    expect(response.end).toHaveBeenCalledWith('hello')
  })

  it.each([0, 7, 1000, 200.5, '200', Number.NaN, null, undefined, {}])(
    'is recorded with status null if its status is %p',
    async (statusCode) => {
      const { records } = await answer(
        createRequest(),
        { end() {} },
        (response) => void Object.assign(response, { statusCode }).end(),
      )
      expect(records).toEqual([
        expect.objectContaining({
          outcome: 'unknown',
          http_response: expect.objectContaining({ status_code: null }),
        }),
      ])
    },
  )

  it('is recorded whatever its properties do', async () => {
    const response = new Proxy(
      { end() {} },
      {
        get(target, name) {
          if (name === 'end') return target.end
          throw new Error(`hostile: ${String(name)}`)
        },
        set: () => true,
      },
    )
    const { records } = await answer(createRequest(), response, (res) => void res.end('x'))
    expect(records).toEqual([])
    const frozen = Object.freeze(Object.assign(new EventEmitter(), { end() {}, statusCode: 201 }))
    const { sink } = await answer(createRequest(), frozen, (res) => void res.emit('finish'))
    expect(sink.last().audit).toMatchObject({ http_response: { status_code: 201 }, ended: 'completed' })
  })

  it('is recorded with the header values that can be text', async () => {
    const { records } = await answer(createRequest(), {
      end() {},
      getHeaders: () => ({ 'X-Number': 5, 'x-list': ['a', 'b'], 'x-object': {}, 'x-nothing': undefined }),
    })
    expect(records[0]?.http_response?.headers).toEqual({ 'x-number': '5', 'x-list': ['a', 'b'] })
  })

  it('is recorded as aborted, with status null, if it closes before it was ended', async () => {
    const { records } = await answer(
      createRequest(),
      new EventEmitter(),
      (response) => void response.emit('close'),
    )
    expect(records).toEqual([
      expect.objectContaining({
        ended: 'aborted',
        http_response: { status_code: null, reason: null, headers: null },
      }),
    ])
  })

  it('is recorded with ended unknown if its stand-in for a connection never confirms the last write', async () => {
    const response = assigned(new Writable({ write() {} }))
    const { sink } = await answer(createRequest(), response)
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ ended: 'unknown', http_response: { status_code: 201 } })
  })

  it('is recorded as aborted if it is destroyed, which some stand-ins answer with no event', async () => {
    const { records, audit } = await answer(
      createRequest(),
      { end() {}, destroy() {} },
      (response) => void response.destroy(),
    )
    expect(records).toEqual([expect.objectContaining({ ended: 'aborted', outcome: 'unknown' })])
    expect(audit.stats().inFlight).toBe(0)
  })

  it('is recorded as sent only once if it is ended twice', async () => {
    const { records } = await answer(createRequest(), { end() {} }, (response) => {
      response.end()
      response.end()
    })
    expect(records).toHaveLength(1)
  })
})

it('records a response of its own that a handler makes for a request of a server', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer((request, response) => {
    // As an application does that asks a part of itself.
    const inner = new ServerResponse(request)
    audit(request, inner)
    inner.writeHead(203).end('inner')
    response.end('outer')
  })
  const { url } = await listenOn(server)
  expect(await (await fetch(url)).text()).toBe('outer')
  const [record] = await sink.waitFor(1)
  expect(record.audit).toMatchObject({ http_response: { status_code: 203 }, ended: 'unknown' })
})

// A process of its own, because the package requires an ES module, which Jest cannot do on Node 20.
it('records the responses of light-my-request, and keeps nothing of them in memory', async () => {
  const { stdout } = await runScript(`
    import { setFlagsFromString } from 'node:v8'
    import { runInNewContext } from 'node:vm'
    import express from 'express'
    import { inject } from 'light-my-request'
    import { auditLog, memory } from 'http-audit-log'

    const sink = memory()
    const audit = auditLog({ sink })
    const app = express().set('env', 'test').use(audit)
    app.get('/json', (req, res) => void res.status(202).json({ id: 1 }))
    app.get('/head', (req, res) => void res.writeHead(201, { 'x-kind': 'a' }).end('hello'))
    app.get('/changed', (req, res) => {
      res.writeHead(403, { 'x-kind': 'a' })
      res.statusCode = 200
      res.end('hello')
    })
    app.get('/changed-late', (req, res) => {
      res.end('hello')
      res.statusCode = 500
    })
    app.get('/throws', () => { throw new Error('x') })
    app.get('/destroyed', (req, res) => void res.destroy())
    const results = []
    for (const url of ['/json', '/head', '/throws', '/missing', '/destroyed', '/changed', '/changed-late']) {
      const status = await inject(app, { url }).then(({ statusCode }) => statusCode, () => null)
      const { ended, http_response } = sink.last().audit
      results.push([status, http_response.status_code, ended, sink.lines.length])
    }
    for (const url of ['/json', '/changed', '/changed-late']) {
      const streamed = await inject(app, { url, payloadAsStream: true })
      for await (const _ of streamed.stream());
      results.push([streamed.statusCode, sink.last().audit.http_response.status_code, sink.last().audit.ended, sink.lines.length])
    }

    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    const counted = auditLog({ sink: { write() {} } })
    const run = async (count) => {
      for (let i = 0; i < count; i++) await inject((req, res) => { counted(req, res); res.end('x') }, '/')
      // The package itself needs some turns to forget its requests.
      for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve))
      collect()
      return process.memoryUsage().heapUsed
    }
    const before = await run(500)
    const growth = ((await run(5000)) - before) / 5000
    console.log(JSON.stringify({ results, growth, inFlight: counted.stats().inFlight }))`)
  const { results, growth, inFlight } = JSON.parse(stdout)
  expect(results).toEqual([
    [202, 202, 'completed', 1],
    [201, 201, 'completed', 2],
    [500, 500, 'completed', 3],
    [404, 404, 'completed', 4],
    [null, null, 'aborted', 5],
    [200, 200, 'completed', 6],
    [200, 200, 'completed', 7],
    [202, 202, 'completed', 8],
    [403, 403, 'completed', 9],
    [200, 200, 'completed', 10],
  ])
  expect(inFlight).toBe(0)
  expect(growth).toBeLessThan(500)
}, 60_000)
