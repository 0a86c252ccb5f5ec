// Each way in which an exchange can end, on each framework: one record at the end, which matches the response sent.
import { once } from 'node:events'
import { createServer, IncomingMessage, type Server, type ServerOptions, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import connectJs from 'connect'
import express5, { type Express } from 'express'
import express4 from 'express-4'
import { AuditLogger, auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { frameworks } from '../helpers/frameworks.js'
import { exchangeBytes, RawClient, rawRequest } from '../helpers/raw-client.js'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const NOTHING_LEFT = { status_code: null, reason: null, headers: null }
const CLOSE = { headers: 'Connection: close\r\n' }

describe.each(frameworks)('%s', (name, framework) => {
  async function listen(options: ServerOptions = {}) {
    const sink = memory()
    const server = createServer(options, await framework.build({ sink }))
    const { port, url } = await listenOn(server)
    return {
      server,
      port,
      url,
      /** Stops the server, so that all records are written, and returns the only one. */
      async onlyRecord() {
        await sink.waitFor(1)
        await stopServers()
        expect(sink.lines).toHaveLength(1)
        return sink.records()[0].audit
      },
      sink,
    }
  }

  it('records a 304 that the application sends', async () => {
    const { url, onlyRecord } = await listen()
    const response = await fetch(`${url}/etag`, { headers: { 'if-none-match': '"v1"' } })
    expect(response.status).toBe(304)
    expect(await onlyRecord()).toMatchObject({
      http_response: { status_code: 304, reason: 'Not Modified', headers: { etag: '"v1"' } },
      ended: 'completed',
      outcome: 'success',
    })
  })

  it.each([
    ['GET /persons HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['POST /persons HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ])('records the response that the client received if garbage follows its request: %j', async (head) => {
    const { port, onlyRecord } = await listen()
    const got = await new RawClient(port).send(`${head}no chunk and no request\r\n\r\n`).untilClosed()
    const { http_response, ended } = await onlyRecord()
    expect({ status: http_response.status_code, isWhole: ended === 'completed' }).toEqual({
      status: Number(got.slice(9, 12)),
      isWhole: got.includes('200 OK'),
    })
  })

  it('records the response that the client received if garbage follows a request whose response has begun', async () => {
    const { port, onlyRecord } = await listen()
    const client = new RawClient(port).send(rawRequest('/half'))
    await client.waitFor(/half of it/)
    client.socket.write('no request\r\n\r\n')
    await client.untilClosed()
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })

  it('records a response as completed if it was sent before its connection was destroyed', async () => {
    const { port, onlyRecord } = await listen()
    expect(await new RawClient(port).send(rawRequest('/destroyed-at-end')).untilClosed()).toMatch(
      /200 OK[\s\S]*all of it/,
    )
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })

  it('records a response as aborted if it was not sent before its connection was destroyed', async () => {
    const { port, onlyRecord } = await listen()
    await new RawClient(port).send(rawRequest('/destroyed-at-end/large')).untilClosed()
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })

  it('records http_response null for a response that was written to the connection by hand', async () => {
    const { port, onlyRecord } = await listen()
    expect(await new RawClient(port).send(rawRequest('/detached')).untilClosed()).toMatch(/by hand/)
    expect(await onlyRecord()).toMatchObject({ http_response: null, ended: 'aborted', outcome: 'unknown' })
  })

  it('records a 405 to a method that is not allowed', async () => {
    const { url, onlyRecord } = await listen()
    await fetch(`${url}/only-get`, { method: 'DELETE' })
    expect(await onlyRecord()).toMatchObject({
      http_request: { method: 'DELETE' },
      http_response: { status_code: 405, headers: { allow: 'GET' } },
      ended: 'completed',
      outcome: 'failure',
    })
  })

  it('records HEAD of a streamed body as completed, with the headers of the GET', async () => {
    const { url, onlyRecord } = await listen()
    const response = await fetch(`${url}/download`, { method: 'HEAD' })
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(await onlyRecord()).toMatchObject({
      http_response: { status_code: 200, headers: { 'content-type': 'application/octet-stream' } },
      ended: 'completed',
    })
  })

  it('records the status that was sent if a handler fails afterwards, and how the response ended', async () => {
    const { port, onlyRecord } = await listen()
    const client = new RawClient(port).send(rawRequest('/throws-after-data', CLOSE))
    await client.waitFor(/half of it/)
    // Koa leaves the connection open, so the client has to close it.
    if (name.startsWith('Koa')) client.socket.destroy()
    const answer = await client.untilClosed()
    const record = await onlyRecord()
    expect(record.http_response.status_code).toBe(200)
    // Nest ends the response as if it were complete; the others destroy it.
    expect(answer.endsWith('0\r\n\r\n')).toBe(name.startsWith('Nest'))
    expect(record.ended).toBe(name.startsWith('Nest') ? 'completed' : 'aborted')
    if (name.startsWith('Koa')) {
      expect(record.error).toEqual({ name: 'Error', message: 'The handler failed late' })
      expect(record.outcome).toBe('failure')
    }
  })

  it('records a client that disconnects from a handler that never responds', async () => {
    const { url, onlyRecord } = await listen()
    await expect(fetch(`${url}/never`, { signal: AbortSignal.timeout(100) })).rejects.toThrow()
    expect(await onlyRecord()).toMatchObject({ http_response: NOTHING_LEFT, ended: 'aborted' })
  })

  it.each([
    ['server.setTimeout()', (server: Server) => void server.setTimeout(50)],
    [
      'a time-out of the socket that the application ends',
      (server: Server) => server.on('connection', (socket) => socket.setTimeout(50, () => socket.destroy())),
    ],
  ])('records a handler that never responds, ended by %s', async (_case, limit) => {
    const { server, port, onlyRecord } = await listen()
    limit(server)
    expect(await exchangeBytes(port, rawRequest('/never'))).toBe('')
    expect(await onlyRecord()).toMatchObject({
      http_response: NOTHING_LEFT,
      ended: 'aborted',
      outcome: 'unknown',
    })
  })

  it('records the 408 that Node sends when server.requestTimeout ends an upload', async () => {
    const { port, onlyRecord } = await listen({ requestTimeout: 100, connectionsCheckingInterval: 20 })
    const upload = rawRequest('/never', { method: 'POST', headers: 'Content-Length: 10\r\n' })
    const answer = await exchangeBytes(port, `${upload}half`)
    expect(answer).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
    expect(await onlyRecord()).toMatchObject({
      http_response: { status_code: 408, reason: 'Request Timeout', headers: { connection: 'close' } },
      outcome: 'failure',
    })
  })

  it('records a streamed download once, when all of it was sent', async () => {
    const { url, onlyRecord } = await listen()
    const body = await (await fetch(`${url}/download`)).arrayBuffer()
    expect(body.byteLength).toBe(80 * 64 * 1024)
    expect(await onlyRecord()).toMatchObject({
      http_response: { status_code: 200, headers: { 'transfer-encoding': 'chunked' } },
      ended: 'completed',
    })
  })

  it('records a streamed download as aborted if the client disconnects in the middle', async () => {
    const { port, onlyRecord } = await listen()
    const client = new RawClient(port).send(rawRequest('/download'))
    await client.waitFor(/x/)
    client.socket.destroy()
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })

  it.each([
    ['the server ends', '/events?end', 'completed'],
    ['the client aborts', '/events', 'aborted'],
  ])('records server-sent events once, when %s them', async (_case, path, ended) => {
    const { port, sink, onlyRecord } = await listen()
    const client = new RawClient(port).send(rawRequest(path, CLOSE))
    await client.waitFor(/data: 3/)
    if (ended === 'aborted') {
      expect(sink.lines).toHaveLength(0)
      client.socket.destroy()
    }
    await client.untilClosed()
    expect(await onlyRecord()).toMatchObject({
      http_response: { status_code: 200, headers: { 'content-type': 'text/event-stream' } },
      ended,
    })
  })

  it('records a long poll when it is answered, with its duration', async () => {
    const { url, onlyRecord } = await listen()
    await (await fetch(`${url}/long-poll`)).text()
    const record = await onlyRecord()
    expect(record).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
    expect(record.duration_ms).toBeGreaterThan(40)
  })

  it('records the final response after early hints, and not the hints', async () => {
    const { port, onlyRecord } = await listen()
    const answer = await exchangeBytes(port, rawRequest('/early-hints', CLOSE))
    expect(answer).toMatch(/^HTTP\/1\.1 103 Early Hints\r\n[\s\S]*HTTP\/1\.1 200 OK\r\n/)
    const record = await onlyRecord()
    expect(record).toMatchObject({ http_response: { status_code: 200, reason: 'OK' }, ended: 'completed' })
    expect(record.http_response.headers).not.toHaveProperty('link')
  })

  it('records the final response to a request that expects 100-continue', async () => {
    const { port, onlyRecord } = await listen()
    const headers = 'Expect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n'
    const client = new RawClient(port).send(rawRequest('/upload', { method: 'POST', headers }))
    await client.waitFor(/100 Continue\r\n\r\n$/)
    client.socket.write('body')
    expect(await client.untilClosed()).toMatch(/HTTP\/1\.1 200 OK/)
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })

  it('records status null for a client that disconnects after 100-continue', async () => {
    const { port, onlyRecord } = await listen()
    const headers = 'Expect: 100-continue\r\nContent-Length: 4\r\n'
    const client = new RawClient(port).send(rawRequest('/upload', { method: 'POST', headers }))
    await client.waitFor(/100 Continue\r\n\r\n$/)
    client.socket.resetAndDestroy()
    expect(await onlyRecord()).toMatchObject({ http_response: NOTHING_LEFT, ended: 'aborted' })
  })

  const halfUpload = `${rawRequest('/upload', { method: 'POST', headers: 'Transfer-Encoding: chunked\r\n' })}5\r\nhello\r\n`

  it('records a chunked upload whose connection breaks', async () => {
    const { server, port, onlyRecord } = await listen()
    const arrived = once(server, 'request')
    const client = new RawClient(port).send(halfUpload)
    await arrived
    client.socket.resetAndDestroy()
    expect(await onlyRecord()).toMatchObject({
      http_request: { method: 'POST' },
      http_response: NOTHING_LEFT,
      ended: 'aborted',
    })
  })

  it('records the 400 that Node sends to a client that ends its side in the middle of an upload', async () => {
    const { port, onlyRecord } = await listen()
    const client = new RawClient(port).send(halfUpload)
    client.socket.end()
    expect(await client.untilClosed()).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    expect(await onlyRecord()).toMatchObject({
      http_request: { method: 'POST' },
      http_response: { status_code: 400, reason: 'Bad Request', headers: { connection: 'close' } },
      ended: 'aborted',
    })
  })

  it('records a client that half-closes before the response, which Node then drops', async () => {
    const { port, onlyRecord } = await listen()
    const client = new RawClient(port, { allowHalfOpen: true }).send(rawRequest('/long-poll'))
    client.socket.end()
    expect(await client.untilClosed()).toBe('')
    expect(await onlyRecord()).toMatchObject({ http_response: NOTHING_LEFT, ended: 'aborted' })
  })

  it('records a half-closed client that gets its response, if the server has allowHalfOpen', async () => {
    const { server, port, onlyRecord } = await listen()
    Object.assign(server, { httpAllowHalfOpen: true })
    const client = new RawClient(port, { allowHalfOpen: true }).send(rawRequest('/long-poll'))
    client.socket.end()
    expect(await client.untilClosed()).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })

  it('records a request of HTTP/1.0', async () => {
    const { port, onlyRecord } = await listen()
    const answer = await exchangeBytes(port, 'GET /persons HTTP/1.0\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\[\{"id":1\}\]$/)
    expect(await onlyRecord()).toMatchObject({
      http_response: { status_code: 200, headers: { connection: 'close' } },
      ended: 'completed',
      message: 'List Person',
    })
  })

  const websocket =
    'Connection: Upgrade, close\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

  it('records an Upgrade without a listener, which Node treats as any other request', async () => {
    const { port, onlyRecord } = await listen()
    expect(await exchangeBytes(port, rawRequest('/persons', { headers: websocket }))).toMatch(
      /^HTTP\/1\.1 200 OK/,
    )
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })

  it('does not see an Upgrade that the application listens for, nor CONNECT', async () => {
    const { server, port, sink } = await listen()
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
    expect(await exchangeBytes(port, rawRequest('/persons', { headers: websocket }))).toMatch(/ 101 /)
    expect(
      await exchangeBytes(port, 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'),
    ).toBe('')
    server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 Connection Established\r\n\r\n'))
    expect(
      await exchangeBytes(port, 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'),
    ).toMatch(/ 200 /)
    await stopServers()
    expect(sink.lines).toHaveLength(0)
  })
})

it.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('records the 304 that %s sends for its own ETag', async (_name, express) => {
  const sink = memory()
  const app = express()
    .use(auditLog({ sink }))
    .get('/persons', (_req, res) => void res.json([{ id: 1 }]))
  const { url } = await listenOn(createServer(app))
  const first = await fetch(`${url}/persons`)
  await first.text()
  // The fetch of Node sends `cache-control: no-cache` by itself, to which Express does not respond with 304.
  const headers = { 'if-none-match': first.headers.get('etag') as string, 'cache-control': 'max-age=0' }
  expect((await fetch(`${url}/persons`, { headers })).status).toBe(304)
  const [, record] = await sink.waitFor(2)
  expect(record.audit).toMatchObject({ http_response: { status_code: 304 }, ended: 'completed' })
  expect(record.audit.http_response.headers).not.toHaveProperty('content-length')
})

it.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('records the 304 of a fresh response of %s', async (_name, Koa) => {
  const sink = memory()
  const app = new Koa().use(auditKoa({ sink })).use((ctx) => {
    ctx.etag = 'v1'
    ctx.body = { id: 1 }
    if (ctx.fresh) ctx.status = 304
  })
  const { url } = await listenOn(createServer(app.callback()))
  const headers = { 'if-none-match': '"v1"', 'cache-control': 'max-age=0' }
  expect((await fetch(url, { headers })).status).toBe(304)
  const [record] = await sink.waitFor(1)
  expect(record.audit).toMatchObject({ http_response: { status_code: 304 }, ended: 'completed' })
})

it('records a pipelined response as sent if the next one destroys the connection', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const responses: ServerResponse[] = []
  const server = createServer((request, response) => {
    audit(request, response)
    responses.push(response)
    if (responses.length === 3) server.emit('all')
  })
  const { port } = await listenOn(server)
  const all = once(server, 'all')
  const client = new RawClient(port).send(['/1', '/2', '/3'].map((path) => rawRequest(path)).join(''))
  await all
  const [first, second, third] = responses as [ServerResponse, ServerResponse, ServerResponse]
  // The effect of `third.destroy()` on Node 20 and 22. Node 24 closes the response only, not the connection.
  third.once('socket', (socket: Socket) => socket.destroy())
  second.end('second')
  first.end('first')
  expect(await client.untilClosed()).toMatch(/first[\s\S]*second$/)
  await sink.waitFor(3)
  await stopServers()
  expect(sink.records().map(({ audit }) => [audit.ended, audit.http_response.status_code])).toEqual([
    ['completed', 200],
    ['completed', 200],
    ['aborted', null],
  ])
})

it('records the status of a pipelined response that was cut after its header was sent', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const responses: ServerResponse[] = []
  const server = createServer((request, response) => {
    audit(request, response)
    responses.push(response)
    if (responses.length === 2) server.emit('all')
  })
  const { port } = await listenOn(server)
  const all = once(server, 'all')
  const client = new RawClient(port).send(['/1', '/2'].map((path) => rawRequest(path)).join(''))
  await all
  const [first, second] = responses as [ServerResponse, ServerResponse]
  first.end('first')
  await once(first, 'close')
  second.writeHead(202, { 'content-length': '100' })
  await new Promise((resolve) => void second.write('second', resolve))
  second.destroy()
  expect(await client.untilClosed()).toMatch(/first[\s\S]*202 Accepted[\s\S]*second/)
  const [, record] = await sink.waitFor(2)
  expect(record.audit).toMatchObject({ http_response: { status_code: 202 }, ended: 'aborted' })
})

describe('mounted after another middleware', () => {
  type Continue = () => void
  const answer = { 'content-type': 'text/plain', 'content-length': '5' }

  /** Runs in the earlier middleware, before it calls `next`. */
  const before = {
    'the response was ended': (response: ServerResponse, next: Continue) => {
      response.writeHead(202, answer).end('early')
      next()
    },
    'the response was sent': (response: ServerResponse, next: Continue) =>
      void response.writeHead(202, answer).end('early', () => next()),
    'the response was closed': (response: ServerResponse, next: Continue) => {
      response.on('close', () => setImmediate(next))
      response.writeHead(202, answer).end('early')
    },
  }

  const mounted = {
    'node:http': (sink: ReturnType<typeof memory>, first: (typeof before)[keyof typeof before]) => {
      const audit = auditLog({ sink })
      return createServer((request, response) => first(response, () => void audit(request, response)))
    },
    Connect: (sink: ReturnType<typeof memory>, first: (typeof before)[keyof typeof before]) =>
      createServer(
        connectJs()
          .use((_request, response, next) => first(response, next))
          .use(auditLog({ sink })),
      ),
    'Express 5': (sink: ReturnType<typeof memory>, first: (typeof before)[keyof typeof before]) =>
      createServer(
        express5()
          .use((_req, res, next) => first(res, next))
          .use(auditLog({ sink })),
      ),
    'Koa 3': (sink: ReturnType<typeof memory>, first: (typeof before)[keyof typeof before]) =>
      createServer(
        new Koa3()
          .use((ctx, next) => {
            ctx.respond = false
            return new Promise<void>((resolve) => first(ctx.res, resolve)).then(next)
          })
          .use(auditKoa({ sink }))
          .callback(),
      ),
  }

  describe.each(Object.entries(mounted))('%s', (_name, mount) => {
    it.each(Object.entries(before))('writes one record if %s before', async (_case, first) => {
      const sink = memory()
      const { url } = await listenOn(mount(sink, first))
      expect(await (await fetch(url)).text()).toBe('early')
      const [record] = await sink.waitFor(1)
      await stopServers()
      expect(sink.lines).toHaveLength(1)
      expect(record.audit).toMatchObject({
        http_response: { status_code: 202, headers: answer },
        ended: 'completed',
      })
    })
  })

  it.each([
    ['completes writes at once', (done: (() => void) | undefined) => done?.()],
    ['completes writes later', (done: (() => void) | undefined) => void (done && setImmediate(done))],
  ])('detects the end of a response on a fake socket that %s', async (_how, take) => {
    const sink = memory()
    const written: string[] = []
    const ignore = () => {}
    // Like the fake sockets of serverless adapters.
    const socket = {
      _writableState: {},
      writable: true,
      on: ignore,
      removeListener: ignore,
      destroy: ignore,
      cork: ignore,
      uncork: ignore,
      write(chunk: unknown, encoding?: unknown, callback?: unknown) {
        written.push(String(chunk))
        take([encoding, callback].find((one) => typeof one === 'function') as (() => void) | undefined)
        return true
      },
    } as never
    const request = new IncomingMessage(socket)
    Object.assign(request, { method: 'GET', url: '/', headers: { host: 'a' } })
    const response = new ServerResponse(request)
    response.assignSocket(socket)
    auditLog({ sink })(request, response)
    response.on('finish', () => process.nextTick(() => response.emit('close')))
    response.end('hello')
    const [record] = await sink.waitFor(1)
    expect(written.join('')).toContain('hello')
    expect(record.audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })

  it('detects the end of a long response that was ended before', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const server = createServer((request, response) => {
      response.end('x'.repeat(16 * 1024 * 1024))
      audit(request, response)
    })
    const { url } = await listenOn(server)
    expect((await (await fetch(url)).text()).length).toBe(16 * 1024 * 1024)
    const [record] = await sink.waitFor(1)
    expect(record.audit.ended).toBe('completed')
  })

  it('records a status that was sent before, and that the response was cut afterwards', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half of it', () => {
        audit(request, response)
        response.destroy()
      })
    })
    const { port } = await listenOn(server)
    expect(await exchangeBytes(port, rawRequest('/'))).toMatch(/^HTTP\/1\.1 200 OK/)
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })
})

describe('mounted more than once', () => {
  it.each([
    ['Express 4', express4],
    ['Express 5', express5],
  ])('writes one record for a request to a sub-app of %s and its parent', async (_name, express) => {
    const sink = memory()
    const loggers = new Set<AuditLogger>()
    const child = express()
      .use(auditLog({ sink }))
      .get('/leaf', (req, res) => {
        loggers.add(req.audit.info('In the leaf'))
        res.send('leaf')
      })
    const parent: Express = express().use(auditLog({ sink }), auditLog({ sink }))
    parent.use((req, _res, next) => {
      loggers.add(req.audit)
      next()
    })
    parent.use('/child', child)
    const { url } = await listenOn(createServer(parent))
    await (await fetch(`${url}/child/leaf?q=1`)).text()
    await sink.waitFor(1)
    await stopServers()
    expect(sink.records().map(({ audit }) => [audit.message, audit.http_request.url])).toEqual([
      ['In the leaf', `${url}/child/leaf?q=1`],
    ])
    expect(loggers.size).toBe(1)
  })

  it.each([
    ['Koa 2', Koa2],
    ['Koa 3', Koa3],
  ])('writes one record for a request to Express that the callback of %s answers', async (_name, Koa) => {
    const sink = memory()
    const seen: AuditLogger[] = []
    const koa = new Koa().use(auditKoa({ sink })).use((ctx) => {
      seen.push(ctx.audit.info('In Koa'))
      ctx.body = 'koa'
    })
    const app = express5().use(auditLog({ sink }))
    app.use((req, _res, next) => {
      seen.push(req.audit)
      next()
    })
    app.use(koa.callback())
    const { url } = await listenOn(createServer(app))
    expect(await (await fetch(url)).text()).toBe('koa')
    await sink.waitFor(1)
    await stopServers()
    expect(sink.records().map(({ audit }) => audit.message)).toEqual(['In Koa'])
    expect(seen[0]).toBeInstanceOf(AuditLogger)
    expect(seen[0]).toBe(seen[1])
  })
})
