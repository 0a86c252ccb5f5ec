// HTTP/2 through Node's compatibility API, where a response looks like one of HTTP/1 and is not.
import { once } from 'node:events'
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

const NOTHING_LEFT = { status_code: null, reason: null, headers: null }
const LARGE = Buffer.alloc(4 * 1024 * 1024)

type Handle = (response: Http2ServerResponse, request: Http2ServerRequest) => unknown

/** By path, the same for both frameworks. */
const routes: Record<string, Handle> = {
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

// Node's types say that a listener of HTTP/1 cannot be one of HTTP/2. Its documentation says that it can.
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
      // Where Koa does not answer, its 404 is nobody's.
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

  function begin(client: ClientHttp2Session, path: string, method = 'GET', isEnded = true) {
    const stream = client.request({ ':path': path, ':method': method }, { endStream: isEnded })
    return stream.on('error', () => {})
  }

  async function read(stream: ClientHttp2Stream) {
    let body = ''
    const [[headers]] = await Promise.all([
      once(stream, 'response') as Promise<[IncomingHttpHeaders & { ':status'?: number }]>,
      (async () => {
        for await (const chunk of stream.setEncoding('utf8')) body += chunk
      })(),
    ])
    return { headers, body }
  }

  /** The one record of the one request there was, when nothing can come any more. */
  async function onlyRecord(sink: ReturnType<typeof memory>) {
    await sink.waitFor(1)
    for (const session of sessions) session.destroy()
    await stopServers()
    expect(sink.lines).toHaveLength(1)
    return sink.records()[0].audit
  }

  it('records a whole exchange, with the status and the headers that left', async () => {
    const { client, port, sink } = await listen({ sink: memory() })
    const { headers, body } = await read(begin(client, '/persons'))
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
  ])('records %s, asked with %s, as completed', async (path, method, status_code) => {
    const { client, sink } = await listen({ sink: memory() })
    const { headers } = await read(begin(client, path, method))
    expect(headers[':status']).toBe(status_code)
    const record = await onlyRecord(sink)
    expect(record).toMatchObject({ http_response: { status_code }, ended: 'completed' })
    expect(record.http_response.headers).not.toHaveProperty('link')
  })

  it('records an upload', async () => {
    const { client, sink } = await listen({ sink: memory() })
    const stream = begin(client, '/upload', 'POST', false)
    stream.end('x'.repeat(100_000))
    expect((await read(stream)).body).toBe('got it')
    expect(await onlyRecord(sink)).toMatchObject({ http_request: { method: 'POST' }, ended: 'completed' })
  })

  it('records streams of one session once each, none mixed up', async () => {
    const { client, sink } = await listen({ sink: memory() })
    const paths = ['/persons', '/empty', '/fails', '/persons', '/large', '/hints']
    await Promise.all(paths.map((path) => read(begin(client, path))))
    const records = await sink.waitFor(paths.length)
    const asRecorded = records.map(({ audit }) => [
      new URL(audit.http_request.url).pathname,
      audit.http_response.status_code,
    ])
    expect(asRecorded.sort()).toEqual(
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
  ])('records a client that resets %s before any answer, with code %s', async (method, code) => {
    const { client, server, sink } = await listen({ sink: memory() })
    const arrived = once(server, 'request')
    const stream = begin(client, '/never', method)
    await arrived
    stream.close(code)
    expect(await onlyRecord(sink)).toMatchObject({
      http_request: { method },
      http_response: NOTHING_LEFT,
      ended: 'aborted',
      outcome: 'unknown',
    })
  })

  it.each(['/half', '/large'])(
    'records a client that resets the stream in the middle of %s',
    async (path) => {
      const { client, sink } = await listen({ sink: memory() })
      const stream = begin(client, path)
      await once(stream, 'data')
      stream.close(constants.NGHTTP2_CANCEL)
      expect(await onlyRecord(sink)).toMatchObject({
        http_response: { status_code: 200 },
        ended: 'aborted',
        outcome: 'unknown',
      })
    },
  )

  it('records an upload that its client resets', async () => {
    const { client, server, sink } = await listen({ sink: memory() })
    const arrived = once(server, 'request')
    const stream = begin(client, '/never', 'POST', false)
    stream.write('half of it')
    await arrived
    stream.close(constants.NGHTTP2_CANCEL)
    expect(await onlyRecord(sink)).toMatchObject({ http_response: NOTHING_LEFT, ended: 'aborted' })
  })

  it.each(['/upload', '/upload/empty'])(
    'does not take for answered what its client resets while its handler answers: %s',
    async (path) => {
      const { client, server, sink } = await listen({ sink: memory() })
      const arrived = once(server, 'request')
      const stream = begin(client, path, 'POST', false)
      let isAnswered = false
      stream.on('response', () => {
        isAnswered = true
      })
      stream.write('half of it')
      await arrived
      stream.close(constants.NGHTTP2_CANCEL)
      expect(await onlyRecord(sink)).toMatchObject({ ended: 'aborted', outcome: 'unknown' })
      expect(isAnswered).toBe(false)
    },
  )

  it('records a client that resets a stream in the middle without giving an error', async () => {
    const { client, sink } = await listen({ sink: memory() })
    const stream = begin(client, '/half')
    await once(stream, 'data')
    stream.close(constants.NGHTTP2_NO_ERROR)
    expect(await onlyRecord(sink)).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })

  it.each(['/never', '/half', '/large'])(
    'records a client that drops the whole session: %s',
    async (path) => {
      const { client, server, sink } = await listen({ sink: memory() })
      const arrived = once(server, 'request')
      const stream = begin(client, path)
      await (path === '/never' ? arrived : once(stream, 'data'))
      client.destroy()
      expect(await onlyRecord(sink)).toMatchObject({
        http_response: path === '/never' ? NOTHING_LEFT : { status_code: 200 },
        ended: 'aborted',
      })
    },
  )

  it.each(['/never', '/half', '/large'])(
    'records a server that drops the whole session: %s',
    async (path) => {
      const { client, server, serverSession, sink } = await listen({ sink: memory() })
      const arrived = once(server, 'request')
      const stream = begin(client, path)
      await (path === '/never' ? arrived : once(stream, 'data'))
      const [session] = await serverSession
      session.destroy()
      expect(await onlyRecord(sink)).toMatchObject({
        http_response: path === '/never' ? NOTHING_LEFT : { status_code: 200 },
        ended: 'aborted',
      })
    },
  )

  it.each([
    ['/destroyed', { status_code: 200 }],
    ['/refused', NOTHING_LEFT],
    ['/session-destroyed', NOTHING_LEFT],
  ])('records a handler that cuts its own stream: %s', async (path, http_response) => {
    const { client, sink } = await listen({ sink: memory() })
    const stream = begin(client, path).resume()
    await new Promise((resolve) => stream.on('close', resolve))
    expect(await onlyRecord(sink)).toMatchObject({ http_response, ended: 'aborted' })
  })

  describe('failClosed', () => {
    it('answers, and records what left', async () => {
      const { client, sink } = await listen({ sink: memory(), failClosed: true })
      const { headers, body } = await read(begin(client, '/persons'))
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

    it.each(['/implicit', '/undated', '/empty'])('records the headers that leave: %s', async (path) => {
      const { client, sink } = await listen({ sink: memory(), failClosed: true })
      const { headers } = await read(begin(client, path))
      // Without what Node adds under a symbol.
      const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== ':status'))
      expect('date' in sent).toBe(path !== '/undated')
      expect((await onlyRecord(sink)).http_response.headers).toEqual(sent)
    })

    /** Expects that the event which tells of an answer does not come before the sink has the record. */
    async function answerOnceAccepted(path: string, method: string, event: 'end' | 'response') {
      const { client, sink } = await listen({ sink: new ControllableSink('hold'), failClosed: true })
      const stream = begin(client, path, method)
      let isAnswered = false
      stream.on(event, () => {
        isAnswered = true
      })
      const response = read(stream)
      await sink.waitForReceived(1)
      await new Promise((resolve) => client.ping(resolve))
      expect(isAnswered).toBe(false)
      await sink.acceptOldest()
      return { sink, response: await response }
    }

    it('answers only when the sink has the record', async () => {
      const { sink, response } = await answerOnceAccepted('/persons', 'GET', 'end')
      expect(response.body).toBe('persons')
      expect(JSON.parse(sink.received[0] as string).audit).toMatchObject({
        http_response: { status_code: 201 },
        ended: 'completed',
      })
    })

    it('holds the header of an answer without a body, of which a handler writes one', async () => {
      const { response } = await answerOnceAccepted('/pieces', 'HEAD', 'response')
      expect(response.headers[':status']).toBe(200)
    })

    it('answers 503 before the handler runs while the sink is down, and records that when it is back', async () => {
      const lines: string[] = []
      let isDown = true
      const write = (line: string) => {
        if (isDown) throw new Error('down')
        lines.push(line)
      }
      const { client, flush } = await listen({ sink: { write }, failClosed: true })
      // The first finds out: its handler runs, and its answer does not leave.
      const found = await read(begin(client, '/implicit'))
      expect([found.headers[':status'], found.headers['retry-after'], found.body]).toEqual([503, '5', ''])
      const refused = await read(begin(client, '/implicit'))
      expect([refused.headers[':status'], refused.headers['retry-after']]).toEqual([503, '5'])
      isDown = false
      await flush()
      expect((await read(begin(client, '/implicit'))).body).toBe('implicit')
      const answers = lines.map((line) => JSON.parse(line).audit.http_response)
      expect(answers.map(({ status_code }) => status_code)).toEqual([503, 503, 201])
      for (const [index, { headers }] of [found, refused].entries()) {
        const { ':status': _status, ...received } = Object.fromEntries(Object.entries(headers))
        expect(answers[index]).toEqual({ status_code: 503, reason: '', headers: received })
      }
    })

    it('refuses without the headers of HTTP/1 that Node would warn of', async () => {
      const write = () => {
        throw new Error('down')
      }
      const { client, server } = await listen({ sink: { write }, failClosed: true })
      await read(begin(client, '/implicit'))
      const given: unknown[] = []
      server.prependListener('request', (_request, response) => {
        const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => unknown
        response.writeHead = (...args: unknown[]) => {
          given.push(args[1])
          return writeHead(...args) as never
        }
      })
      expect((await read(begin(client, '/implicit'))).headers[':status']).toBe(503)
      expect(given).toEqual([{ 'retry-after': '5', 'content-length': '0' }])
    })

    it('cuts with an error what had begun to leave when the sink went down', async () => {
      const lines: string[] = []
      let isDown = false
      const write = (line: string) => {
        if (isDown) throw new Error('down')
        lines.push(line)
      }
      const { client, flush } = await listen({ sink: { write }, failClosed: true })
      const stream = begin(client, '/half-then-end', 'POST', false)
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

it('leaves one record of a stream that was over before we were called', async () => {
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
