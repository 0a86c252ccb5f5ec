// The behaviour that all frameworks have in common.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { type AnyAuditOptions, frameworks } from '../helpers/frameworks.js'
import { HOST } from '../helpers/origin.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

describe.each(frameworks)('%s', (_name, framework) => {
  async function listen(options: AnyAuditOptions = {}) {
    const sink = memory()
    const running = await startServer(await framework.build({ sink, ...options }))
    return { sink, ...running }
  }

  /** Sends one request, and returns the only record. */
  async function auditOne(path: string, init: RequestInit = {}, options: AnyAuditOptions = {}) {
    const { sink, url } = await listen(options)
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init })
    await response.arrayBuffer()
    const [record] = await sink.waitFor(1)
    await stopServers()
    expect(sink.lines).toHaveLength(1)
    return { record: record.audit, response, url, port: Number(new URL(url).port) }
  }

  /** Sends one request, and disconnects after the event `until`. */
  async function abandonOne(path: string, until: 'request' | 'data') {
    const { sink, server, port } = await listen()
    const client = connect(port, '127.0.0.1').on('error', () => {})
    const seen = once(until === 'data' ? client : server, until)
    client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await seen
    client.destroy()
    const [record] = await sink.waitFor(1)
    await stopServers()
    expect(sink.lines).toHaveLength(1)
    return record.audit
  }

  it('records a whole exchange', async () => {
    const { record, url, response } = await auditOne('/persons?last_name=Jansen', {
      headers: { 'user-agent': 'Test/1.0' },
    })
    expect(record).toEqual({
      http_request: { method: 'GET', url: `${url}/persons?last_name=Jansen`, user_agent: 'Test/1.0' },
      http_response: { status_code: 200, reason: 'OK', headers: Object.fromEntries(response.headers) },
      user: { authenticated: false, provider: '', realm: '', email: '', roles: null, ip: '127.0.0.1' },
      filter: { object: 'Person', kwargs: { last_name: 'Jansen' } },
      results: [{ id: 1 }],
      type: 'INFO',
      message: 'List Person',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      duration_ms: expect.any(Number),
      outcome: 'success',
      ended: 'completed',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      trace_id: null,
      run: expect.stringMatching(/^[0-9a-f-]{36}$/),
      seq: expect.any(Number),
      id: `${record.run}-${record.seq}`,
      host: HOST,
    })
  })

  it.each([
    ['/created', 201, 'Created', 'success'],
    ['/empty', 204, 'No Content', 'success'],
    ['/redirect', 302, 'Found', 'success'],
    ['/missing', 404, 'Not Found', 'failure'],
    ['/no-such-route', 404, 'Not Found', 'failure'],
    ['/unavailable', 503, 'Service Unavailable', 'failure'],
    ['/throws', 500, 'Internal Server Error', 'failure'],
    ['/reason', 200, 'Very Well', 'success'],
  ])('records the status that was sent for %s', async (path, status_code, reason, outcome) => {
    const { record, response } = await auditOne(path)
    expect(record).toMatchObject({ http_response: { status_code, reason }, outcome, ended: 'completed' })
    expect([response.status, response.statusText]).toEqual([status_code, reason])
  })

  // Depending on the form, Node merges or replaces headers that a framework has set. The record has the headers that were sent.
  it.each(['object', 'array', 'pairs'])(
    'records the headers given to writeHead as %s, as the client got them',
    async (kind) => {
      const { record, response } = await auditOne(
        `/write-head/${kind}`,
        {},
        { redact: false, responseHeaders: 'all' },
      )
      const { 'set-cookie': cookies = [], ...headers } = record.http_response.headers
      expect(record.http_response.status_code).toBe(response.status)
      expect(cookies).toEqual(response.headers.getSetCookie())
      const { 'set-cookie': _cookies, ...received } = Object.fromEntries(response.headers)
      expect(headers).toEqual(received)
    },
  )

  it('records a header with several values as an array', async () => {
    const { record } = await auditOne('/cookies')
    expect(record.http_response.headers['set-cookie']).toEqual(['a=[REDACTED]', 'b=[REDACTED]'])
  })

  it('records HEAD without a body', async () => {
    const { record } = await auditOne('/persons', { method: 'HEAD' })
    expect(record).toMatchObject({
      http_request: { method: 'HEAD' },
      http_response: { status_code: 200 },
      ended: 'completed',
    })
  })

  it('records an upload', async () => {
    const { record } = await auditOne('/upload', { method: 'POST', body: 'x'.repeat(100_000) })
    expect(record).toMatchObject({ http_request: { method: 'POST' }, ended: 'completed' })
  })

  it.each(['/never', '/head-only'])(
    'records a client that disconnects before the response: %s',
    async (path) => {
      expect(await abandonOne(path, 'request')).toMatchObject({
        http_response: { status_code: null, reason: null, headers: null },
        ended: 'aborted',
        outcome: 'unknown',
      })
    },
  )

  it('records a client that disconnects in the middle of the body', async () => {
    expect(await abandonOne('/half', 'data')).toMatchObject({
      http_response: { status_code: 200, headers: { 'content-length': '100' } },
      ended: 'aborted',
      outcome: 'unknown',
    })
  })

  it('records a large body as aborted if the client disconnects after the handler has ended the response', async () => {
    expect(await abandonOne('/large', 'data')).toMatchObject({
      http_response: { status_code: 200 },
      ended: 'aborted',
    })
  })

  it('records a response that the handler destroyed', async () => {
    const { sink, url } = await listen()
    await expect(fetch(`${url}/destroyed-after`).then((response) => response.text())).rejects.toThrow()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })

  it('records status null for a response that was written to a closed connection', async () => {
    const { sink, url } = await listen()
    await expect(fetch(`${url}/destroyed-before`)).rejects.toThrow()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: { status_code: null }, ended: 'aborted' })
  })

  it('records each pipelined request once, including those still queued when the client disconnects', async () => {
    const { sink, server, port } = await listen()
    const client = connect(port, '127.0.0.1').on('error', () => {})
    const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    let arrived = 0
    const allArrived = new Promise<void>((resolve) =>
      server.on('request', () => ++arrived === 15 && resolve()),
    )
    client.write(
      [...Array(3).fill('/persons'), '/never', ...Array(11).fill('/persons')].map(request).join(''),
    )
    await allArrived
    await sink.waitFor(3)
    client.destroy()
    const endings = (await sink.waitFor(15)).map(({ audit }) => [
      audit.ended,
      audit.http_response.status_code,
    ])
    await stopServers()
    expect(sink.lines).toHaveLength(15)
    expect(endings.filter(([ended]) => ended === 'completed')).toEqual(Array(3).fill(['completed', 200]))
    expect(endings.filter(([ended]) => ended === 'aborted')).toEqual(Array(12).fill(['aborted', null]))
  })

  it('records each keep-alive request once, in a sequence without gaps', async () => {
    const { sink, url } = await listen()
    for (let i = 0; i < 5; i++) await (await fetch(`${url}/persons`)).text()
    const records = (await sink.waitFor(5)).map(({ audit }) => audit)
    expect(records.map(({ seq }) => seq - records[0].seq)).toEqual([0, 1, 2, 3, 4])
    expect(new Set(records.map(({ run }) => run)).size).toBe(1)
  })

  it('sends the only record when a handler calls sendLog() early', async () => {
    const { record } = await auditOne('/sent-early')
    expect(record).toMatchObject({
      message: 'Sent by the handler',
      ended: null,
      http_response: { status_code: null },
    })
  })

  it('responds as usual if a handler passes values that JSON cannot represent', async () => {
    const { record, response } = await auditOne('/nonsense')
    expect(response.status).toBe(200)
    expect(record).toMatchObject({
      filter: { object: '', kwargs: { value: '[Unreadable]' } },
      results: { big: '10', self: '[Circular]' },
      http_response: { status_code: 200 },
    })
  })

  it('records the user of setUser, with the address of the connection', async () => {
    const { record } = await auditOne('/user/set', { headers: { 'x-forwarded-for': '198.51.100.1' } })
    expect(record.user).toEqual({
      authenticated: true,
      provider: 'keycloak',
      realm: 'staff',
      email: 'a@example.org',
      roles: ['reader'],
      ip: '127.0.0.1',
    })
  })

  it('records the user of the option, called when the response has ended', async () => {
    const user = (request: { method?: string | undefined }) => ({
      authenticated: true,
      provider: 'sso',
      email: `${request.method}@example.org`,
    })
    const { record } = await auditOne('/persons', {}, { user })
    expect(record.user).toMatchObject({
      authenticated: true,
      provider: 'sso',
      email: 'GET@example.org',
      ip: '127.0.0.1',
    })
  })

  it('prefers setUser to the option', async () => {
    const { record } = await auditOne(
      '/user/set',
      {},
      { user: () => ({ authenticated: false, email: 'no@example.org' }) },
    )
    expect(record.user.email).toBe('a@example.org')
  })

  it('writes no record for exempt requests, whose handlers work as usual, and leaves no gap in the sequence', async () => {
    const { sink, url } = await listen({
      exempt: ['/created', /^\/miss/, ({ method }) => method === 'OPTIONS'],
    })
    for (const [path, method] of [
      ['/persons', 'GET'],
      ['/created', 'GET'],
      ['/missing', 'GET'],
      ['/persons', 'OPTIONS'],
      ['/persons?x=/created', 'GET'],
    ]) {
      const response = await fetch(`${url}${path}`, { method: method as string })
      await response.text()
    }
    const records = await sink.waitFor(2)
    expect(records.map(({ audit }) => audit.http_request.url)).toEqual([
      `${url}/persons`,
      `${url}/persons?x=/created`,
    ])
    expect(records[1].audit.seq - records[0].audit.seq).toBe(1)
  })

  it.each([
    ['no Host', 'GET /persons HTTP/1.0\r\n'],
    ['an empty Host', 'GET /persons HTTP/1.1\r\nHost:\r\n'],
    ['an invalid Host', 'GET /persons HTTP/1.1\r\nHost: a b"<script>\r\n'],
  ])('records the address that the client connected to for %s', async (_case, head) => {
    const { sink, port } = await listen()
    const client = connect(port, '127.0.0.1').resume()
    client.end(`${head}Connection: close\r\n\r\n`)
    const [record] = await sink.waitFor(1)
    expect(record.audit.http_request.url).toBe(`http://127.0.0.1:${port}/persons`)
  })

  it('records a well-formed request id, and the trace id of a valid traceparent', async () => {
    const headers = {
      'x-request-id': 'req-42',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }
    const { record } = await auditOne('/persons', { headers })
    expect(record).toMatchObject({ request_id: 'req-42', trace_id: '0af7651916cd43dd8448eb211c80319c' })
  })

  it('writes the lines of the Python package with the format datapunt', async () => {
    const { sink, url } = await listen({ format: 'datapunt' })
    await (await fetch(`${url}/user/set`)).text()
    const [record] = await sink.waitFor(1)
    expect(Object.keys(record.audit)).toEqual([
      'http_request',
      'http_response',
      'user',
      'filter',
      'results',
      'type',
      'message',
    ])
    expect(record.audit.user).toMatchObject({ provider: { name: 'keycloak', realm: 'staff' } })
  })

  it('writes one record if it is mounted twice', async () => {
    const sink = memory()
    const outer = await framework.build({ sink })
    const { auditLog } = await import('http-audit-log')
    const audit = auditLog({ sink })
    const { url } = await startServer((request, response) => {
      audit(request, response)
      outer(request, response)
    })
    await (await fetch(`${url}/persons`)).text()
    await (await fetch(`${url}/missing`)).text()
    expect((await sink.waitFor(2)).map(({ audit }) => audit.http_response.status_code)).toEqual([200, 404])
    expect(sink.records()[0].audit.message).toBe('List Person')
    await stopServers()
    expect(sink.lines).toHaveLength(2)
  })
})
