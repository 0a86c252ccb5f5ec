// HTTP/2 through Node's compatibility API, whose responses resemble those of HTTP/1 but behave differently.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
} from 'node:http2'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type AuditOptions, auditLog, memory, type Sink } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { listenOn, stopServers } from '../helpers/servers.js'

const sessions = new Set<ClientHttp2Session>()

afterEach(async () => {
  for (const session of sessions) session.destroy()
  sessions.clear()
  await stopServers()
})

const NO_RESPONSE = { status_code: null, reason: null, headers: null }
const LARGE = Buffer.alloc(4 * 1024 * 1024)

type Handler = (response: Http2ServerResponse, request: Http2ServerRequest) => unknown

/** Handlers by path, for both frameworks. */
const routes: Record<string, Handler> = {
  '/persons': (response) =>
    response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] }).end('persons'),
  '/empty': (response) => response.writeHead(204).end(),
  '/fails': (response) => response.writeHead(500).end('sorry'),
  '/trailers': (response) => {
    response.addTrailers({ 'x-checksum': '7' })
    response.end('body')
  },
  '/hints': (response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    response.end('hinted')
  },
  '/implicit': (response) => {
    response.statusCode = 201
    response.end('implicit')
  },
  '/undated': (response) => {
    response.sendDate = false
    response.end('undated')
  },
  '/flushed': (response) => (response as never as ServerResponse).flushHeaders(),
  '/closed-later': (response) => {
    response.end()
    setTimeout(() => response.stream.close(), 20)
  },
  '/pieces': (response) => {
    response.write('one ')
    response.end('two')
  },
  '/never': () => {},
  '/half': (response) => void response.write('half of it'),
  '/half-then-end': (response, request) => {
    response.write('half of it')
    request.on('data', () => response.end('the rest'))
  },
  '/large': (response) => response.end(LARGE),
  '/destroyed': (response) => response.write('half of it', () => response.stream.destroy()),
  '/ended-and-destroyed': (response) => {
    response.end('all of it')
    response.destroy()
  },
  '/large-ended-and-destroyed': (response) => {
    response.end(LARGE)
    response.destroy()
  },
  '/declared/short': (response) => response.writeHead(200, { 'content-length': 9 }).end('hello'),
  '/declared/short/later': (response) => {
    response.writeHead(200, { 'content-length': '9' }).write('hello')
    setImmediate(() => response.end())
  },
  '/declared/long': (response) => response.writeHead(200, { 'content-length': 3 }).end('hello'),
  '/declared/empty': (response) => response.writeHead(200, { 'content-length': 9 }).end(),
  '/declared/stream': (response) => {
    response.stream.respond({ ':status': 200, 'content-length': 9 })
    response.stream.end('hello')
  },
  '/declared/exactly': (response) => response.writeHead(200, { 'content-length': 5 }).end('hello'),
  '/declared/large': (response) => response.writeHead(200, { 'content-length': LARGE.length }).end(LARGE),
  '/declared/304': (response) => response.writeHead(304, { 'content-length': 9 }).end(),
  '/declared/trailers': (response) => {
    response.setHeader('content-length', 5)
    response.addTrailers({ 'x-checksum': '7' })
    response.end('hello')
  },
  '/declared/file': (response) => response.stream.respondWithFile(__filename, { ':status': 200 }),
  '/refused': (response) => response.stream.close(constants.NGHTTP2_REFUSED_STREAM),
  '/session-destroyed': (response) => response.stream.session?.destroy(),
  '/upload/empty': async (response, request) => {
    for await (const _chunk of request);
    response.writeHead(204).end()
  },
  '/upload': async (response, request) => {
    for await (const _chunk of request);
    response.end('got it')
  },
}

type Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void

// Casts, because Node's types do not accept a listener for HTTP/1 here, although Node's documentation allows it.
const builds: Record<
  string,
  (options: AuditOptions<never>) => { listener: Listener; flush: () => Promise<void> }
> = {
  'node:http2': (options) => {
    const audit = auditLog(options)
    return {
      flush: audit.flush,
      listener: (request, response) =>
        audit(request, response, async () => {
          await Promise.resolve(routes[request.url]?.(response, request)).catch(() => {})
        }),
    }
  },
  Koa: (options) => {
    const app = new Koa()
    app.silent = true
    const audit = auditKoa(options as never)
    app.use(audit)
    app.use(async (ctx) => {
      ctx.respond = false
      // Koa sets 404 in advance, and here it does not respond itself.
      ctx.res.statusCode = 200
      await routes[ctx.path]?.(ctx.res as never, ctx.req as never)
    })
    return { flush: audit.flush, listener: app.callback() as never }
  },
}

describe.each(Object.entries(builds))('%s', (_name, build) => {
  async function listen<S extends Sink>(options: AuditOptions<never> & { sink: S }) {
    const { listener, flush } = build(options)
    const server = createServer(listener as never)
    const serverSession = once(server, 'session') as Promise<[ServerHttp2Session]>
    const { port, url } = await listenOn(server)
    const client = connect(url).on('error', () => {})
    sessions.add(client)
    return { client, port, server, sink: options.sink, serverSession, flush }
  }

  function sendRequest(client: ClientHttp2Session, path: string, method = 'GET', isEnded = true) {
    const stream = client.request({ ':path': path, ':method': method }, { endStream: isEnded })
    return stream.on('error', () => {})
  }

  async function readResponse(stream: ClientHttp2Stream) {
    let body = ''
    const [[headers]] = await Promise.all([
      once(stream, 'response') as Promise<[IncomingHttpHeaders & { ':status'?: number }]>,
      (async () => {
        for await (const chunk of stream.setEncoding('utf8')) body += chunk
      })(),
    ])
    return { headers, body }
  }

  /** Closes the server, expects exactly one record, and returns it. */
  async function onlyRecord(sink: ReturnType<typeof memory>) {
    await sink.waitFor(1)
    for (const session of sessions) session.destroy()
    await stopServers()
    expect(sink.lines).toHaveLength(1)
    return sink.records()[0].audit
  }

  it('records status and headers of a completed response', async () => {
    const { client, port, sink } = await listen({ sink: memory() })
    const { headers, body } = await readResponse(sendRequest(client, '/persons'))
    expect(body).toBe('persons')
    const record = await onlyRecord(sink)
    const {
      ':status': status,
      'set-cookie': cookies,
      ...received
    } = Object.fromEntries(Object.entries(headers))
    expect(record).toMatchObject({
      http_request: { method: 'GET', url: `http://127.0.0.1:${port}/persons` },
      http_response: { status_code: 201, reason: '' },
      user: { ip: '127.0.0.1' },
      ended: 'completed',
      outcome: 'success',
    })
    expect(status).toBe(201)
    expect(cookies).toEqual(['a=1', 'b=2'])
    expect(record.http_response.headers).toEqual({
      ...received,
      'set-cookie': ['a=[REDACTED]', 'b=[REDACTED]'],
    })
  })

  it.each([
    ['/empty', 'GET', 204],
    ['/persons', 'HEAD', 201],
    ['/fails', 'GET', 500],
    ['/trailers', 'GET', 200],
    ['/hints', 'GET', 200],
    ['/large', 'GET', 200],
  ])('records %s, requested with %s, as completed', async (path, method, status_code) => {
    const { client, sink } = await listen({ sink: memory() })
    const { headers } = await readResponse(sendRequest(client, path, method))
    expect(headers[':status']).toBe(status_code)
    const record = await onlyRecord(sink)
    expect(record).toMatchObject({ http_response: { status_code }, ended: 'completed' })
    expect(record.http_response.headers).not.toHaveProperty('link')
  })

  // A small response arrives whole, and a part of a large one; Node gives both the same ending.
  it.each(['/ended-and-destroyed', '/large-ended-and-destroyed'])(
    'records the ending of %s as unknown',
    async (path) => {
      const { client, sink } = await listen({ sink: memory() })
      await readResponse(sendRequest(client, path))
      expect(await onlyRecord(sink)).toMatchObject({
        http_response: { status_code: 200 },
        ended: 'unknown',
        outcome: 'unknown',
      })
    },
  )

  it('records an upload', async () => {
    const { client, sink } = await listen({ sink: memory() })
    const stream = sendRequest(client, '/upload', 'POST', false)
    stream.end('x'.repeat(100_000))
    expect((await readResponse(stream)).body).toBe('got it')
    expect(await onlyRecord(sink)).toMatchObject({ http_request: { method: 'POST' }, ended: 'completed' })
  })

  it('records each stream of a session once, with its own status', async () => {
    const { client, sink } = await listen({ sink: memory() })
    const paths = ['/persons', '/empty', '/fails', '/persons', '/large', '/hints']
    await Promise.all(paths.map((path) => readResponse(sendRequest(client, path))))
    const records = await sink.waitFor(paths.length)
    const recorded = records.map(({ audit }) => [
      new URL(audit.http_request.url).pathname,
      audit.http_response.status_code,
    ])
    expect(recorded.sort()).toEqual(
      [
        ['/persons', 201],
        ['/empty', 204],
        ['/fails', 500],
        ['/persons', 201],
        ['/large', 200],
        ['/hints', 200],
      ].sort(),
    )
  })

  it.each([
    ['GET', constants.NGHTTP2_CANCEL],
    ['GET', constants.NGHTTP2_NO_ERROR],
    ['HEAD', constants.NGHTTP2_CANCEL],
    ['HEAD', constants.NGHTTP2_NO_ERROR],
  ])(
    'records a %s request that the client resets before any response with code %s as aborted',
    async (method, code) => {
      const { client, server, sink } = await listen({ sink: memory() })
      const arrived = once(server, 'request')
      const stream = sendRequest(client, '/never', method)
      await arrived
      stream.close(code)
      expect(await onlyRecord(sink)).toMatchObject({
        http_request: { method },
        http_response: NO_RESPONSE,
        ended: 'aborted',
        outcome: 'unknown',
      })
    },
  )

  it.each(['/half', '/large'])(
    'records a stream that the client resets in the middle of %s as aborted',
    async (path) => {
      const { client, sink } = await listen({ sink: memory() })
      const stream = sendRequest(client, path)
      await once(stream, 'data')
      stream.close(constants.NGHTTP2_CANCEL)
      expect(await onlyRecord(sink)).toMatchObject({
        http_response: { status_code: 200 },
        ended: 'aborted',
        outcome: 'unknown',
      })
    },
  )

  it.each([
    ['/persons', 'HEAD', 201],
    ['/pieces', 'HEAD', 200],
    ['/flushed', 'HEAD', 200],
    ['/closed-later', 'HEAD', 200],
    ['/persons', 'POST', 201],
    ['/empty', 'POST', 204],
  ])(
    'records the response %s to a %s request that the client does not end, while the stream is open',
    async (path, method, status_code) => {
      for (const failClosed of [false, true]) {
        const { client, sink } = await listen({ sink: memory(), failClosed })
        await once(sendRequest(client, path, method, false), 'response')
        expect((await sink.waitFor(1))[0].audit).toMatchObject({
          http_response: { status_code },
          ended: 'completed',
        })
        expect(await onlyRecord(sink)).toMatchObject({ http_response: { status_code }, ended: 'completed' })
      }
    },
  )

  it.each([
    ['/declared/short', 'GET', 'aborted'],
    ['/declared/short', 'POST', 'aborted'],
    ['/declared/short/later', 'GET', 'aborted'],
    ['/declared/long', 'GET', 'aborted'],
    ['/declared/empty', 'GET', 'aborted'],
    ['/declared/stream', 'GET', 'aborted'],
    ['/declared/short', 'HEAD', 'completed'],
    ['/declared/304', 'GET', 'completed'],
    ['/declared/exactly', 'GET', 'completed'],
    ['/declared/exactly', 'POST', 'completed'],
    ['/declared/large', 'GET', 'completed'],
    ['/declared/trailers', 'GET', 'completed'],
    ['/declared/file', 'GET', 'completed'],
  ])(
    'records by the declared length what the client makes of it: %s %s is %s',
    async (path, method, ended) => {
      const { client, sink } = await listen({ sink: memory() })
      const stream = sendRequest(client, path, method)
      stream.resume()
      await new Promise((resolve) => stream.on('close', resolve))
      expect(stream.rstCode === constants.NGHTTP2_NO_ERROR).toBe(ended === 'completed')
      expect(await onlyRecord(sink)).toMatchObject({
        ended,
        http_response: { status_code: expect.any(Number) },
      })
    },
  )

  it('records an upload that the client resets as aborted', async () => {
    const { client, server, sink } = await listen({ sink: memory() })
    const arrived = once(server, 'request')
    const stream = sendRequest(client, '/never', 'POST', false)
    stream.write('half of it')
    await arrived
    stream.close(constants.NGHTTP2_CANCEL)
    expect(await onlyRecord(sink)).toMatchObject({ http_response: NO_RESPONSE, ended: 'aborted' })
  })

  it.each(['/upload', '/upload/empty'])(
    'records an upload as aborted when the client resets it while the handler responds: %s',
    async (path) => {
      const { client, server, sink } = await listen({ sink: memory() })
      const arrived = once(server, 'request')
      const stream = sendRequest(client, path, 'POST', false)
      let hasResponse = false
      stream.on('response', () => {
        hasResponse = true
      })
      stream.write('half of it')
      await arrived
      stream.close(constants.NGHTTP2_CANCEL)
      expect(await onlyRecord(sink)).toMatchObject({ ended: 'aborted', outcome: 'unknown' })
      expect(hasResponse).toBe(false)
    },
  )

  it('records a stream that the client resets in the middle with NO_ERROR as aborted', async () => {
    const { client, sink } = await listen({ sink: memory() })
    const stream = sendRequest(client, '/half')
    await once(stream, 'data')
    stream.close(constants.NGHTTP2_NO_ERROR)
    expect(await onlyRecord(sink)).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })

  it.each(['/never', '/half', '/large'])(
    'records a session that the client destroys as aborted: %s',
    async (path) => {
      const { client, server, sink } = await listen({ sink: memory() })
      const arrived = once(server, 'request')
      const stream = sendRequest(client, path)
      await (path === '/never' ? arrived : once(stream, 'data'))
      client.destroy()
      expect(await onlyRecord(sink)).toMatchObject({
        http_response: path === '/never' ? NO_RESPONSE : { status_code: 200 },
        ended: 'aborted',
      })
    },
  )

  it.each(['/never', '/half', '/large'])(
    'records a session that the server destroys as aborted: %s',
    async (path) => {
      const { client, server, serverSession, sink } = await listen({ sink: memory() })
      const arrived = once(server, 'request')
      const stream = sendRequest(client, path)
      await (path === '/never' ? arrived : once(stream, 'data'))
      const [session] = await serverSession
      session.destroy()
      expect(await onlyRecord(sink)).toMatchObject({
        http_response: path === '/never' ? NO_RESPONSE : { status_code: 200 },
        ended: 'aborted',
      })
    },
  )

  it.each([
    ['/destroyed', { status_code: 200 }],
    ['/refused', NO_RESPONSE],
    ['/session-destroyed', NO_RESPONSE],
  ])('records a stream that the handler destroys as aborted: %s', async (path, http_response) => {
    const { client, sink } = await listen({ sink: memory() })
    const stream = sendRequest(client, path).resume()
    await new Promise((resolve) => stream.on('close', resolve))
    expect(await onlyRecord(sink)).toMatchObject({ http_response, ended: 'aborted' })
  })

  describe('failClosed', () => {
    it('sends the response, and records it', async () => {
      const { client, sink } = await listen({ sink: memory(), failClosed: true })
      const { headers, body } = await readResponse(sendRequest(client, '/persons'))
      expect(headers[':status']).toBe(201)
      expect(body).toBe('persons')
      expect(sink.lines).toHaveLength(1)
      const record = await onlyRecord(sink)
      expect(record).toMatchObject({
        http_response: { status_code: 201, headers: { 'set-cookie': ['a=[REDACTED]', 'b=[REDACTED]'] } },
        ended: 'completed',
        outcome: 'success',
      })
    })

    it.each(['/implicit', '/undated', '/empty'])('records the headers that are sent: %s', async (path) => {
      const { client, sink } = await listen({ sink: memory(), failClosed: true })
      const { headers } = await readResponse(sendRequest(client, path))
      // Object.entries skips what Node adds under a symbol.
      const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== ':status'))
      expect('date' in sent).toBe(path !== '/undated')
      expect((await onlyRecord(sink)).http_response.headers).toEqual(sent)
    })

    /** Expects the client to get the event only after the sink has accepted the record. */
    async function expectHeldUntilAccepted(path: string, method: string, event: 'end' | 'response') {
      const { client, sink } = await listen({ sink: new ControllableSink('hold'), failClosed: true })
      const stream = sendRequest(client, path, method)
      let hasResponse = false
      stream.on(event, () => {
        hasResponse = true
      })
      const response = readResponse(stream)
      await sink.waitForReceived(1)
      await new Promise((resolve) => client.ping(resolve))
      expect(hasResponse).toBe(false)
      await sink.acceptOldest()
      return { sink, response: await response }
    }

    it('holds a response until the sink has accepted the record', async () => {
      const { sink, response } = await expectHeldUntilAccepted('/persons', 'GET', 'end')
      expect(response.body).toBe('persons')
      expect(JSON.parse(sink.received[0] as string).audit).toMatchObject({
        http_response: { status_code: 201 },
        ended: 'completed',
      })
    })

    it('holds the header of a HEAD response whose handler writes a body', async () => {
      const { response } = await expectHeldUntilAccepted('/pieces', 'HEAD', 'response')
      expect(response.headers[':status']).toBe(200)
    })

    it('sends 503 before the handler runs while the sink is down, and records that when the sink is back', async () => {
      const lines: string[] = []
      let isDown = true
      const write = (line: string) => {
        if (isDown) throw new Error('down')
        lines.push(line)
      }
      const { client, flush } = await listen({ sink: { write }, failClosed: true })
      // The first request detects the outage: its handler runs, but its response is not sent.
      const detecting = await readResponse(sendRequest(client, '/implicit'))
      expect([detecting.headers[':status'], detecting.headers['retry-after'], detecting.body]).toEqual([
        503,
        '5',
        '',
      ])
      const refused = await readResponse(sendRequest(client, '/implicit'))
      expect([refused.headers[':status'], refused.headers['retry-after']]).toEqual([503, '5'])
      isDown = false
      await flush()
      expect((await readResponse(sendRequest(client, '/implicit'))).body).toBe('implicit')
      const responses = lines.map((line) => JSON.parse(line).audit.http_response)
      expect(responses.map(({ status_code }) => status_code)).toEqual([503, 503, 201])
      for (const [index, { headers }] of [detecting, refused].entries()) {
        const { ':status': _status, ...received } = Object.fromEntries(Object.entries(headers))
        expect(responses[index]).toEqual({ status_code: 503, reason: '', headers: received })
      }
    })

    it.each<[string, Handler, string]>([
      ['writeHead(204)', (response) => response.writeHead(204), 'GET'],
      ['writeHead(205)', (response) => response.writeHead(205), 'GET'],
      ['writeHead(304)', (response) => response.writeHead(304), 'GET'],
      ['writeHead(200) for HEAD', (response) => response.writeHead(200), 'HEAD'],
      ['flushHeaders() for HEAD', (response) => (response as never as ServerResponse).flushHeaders(), 'HEAD'],
      [
        'respond() with endStream',
        ({ stream }) => stream.respond({ ':status': 200 }, { endStream: true }),
        'GET',
      ],
      ['respond() of 204', ({ stream }) => stream.respond({ ':status': 204 }), 'GET'],
      ['respond() of 204 as a list', ({ stream }) => stream.respond([':status', 204] as never), 'GET'],
      ['end() of the stream', ({ stream }) => stream.end('hello'), 'GET'],
      [
        'a declared length',
        (response) => response.setHeader('content-length', 5) ?? response.end('hello'),
        'GET',
      ],
    ])('sends 503 when the sink refuses the record of a response that %s ends', async (name, act, method) => {
      // Node accepts a list of headers since 24.
      if (name.endsWith('list') && Number(process.versions.node.split('.')[0]) < 24) return
      for (const mode of ['throw', 'reject'] as const) {
        const sink = new ControllableSink(mode)
        const audit = auditLog({ sink, failClosed: true })
        const server = createServer(
          (request, response) => void audit(request, response, () => void act(response, request)),
        )
        const { url } = await listenOn(server)
        const client = connect(url)
        sessions.add(client)
        const { headers, body } = await readResponse(sendRequest(client, '/', method))
        expect([headers[':status'], body]).toEqual([503, ''])
        expect(JSON.parse(sink.received[0] as string).audit.http_response.headers.date).toEqual(
          expect.any(String),
        )
        sink.mode = 'accept'
        const [{ audit: record }] = await sink.waitFor(1)
        expect(record).toMatchObject({ http_response: { status_code: 503 }, ended: 'completed' })
      }
    })

    it('reports a file that Node sends natively, once, and records its response', async () => {
      const sink = memory()
      const errors: Error[] = []
      const audit = auditLog({ sink, failClosed: true, onError: (error) => void errors.push(error) })
      const server = createServer(
        (request, response) =>
          void audit(request, response, () =>
            response.stream.respondWithFile(__filename, { 'x-file': 'yes' }),
          ),
      )
      const { url } = await listenOn(server)
      const client = connect(url)
      sessions.add(client)
      for (const path of ['/1', '/2']) await readResponse(sendRequest(client, path))
      const records = await sink.waitFor(2)
      expect(errors).toMatchObject([{ code: 'ERR_AUDIT_FAIL_CLOSED' }])
      expect(records[1].audit).toMatchObject({
        http_response: { status_code: 200, headers: { 'x-file': 'yes' } },
        ended: 'completed',
      })
    })

    it('corrects the record of a header that Node rejects', async () => {
      const sink = memory()
      const audit = auditLog({ sink, failClosed: true })
      const server = createServer(
        (request, response) =>
          void audit(request, response, () => {
            response.setHeader('content-type', ['text/plain', 'text/html'])
            try {
              response.end('never sent')
            } catch {
              response.removeHeader('content-type')
              response.statusCode = 500
              response.end('sorry')
            }
          }),
      )
      const { url } = await listenOn(server)
      const client = connect(url)
      sessions.add(client)
      const { headers } = await readResponse(sendRequest(client, '/'))
      expect(headers[':status']).toBe(500)
      await sink.waitFor(1)
      expect(sink.records().at(-1)?.audit).toMatchObject({ http_response: { status_code: 500 } })
    })

    it('sends 503 without the headers of HTTP/1, for which Node would print a warning', async () => {
      const write = () => {
        throw new Error('down')
      }
      const { client, server } = await listen({ sink: { write }, failClosed: true })
      await readResponse(sendRequest(client, '/implicit'))
      const headerArguments: unknown[] = []
      server.prependListener('request', (_request, response) => {
        const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => unknown
        response.writeHead = (...args: unknown[]) => {
          headerArguments.push(args[1])
          return writeHead(...args) as never
        }
      })
      expect((await readResponse(sendRequest(client, '/implicit'))).headers[':status']).toBe(503)
      expect(headerArguments).toEqual([{ 'retry-after': '5', 'content-length': '0' }])
    })

    it('closes a stream with an error when part of its response was sent before the sink went down', async () => {
      const lines: string[] = []
      let isDown = false
      const write = (line: string) => {
        if (isDown) throw new Error('down')
        lines.push(line)
      }
      const { client, flush } = await listen({ sink: { write }, failClosed: true })
      const stream = sendRequest(client, '/half-then-end', 'POST', false)
      await once(stream, 'data')
      isDown = true
      stream.write('go on')
      await new Promise((resolve) => stream.on('close', resolve))
      expect(stream.rstCode).not.toBe(constants.NGHTTP2_NO_ERROR)
      isDown = false
      await flush()
      expect(lines.map((line) => JSON.parse(line).audit)).toEqual([
        expect.objectContaining({
          http_response: expect.objectContaining({ status_code: 200 }),
          ended: 'aborted',
        }),
      ])
    })
  })
})

it('writes one record of a stream that was closed before the middleware was called', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer((request, response) => {
    response.end('early')
    response.on('close', () => setImmediate(() => void audit(request, response)))
  })
  const { url } = await listenOn(server)
  const client = connect(url)
  sessions.add(client)
  const stream = client.request({ ':path': '/' })
  stream.resume()
  await once(stream, 'end')
  const [record] = await sink.waitFor(1)
  expect(record.audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
})
