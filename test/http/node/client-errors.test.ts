// What Node answers itself, because it cannot read it, and what that leaves in the audit log.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { exchangeBytes, RawClient, rawRequest } from '../../helpers/raw-client.js'
import { listenOn, stopServers } from '../../helpers/servers.js'

afterEach(stopServers)

const chunked = { method: 'POST', headers: 'Transfer-Encoding: chunked\r\n' }

async function listen(options: ServerOptions = {}, handle: RequestListener = (_req, res) => res.end('ok')) {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer(options, (request, response) => {
    audit(request, response)
    handle(request, response)
  })
  audit.recordClientErrors(server)
  const { port } = await listenOn(server)
  return {
    server,
    port,
    sink,
    async onlyRecord() {
      await sink.waitFor(1)
      await stopServers()
      expect(sink.lines).toHaveLength(1)
      return sink.records()[0].audit
    },
  }
}

/** The bytes that a client gets of a server on which nothing of ours is. */
async function withoutUs(options: ServerOptions, bytes: string): Promise<string> {
  const { port } = await listenOn(createServer(options, (_req, res) => void res.end('ok')))
  return await exchangeBytes(port, bytes)
}

describe('a request that reaches no middleware', () => {
  it.each<[string, number, string, ServerOptions, string]>([
    ['a request line that is none', 400, 'Bad Request', {}, 'NONSENSE\r\n\r\n'],
    [
      'TLS spoken to a server without it',
      400,
      'Bad Request',
      {},
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    ],
    [
      'headers that are too large',
      431,
      'Request Header Fields Too Large',
      { maxHeaderSize: 1000 },
      rawRequest('/', { headers: `X-Large: ${'x'.repeat(2000)}\r\n` }),
    ],
    [
      'headers that do not come in time',
      408,
      'Request Timeout',
      { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 },
      'GET / HTTP/1.1\r\nHost: loc',
    ],
  ])('is answered as ever and recorded: %s', async (_case, status_code, reason, options, bytes) => {
    const { port, onlyRecord } = await listen(options)
    const answer = await exchangeBytes(port, bytes)
    expect(answer).toBe(`HTTP/1.1 ${status_code} ${reason}\r\nConnection: close\r\n\r\n`)
    expect(await onlyRecord()).toMatchObject({
      http_request: null,
      http_response: { status_code, reason, headers: { connection: 'close' } },
      user: { authenticated: false, ip: '127.0.0.1' },
      type: 'WARNING',
      message: 'A request could not be read',
      ended: 'completed',
      outcome: 'failure',
      error: {
        name: expect.stringMatching(/^(?:HPE_|ERR_HTTP_REQUEST_TIMEOUT)/),
        message: expect.any(String),
      },
    })
    expect(await withoutUs(options, bytes)).toBe(answer)
  })

  it.each<[string, number, string, (server: Server) => void, string]>([
    ['no Host', 400, 'Bad Request', () => {}, 'GET /persons?q=1 HTTP/1.1\r\nUser-Agent: Test\r\n\r\n'],
    [
      'an expectation that Node does not know',
      417,
      'Expectation Failed',
      () => {},
      rawRequest('/persons?q=1', { headers: 'Expect: 200-ok\r\nUser-Agent: Test\r\nConnection: close\r\n' }),
    ],
  ])('is read and all the same answered by Node: %s', async (_case, status_code, reason, prepare, bytes) => {
    const { server, port, onlyRecord } = await listen()
    prepare(server)
    const answer = await exchangeBytes(port, bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status_code} ${reason}\r\n`))
    expect(await onlyRecord()).toMatchObject({
      http_request: { method: 'GET', url: expect.stringMatching(/\/persons\?q=1$/), user_agent: 'Test' },
      http_response: { status_code, reason, headers: { connection: 'close' } },
      user: { authenticated: false, ip: '127.0.0.1' },
      type: 'WARNING',
      message: 'A request was answered by Node itself',
      ended: 'completed',
      outcome: 'failure',
    })
    expect(await withoutUs({}, bytes)).toBe(answer)
  })

  it('is one more than a connection may bring, and answered by Node', async () => {
    const { server, port, sink } = await listen()
    server.maxRequestsPerSocket = 1
    const client = new RawClient(port).send(['/1', '/2'].map((path) => rawRequest(path)).join(''))
    await client.waitFor(/503 Service Unavailable[\s\S]*\r\n0\r\n/)
    // Node leaves the connection to the client.
    client.socket.destroy()
    await sink.waitFor(2)
    await stopServers()
    expect(
      sink
        .records()
        .map(({ audit }) => [audit.http_request.url, audit.http_response.status_code, audit.ended]),
    ).toEqual([
      [`http://localhost/1`, 200, 'completed'],
      [`http://localhost/2`, 503, 'completed'],
    ])
  })

  it.each<[string, string, (server: Server) => void, string]>([
    ['no Host, where the server allows it', '/', () => {}, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [
      'an expectation for which somebody listens',
      '/',
      (server) =>
        server.on('checkExpectation', (request, response) => server.emit('request', request, response)),
      rawRequest('/', { headers: 'Expect: 200-ok\r\nConnection: close\r\n' }),
    ],
    [
      'an expectation that Node knows',
      '/',
      () => {},
      rawRequest('/', { headers: 'Expect: 100-continue\r\nConnection: close\r\n' }),
    ],
    ['no Host in HTTP/1.0', '/', () => {}, 'GET / HTTP/1.0\r\n\r\n'],
  ])('is none where the application answers: %s', async (name, _path, prepare, bytes) => {
    const { server, port, onlyRecord } = await listen({ requireHostHeader: !name.includes('allows') })
    prepare(server)
    await exchangeBytes(port, bytes)
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, type: 'INFO' })
  })

  it('is answered and recorded once where two ask for it', async () => {
    const { server, port, onlyRecord } = await listen()
    auditLog({ sink: memory() }).recordClientErrors(server)
    const { recordClientErrors } = auditLog({ sink: memory() })
    recordClientErrors(server)
    expect(await exchangeBytes(port, 'NONSENSE\r\n\r\n')).toBe(
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    )
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 400 } })
  })

  it.each([undefined, null, {}, 'server', () => {}])('cannot be asked of what is no server: %p', (given) => {
    expect(() => auditLog({ sink: memory() }).recordClientErrors(given as unknown as Server)).toThrow(
      expect.objectContaining({
        code: 'ERR_AUDIT_OPTIONS',
        message: expect.stringMatching(/app\.listen\(\) returns, got/),
      }),
    )
  })

  it('is recorded with neither a stack nor a byte of what was sent', async () => {
    const { port, sink, onlyRecord } = await listen()
    await exchangeBytes(port, 'GET /?password=hunter2 NONSENSE\r\nAuthorization: Basic YTpi\r\n\r\n')
    await onlyRecord()
    expect(sink.lines[0]).not.toMatch(/hunter2|YTpi|node:|\.js/)
  })

  it('is answered by the application alone where it listens itself, and recorded without a status', async () => {
    const { server, port, onlyRecord } = await listen()
    server.on('clientError', (_error, socket) => socket.end("HTTP/1.1 418 I'm a teapot\r\n\r\n"))
    expect(await exchangeBytes(port, 'NONSENSE\r\n\r\n')).toBe("HTTP/1.1 418 I'm a teapot\r\n\r\n")
    expect(await onlyRecord()).toMatchObject({
      http_response: null,
      ended: 'aborted',
      outcome: 'failure',
      error: { name: 'HPE_INVALID_METHOD' },
    })
  })

  it('is recorded once, after the requests that were answered on the same connection', async () => {
    const { port, sink } = await listen()
    const client = new RawClient(port).send(`${rawRequest('/1')}${rawRequest('/2')}`)
    await client.waitFor(/ok[\s\S]*ok$/)
    client.socket.write('NONSENSE\r\n\r\n')
    await client.untilClosed()
    const records = await sink.waitFor(3)
    await stopServers()
    expect(sink.lines).toHaveLength(3)
    expect(records.map(({ audit }) => audit.http_response.status_code)).toEqual([200, 200, 400])
    expect(records.map(({ audit }) => audit.http_request?.method)).toEqual(['GET', 'GET', undefined])
  })

  it('is recorded beside a request in flight, for which its client takes the answer', async () => {
    const { port, sink } = await listen({}, () => {})
    const bytes = `${rawRequest('/never')}NONSENSE\r\n\r\n`
    expect(await exchangeBytes(port, bytes)).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    await sink.waitFor(2)
    await stopServers()
    const byRequest = Object.fromEntries(
      sink
        .records()
        .map(({ audit }) => [audit.http_request?.method ?? 'unread', audit.http_response?.status_code]),
    )
    expect(byRequest).toEqual({ GET: 400, unread: undefined })
    expect(sink.lines).toHaveLength(2)
  })
})

describe('a connection on which nothing was asked', () => {
  /** A record of a request that comes afterwards is the first there is. */
  async function expectNoRecordBefore({ port, sink }: { port: number; sink: ReturnType<typeof memory> }) {
    await exchangeBytes(port, rawRequest('/later', { headers: 'Connection: close\r\n' }))
    const records = await sink.waitFor(1)
    expect(records.map(({ audit }) => audit.http_request?.url)).toEqual([`http://localhost/later`])
  }

  it('leaves no record when it is reset after a request', async () => {
    const listening = await listen()
    const client = new RawClient(listening.port).send(rawRequest('/first'))
    await client.waitFor(/ok$/)
    await listening.sink.waitFor(1)
    listening.sink.lines.length = 0
    const reset = once(listening.server, 'clientError')
    client.socket.resetAndDestroy()
    await reset
    await expectNoRecordBefore(listening)
  })

  it('leaves no record when it is opened and closed', async () => {
    const listening = await listen()
    await Promise.all([
      new RawClient(listening.port).send('').socket.end(),
      once(listening.server, 'connection'),
    ])
    await expectNoRecordBefore(listening)
  })

  it('leaves no record when it stays silent until Node ends it', async () => {
    const limits = { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 }
    const listening = await listen(limits)
    expect(await exchangeBytes(listening.port, '')).toBe(await withoutUs(limits, ''))
    await expectNoRecordBefore(listening)
  })
})

describe('a request in flight whose rest cannot be read', () => {
  const badChunk = `${rawRequest('/', chunked)}5\r\nhello\r\nNONSENSE\r\n`
  const badRequest = { status_code: 400, reason: 'Bad Request', headers: { connection: 'close' } }

  /** With and without `recordClientErrors`, which must change nothing for the client. */
  async function bothWays(handle: RequestListener, arrange = (_server: Server) => {}) {
    const recorded = await listen({}, handle)
    arrange(recorded.server)
    const answer = await exchangeBytes(recorded.port, badChunk)
    const record = await recorded.onlyRecord()

    const sink = memory()
    const audit = auditLog({ sink })
    const server = createServer((request, response) => {
      audit(request, response)
      handle(request, response)
    })
    arrange(server)
    const { port } = await listenOn(server)
    expect(await exchangeBytes(port, badChunk)).toBe(answer)
    await sink.waitFor(1)
    await stopServers()
    expect(sink.lines).toHaveLength(1)
    const { http_response, ended, outcome } = sink.records()[0].audit
    expect({ http_response, ended, outcome }).toEqual({
      http_response: record.http_response,
      ended: record.ended,
      outcome: record.outcome,
    })
    return { answer, record }
  }

  it('leaves one record, with the 400 that Node sent where nothing had left', async () => {
    const { answer, record } = await bothWays((request) => void request.resume())
    expect(answer).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    expect(record).toMatchObject({
      http_request: { method: 'POST' },
      http_response: badRequest,
      ended: 'aborted',
      outcome: 'failure',
    })
  })

  it('leaves one record, with the status of the handler where that had left', async () => {
    const { answer, record } = await bothWays((request, response) => {
      request.resume()
      response.writeHead(202).write('half of it')
    })
    expect(answer).toMatch(/^HTTP\/1\.1 202 Accepted\r\n[\s\S]*half of it\r\n$/)
    expect(record).toMatchObject({ http_response: { status_code: 202 }, ended: 'aborted' })
  })

  it('leaves one record, with the status of the handler where it had answered before the end', async () => {
    const { record } = await bothWays((request, response) => {
      request.resume()
      response.writeHead(202).end('enough')
    })
    expect(record).toMatchObject({ http_response: { status_code: 202 }, ended: 'completed' })
  })

  it('leaves no status where the application answers nothing', async () => {
    const { answer, record } = await bothWays(
      (request) => void request.resume(),
      (server) => server.on('clientError', (error, socket) => socket.destroy(error)),
    )
    expect(answer).toBe('')
    expect(record).toMatchObject({ http_response: { status_code: null }, ended: 'aborted' })
  })
})
