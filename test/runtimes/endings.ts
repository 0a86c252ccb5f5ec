// The endings of an exchange, as a client of server.js meets them. Each is compared with the record of it.
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { connect, constants } from 'node:http2'
import { get } from 'node:https'
import { parseResponses, RawClient, rawRequest } from '../helpers/raw-client.js'
import type { RuntimeServer } from './runtime-server.js'

/** A response as its client received it; `status` is null if no header arrived. */
export interface SeenResponse {
  readonly status: number | null
  readonly reason: string | null
  readonly headers: IncomingHttpHeaders
  readonly isComplete: boolean
}

/** What the record of the exchange has to show. */
export interface ExpectedRecord {
  /** Without it, any that agrees with what the client received. */
  readonly status?: number | null | 'unknown'
  readonly ended: 'completed' | 'aborted' | 'crashed'
  readonly message?: string
  readonly scheme?: 'https'
  /** The stages of all lines of the exchange, in their order. */
  readonly stages?: string
}

export interface Ending {
  readonly name: string
  /** In the order of the requests. */
  readonly expected: readonly ExpectedRecord[]
  /** The process ends with the exchange, so it gets one of its own. */
  readonly isLast?: boolean
  /** The client is gone before it has seen all that the server sent, so it may have seen less than the record shows. */
  readonly leaves?: boolean
  /** Plays the client. The target of each request has to contain {@link marker}. */
  play(server: RuntimeServer, marker: string): Promise<SeenResponse[]>
}

const NOTHING: SeenResponse = { status: null, reason: null, headers: {}, isComplete: false }

type Options = Parameters<typeof rawRequest>[1] & { readonly port?: string; readonly body?: string }

/** Sends one request, and receives until the response is complete or the connection is closed. */
function answered(path: string, { port = 'plain', body = '', ...request }: Options = {}): Ending['play'] {
  return async (server, marker) => {
    const methods = [request.method ?? 'GET']
    const client = new RawClient(server.port(port)).send(rawRequest(path + marker, request) + body)
    await client.waitUntil(
      ({ received, isClosed }) => isClosed || parseResponses(received, methods)[0]?.isComplete === true,
    )
    const seen = seenResponses(client.received, methods, client.isClosed)
    client.destroy()
    return seen
  }
}

/** Sends one request, and destroys the connection once the handler runs and the pattern has been received. */
function left(path: string, pattern?: RegExp, options: Options = {}): Ending['play'] {
  const { port = 'plain', body = '', ...request } = options
  return async (server, marker) => {
    const before = await server.inFlight()
    const client = new RawClient(server.port(port)).send(rawRequest(path + marker, request) + body)
    if (pattern) await client.waitFor(pattern)
    await server.waitForInFlight(before + 1)
    client.destroy()
    return seenResponses(client.received, [request.method ?? 'GET'], false)
  }
}

/** Sends bytes, and receives until the server closes the connection. */
function raw(
  toBytes: (marker: string) => string,
  methods: readonly string[],
  port = 'plain',
): Ending['play'] {
  return async (server, marker) => {
    const client = new RawClient(server.port(port)).send(toBytes(marker))
    await client.untilClosed()
    return seenResponses(client.received, methods, true)
  }
}

/** As {@link answered}, while the sinks are down; afterwards they are up again. */
function whileDown(play: Ending['play'], isDownBefore: boolean): Ending['play'] {
  return async (server, marker) => {
    if (isDownBefore) await server.setSink('down')
    const seen = await play(server, marker)
    await server.setSink('up')
    return seen
  }
}

async function overTls(server: RuntimeServer, marker: string): Promise<SeenResponse[]> {
  const options = {
    host: '127.0.0.1',
    port: server.port('tls'),
    path: `/ok${marker}`,
    rejectUnauthorized: false,
  }
  const [response] = await once(get({ ...options, agent: false }), 'response')
  await once(response.resume(), 'end')
  return [
    {
      status: response.statusCode,
      reason: response.statusMessage,
      headers: response.headers,
      isComplete: response.complete,
    },
  ]
}

/** One request over HTTP/2. `cancels`: the client cancels it once the handler runs. */
function overHttp2(path: string, method = 'GET', port = 'h2', cancels = false): Ending['play'] {
  return async (server, marker) => {
    const before = await server.inFlight()
    const session = connect(`https://127.0.0.1:${server.port(port)}`, { rejectUnauthorized: false })
    session.on('error', () => {})
    const stream = session.request({ ':path': path + marker, ':method': method })
    let headers: IncomingHttpHeaders & { ':status'?: number | undefined } = {}
    stream.on('response', (received) => {
      headers = received
    })
    stream.on('error', () => {})
    stream.resume().end()
    if (cancels) {
      await server.waitForInFlight(before + 1)
      stream.close(constants.NGHTTP2_CANCEL)
    }
    await once(stream, 'close')
    session.destroy()
    const { ':status': status = null, ...fields } = headers
    const isComplete = stream.rstCode === constants.NGHTTP2_NO_ERROR && status !== null
    return [{ status, reason: status === null ? null : '', headers: fields, isComplete }]
  }
}

const ok: ExpectedRecord = { status: 200, ended: 'completed' }
const nothing: ExpectedRecord = { status: null, ended: 'aborted' }
const cut: ExpectedRecord = { status: 200, ended: 'aborted' }
const completed = (status: number): ExpectedRecord => ({ status, ended: 'completed' })
const ALL_STAGES = 'received, started, completed'
const BODY = 'content-length: 10\r\n'
const UNREADABLE = 'A request could not be read'
const BY_NODE = 'A request was answered by Node itself'

export const ENDINGS: readonly Ending[] = [
  { name: '200', expected: [ok], play: answered('/ok') },
  {
    name: '201 with a reason and headers of writeHead',
    expected: [completed(201)],
    play: answered('/reason'),
  },
  { name: 'repeated headers of writeHead', expected: [ok], play: answered('/pairs') },
  { name: '204', expected: [completed(204)], play: answered('/no-content') },
  { name: '304', expected: [completed(304)], play: answered('/not-modified') },
  { name: 'HEAD', expected: [ok], play: answered('/ok', { method: 'HEAD' }) },
  { name: '403', expected: [completed(403)], play: answered('/forbidden') },
  { name: '404 of the framework', expected: [completed(404)], play: answered('/nowhere') },
  { name: '500 of a handler that throws', expected: [completed(500)], play: answered('/thrown') },
  { name: '500 of a handler that rejects', expected: [completed(500)], play: answered('/rejected') },
  {
    name: 'status changed after writeHead',
    expected: [completed(403)],
    play: answered('/status-after-header'),
  },
  { name: 'status changed after the first write', expected: [ok], play: answered('/status-after-data') },
  { name: 'chunked', expected: [ok], play: answered('/chunked') },
  { name: 'declared length, in two writes', expected: [ok], play: answered('/declared') },
  { name: 'stream', expected: [ok], play: answered('/streamed') },
  { name: 'stream that fails midway', expected: [cut], play: answered('/stream-fails') },
  { name: 'large body', expected: [ok], play: answered('/large') },
  {
    name: 'HTTP/1.0',
    expected: [ok],
    play: raw((marker) => `GET /chunked${marker} HTTP/1.0\r\n\r\n`, ['GET']),
  },
  { name: 'client leaves before the header', expected: [nothing], leaves: true, play: left('/never') },
  {
    name: 'client leaves, and the handler answers later',
    expected: [nothing],
    leaves: true,
    play: left('/answers-too-late'),
  },
  { name: 'client leaves in the body', expected: [cut], leaves: true, play: left('/half', /half of it/) },
  { name: 'client leaves in a large body', expected: [cut], leaves: true, play: left('/huge', /xx/) },
  {
    name: 'client leaves with the declared length, before end()',
    expected: [ok],
    play: left('/declared-and-left', /half of it/),
  },
  {
    name: 'upload aborted',
    expected: [{ ended: 'aborted' }],
    leaves: true,
    play: left('/upload', undefined, { method: 'POST', headers: BODY, body: 'abc' }),
  },
  {
    name: 'upload complete',
    expected: [ok],
    play: answered('/upload', { method: 'POST', headers: BODY, body: '0123456789' }),
  },
  { name: 'destroyed at once', expected: [nothing], play: answered('/destroyed-at-once') },
  { name: 'destroyed before the header', expected: [nothing], play: answered('/destroyed-later') },
  {
    name: 'socket destroyed before the header',
    expected: [nothing],
    play: answered('/socket-destroyed-later'),
  },
  { name: 'destroyed after writeHead', expected: [nothing], play: answered('/header-only-then-destroyed') },
  { name: 'destroyed after data', expected: [cut], play: answered('/destroyed-after-data') },
  { name: 'destroyed at end()', expected: [ok], play: answered('/destroyed-at-end') },
  {
    name: 'large body destroyed at end()',
    expected: [cut],
    leaves: true,
    play: answered('/huge-destroyed-at-end'),
  },
  {
    name: 'connection ended before end()',
    expected: [{ ended: 'aborted' }],
    play: answered('/connection-ended-before-end'),
  },
  { name: 'end() twice, write() after end()', expected: [ok], play: answered('/ended-twice') },
  {
    name: 'two requests on one connection',
    expected: [ok, completed(403)],
    async play(server, marker) {
      const client = new RawClient(server.port('plain')).request(`/ok${marker}`)
      await client.waitUntil(({ received }) => parseResponses(received, ['GET'])[0]?.isComplete === true)
      client.request(`/forbidden${marker}`, { close: true })
      await client.untilClosed()
      return seenResponses(client.received, ['GET', 'GET'], true)
    },
  },
  {
    name: 'pipelined requests',
    expected: [ok, completed(403)],
    play: raw(
      (marker) => rawRequest(`/slow${marker}`) + rawRequest(`/forbidden${marker}`, { close: true }),
      ['GET', 'GET'],
    ),
  },
  {
    name: 'malformed request',
    expected: [{ ...completed(400), message: UNREADABLE }],
    play: raw(() => 'no request\r\n\r\n', ['GET']),
  },
  {
    name: 'header too large',
    expected: [{ ...completed(431), message: UNREADABLE }],
    play: raw(() => rawRequest('/ok', { headers: `x-large: ${'x'.repeat(70_000)}\r\n` }), ['GET']),
  },
  {
    name: 'malformed body',
    // The client has a whole response, but not that of the handler.
    expected: [{ status: 400, ended: 'aborted' }],
    leaves: true,
    play: raw(
      (marker) =>
        `${rawRequest(`/upload${marker}`, { method: 'POST', headers: 'transfer-encoding: chunked\r\n' })}no chunk\r\n`,
      ['POST'],
    ),
  },
  {
    name: 'malformed request after one in flight',
    // The client takes the response to the second request for that to the first.
    expected: [
      { status: 400, ended: 'aborted' },
      { status: 'unknown', ended: 'aborted', message: UNREADABLE },
    ],
    leaves: true,
    play: raw((marker) => `${rawRequest(`/never${marker}`)}no request\r\n\r\n`, ['GET', 'GET']),
  },
  {
    name: 'no Host header',
    expected: [{ ...completed(400), message: BY_NODE }],
    play: raw((marker) => `GET /ok${marker} HTTP/1.1\r\nConnection: close\r\n\r\n`, ['GET']),
  },
  {
    name: 'unknown Expect header',
    expected: [{ ...completed(417), message: BY_NODE }],
    play: answered('/ok', { headers: 'Expect: the unexpected\r\n' }),
  },
  {
    name: 'Upgrade header without a listener',
    expected: [ok],
    play: answered('/ok', { headers: 'Connection: Upgrade\r\nUpgrade: other\r\n' }),
  },
  { name: 'https', expected: [{ ...ok, scheme: 'https' }], play: overTls },
  ...['h2', 'h2FailClosed'].flatMap((port): Ending[] => {
    const name = port === 'h2' ? 'HTTP/2' : 'HTTP/2, failClosed'
    const over = (path: string, method?: string) => overHttp2(path, method, port)
    return [
      { name: `${name}: 200`, expected: [{ ...ok, scheme: 'https' }], play: over('/ok') },
      { name: `${name}: 403`, expected: [completed(403)], play: over('/forbidden') },
      { name: `${name}: declared length`, expected: [ok], play: over('/declared') },
      { name: `${name}: 204, later`, expected: [completed(204)], play: over('/slow-no-content') },
      { name: `${name}: HEAD, later`, expected: [ok], play: over('/slow', 'HEAD') },
      {
        name: `${name}: client cancels`,
        expected: [nothing],
        leaves: true,
        play: overHttp2('/never', 'GET', port, true),
      },
    ]
  }),
  {
    name: 'context',
    expected: [{ ...ok, message: 'from depth' }],
    play: answered('/context', { port: 'context' }),
  },
  {
    name: 'stages: received',
    expected: [{ ...ok, stages: 'received, completed' }],
    play: answered('/ok', { port: 'received' }),
  },
  {
    name: 'stages: started',
    expected: [{ ...ok, stages: ALL_STAGES }],
    play: answered('/ok', { port: 'started' }),
  },
  {
    name: 'stages: started, writeHead with a list of headers',
    expected: [{ ...ok, stages: ALL_STAGES }],
    play: answered('/pairs', { port: 'started' }),
  },
  {
    name: 'stages: started, client leaves in the body',
    expected: [{ ...cut, stages: ALL_STAGES }],
    leaves: true,
    play: left('/half', /half of it/, { port: 'started' }),
  },
  {
    name: 'stages: started, client leaves before the header',
    expected: [{ ...nothing, stages: 'received, completed' }],
    leaves: true,
    play: left('/never', undefined, { port: 'started' }),
  },
  ...['failClosed', 'failClosedLate'].flatMap((port): Ending[] => {
    const sink = port === 'failClosed' ? 'immediate sink' : 'late sink'
    return [
      { name: `failClosed, ${sink}: 200`, expected: [ok], play: answered('/ok', { port }) },
      {
        name: `failClosed, ${sink}: 204`,
        expected: [completed(204)],
        play: answered('/no-content', { port }),
      },
      { name: `failClosed, ${sink}: HEAD`, expected: [ok], play: answered('/ok', { port, method: 'HEAD' }) },
      { name: `failClosed, ${sink}: chunked`, expected: [ok], play: answered('/chunked', { port }) },
      { name: `failClosed, ${sink}: declared length`, expected: [ok], play: answered('/declared', { port }) },
      { name: `failClosed, ${sink}: stream`, expected: [ok], play: answered('/streamed', { port }) },
      {
        name: `failClosed, ${sink}: header changed after end()`,
        expected: [ok],
        play: answered('/changed-after-end', { port }),
      },
      {
        name: `failClosed, ${sink}: write() after end()`,
        expected: [ok],
        play: answered('/written-after-end', { port }),
      },
      {
        name: `failClosed, ${sink}: destroyed after end()`,
        expected: [ok],
        play: answered('/destroyed-after-end', { port }),
      },
      {
        name: `failClosed, ${sink}: socket destroyed at end()`,
        expected: [ok],
        play: answered('/destroyed-at-end', { port }),
      },
      {
        name: `failClosed, ${sink}: connection ended after end()`,
        expected: [ok],
        play: answered('/connection-ended-after-end', { port }),
      },
      { name: `failClosed, ${sink}: large body`, expected: [ok], play: answered('/large', { port }) },
      {
        name: `failClosed, ${sink}: client leaves`,
        expected: [nothing],
        leaves: true,
        play: left('/never', undefined, { port }),
      },
      {
        name: `failClosed, ${sink}: sink fails at end()`,
        expected: [completed(503)],
        play: whileDown(answered('/sink-fails', { port }), false),
      },
      {
        name: `failClosed, ${sink}: sink fails after data`,
        expected: [cut],
        play: whileDown(answered('/sink-fails-after-data', { port }), false),
      },
    ]
  }),
  {
    name: 'failClosed: sink is down on arrival',
    expected: [completed(503)],
    play: whileDown(answered('/ok', { port: 'failClosed' }), true),
  },
  {
    name: 'process.exit() with an open request',
    isLast: true,
    expected: [{ status: null, ended: 'crashed' }],
    play: answered('/exit'),
  },
  { name: 'process.exit() after end()', isLast: true, expected: [ok], play: answered('/exit-after-end') },
  {
    name: 'uncaught error that the application handles',
    isLast: true,
    expected: [ok],
    play: answered('/uncaught-and-handled'),
  },
  {
    name: 'unhandled rejection that the application handles',
    isLast: true,
    expected: [ok],
    play: answered('/rejection-and-handled'),
  },
  {
    name: 'handler prints more than a pipe holds',
    isLast: true,
    expected: [ok],
    async play(server, marker) {
      const seen = answered('/printing')(server, marker)
      await server.pauseOutput(300)
      return seen
    },
  },
  {
    name: 'graceful shutdown with a request in flight',
    isLast: true,
    expected: [ok],
    play: answered('/shutdown'),
  },
  {
    name: 'graceful shutdown, failClosed',
    isLast: true,
    expected: [ok],
    play: answered('/shutdown', { port: 'failClosedLate' }),
  },
  {
    name: 'uncaught error',
    isLast: true,
    expected: [{ status: null, ended: 'crashed' }],
    play: answered('/uncaught'),
  },
]

function seenResponses(received: string, methods: readonly string[], isClosed: boolean): SeenResponse[] {
  const seen = parseResponses(received, methods).map(({ status, head, isComplete, endsWithConnection }) => ({
    status,
    reason: /^HTTP\/1\.1 \d+ ?([^\r]*)/.exec(head)?.[1] ?? null,
    headers: parseHeaders(head.trimEnd()),
    isComplete: isComplete || (endsWithConnection && isClosed),
  }))
  return methods.map((_method, index) => seen[index] ?? NOTHING)
}

function parseHeaders(block: string): IncomingHttpHeaders {
  const headers: Record<string, string | string[]> = {}
  for (const line of block.split('\r\n').slice(1)) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    const value = line.slice(line.indexOf(':') + 1).trim()
    const before = headers[name]
    if (before === undefined) headers[name] = name === 'set-cookie' ? [value] : value
    else headers[name] = [before, value].flat()
  }
  return headers
}
