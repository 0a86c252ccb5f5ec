// Requests that Node answers by itself, and their records: those that it cannot read, and those that it rejects.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { ControllableSink } from '../../helpers/controllable-sink.js'
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

/** The bytes that a client receives from a server without the middleware. */
async function requestUnaudited(options: ServerOptions, bytes: string): Promise<string> {
  const { port } = await listenOn(createServer(options, (_req, res) => void res.end('ok')))
  return await exchangeBytes(port, bytes)
}

it('is recognized by the other build of this package, which knows what was answered to a request in flight', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer((request, response) => audit(request, response))
  let other: typeof import('http-audit-log') | undefined
  jest.isolateModules(() => {
    other = require('http-audit-log')
  })
  expect(other?.auditLog).not.toBe(auditLog)
  other?.auditLog({ sink: memory() }).recordClientErrors(server)
  const { port } = await listenOn(server)
  await new RawClient(port).send(`${rawRequest('/', chunked)}nonsense\r\n`).untilClosed()
  expect((await sink.waitFor(1))[0].audit).toMatchObject({ http_response: { status_code: 400 } })
})

/** Two responses may be sent in different seconds. */
function maskDate(response: string): string {
  return response.replace(/^Date: .*$/m, 'Date: (masked)')
}

describe('recordClientErrors', () => {
  it.each<[string, number, string, ServerOptions, string]>([
    ['a malformed request line', 400, 'Bad Request', {}, 'NONSENSE\r\n\r\n'],
    [
      'a TLS handshake on a server without TLS',
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
      'headers that time out',
      408,
      'Request Timeout',
      { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 },
      'GET / HTTP/1.1\r\nHost: loc',
    ],
  ])(
    'records a request that Node cannot read, and sends the response of Node: %s',
    async (_case, status_code, reason, options, bytes) => {
      const { port, onlyRecord } = await listen(options)
      const response = await exchangeBytes(port, bytes)
      expect(response).toBe(`HTTP/1.1 ${status_code} ${reason}\r\nConnection: close\r\n\r\n`)
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
      expect(await requestUnaudited(options, bytes)).toBe(response)
    },
  )

  it.each<[string, number, string, (server: Server) => void, string]>([
    ['no Host header', 400, 'Bad Request', () => {}, 'GET /persons?q=1 HTTP/1.1\r\nUser-Agent: Test\r\n\r\n'],
    [
      'an Expect header that Node does not support',
      417,
      'Expectation Failed',
      () => {},
      rawRequest('/persons?q=1', { headers: 'Expect: 200-ok\r\nUser-Agent: Test\r\nConnection: close\r\n' }),
    ],
  ])(
    'records a request that Node reads and rejects: %s',
    async (_case, status_code, reason, prepare, bytes) => {
      const { server, port, onlyRecord } = await listen()
      prepare(server)
      const response = await exchangeBytes(port, bytes)
      expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status_code} ${reason}\r\n`))
      expect(await onlyRecord()).toMatchObject({
        http_request: { method: 'GET', url: expect.stringMatching(/\/persons\?q=1$/), user_agent: 'Test' },
        http_response: { status_code, reason, headers: { connection: 'close' } },
        user: { authenticated: false, ip: '127.0.0.1' },
        type: 'WARNING',
        message: 'A request was answered by Node itself',
        ended: 'completed',
        outcome: 'failure',
      })
      expect(maskDate(await requestUnaudited({}, bytes))).toBe(maskDate(response))
    },
  )

  it('records a request beyond maxRequestsPerSocket', async () => {
    const { server, port, sink } = await listen()
    server.maxRequestsPerSocket = 1
    const client = new RawClient(port).send(['/1', '/2'].map((path) => rawRequest(path)).join(''))
    await client.waitFor(/503 Service Unavailable[\s\S]*\r\n0\r\n/)
    // Node leaves it to the client to close the connection.
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
    [
      'no Host header, with requireHostHeader: false',
      '/',
      () => {},
      'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
    ],
    [
      'an Expect header with a listener for checkExpectation',
      '/',
      (server) =>
        server.on('checkExpectation', (request, response) => server.emit('request', request, response)),
      rawRequest('/', { headers: 'Expect: 200-ok\r\nConnection: close\r\n' }),
    ],
    [
      'an Expect header that Node supports',
      '/',
      () => {},
      rawRequest('/', { headers: 'Expect: 100-continue\r\nConnection: close\r\n' }),
    ],
    ['no Host header in HTTP/1.0', '/', () => {}, 'GET / HTTP/1.0\r\n\r\n'],
  ])('adds no record when the application responds: %s', async (name, _path, prepare, bytes) => {
    const { server, port, onlyRecord } = await listen({
      requireHostHeader: !name.includes('requireHostHeader'),
    })
    prepare(server)
    await exchangeBytes(port, bytes)
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 200 }, type: 'INFO' })
  })

  it('records once and responds once when it is called three times for a server', async () => {
    const { server, port, onlyRecord } = await listen()
    auditLog({ sink: memory() }).recordClientErrors(server)
    const { recordClientErrors } = auditLog({ sink: memory() })
    recordClientErrors(server)
    expect(await exchangeBytes(port, 'NONSENSE\r\n\r\n')).toBe(
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    )
    expect(await onlyRecord()).toMatchObject({ http_response: { status_code: 400 } })
  })

  it.each([undefined, null, {}, 'server', () => {}])(
    'throws when its argument is not a server: %p',
    (argument) => {
      expect(() => auditLog({ sink: memory() }).recordClientErrors(argument as unknown as Server)).toThrow(
        expect.objectContaining({
          code: 'ERR_AUDIT_OPTIONS',
          message: expect.stringMatching(/app\.listen\(\) returns, got/),
        }),
      )
    },
  )

  it('records neither a stack nor any part of a request that Node cannot read', async () => {
    const { port, sink, onlyRecord } = await listen()
    await exchangeBytes(port, 'GET /?password=hunter2 NONSENSE\r\nAuthorization: Basic YTpi\r\n\r\n')
    await onlyRecord()
    expect(sink.lines[0]).not.toMatch(/hunter2|YTpi|node:|\.js/)
  })

  it('records http_response null, and leaves the response to the clientError listener of the application', async () => {
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

  it('records an unreadable request once, after earlier requests on the same connection', async () => {
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

  it('records an unreadable request without a status when the response belongs to a request in flight', async () => {
    const { port, sink } = await listen({}, () => {})
    const bytes = `${rawRequest('/never')}NONSENSE\r\n\r\n`
    expect(await exchangeBytes(port, bytes)).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    await sink.waitFor(2)
    await stopServers()
    const byRequest = Object.fromEntries(
      sink
        .records()
        .map(({ audit }) => [audit.http_request?.method ?? 'unreadable', audit.http_response?.status_code]),
    )
    expect(byRequest).toEqual({ GET: 400, unreadable: undefined })
    expect(sink.lines).toHaveLength(2)
  })
})

describe('a connection without an unreadable request', () => {
  /** Sends another request, and expects its record to be the first one. */
  async function expectNoRecord({ port, sink }: { port: number; sink: ReturnType<typeof memory> }) {
    await exchangeBytes(port, rawRequest('/later', { headers: 'Connection: close\r\n' }))
    const records = await sink.waitFor(1)
    expect(records.map(({ audit }) => audit.http_request?.url)).toEqual([`http://localhost/later`])
  }

  it('is not recorded when it is reset after a request', async () => {
    const listening = await listen()
    const client = new RawClient(listening.port).send(rawRequest('/first'))
    await client.waitFor(/ok$/)
    await listening.sink.waitFor(1)
    listening.sink.lines.length = 0
    const reset = once(listening.server, 'clientError')
    client.socket.resetAndDestroy()
    await reset
    await expectNoRecord(listening)
  })

  it('is not recorded when it is opened and closed', async () => {
    const listening = await listen()
    await Promise.all([
      new RawClient(listening.port).send('').socket.end(),
      once(listening.server, 'connection'),
    ])
    await expectNoRecord(listening)
  })

  it('is not recorded when it sends nothing until it times out', async () => {
    const limits = { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 }
    const listening = await listen(limits)
    expect(await exchangeBytes(listening.port, '')).toBe(await requestUnaudited(limits, ''))
    await expectNoRecord(listening)
  })
})

describe('a request in flight with a malformed body', () => {
  const badChunk = `${rawRequest('/', chunked)}5\r\nhello\r\nNONSENSE\r\n`
  const badRequest = { status_code: 400, reason: 'Bad Request', headers: { connection: 'close' } }

  /** Runs a handler with and without `recordClientErrors`, and expects the same response and the same record. */
  async function compare(handle: RequestListener, prepare = (_server: Server) => {}) {
    const recorded = await listen({}, handle)
    prepare(recorded.server)
    const response = await exchangeBytes(recorded.port, badChunk)
    const record = await recorded.onlyRecord()

    const sink = memory()
    const audit = auditLog({ sink })
    const server = createServer((request, response) => {
      audit(request, response)
      handle(request, response)
    })
    prepare(server)
    const { port } = await listenOn(server)
    expect(await exchangeBytes(port, badChunk)).toBe(response)
    await sink.waitFor(1)
    await stopServers()
    expect(sink.lines).toHaveLength(1)
    const { http_response, ended, outcome } = sink.records()[0].audit
    expect({ http_response, ended, outcome }).toEqual({
      http_response: record.http_response,
      ended: record.ended,
      outcome: record.outcome,
    })
    return { response, record }
  }

  it('has one record, with the 400 that Node sent, when the handler has sent nothing', async () => {
    const { response, record } = await compare((request) => void request.resume())
    expect(response).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    expect(record).toMatchObject({
      http_request: { method: 'POST' },
      http_response: badRequest,
      ended: 'aborted',
      outcome: 'failure',
    })
  })

  it('has one record, with the status of the handler, when the header was sent', async () => {
    const { response, record } = await compare((request, response) => {
      request.resume()
      response.writeHead(202).write('half of it')
    })
    expect(response).toMatch(/^HTTP\/1\.1 202 Accepted\r\n[\s\S]*half of it\r\n$/)
    expect(record).toMatchObject({ http_response: { status_code: 202 }, ended: 'aborted' })
  })

  it('has one record, with the status of the handler, when the response was complete', async () => {
    const { record } = await compare((request, response) => {
      request.resume()
      response.writeHead(202).end('enough')
    })
    expect(record).toMatchObject({ http_response: { status_code: 202 }, ended: 'completed' })
  })

  it('has status null when the clientError listener of the application sends nothing', async () => {
    const { response, record } = await compare(
      (request) => void request.resume(),
      (server) => server.on('clientError', (error, socket) => socket.destroy(error)),
    )
    expect(response).toBe('')
    expect(record).toMatchObject({ http_response: { status_code: null }, ended: 'aborted' })
  })
})

describe('recordClientErrors with failClosed', () => {
  const requests: readonly (readonly [string, number, string])[] = [
    ['a malformed request line', 400, 'NONSENSE\r\n\r\n'],
    ['headers that are too large', 431, rawRequest('/', { headers: `X-Large: ${'x'.repeat(20_000)}\r\n` })],
    ['no Host header', 400, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [
      'an unknown Expect header',
      417,
      rawRequest('/', { headers: 'Expect: 200-ok\r\nConnection: close\r\n' }),
    ],
  ]

  async function listenFailClosed(mode: 'accept' | 'hold' | 'throw' | 'reject') {
    const sink = new ControllableSink(mode)
    const audit = auditLog({ sink, failClosed: true })
    const server = createServer((request, response) =>
      audit(request, response, () => void response.end('ok')),
    )
    audit.recordClientErrors(server)
    return { sink, server, ...(await listenOn(server)) }
  }

  it.each(requests)(
    'sends the response of Node once its record is accepted: %s',
    async (_case, status, bytes) => {
      const { sink, port } = await listenFailClosed('accept')
      const response = await exchangeBytes(port, bytes)
      expect(maskDate(response)).toBe(maskDate(await requestUnaudited({}, bytes)))
      expect(sink.records()).toMatchObject([{ audit: { http_response: { status_code: status } } }])
    },
  )

  it.each(requests)('sends nothing before its record is accepted: %s', async (_case, status, bytes) => {
    const { sink, port } = await listenFailClosed('hold')
    const client = new RawClient(port).send(bytes)
    const write = await sink.next()
    expect(write.record.http_response.status_code).toBe(status)
    // What follows the bytes that Node cannot read is no request of its own.
    if (write.record.http_request === null) client.send('MORE NONSENSE\r\n\r\n')
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    expect(client.received).toBe('')
    write.accept()
    expect(await client.untilClosed()).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(sink.received).toHaveLength(1)
  })

  it.each(requests.flatMap((request) => [['throw', ...request] as const, ['reject', ...request] as const]))(
    'does not send the response when the sink does not accept its record (%s): %s',
    async (mode, _case, status, bytes) => {
      const { sink, port } = await listenFailClosed(mode)
      const response = await exchangeBytes(port, bytes)
      expect(response).toMatch(/^(?:HTTP\/1.1 503 [\s\S]*)?$/)
      sink.mode = 'accept'
      const [{ audit: record }] = await sink.waitFor(1)
      expect(record.http_response?.status_code).toBe(response === '' ? undefined : 503)
      expect(record.http_response?.status_code).not.toBe(status)
    },
  )

  it('holds the 503 beyond maxRequestsPerSocket', async () => {
    const { sink, server, port } = await listenFailClosed('hold')
    server.maxRequestsPerSocket = 1
    const client = new RawClient(port).send(['/1', '/2'].map((path) => rawRequest(path)).join(''))
    ;(await sink.next()).accept()
    await client.waitFor(/ok$/)
    const write = await sink.next()
    expect(write.record.http_response.status_code).toBe(503)
    expect(client.received).not.toContain('503')
    write.accept()
    await client.waitFor(/503 Service Unavailable[\s\S]*\r\n0\r\n/)
    client.destroy()
  })
})
