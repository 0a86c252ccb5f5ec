// The record states what left, whatever the handler does to response, request and connection before or after.
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { certificate } from '../helpers/certificate.js'
import { runScript } from '../helpers/child-process.js'
import { rawRequest } from '../helpers/raw-client.js'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const NO_RESPONSE = { status_code: null, reason: null, headers: null }

interface Client {
  readonly socket: Socket
  received(): string
  waitFor(pattern: RegExp): Promise<void>
  closed: Promise<unknown>
}

interface Transport {
  createServer(listener: RequestListener): Server
  connect(port: number): Socket
}

const transports: Record<string, Transport> = {
  http: {
    createServer: (listener) => createServer(listener),
    connect: (port) => connectTcp(port, '127.0.0.1'),
  },
  https: {
    createServer: (listener) => createHttpsServer(certificate, listener),
    connect: (port) => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }),
  },
}

function startClient(socket: Socket, bytes: string): Client {
  let received = ''
  socket.setEncoding('latin1').on('error', () => {})
  socket.on('data', (chunk) => {
    received += chunk
  })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.write(bytes)
  return {
    socket,
    received: () => received,
    async waitFor(pattern) {
      while (!pattern.test(received)) await once(socket, 'data')
    },
    closed,
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse, server: Server) => unknown

const variants = [[], ['received', 'started']] as const
const environments = variants.flatMap((stages) =>
  Object.entries(transports).map(([name, transport]) => [name, stages, transport] as const),
)

describe.each(environments)('%s, stages %j', (transportName, stages, transport) => {
  async function listen(handle: Handler, options: { failClosed?: boolean } = {}) {
    const sink = memory()
    const early = memory()
    const write = (line: string) => {
      const isEarly = stages.includes(JSON.parse(line).audit.stage as never)
      return (isEarly ? early : sink).write(line)
    }
    const audit = auditLog({ ...options, stages, sink: { write } })
    /** What the early lines state is what the last one states, unless that is not known. */
    const checkEarly = ({ http_response }: { http_response: unknown }) => {
      const started = early.findAll({ stage: 'started' })
      expect(early.lines).toHaveLength(stages.length === 0 ? 0 : 1 + started.length)
      expect(started.length).toBeLessThanOrEqual(1)
      if (http_response === null) return
      for (const line of started) expect(line.http_response).toEqual(http_response)
    }
    const server = transport.createServer((request, response) => {
      audit(request, response, () => void handle(request, response, server))
    })
    const { port } = await listenOn(server)
    return {
      server,
      sink,
      request: (bytes = rawRequest('/')) => startClient(transport.connect(port), bytes),
      async onlyRecord() {
        const [record] = await sink.waitFor(1)
        await stopServers()
        expect(sink.lines).toHaveLength(1)
        checkEarly(record.audit)
        const { stage, ...others } = record.audit
        return stages.length > 0 && stage === 'completed' ? others : record.audit
      },
    }
  }

  /** Waits until the client has gone, then ends the response, as a handler does that is slower than its client. */
  const endAfterClient = (response: ServerResponse) => {
    response.on('close', () => setImmediate(() => response.end()))
  }

  describe('a client that leaves before end() was called', () => {
    it.each<[string, Handler, RegExp, string]>([
      [
        'all of the declared length was written',
        (_request, response) => {
          response.setHeader('content-length', 5)
          response.write('hello')
          endAfterClient(response)
        },
        /hello$/,
        'completed',
      ],
      [
        'all of the declared length was written in pieces, with text that is not ASCII',
        (_request, response) => {
          response.writeHead(200, { 'content-length': 5, 'x-name': 'caf\u00e9' })
          response.write('h\u00e9')
          setImmediate(() => response.write('lo'))
          endAfterClient(response)
        },
        /lo$/,
        'completed',
      ],
      [
        'all of a long declared length was written',
        (_request, response) => {
          response.setHeader('content-length', 3_000_000)
          response.write('x'.repeat(2_999_995))
          response.write('hello')
          endAfterClient(response)
        },
        /hello$/,
        'completed',
      ],
      [
        'a part of the declared length was written',
        (_request, response) => {
          response.setHeader('content-length', 6)
          response.write('hello')
          endAfterClient(response)
        },
        /hello$/,
        'aborted',
      ],
      [
        'a chunk was written',
        (_request, response) => {
          response.write('hello')
          endAfterClient(response)
        },
        /hello\r\n$/,
        'aborted',
      ],
      [
        'the header of a 204 was flushed',
        (_request, response) => {
          response.writeHead(204)
          response.flushHeaders()
          endAfterClient(response)
        },
        /\r\n\r\n$/,
        'completed',
      ],
      [
        'the header of a 304 was flushed',
        (_request, response) => {
          response.writeHead(304, { etag: '"1"' })
          response.flushHeaders()
          endAfterClient(response)
        },
        /\r\n\r\n$/,
        'completed',
      ],
      [
        'the header of an empty body was flushed',
        (_request, response) => {
          response.writeHead(200, { 'content-length': '0' })
          response.flushHeaders()
          endAfterClient(response)
        },
        /\r\n\r\n$/,
        'completed',
      ],
    ])('counts as having received it if %s', async (_name, handle, received, ended) => {
      const { request, onlyRecord } = await listen(handle)
      const client = request()
      await client.waitFor(received)
      client.socket.destroy()
      const record = await onlyRecord()
      expect(record.ended).toBe(ended)
      expect(record.http_response.status_code).toBe(Number(client.received().slice(9, 12)))
      expect(record.outcome).toBe(ended === 'completed' ? 'success' : 'unknown')
    })

    it('counts as having received the header of a response to HEAD, also if the method was changed', async () => {
      const { request, onlyRecord } = await listen((req, response) => {
        req.method = 'GET'
        response.writeHead(200, { 'content-length': '100' })
        response.flushHeaders()
        endAfterClient(response)
      })
      const client = request(rawRequest('/', { method: 'HEAD' }))
      await client.waitFor(/\r\n\r\n$/)
      client.socket.destroy()
      expect(await onlyRecord()).toMatchObject({ ended: 'completed', http_response: { status_code: 200 } })
    })

    it.each([
      [5, 'completed'],
      // The interim response and the half body have as many bytes as the whole body.
      [30, 'aborted'],
    ])('counts the body alone after 100 Continue: %d bytes declared', async (length, ended) => {
      const { server, request, onlyRecord } = await listen((_request, response) => {
        response.writeContinue()
        response.setHeader('content-length', length)
        response.write('hello')
        endAfterClient(response)
      })
      server.on('checkContinue', (req, res) => void server.emit('request', req, res))
      const headers = 'Expect: 100-continue\r\nContent-Length: 1\r\n'
      const client = request(rawRequest('/', { method: 'POST', headers }))
      await client.waitFor(/hello$/)
      client.socket.destroy()
      expect(await onlyRecord()).toMatchObject({ ended, http_response: { status_code: 200 } })
    })

    it('counts as having received only a part if the kernel has not taken the rest', async () => {
      const { request, onlyRecord } = await listen((_request, response) => {
        response.setHeader('content-length', 64_000_000)
        response.write(Buffer.alloc(64_000_000))
      })
      const client = request()
      await client.waitFor(/200 OK/)
      client.socket.destroy()
      expect(await onlyRecord()).toMatchObject({ ended: 'aborted', http_response: { status_code: 200 } })
    })
  })

  describe('a connection that is closed in the turn in which the response ends', () => {
    it.each<[string, (server: Server, socket: Socket) => void]>([
      ['by server.close()', (server) => void server.close()],
      ['by server.closeIdleConnections()', (server) => server.closeIdleConnections()],
      ['by server.closeAllConnections()', (server) => server.closeAllConnections()],
      ['by socket.destroy()', (_server, socket) => socket.destroy()],
    ])('has sent the response: %s', async (_name, close) => {
      for (const size of [5, 60_000]) {
        for (const failClosed of [false, true]) {
          const { request, onlyRecord } = await listen(
            async (req, response, server) => {
              await nextTurn()
              response.setHeader('content-length', size)
              response.end('x'.repeat(size))
              close(server, req.socket)
            },
            { failClosed },
          )
          const client = request()
          await client.closed
          expect(client.received()).toMatch(/\r\n\r\nx+$/)
          const record = await onlyRecord()
          expect(record).toMatchObject({ ended: 'completed', http_response: { status_code: 200 } })
          expect(record).not.toHaveProperty('stage')
        }
      }
    })

    it('has not sent a response that is longer than the kernel takes', async () => {
      const { request, onlyRecord } = await listen(async (req, response) => {
        await nextTurn()
        response.end(Buffer.alloc(32_000_000))
        req.socket.destroy()
      })
      const client = request()
      await client.closed
      expect(client.received().length).toBeLessThan(32_000_000)
      // Nothing shows how much of a TLS write the kernel has taken.
      const ended = transportName === 'https' ? 'unknown' : 'aborted'
      expect(await onlyRecord()).toMatchObject({ ended, http_response: { status_code: 200 } })
    })

    it.each<[string, (response: ServerResponse, body: Buffer) => void]>([
      ['end()', (response, body) => void response.end(body)],
      [
        'write() of the declared length',
        (response, body) => {
          response.setHeader('content-length', body.length)
          response.write(body)
        },
      ],
    ])('is not recorded as aborted if the client has received all of a megabyte: %s', async (_name, send) => {
      const { request, onlyRecord } = await listen(async (req, response) => {
        await nextTurn()
        send(response, Buffer.alloc(1_000_000, 'x'))
        req.socket.destroy()
      })
      const client = request()
      await client.closed
      const body = client.received().split('\r\n\r\n')[1] ?? ''
      const { ended } = await onlyRecord()
      if (body.length >= 1_000_000) expect(['completed', 'unknown']).toContain(ended)
      else expect(ended).not.toBe('completed')
    })
  })

  describe('a body that is shorter than its Content-Length', () => {
    it.each<[string, Handler]>([
      ['end()', (_request, response) => void response.setHeader('content-length', 9).end('hello')],
      ['nothing', (_request, response) => void response.setHeader('content-length', '9').end()],
      [
        'writeHead() with an array',
        (_request, response) => void response.writeHead(200, ['Content-Length', '9'] as never).end('hello'),
      ],
      [
        'write() and end() later',
        (_request, response) => {
          response.writeHead(200, { 'content-length': 9 }).write('hel')
          setImmediate(() => response.end('lo'))
        },
      ],
      [
        'a large one',
        (_request, response) =>
          void response.setHeader('content-length', 3_000_001).end(Buffer.alloc(3_000_000)),
      ],
      [
        'after 100 Continue',
        (_request, response) => {
          response.writeContinue()
          response.setHeader('content-length', 9).end('hello')
        },
      ],
    ])('is recorded as aborted, also on a used connection: %s', async (_name, handle) => {
      const { request, sink } = await listen((req, response, server) =>
        req.url === '/first' ? response.end('hello') : handle(req, response, server),
      )
      const client = request(rawRequest('/first'))
      await client.waitFor(/hello$/)
      client.socket.write(rawRequest('/', { close: true }))
      await client.closed
      const [first, short] = await sink.waitFor(2)
      expect(first.audit).toMatchObject({ ended: 'completed', http_response: { status_code: 200 } })
      expect(short.audit).toMatchObject({
        ended: 'aborted',
        outcome: 'unknown',
        http_response: { status_code: 200 },
      })
    })

    it('is recorded as aborted between pipelined responses, which are completed', async () => {
      const { request, sink } = await listen(
        (req, response) =>
          void response.setHeader('content-length', req.url === '/short' ? 9 : 5).end('hello'),
      )
      const paths = ['/one', '/short', '/three']
      const client = request(paths.map((path) => rawRequest(path, { close: path === '/three' })).join(''))
      await client.closed
      const records = (await sink.waitFor(3)).map(({ audit }) => [
        new URL(audit.http_request.url).pathname,
        audit.ended,
      ])
      expect(Object.fromEntries(records)).toEqual({
        '/one': 'completed',
        '/short': 'aborted',
        '/three': 'completed',
      })
    })

    it('has its record corrected by failClosed', async () => {
      const { request, sink } = await listen(
        (_request, response) => void response.setHeader('content-length', 9).end('hello'),
        { failClosed: true },
      )
      await request(rawRequest('/', { close: true })).closed
      expect((await sink.waitFor(2)).at(-1)?.audit).toMatchObject({ ended: 'aborted', stage: 'corrected' })
    })

    it.each<[string, string, Handler]>([
      ['HEAD', 'HEAD', (_request, response) => void response.setHeader('content-length', 9).end('hello')],
      ['304', 'GET', (_request, response) => void response.writeHead(304, { 'content-length': 9 }).end()],
      [
        'chunked',
        'GET',
        (_request, response) => {
          response.setHeader('transfer-encoding', 'chunked')
          response.setHeader('content-length', 900)
          response.end('hello')
        },
      ],
      ['longer', 'GET', (_request, response) => void response.setHeader('content-length', 3).end('hello')],
    ])('is recorded as completed where the length does not count: %s', async (_name, method, handle) => {
      const { request, onlyRecord } = await listen(handle)
      await request(rawRequest('/', { method, close: true })).closed
      expect(await onlyRecord()).toMatchObject({ ended: 'completed' })
    })
  })

  describe('an error of the connection', () => {
    const bytes400 = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'
    const fail = (code?: string) => Object.assign(new Error('of the application'), code && { code })

    it.each<[string, Handler, number | null]>([
      ['socket.emit("error")', ({ socket }) => void socket.emit('error', fail()), 400],
      [
        'socket.emit("error") of a time-out',
        ({ socket }) => void socket.emit('error', fail('ERR_HTTP_REQUEST_TIMEOUT')),
        408,
      ],
      [
        'socket.emit("error") of a header',
        ({ socket }) => void socket.emit('error', fail('HPE_HEADER_OVERFLOW')),
        431,
      ],
      [
        'socket.emit("error") of a chunk',
        ({ socket }) => void socket.emit('error', fail('HPE_CHUNK_EXTENSIONS_OVERFLOW')),
        413,
      ],
      ['socket.destroy(error)', ({ socket }) => void socket.destroy(fail()), null],
      ['response.destroy(error)', (_request, response) => void response.destroy(fail()), null],
      [
        'a response that is too late',
        ({ socket }, response) => {
          socket.emit('error', fail())
          response.end('too late')
        },
        400,
      ],
    ])('records what left: %s', async (_name, handle, status) => {
      const { request, onlyRecord } = await listen(handle)
      const client = request()
      await client.closed
      expect(client.received()).toEqual(
        status === null
          ? ''
          : expect.stringMatching(new RegExp(`^HTTP/1.1 ${status} .*\r\nConnection: close\r\n\r\n$`)),
      )
      expect((await onlyRecord()).http_response).toMatchObject(
        status === null ? NO_RESPONSE : { status_code: status, headers: { connection: 'close' } },
      )
    })

    it('records the status of a response that has begun', async () => {
      const { request, onlyRecord } = await listen(({ socket }, response) => {
        response.writeHead(202)
        response.write('begun', () => void socket.emit('error', fail()))
      })
      const client = request()
      await client.closed
      expect(client.received()).toMatch(/^HTTP\/1\.1 202 /)
      expect(await onlyRecord()).toMatchObject({ ended: 'aborted', http_response: { status_code: 202 } })
    })

    it.each([
      ['bytes of its own', 'HTTP/1.1 418 Teapot\r\n\r\n'],
      ['as many bytes as Node', bytes400.replace('400 Bad Request', '451 Unavailable')],
    ])('records http_response null if a clientError listener writes %s', async (_name, bytes) => {
      const { server, request, onlyRecord } = await listen(({ socket }) => void socket.emit('error', fail()))
      server.on('clientError', (_error, socket) => socket.end(bytes))
      const client = request()
      await client.closed
      expect(client.received()).toBe(bytes)
      expect(await onlyRecord()).toMatchObject({ ended: 'aborted', http_response: null, outcome: 'unknown' })
    })

    it('records status null if a clientError listener writes nothing', async () => {
      const { server, request, onlyRecord } = await listen(({ socket }) => void socket.emit('error', fail()))
      server.on('clientError', (_error, socket) => socket.destroy())
      await request().closed
      expect(await onlyRecord()).toMatchObject({ ended: 'aborted', http_response: NO_RESPONSE })
    })

    it('records http_response null if the handler writes to the socket', async () => {
      const { request, onlyRecord } = await listen(
        ({ socket }) => void socket.end(bytes400.replace('400', '200')),
      )
      await request().closed
      expect(await onlyRecord()).toMatchObject({ ended: 'aborted', http_response: null })
    })

    it('records what a time-out listener writes as unknown, and nothing for server.timeout alone', async () => {
      for (const [answer, http_response] of [
        ['HTTP/1.1 408 Request Timeout\r\n\r\n', null],
        ['', NO_RESPONSE],
      ] as const) {
        const { server, request, onlyRecord } = await listen(() => {})
        server.setTimeout(50)
        if (answer !== '') server.on('timeout', (socket) => socket.end(answer))
        const client = request()
        await client.closed
        expect(client.received()).toBe(answer)
        expect(await onlyRecord()).toMatchObject({ ended: 'aborted', http_response })
      }
    })
  })

  describe('a handler that changes what was decided', () => {
    it.each<[string, Handler]>([
      [
        'statusCode after writeHead()',
        (_request, response) => {
          response.writeHead(204)
          response.statusCode = 200
          response.end()
        },
      ],
      [
        'statusMessage after writeHead()',
        (_request, response) => {
          response.writeHead(200, { 'x-kind': 'a' })
          response.statusMessage = 'Very Well'
          response.end('x')
        },
      ],
      [
        'statusCode after flushHeaders()',
        (_request, response) => {
          response.statusCode = 202
          response.flushHeaders()
          response.statusCode = 500
          response.end('x')
        },
      ],
      [
        'statusCode after end()',
        (_request, response) => {
          response.end('x')
          response.statusCode = 500
        },
      ],
      [
        'the method',
        (request, response) => {
          request.method = 'HEAD'
          response.end('x')
        },
      ],
      [
        'the HTTP version',
        (request, response) => {
          Object.assign(request, { httpVersionMajor: 2, httpVersion: '2.0' })
          response.end('x')
        },
      ],
      [
        'response.req, which Node itself needs later',
        (_request, response) => {
          const { req } = response
          Object.assign(response, { req: {} })
          response.end('x')
          Object.assign(response, { req })
        },
      ],
      [
        'request.socket',
        (request, response) => {
          Object.defineProperty(request, 'socket', { value: new PassThrough() })
          response.end('x')
        },
      ],
      [
        'request.url',
        (request, response) => {
          request.url = '/elsewhere'
          response.end('x')
        },
      ],
      [
        'a property `stream` of the response',
        (_request, response) => {
          Object.assign(response, { stream: { sentHeaders: { ':status': 500 } } })
          response.end('x')
        },
      ],
    ])('is recorded with what was sent: %s', async (_name, handle) => {
      for (const failClosed of [false, true]) {
        const { request, onlyRecord } = await listen(handle, { failClosed })
        const client = request(rawRequest('/', { close: true }))
        await client.closed
        const [, status, reason] = /^HTTP\/1\.1 (\d+) (.*)\r\n/.exec(client.received()) ?? []
        const record = await onlyRecord()
        expect(record).toMatchObject({
          ended: 'completed',
          http_request: { method: 'GET' },
          http_response: { status_code: Number(status), reason },
        })
        expect(new URL(record.http_request.url).pathname).toBe('/')
      }
    })
  })

  it('is recorded as completed at a process exit if the kernel has taken the response', async () => {
    const { stdout } = await runScript(`
      import { createServer } from 'node:${transportName}'
      import { connect as connectTcp } from 'node:net'
      import { connect as connectTls } from 'node:tls'
      import { auditLog } from 'http-audit-log'
      const audit = auditLog()
      const tls = ${JSON.stringify(certificate)}
      const server = createServer(tls, (request, response) => {
        audit(request, response)
        setImmediate(() => {
          response.setHeader('content-length', 5)
          if (request.url === '/written') response.write('hello')
          else response.end('hello')
          // What was written is corked until the next tick.
          process.nextTick(() => process.exit())
        })
      })
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address()
        const socket = '${transportName}' === 'https'
          ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
          : connectTcp(port, '127.0.0.1')
        socket.write('GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
      })`)
    expect(JSON.parse(stdout).audit).toMatchObject({
      ended: 'completed',
      http_response: { status_code: 200 },
    })
  })
})

it('records a Koa stream with a length as completed if the client has received all of it', async () => {
  const sink = memory()
  const app = new Koa()
  app.silent = true
  app.use(auditKoa({ sink }))
  const bodies: PassThrough[] = []
  app.use((ctx) => {
    const body = new PassThrough()
    bodies.push(body)
    ctx.body = body
    ctx.length = 5
    body.write('hello')
  })
  const { port } = await listenOn(createServer(app.callback()))
  const client = startClient(connectTcp(port, '127.0.0.1'), rawRequest('/'))
  await client.waitFor(/hello$/)
  client.socket.destroy()
  const [record] = await sink.waitFor(1)
  expect(record.audit).toMatchObject({ ended: 'completed', http_response: { status_code: 200 } })
  for (const body of bodies) body.end()
})
