// With `failClosed` no response completes unless the sink has accepted its record.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import {
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type Http2ServerResponse,
  type ServerHttp2Stream,
} from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import express5 from 'express'
import express4 from 'express-4'
import { auditLog, memory, type Sink } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { ControllableSink, type PendingWrite } from '../helpers/controllable-sink.js'
import { type AnyAuditOptions, frameworks } from '../helpers/frameworks.js'
import { parseResponses, RawClient } from '../helpers/raw-client.js'
import { routes } from '../helpers/routes.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

type Route = (typeof routes)[string]

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR } = constants

const clients: RawClient[] = []
const directory = mkdtempSync(join(tmpdir(), 'audit-'))

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await stopServers()
})
afterAll(() => rmSync(directory, { recursive: true }))

function open(port: number): RawClient {
  const client = new RawClient(port)
  clients.push(client)
  return client
}

/** Makes round trips over other connections: bytes that the server wrote before have arrived after them. */
async function waitForRoundTrips(): Promise<void> {
  const { port } = await startServer((_request, response) => response.end())
  for (let i = 0; i < 3; i++) await open(port).request('/', { close: true }).untilClosed()
}

const BODY = 'the complete body'
const writePieces = (response: ServerResponse) => {
  response.write(BODY.slice(0, 5))
  response.write(BODY.slice(5, 10))
  return response
}

/** As `on-headers` does, by which compression and sessions change the header at the last moment. */
function onWriteHead(response: ServerResponse, change: () => void): void {
  const { writeHead } = response
  response.writeHead = ((status: number) => {
    response.statusCode = status
    change()
    return writeHead.call(response, response.statusCode)
  }) as ServerResponse['writeHead']
}

/** Ways to use Node's response: title, handler, method, status, body. */
const RESPONSES: readonly (readonly [string, Route, string, number, string])[] = [
  ['end(body)', ({ response }) => response.end(BODY), 'GET', 200, BODY],
  ['write() and end()', ({ response }) => writePieces(response).end(BODY.slice(10)), 'GET', 200, BODY],
  [
    'chunks that were sent before end()',
    async ({ response }) => {
      for (const piece of [BODY.slice(0, 5), BODY.slice(5)]) {
        await new Promise((resolve) => response.write(piece, resolve))
      }
      response.end()
    },
    'GET',
    200,
    BODY,
  ],
  [
    'write() alone, of a body of declared length',
    ({ response }) => {
      response.setHeader('content-length', BODY.length)
      writePieces(response).write(BODY.slice(10), () => response.end())
    },
    'GET',
    200,
    BODY,
  ],
  [
    'write() of one byte more than the declared length',
    ({ response }) => {
      response.writeHead(200, { 'content-length': BODY.length })
      writePieces(response).write(BODY.slice(10))
      response.write('!', () => response.end())
    },
    'GET',
    200,
    BODY,
  ],
  [
    'a stream piped to a response of declared length',
    ({ response }) => {
      response.writeHead(200, { 'content-length': BODY.length })
      Readable.from([BODY.slice(0, 7), BODY.slice(7)]).pipe(response)
    },
    'GET',
    200,
    BODY,
  ],
  ['a stream piped in chunks', ({ response }) => void Readable.from([BODY]).pipe(response), 'GET', 200, BODY],
  ['an empty body', ({ response }) => response.end(), 'GET', 200, ''],
  [
    'an empty body, its header flushed',
    ({ response }) => {
      response.writeHead(200, { 'content-length': 0 })
      response.flushHeaders()
      setImmediate(() => response.end())
    },
    'GET',
    200,
    '',
  ],
  [
    'an empty body, written as an empty string',
    ({ response }) => {
      response.writeHead(200, { 'content-length': 0 })
      response.write('', () => response.end())
    },
    'GET',
    200,
    '',
  ],
  ['HEAD', ({ response }) => response.setHeader('content-length', 9).end(), 'HEAD', 200, ''],
  [
    'HEAD, its header flushed',
    ({ response }) => {
      response.flushHeaders()
      setImmediate(() => response.end())
    },
    'HEAD',
    200,
    '',
  ],
  [
    'HEAD, its header flushed after the method was changed',
    ({ response }) => {
      response.req.method = 'GET'
      response.setHeader('content-length', 5).flushHeaders()
      setImmediate(() => response.end())
    },
    'HEAD',
    200,
    '',
  ],
  [
    '204, its header flushed after the status was changed',
    ({ response }) => {
      response.writeHead(204)
      response.statusCode = 200
      response.flushHeaders()
      setImmediate(() => response.end())
    },
    'GET',
    204,
    '',
  ],
  [
    'a header that becomes 304 when it is written',
    ({ response }) => {
      onWriteHead(response, () => {
        response.statusCode = 304
      })
      response.flushHeaders()
      setImmediate(() => response.end())
    },
    'GET',
    304,
    '',
  ],
  [
    'a body whose declared length becomes shorter when the header is written',
    ({ response }) => {
      onWriteHead(response, () => response.setHeader('content-length', BODY.length))
      response.setHeader('content-length', 100)
      response.write(BODY, () => response.end())
    },
    'GET',
    200,
    BODY,
  ],
  ['204', ({ response }) => response.writeHead(204).end(), 'GET', 204, ''],
  [
    '304, its header flushed',
    ({ response }) => {
      response.writeHead(304, { etag: '"v1"' }).flushHeaders()
      setImmediate(() => response.end())
    },
    'GET',
    304,
    '',
  ],
  ['304', ({ response }) => response.writeHead(304, { etag: '"v1"' }).end(), 'GET', 304, ''],
  ['a redirect', ({ response }) => response.writeHead(302, { location: '/' }).end(), 'GET', 302, ''],
  ['JSON', ({ json }) => json(201, { id: 1 }), 'GET', 201, '{"id":1}'],
]

const pathOf = (way: string) => `/held/${way.replaceAll(/\W+/g, '-')}`

beforeAll(() => {
  for (const [way, route] of RESPONSES) {
    routes[pathOf(way)] = (context) => {
      // Koa has already set 404.
      context.response.statusCode = 200
      return route(context)
    }
  }
})

/** Sends one request, and expects that the response is incomplete until the sink has accepted its record. */
async function expectHeld(listener: RequestListener, sink: ControllableSink, request: [string, string]) {
  const [path, method] = request
  const { port } = await startServer(listener)
  const client = open(port).request(path, { method })
  const write = await sink.next()
  await waitForRoundTrips()
  const [before] = parseResponses(client.received, [method])
  expect(before?.isComplete ?? false).toBe(false)
  write.accept()
  await client.waitUntil(({ received }) => parseResponses(received, [method])[0]?.isComplete === true)
  const [response] = parseResponses(client.received, [method])
  expect(sink.unclaimedCount).toBe(0)
  return { response, record: write.record }
}

describe.each(frameworks)('failClosed on %s', (_name, framework) => {
  async function listen(options: AnyAuditOptions = {}) {
    const sink = new ControllableSink()
    const running = await startServer(await framework.build({ sink, failClosed: true, ...options }))
    return { sink, ...running }
  }

  it.each(RESPONSES)('holds the last byte of %s until the sink has accepted the record', async (...way) => {
    const [name, , method, status, body] = way
    const sink = new ControllableSink('hold')
    const listener = await framework.build({ sink, failClosed: true })
    const { response, record } = await expectHeld(listener, sink, [pathOf(name), method])
    expect(response).toMatchObject({ status, body, isComplete: true })
    expect(record).toMatchObject({ http_response: { status_code: status }, ended: 'completed' })
  })

  it('refuses requests before their handlers run while the sink is down, and records them when it recovers', async () => {
    let called = 0
    routes['/counted'] = ({ json }) => {
      called += 1
      json(200, {})
    }
    const { sink, url } = await listen()
    sink.mode = 'throw'
    const refused: (readonly [number, string | null])[] = []
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`${url}/counted?${i}`)
      refused.push([response.status, response.headers.get('retry-after')])
      await response.text()
    }
    // The first request detects that the sink is down.
    expect(refused).toEqual(Array(3).fill([503, '5']))
    expect(called).toBe(1)

    sink.mode = 'accept'
    const records = (await sink.waitFor(3)).map(({ audit }) => audit)
    expect(records.map(({ http_request }) => http_request.url)).toEqual(
      [0, 1, 2].map((i) => `${url}/counted?${i}`),
    )
    for (const record of records) {
      expect(record).toMatchObject({
        http_response: { status_code: 503, headers: { 'retry-after': '5' } },
        outcome: 'failure',
        ended: 'completed',
      })
    }
    expect(records.map(({ seq }) => seq - records[0].seq)).toEqual([0, 1, 2])
    expect((await fetch(`${url}/counted`)).status).toBe(200)
    expect(called).toBe(2)
    await sink.waitFor(4)
    expect(sink.lines).toHaveLength(4)
  })

  it.each(['at once', 'later'])(
    'answers 503 when the sink refuses the record %s and nothing was sent',
    async (when) => {
      const sink = when === 'later' ? new ControllableSink('hold') : new ControllableSink('throw')
      const { port } = await startServer(await framework.build({ sink, failClosed: true }))
      const client = open(port).request('/persons')
      if (when === 'later') (await sink.next()).reject()
      expect(await client.untilClosed()).toBe(
        'HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      )
      expect(await recordsOf(sink, 1)).toMatchObject([
        {
          http_response: {
            status_code: 503,
            reason: 'Service Unavailable',
            headers: { 'retry-after': '5', 'content-length': '0', connection: 'close' },
          },
          message: 'List Person',
          outcome: 'failure',
          ended: 'completed',
        },
      ])
    },
  )

  it.each(['at once', 'later'])(
    'closes the connection when the sink refuses the record %s and a part was sent',
    async (when) => {
      const sink = when === 'later' ? new ControllableSink('hold') : new ControllableSink('throw')
      const { port } = await startServer(await framework.build({ sink, failClosed: true }))
      const client = open(port).request(pathOf('chunks that were sent before end()'))
      if (when === 'later') (await sink.next()).reject()
      const [response] = parseResponses(await client.untilClosed(), ['GET'])
      expect(response).toMatchObject({ status: 200, body: BODY, isComplete: false })
      expect(await recordsOf(sink, 1)).toMatchObject([
        { http_response: { status_code: 200 }, ended: 'aborted', outcome: 'unknown' },
      ])
    },
  )

  it('sends pipelined responses in order, whichever record is accepted first', async () => {
    for (const n of [1, 2, 3]) routes[`/pipelined/${n}`] = ({ response }) => response.end(`response ${n}`)
    const sink = new ControllableSink('hold')
    const { port } = await startServer(await framework.build({ sink, failClosed: true }))
    const client = open(port)
    for (const n of [1, 2, 3]) client.request(`/pipelined/${n}`)
    const writes = [await sink.next(), await sink.next(), await sink.next()]
    const writeOf = (n: number) =>
      writes.find(({ record }) => record.http_request.url.endsWith(`/${n}`)) as PendingWrite
    const bodies = () =>
      parseResponses(client.received, ['GET', 'GET', 'GET'])
        .filter(({ isComplete }) => isComplete)
        .map(({ body }) => body)

    writeOf(2).accept()
    await waitForRoundTrips()
    expect(client.received).toBe('')
    writeOf(1).accept()
    await client.waitUntil(() => bodies().length === 2)
    await waitForRoundTrips()
    expect(bodies()).toEqual(['response 1', 'response 2'])
    writeOf(3).accept()
    await client.waitUntil(() => bodies().length === 3)
    expect(bodies()).toEqual(['response 1', 'response 2', 'response 3'])
  })

  it('answers 503 in place of a pipelined response whose record is refused', async () => {
    routes['/ended-twice'] = ({ response }) => {
      response.writeHead(200).end('once')
      response.end()
    }
    const sink = new ControllableSink('hold')
    const { port } = await startServer(await framework.build({ sink, failClosed: true }))
    const client = open(port).request('/ended-twice').request('/persons').request('/ended-twice')
    const writes = [await sink.next(), await sink.next(), await sink.next()]
    const [first, second, third] = ['/ended-twice', '/persons', ''].map((path, index) =>
      index === 2 ? writes[2] : writes.find(({ record }) => record.http_request.url.endsWith(path)),
    ) as [PendingWrite, PendingWrite, PendingWrite]
    second.reject()
    third.accept()
    first.accept()
    const responses = parseResponses(await client.untilClosed(), ['GET', 'GET', 'GET'])
    expect(responses).toMatchObject([
      { status: 200, body: 'once', isComplete: true },
      { status: 503, body: '', isComplete: true },
    ])
  })

  it('holds each of several requests on one connection', async () => {
    const sink = new ControllableSink('hold')
    const { port } = await startServer(await framework.build({ sink, failClosed: true }))
    const client = open(port)
    for (let count = 1; count <= 3; count++) {
      client.request('/persons')
      const write = await sink.next()
      await waitForRoundTrips()
      expect(parseResponses(client.received, ['GET', 'GET', 'GET'])).toHaveLength(count - 1)
      write.accept()
      await client.waitUntil(
        ({ received }) => parseResponses(received, Array(3).fill('GET'))[count - 1]?.isComplete === true,
      )
    }
  })

  it('calls the function to decide whether a request must be recorded', async () => {
    const { sink, url } = await listen({ failClosed: ({ method }) => method !== 'GET' })
    sink.mode = 'throw'
    const status = async (method: string) => (await fetch(`${url}/persons`, { method })).status
    expect([await status('GET'), await status('POST'), await status('GET')]).toEqual([200, 503, 200])
  })

  it('treats a function that throws as true', async () => {
    const { sink, url } = await listen({
      failClosed: () => {
        throw new Error('a failClosed of the test')
      },
    })
    expect((await fetch(`${url}/persons`)).status).toBe(200)
    sink.mode = 'throw'
    expect((await fetch(`${url}/persons`)).status).toBe(503)
  })

  it('publishes refused requests on the channel http-audit-log:refused, on entry and at the end', async () => {
    const refused: string[] = []
    // The channel also has the requests of other tests, whose sinks answer only after their time-out.
    const listener = (message: unknown) => {
      const { url = '' } = (message as { request: IncomingMessage }).request
      if (url.startsWith('/persons?')) refused.push(url)
    }
    subscribe('http-audit-log:refused', listener)
    try {
      const { sink, url } = await listen()
      await fetch(`${url}/persons?accepted`)
      sink.mode = 'throw'
      await fetch(`${url}/persons?at-the-end`)
      await fetch(`${url}/persons?on-entry`)
      expect(refused).toEqual(['/persons?at-the-end', '/persons?on-entry'])
    } finally {
      unsubscribe('http-audit-log:refused', listener)
    }
  })

  it('answers 503 to a client that uploads while the sink is down', async () => {
    const { sink, url } = await listen()
    sink.mode = 'throw'
    await fetch(`${url}/persons`)
    const response = await fetch(`${url}/upload`, { method: 'POST', body: 'x'.repeat(10_000) })
    expect(response.status).toBe(503)
  })

  it('records status null when the connection was destroyed before the response', async () => {
    const { sink, port } = await listen()
    await open(port).request('/destroyed-before').untilClosed()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: { status_code: null }, ended: 'aborted' })
  })

  it('writes one record when the handler called sendLog and the response was refused', async () => {
    const { sink, url } = await listen()
    sink.mode = 'throw'
    expect((await fetch(`${url}/sent-early`)).status).toBe(503)
    sink.mode = 'accept'
    const next = await becomesTrue(async () => (await fetch(`${url}/persons`)).status === 200)
    expect(next).toBe(true)
    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(records.filter(({ message }) => message === 'Sent by the handler')).toHaveLength(1)
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
  })
})

/** Checks repeatedly, because a sink that is down is only tried again after a while. */
async function becomesTrue(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    if (await isTrue()) return true
    await delay(20)
  }
  return false
}

/** Makes the sink accept records, and returns the first ones. */
async function recordsOf(sink: ControllableSink, count: number) {
  if (sink.mode !== 'hold') {
    sink.mode = 'accept'
    const records = await sink.waitFor(count)
    return records.map(({ audit }) => audit)
  }
  const records = []
  for (let i = 0; i < count; i++) {
    const write = await sink.next()
    write.accept()
    records.push(write.record)
  }
  expect(sink.unclaimedCount).toBe(0)
  return records
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
] as const)('failClosed on %s', (_name, express) => {
  const file = join(directory, 'sent.txt')
  writeFileSync(file, BODY)

  it.each<[string, express5.RequestHandler, string, string]>([
    ['res.json', (_req, res) => void res.json({ id: 1 }), 'GET', '{"id":1}'],
    ['res.send of a string', (_req, res) => void res.send(BODY), 'GET', BODY],
    ['res.send of a Buffer', (_req, res) => void res.send(Buffer.from(BODY)), 'GET', BODY],
    ['res.send to HEAD', (_req, res) => void res.send(BODY), 'HEAD', ''],
    ['res.sendFile', (_req, res) => res.sendFile(file), 'GET', BODY],
    ['res.sendFile to HEAD', (_req, res) => res.sendFile(file), 'HEAD', ''],
  ])('holds the last byte of %s', async (_way, handler, method, body) => {
    const sink = new ControllableSink('hold')
    const app = express()
    app.use(auditLog({ sink, failClosed: true }))
    app.use(handler)
    const { response } = await expectHeld(app, sink, ['/', method])
    expect(response).toMatchObject({ status: 200, body, isComplete: true })
  })
})

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
] as const)('failClosed on %s', (_name, Koa) => {
  it.each<[string, (ctx: Koa3.Context) => void, string, number, string]>([
    ['a string', (ctx) => void Object.assign(ctx, { body: BODY }), 'GET', 200, BODY],
    ['a Buffer', (ctx) => void Object.assign(ctx, { body: Buffer.from(BODY) }), 'GET', 200, BODY],
    ['a stream', (ctx) => void Object.assign(ctx, { body: Readable.from([BODY]) }), 'GET', 200, BODY],
    [
      'a stream of declared length',
      (ctx) => {
        ctx.body = Readable.from([BODY.slice(0, 9), BODY.slice(9)])
        ctx.length = BODY.length
      },
      'GET',
      200,
      BODY,
    ],
    ['an object', (ctx) => void Object.assign(ctx, { body: { id: 1 } }), 'GET', 200, '{"id":1}'],
    ['nothing', (ctx) => void Object.assign(ctx, { body: null }), 'GET', 204, ''],
    ['a redirect', (ctx) => ctx.redirect('/elsewhere'), 'HEAD', 302, ''],
  ])('holds the last byte of a body that is %s', async (_way, handler, method, status, body) => {
    const sink = new ControllableSink('hold')
    const app = new Koa()
    app.use(auditKoa({ sink, failClosed: true }))
    app.use(handler)
    const { response } = await expectHeld(app.callback(), sink, ['/', method])
    expect(response).toMatchObject({ status, body, isComplete: true })
  })
})

describe('failClosed on HTTP/2', () => {
  it('holds the end of the stream, and sends the full body of a response that was ended twice', async () => {
    const sink = new ControllableSink('hold')
    const audit = auditLog({ sink, failClosed: true })
    const server = createHttp2Server((request, response) => {
      audit(request as never, response as never, () => {
        response.end(BODY)
        response.end()
      })
    })
    const { url } = await listenOn(server)
    const session = connectHttp2(url)
    const stream = session.request({ ':path': '/' }).setEncoding('utf8')
    let received = ''
    stream.on('data', (chunk) => {
      received += chunk
    })
    const ended = once(stream, 'end')
    const write = await sink.next()
    await waitForRoundTrips()
    expect([received, stream.readableEnded]).toEqual(['', false])
    write.accept()
    await ended
    session.close()
    expect(received).toBe(BODY)
  })

  it('survives an end() with a wrong argument', async () => {
    const sink = new ControllableSink('hold')
    const audit = auditLog({ sink, failClosed: true })
    const server = createHttp2Server((request, response) => {
      audit(request as never, response as never, () => {
        try {
          response.end(123 as never)
        } catch {
          response.end(BODY)
        }
      })
    })
    const { url } = await listenOn(server)
    const session = connectHttp2(url).on('error', () => {})
    const stream = session.request({ ':path': '/' }).setEncoding('utf8')
    let received = ''
    stream.on('data', (chunk) => {
      received += chunk
    })
    const ended = once(stream, 'end')
    ;(await sink.next()).accept()
    await ended
    session.close()
    expect(received).toBe(BODY)
  })
})

describe('a held HTTP/2 stream', () => {
  type Handle = (stream: ServerHttp2Stream, response: Http2ServerResponse) => unknown

  /** What a client receives: the body, and whether it was ended without a reset. */
  async function request(sink: Sink, handle: Handle) {
    const audit = auditLog({ sink, failClosed: true })
    const server = createHttp2Server((incoming, response) => {
      audit(incoming as never, response as never, () => handle(response.stream, response))
    })
    const { url } = await listenOn(server)
    const session = connectHttp2(url).on('error', () => {})
    const stream = session.request({ ':path': '/' }).setEncoding('utf8')
    let body = ''
    stream.on('data', (chunk) => {
      body += chunk
    })
    stream.on('error', () => {})
    const closed = once(stream, 'close').catch(() => {})
    return {
      async untilClosed() {
        await closed
        session.destroy()
        return { body, code: stream.rstCode }
      },
    }
  }

  it.each<[string, Handle]>([
    [
      'piped into the stream',
      (stream) => {
        stream.respond({ ':status': 200 })
        Readable.from(['a', 'b']).pipe(stream)
      },
    ],
    [
      'sent by the stream',
      (stream) => {
        stream.respond({ ':status': 206 })
        stream.end('ab')
      },
    ],
    [
      'sent in place of a file',
      (stream) => {
        stream.respondWithFile(join(directory, 'missing'), undefined, {
          onError() {
            stream.respond({ ':status': 404 })
            stream.end('no file')
          },
        })
      },
    ],
    [
      'written and ended',
      (_stream, response) => {
        response.write('a')
        response.end('b')
      },
    ],
  ])('is reset and not ended if the sink refuses the record later: a response %s', async (_case, handle) => {
    const sink = new ControllableSink('hold')
    const client = await request(sink, handle)
    const write = await sink.next()
    sink.mode = 'accept'
    write.reject()
    expect(await client.untilClosed()).toMatchObject({ code: NGHTTP2_INTERNAL_ERROR })
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ ended: 'aborted' })
    expect(record.audit).not.toHaveProperty('error')
    await stopServers()
    expect(sink.records()).toHaveLength(1)
  })

  it.each<[string, Handle]>([
    ['its session is destroyed', (stream) => setImmediate(() => stream.session?.destroy())],
    ['its stream is closed with an error', (stream) => setImmediate(() => stream.close(NGHTTP2_CANCEL))],
    ['its stream is destroyed', (stream) => setImmediate(() => stream.destroy())],
  ])('is sent, and needs no corrected record, when %s while the sink was writing', async (_case, cut) => {
    const sink = new ControllableSink('hold')
    const client = await request(sink, (stream, response) => {
      response.end('hello')
      cut(stream, response)
    })
    const write = await sink.next()
    await waitForRoundTrips()
    write.accept()
    expect(await client.untilClosed()).toEqual({ body: 'hello', code: 0 })
    await stopServers()
    expect(sink.records()).toMatchObject([{ audit: { ended: 'completed', outcome: 'success' } }])
  })
})

describe('a response that was recorded and then not sent', () => {
  type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

  async function listen(sink: Sink, handle: Handler) {
    const audit = auditLog({ sink, failClosed: true })
    return await startServer((request, response) => audit(request, response, () => handle(request, response)))
  }

  const COMPLETED = { ended: 'completed', outcome: 'success', http_response: { status_code: 200 } }
  const NOT_SENT = { ended: 'aborted', outcome: 'unknown', http_response: { status_code: null } }

  it('gets a corrected record of the same id when its connection was reset while the sink was writing', async () => {
    const sink = new ControllableSink('hold')
    let closed: Promise<unknown> | undefined
    const { port } = await listen(sink, (request, response) => {
      closed = new Promise((resolve) => request.socket.on('close', resolve))
      response.end('hello')
    })
    const client = open(port).request('/')
    const first = await sink.next()
    client.socket.resetAndDestroy()
    await closed
    first.accept()
    const second = await sink.next()
    second.accept()
    expect(first.record).toMatchObject(COMPLETED)
    expect(first.record.stage).toBeUndefined()
    expect(second.record).toMatchObject({ ...NOT_SENT, id: first.record.id, stage: 'corrected' })
  })

  it.each<[string, Handler]>([
    ['its connection was destroyed', (request) => request.socket.destroy()],
    ['its request was destroyed', (request) => request.destroy()],
    ['its connection was ended', (request) => request.socket.end()],
  ])('is sent, and needs no corrected record, when %s while the sink was writing', async (_case, cut) => {
    const sink = new ControllableSink('hold')
    const { port } = await listen(sink, (request, response) => {
      response.end('hello')
      cut(request, response)
    })
    const client = open(port).request('/', { close: true })
    ;(await sink.next()).accept()
    expect(await client.untilClosed()).toMatch(/hello$/)
    await stopServers()
    await waitForRoundTrips()
    expect(sink.records()).toMatchObject([{ audit: COMPLETED }])
  })

  it('gets a corrected record when its client disconnects in the middle', async () => {
    const sink = memory()
    const { port } = await listen(sink, (_request, response) => response.end(Buffer.alloc(32 * 1024 * 1024)))
    const client = open(port).request('/')
    await client.waitUntil(({ received }) => received.length > 0)
    client.destroy()
    const [first, second] = await sink.waitFor(2)
    expect(first.audit).toMatchObject(COMPLETED)
    expect(second.audit).toMatchObject({
      ended: 'aborted',
      outcome: 'unknown',
      http_response: { status_code: 200 },
      id: first.audit.id,
      stage: 'corrected',
    })
  })

  it('gets no corrected record when it was sent before its connection was destroyed', async () => {
    const sink = memory()
    const { port } = await listen(sink, (request, response) => {
      response.end('hello')
      request.socket.destroy()
    })
    expect(await open(port).request('/').untilClosed()).toMatch(/hello$/)
    await stopServers()
    await waitForRoundTrips()
    expect(sink.records()).toMatchObject([{ audit: COMPLETED }])
  })
})
