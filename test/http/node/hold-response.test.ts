// Holding the last byte must not break the contract of `response.end`: with and without the middleware, the client
// receives the same bytes, and the handler observes the same events, results and errors.
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import session from 'express-session'
import fc from 'fast-check'
import { auditLog, memory, type Sink } from 'http-audit-log'
import { ControllableSink, type PendingWrite } from '../../helpers/controllable-sink.js'
import { measureCpuMs } from '../../helpers/cpu-time.js'
import { parseResponses, RawClient } from '../../helpers/raw-client.js'
import { startServer, stopServers } from '../../helpers/servers.js'
import { repetitions } from '../../helpers/slow.js'

afterEach(stopServers)

const sinks: readonly (readonly [string, () => Sink])[] = [
  ['synchronously', () => ({ write: () => {} })],
  ['asynchronously', () => ({ write: () => delay(1) })],
]

/** A handler that logs what it observes. */
type Handler = (
  response: ServerResponse,
  log: (observation: string) => void,
  request: IncomingMessage,
) => unknown

interface Exchange {
  readonly bytes: string
  readonly observations: readonly string[]
}

/** Runs a handler with `failClosed` and without the middleware. */
async function compare(
  handler: Handler,
  sink: Sink,
  method = 'GET',
): Promise<[held: Exchange, unaudited: Exchange]> {
  return [await runHandler(handler, method, sink), await runHandler(handler, method)]
}

async function runHandler(handler: Handler, method: string, sink?: Sink): Promise<Exchange> {
  const observations: string[] = []
  const listener: RequestListener = (request, response) => {
    const log = (observation: string) => void observations.push(observation)
    response.on('error', (error) => log(`error ${(error as NodeJS.ErrnoException).code}`))
    response.on('finish', () => log('finish'))
    response.on('close', () => log('close'))
    try {
      handler(response, log, request)
    } catch (error) {
      log(`thrown ${(error as NodeJS.ErrnoException).code}`)
      response.destroy()
    }
  }
  const audit = sink && auditLog({ sink, failClosed: true })
  const { port } = await startServer(
    audit === undefined
      ? listener
      : (request, response) => audit(request, response, () => listener(request, response)),
  )
  const bytes = await new RawClient(port).request('/', { method, close: true }).untilClosed()
  await stopServers()
  return { bytes: bytes.replace(/Date: .*/, 'Date: now'), observations }
}

const thrownCode = (act: () => unknown) => {
  try {
    act()
    return 'nothing thrown'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

describe.each(sinks)('a response held for a sink that accepts records %s', (_when, createSink) => {
  it.each<[string, Handler, string?]>([
    ['end()', (response) => response.end()],
    ['end(string)', (response) => response.end('hello')],
    ["end(hex, 'hex')", (response) => response.end('68656c6c6f', 'hex')],
    ["end(string, 'latin1')", (response) => response.end('h\xe9llo', 'latin1')],
    ["end(string, 'base64url')", (response) => response.end('aGVsbG8', 'base64url')],
    ['end(Uint8Array)', (response) => response.end(new Uint8Array([104, 105]))],
    [
      'end() with a view of a larger buffer',
      (response) => response.end(Buffer.from('xhellox').subarray(1, 6)),
    ],
    ['end(multi-byte characters)', (response) => response.end('één € 🎉')],
    ['end("")', (response) => response.end('')],
    ['end(null)', (response) => response.end(null)],
    [
      'chunks of every kind',
      (response) => {
        response.write('one')
        response.write('c3a9', 'hex')
        response.write(new Uint8Array([0, 255]))
        response.end('last', 'latin1')
      },
    ],
    [
      'a declared length, by write() alone',
      (response) => {
        response.writeHead(200, { 'content-length': '11' })
        response.write('hello ')
        response.write('776f726c64', 'hex')
        response.end()
      },
    ],
    [
      'a declared length, in an array of headers',
      (response) => {
        response.writeHead(200, ['Content-Length', '2', 'X-One', '1'])
        response.write('h')
        response.write('i')
        response.end()
      },
    ],
    [
      'a declared length of one byte',
      (response) => {
        response.setHeader('Content-Length', 1)
        response.write('é', 'latin1')
        response.end()
      },
    ],
    [
      'a body shorter than declared',
      (response) => {
        response.setHeader('content-length', 10)
        response.write('short')
        response.end()
      },
    ],
    [
      'a body longer than declared',
      (response) => {
        response.setHeader('content-length', 3)
        response.write('ab')
        response.write('cdef')
        response.write('gh')
        response.end('ij')
      },
    ],
    [
      'a body with a declared length of zero',
      (response) => {
        response.setHeader('content-length', 0)
        response.write('abc')
        response.end('def')
      },
    ],
    [
      'an invalid Content-Length',
      (response) => {
        response.setHeader('content-length', 'many')
        response.write('abc')
        response.end()
      },
    ],
    [
      'a buffer that the handler reuses',
      (response, log) => {
        const buffer = Buffer.from('abc')
        response.setHeader('content-length', 3)
        response.write(buffer, () => {
          buffer.fill('!')
          log('written')
          response.end()
        })
      },
    ],
    [
      'a buffer that the handler reuses after end()',
      (response) => {
        const buffer = Buffer.from('abc')
        response.end(buffer)
        buffer.fill('!')
      },
    ],
    [
      'a response that is corked after end()',
      (response) => {
        response.end('hello')
        response.cork()
      },
    ],
    [
      'trailers',
      (response) => {
        response.writeHead(200, { trailer: 'x-sum' })
        response.write('body')
        response.addTrailers({ 'x-sum': '42' })
        response.end()
      },
    ],
    [
      'early hints',
      (response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
        response.end('hinted')
      },
    ],
    [
      '100 Continue',
      (response) => {
        response.writeContinue()
        response.end('continued')
      },
    ],
    [
      'cork() and uncork()',
      (response) => {
        response.cork()
        response.write('a')
        response.write('b')
        response.uncork()
        response.end('c')
      },
    ],
    [
      'flushed headers',
      (response) => {
        response.flushHeaders()
        response.end('after')
      },
    ],
    [
      'flushed headers of an empty body, twice',
      (response, log) => {
        response.setHeader('content-length', 0).flushHeaders()
        response.flushHeaders()
        log(`sent ${response.headersSent}`)
        log(String(thrownCode(() => response.setHeader('x-late', '1'))))
        response.end()
      },
    ],
    ['HEAD', (response) => response.setHeader('content-length', 5).end('hello'), 'HEAD'],
    [
      'HEAD with written chunks',
      (response) => {
        response.setHeader('content-length', 5)
        response.write('hello')
        response.end()
      },
      'HEAD',
    ],
    [
      '304 with flushed headers',
      (response) => {
        response.writeHead(304, { etag: '"v"' }).flushHeaders()
        response.end()
      },
    ],
    ['204', (response) => response.writeHead(204).end()],
    ['a piped stream', (response) => void Readable.from(['a', 'b'.repeat(50_000), 'c']).pipe(response)],
    [
      'the results of end()',
      (response, log) => {
        log(
          `returns itself ${response.end('body', () => log(`callback, finished ${response.writableFinished}`)) === response}`,
        )
        log(`ended ${response.writableEnded} ${response.finished} ${response.headersSent}`)
        log(String(thrownCode(() => response.setHeader('x-late', '1'))))
      },
    ],
    [
      'callbacks in all three positions',
      (response, log) => {
        response.write('a', () => log('first'))
        response.write('b', 'latin1', () => log('second'))
        response.end(() => log('third'))
      },
    ],
    [
      'callbacks of a body of declared length',
      (response, log) => {
        response.setHeader('content-length', 2)
        response.write('a', () => log('first'))
        response.write('b', 'latin1', (error) => log(`second ${error}`))
        response.end('', 'utf8', () => log('third'))
      },
    ],
    [
      'write() after end()',
      (response, log) => {
        response.end('body')
        log(
          `returns ${response.write('late', (error) => log(`callback ${(error as { code?: string })?.code}`))}`,
        )
      },
    ],
    [
      'end() twice',
      (response, log) => {
        response.end('body', () => log('first'))
        log(`returns itself ${response.end(() => log('second')) === response}`)
      },
    ],
    [
      'end() twice, both with a body',
      (response, log) => {
        response.end('body', () => log('first'))
        response.end('late', (error?: Error) => log(`second ${(error as { code?: string })?.code}`))
      },
    ],
    [
      'end() after finish',
      (response, log) => {
        response.end('body', () => {
          response.end((error?: Error) => log(`late ${(error as { code?: string })?.code}`))
        })
      },
    ],
    [
      'an invalid argument of end(), then a valid one',
      (response, log) => {
        log(String(thrownCode(() => response.end(123 as never))))
        log(`ended ${response.writableEnded}`)
        response.end('right')
      },
    ],
    [
      'an invalid argument of end() after a body of a declared length',
      (response, log) => {
        response.setHeader('content-length', 5)
        response.write('right')
        log(String(thrownCode(() => response.end({} as never))))
        response.end()
      },
    ],
    [
      'an invalid argument of write()',
      (response, log) => {
        log(String(thrownCode(() => response.write(123 as never))))
        log(String(thrownCode(() => response.write(null as never))))
        response.end('right')
      },
    ],
    [
      'a body too long for strictContentLength, in write()',
      (response, log) => {
        response.strictContentLength = true
        response.writeHead(200, { 'content-length': 5 })
        log(String(thrownCode(() => response.write('too much'))))
        response.end('right')
      },
    ],
    [
      'a body too long for strictContentLength, in end()',
      (response, log) => {
        response.strictContentLength = true
        response.setHeader('content-length', 5)
        response.write('right')
        log(String(thrownCode(() => response.end('!'))))
        response.destroy()
      },
    ],
    [
      'a body of the right length for strictContentLength',
      (response, log) => {
        response.strictContentLength = true
        response.setHeader('content-length', 5)
        response.write('rig')
        log(String(thrownCode(() => response.write('ht'))))
        response.end()
      },
    ],
    ['a handler that throws', () => fail()],
  ])(
    'sends the same bytes, and behaves the same for its handler, as without the middleware: %s',
    async (_name, handler, method = 'GET') => {
      const [held, unaudited] = await compare(handler, createSink(), method)
      expect(held.bytes).toBe(unaudited.bytes)
      expect([...held.observations].sort()).toEqual([...unaudited.observations].sort())
      // `close` is always the last event of a response.
      expect(held.observations.at(-1)).toBe('close')
    },
  )

  it.each<[string, (response: ServerResponse) => void]>([
    ['end(body)', (response) => response.setHeader('content-length', 5).end('hello')],
    [
      'write(body), then end()',
      (response) => {
        response.setHeader('content-length', 5).write('hello')
        response.end()
      },
    ],
  ])('sends the whole body if an earlier middleware lets end() call write(): %s', async (_how, handler) => {
    const audit = auditLog({ sink: createSink(), failClosed: true })
    const { port } = await startServer((request, response) => {
      const end = response.end
      response.end = function (this: ServerResponse, chunk?: unknown) {
        if (chunk) this.write(chunk)
        return end.call(this, undefined as never, 'utf8')
      } as typeof end
      audit(request, response, () => handler(response))
    })
    const received = await new RawClient(port).request('/', { close: true }).untilClosed()
    expect(received).toMatch(/\r\n\r\nhello$/)
  })

  it('works with compression middleware that wraps write() and end()', async () => {
    const text = 'compressed '.repeat(1000)
    const [held, unaudited] = await compare((response) => {
      compress(response)
      response.write(text)
      response.end('the last of it')
    }, createSink())
    expect(held.bytes).toBe(unaudited.bytes)
    expect(held.bytes.length).toBeLessThan(1000)
  })

  it('is sent after express-session has saved the session and set its cookie', async () => {
    const saved: string[] = []
    const store = new session.MemoryStore()
    const use = session({
      secret: 's',
      resave: true,
      saveUninitialized: true,
      store,
      genid: () => 'the-session',
    })
    const [held, unaudited] = await compare((response, log, request) => {
      use(request as never, response as never, () => {
        Object.assign((request as never as { session: object }).session, { visits: 1 })
        const isItself = response.end('with a session', () => log('callback')) === response
        log(`ended ${response.writableEnded} ${isItself}`)
        store.all((_error, sessions) => saved.push(...Object.keys(sessions ?? {})))
      })
    }, createSink())
    const withoutExpiry = ({ bytes }: Exchange) => bytes.replace(/Expires=[^\r;]*/, '')
    expect(withoutExpiry(held)).toBe(withoutExpiry(unaudited))
    expect(held.bytes).toContain('Set-Cookie: connect.sid=s%3Athe-session')
    expect(held.observations).toEqual(unaudited.observations)
    expect(saved).toEqual(['the-session', 'the-session'])
  })

  it('behaves the same for random calls in random order', async () => {
    await withBothServers(createSink(), async (request) => {
      await fc.assert(
        fc.asyncProperty(calls, fc.constantFrom('GET', 'HEAD'), async (calls, method) => {
          const [held, unaudited] = [
            await request('held', calls, method),
            await request('unaudited', calls, method),
          ]
          expect(held).toEqual(unaudited)
        }),
        { numRuns: repetitions(40, 300) },
      )
    })
  }, 60_000)
})

it('emits finish only after the held response was released', async () => {
  const sink = new ControllableSink('hold')
  let resolveEnded: (response: ServerResponse) => void = () => {}
  const ended = new Promise<ServerResponse>((resolve) => {
    resolveEnded = resolve
  })
  const audit = auditLog({ sink, failClosed: true })
  const { port } = await startServer((request, response) =>
    audit(request, response, () => resolveEnded(response.end('body'))),
  )
  const responseBytes = new RawClient(port).request('/', { close: true }).untilClosed()
  const response = await ended
  const finished = once(response, 'finish')
  expect(response.writableFinished).toBe(false)
  const gate = await sink.next()
  gate.accept()
  await finished
  expect(response.writableFinished).toBe(true)
  expect(await responseBytes).toContain('body')
})

it.each<[string, (response: ServerResponse) => unknown]>([
  ['the application emits close', (response) => response.emit('close')],
  ['the application destroys the response', (response) => response.destroy()],
])(
  'a held response that is sent completely is recorded once, as completed, when %s meanwhile',
  async (_what, act) => {
    const sink = new ControllableSink('hold')
    const audit = auditLog({ sink, failClosed: true })
    const { port } = await startServer((request, response) =>
      audit(request, response, () => act(response.end('body'))),
    )
    const client = new RawClient(port).request('/', { close: true })
    const gate = await sink.next()
    await new Promise((resolve) => setImmediate(resolve))
    gate.accept()
    sink.mode = 'accept'
    expect(await client.untilClosed()).toMatch(/body$/)
    await stopServers()
    await audit.flush()
    expect(sink.records()).toMatchObject([{ audit: { ended: 'completed' } }])
    expect(audit.stats().inFlight).toBe(0)
  },
)

/** Returns the number of bytes sent before the sink decided, and all bytes that the client received. */
async function holdUntilDecided(
  handle: (response: ServerResponse) => void,
  decide: (gate: PendingWrite) => void,
) {
  const sink = new ControllableSink('hold')
  const audit = auditLog({ sink, failClosed: true })
  let socket: Socket | undefined
  const { port } = await startServer((request, response) =>
    audit(request, response, () => {
      socket = request.socket
      handle(response.on('error', () => {}))
    }),
  )
  const received = new RawClient(port).request('/', { close: true }).untilClosed()
  const gate = await sink.next()
  const bytesSentEarly = socket?.bytesWritten
  decide(gate)
  return { bytesSentEarly, bytes: await received }
}

describe.each<[string, (response: ServerResponse) => void]>([
  ['flushHeaders()', (response) => response.flushHeaders()],
  ['writeContinue()', (response) => thrownCode(() => response.writeContinue())],
  ['write()', (response) => thrownCode(() => response.write('late'))],
  ['uncork()', (response) => response.uncork()],
  ['without the internals of Node', (response) => Object.assign(response, { _flush: undefined })],
])('a held response whose handler calls more methods: %s', (name, act) => {
  const isBefore = name.startsWith('without')

  async function endAndAct(decide: (gate: PendingWrite) => void) {
    const { bytesSentEarly, bytes } = await holdUntilDecided((response) => {
      if (isBefore) act(response)
      response.end('body')
      if (!isBefore) act(response)
    }, decide)
    // Sent even though the response has ended, as without the middleware.
    return { bytesSentEarly, bytes: bytes.replace('HTTP/1.1 100 Continue\r\n\r\n', '') }
  }

  it('is sent once when the record is accepted', async () => {
    const { bytesSentEarly, bytes } = await endAndAct((gate) => gate.accept())
    expect(bytesSentEarly).toBe(0)
    expect(bytes).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nbody$/)
  })

  it('is never sent when the record is refused', async () => {
    const { bytesSentEarly, bytes } = await endAndAct((gate) => gate.reject())
    expect(bytesSentEarly).toBe(0)
    expect(bytes).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n/)
    expect(bytes.match(/HTTP\/1.1/g)).toHaveLength(1)
    expect(bytes).not.toContain('body')
  })
})

it('without the internals of Node, records the 503 that was sent in place of a held response, with its headers', async () => {
  const sink = new ControllableSink('reject')
  const audit = auditLog({ sink, failClosed: true })
  const { url } = await startServer((request, response) =>
    audit(request, response, () => {
      Object.assign(response, { _flush: undefined })
      response.setHeader('x-handler', 'yes').end('body')
    }),
  )
  const response = await fetch(url)
  sink.mode = 'accept'
  expect(await response.text()).toBe('')
  const [{ audit: record }] = await sink.waitFor(1)
  expect(record).toMatchObject({
    ended: 'completed',
    http_response: { status_code: 503, reason: 'Service Unavailable' },
  })
  expect(record.http_response.headers).toEqual(Object.fromEntries(response.headers))
  expect(record.http_response.headers).toMatchObject({ 'retry-after': '5', connection: 'close' })
})

it('the connection of a held response does not count as idle, so server.close() does not destroy it', async () => {
  const sink = new ControllableSink('hold')
  const audit = auditLog({ sink, failClosed: true })
  const { port, server } = await startServer((request, response) =>
    audit(request, response, () => response.end(`body of ${request.url}`)),
  )
  const client = new RawClient(port).request('/1').request('/2')
  const gates = [await sink.next(), await sink.next()]
  const closed = once(server.close(), 'close')
  // The second response is assigned the socket while it is held.
  gates[0]?.accept()
  await client.waitUntil(({ received }) => received.includes('body of /1'))
  server.closeIdleConnections()
  gates[1]?.accept()
  await client.waitUntil(({ received }) => received.includes('body of /2'))
  server.closeIdleConnections()
  await closed
})

it.each<[string, (response: ServerResponse) => void]>([
  ['with a trailing space', (response) => response.writeHead(200, { 'content-length': '5 ' })],
  ['with a leading tab', (response) => response.writeHead(200, { 'content-length': '\t5' })],
  ['twice', (response) => void response.setHeader('content-length', ['5', '5'])],
])('the last byte of a body is held when Content-Length is declared %s', async (_how, declare) => {
  const { bytesSentEarly, bytes } = await holdUntilDecided(
    (response) => {
      declare(response)
      response.write('hello')
      response.end()
    },
    (gate) => gate.accept(),
  )
  expect(bytes).toMatch(/hello$/)
  expect(bytesSentEarly).toBeLessThan(bytes.length)
})

it('a pipelined response held before it is assigned the socket stays held when its handler then calls flushHeaders()', async () => {
  const sink = new ControllableSink('hold')
  const audit = auditLog({ sink, failClosed: (request) => request.url === '/second' })
  const responses: ServerResponse[] = []
  const { port } = await startServer((request, response) =>
    audit(request, response, () => void responses.push(response)),
  )
  const client = new RawClient(port).request('/first').request('/second', { close: true })
  while (responses.length < 2) await new Promise(setImmediate)
  const [first, second] = responses as [ServerResponse, ServerResponse]
  second.end('body of the second')
  const isAssigned = once(second, 'socket')
  first.end('first')
  await isAssigned
  second.flushHeaders()
  const gates = [await sink.next(), await sink.next()]
  expect(client.received).not.toContain('second')
  for (const gate of gates) gate.accept()
  expect(parseResponses(await client.untilClosed(), ['GET', 'GET'])).toMatchObject([
    { status: 200, body: 'first' },
    { status: 200, body: 'body of the second' },
  ])
})

function fail(): never {
  throw Object.assign(new Error('by the test'), { code: 'BY_THE_TEST' })
}

/** Does what the package `compression` does. */
function compress(response: ServerResponse): void {
  const { write, end } = response
  const gzip = createGzip()
  response.setHeader('content-encoding', 'gzip')
  response.write = ((chunk: string) => gzip.write(chunk)) as ServerResponse['write']
  response.end = ((chunk?: string) => {
    gzip.end(chunk)
    return response
  }) as ServerResponse['end']
  gzip.on('data', (chunk) => write.call(response, chunk, 'utf8'))
  gzip.on('end', () => (end as () => void).call(response))
}

type Call = (response: ServerResponse) => unknown

const encodings = fc.constantFrom<BufferEncoding>('utf8', 'latin1', 'hex', 'base64', 'utf16le')
const chunks = fc.oneof(
  // Encoded from bytes, because a hex string of odd length makes Node 20 abort the process.
  fc
    .tuple(fc.uint8Array({ maxLength: 200 }), encodings)
    .map(([bytes, encoding]) => [Buffer.from(bytes).toString(encoding), encoding] as const),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => [bytes, undefined] as const),
  fc.tuple(
    fc.integer({ min: 1, max: 70_000 }).map((size) => 'x'.repeat(size)),
    fc.constant(undefined),
  ),
)
const lengths = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom('not a number', 5000))
// strictContentLength is left out, because there behaviour differs: before the header block exists Node sends a body
// that is too long, whereas the middleware holds it, since it would be sent unrecorded. Node then throws in `end` in
// both cases.
const call = fc.oneof(
  {
    weight: 2,
    arbitrary: lengths.map(
      (length): Call =>
        (response) =>
          response.setHeader('content-length', length),
    ),
  },
  fc.tuple(fc.constantFrom('x-one', 'content-type', 'set-cookie'), fc.constantFrom('a', 'b')).map(
    ([name, value]): Call =>
      (response) =>
        response.setHeader(name, value),
  ),
  fc.tuple(fc.constantFrom(200, 201, 204, 304, 404), fc.option(lengths)).map(
    ([status, length]): Call =>
      (response) =>
        response.writeHead(status, length === null ? {} : { 'content-length': length }),
  ),
  fc.constant<Call>((response) => response.flushHeaders()),
  {
    weight: 5,
    arbitrary: chunks.map(
      ([chunk, encoding]): Call =>
        (response) =>
          response.write(chunk, encoding as 'utf8'),
    ),
  },
  {
    weight: 2,
    arbitrary: chunks.map(
      ([chunk, encoding]): Call =>
        (response) =>
          response.end(chunk, encoding as 'utf8'),
    ),
  },
  fc.constant<Call>((response) => response.end()),
  fc.constant<Call>((response) => response.end(7 as never)),
)
const calls = fc.array(call, { maxLength: 8 })

interface Outcome {
  readonly bytes: string
  readonly thrown: readonly (string | undefined)[]
}

async function withBothServers(
  sink: Sink,
  use: (
    request: (which: 'held' | 'unaudited', calls: readonly Call[], method: string) => Promise<Outcome>,
  ) => Promise<void>,
): Promise<void> {
  let currentCalls: readonly Call[] = []
  let thrown: (string | undefined)[] = []
  const listener: RequestListener = (_request, response) => {
    response.on('error', () => {})
    for (const call of [...currentCalls, (ended: ServerResponse) => ended.end()])
      thrown.push(thrownCode(() => call(response)))
    if (!response.writableEnded) response.destroy()
  }
  const audit = auditLog({ sink, failClosed: true })
  const unaudited = await startServer(listener)
  const held = await startServer((request, response) =>
    audit(request, response, () => listener(request, response)),
  )
  await use(async (which, calls, method) => {
    currentCalls = calls
    thrown = []
    const { port } = which === 'held' ? held : unaudited
    const bytes = await new RawClient(port).request('/', { method, close: true }).untilClosed()
    return { bytes: bytes.replace(/Date: .*/, 'Date: now'), thrown }
  })
}

it('emits no finish on a held response whose connection is reset', async () => {
  const sink = new ControllableSink('hold')
  const audit = auditLog({ sink, failClosed: true })
  const events: string[] = []
  let closed: () => void
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve
  })
  const { port } = await startServer((request, response) =>
    audit(request, response, () => {
      response.on('finish', () => events.push('finish')).on('close', () => closed())
      response.end('too late')
    }),
  )
  const client = new RawClient(port).request('/')
  const gate = await sink.next()
  client.socket.resetAndDestroy()
  await isClosed
  gate.accept()
  await sink.waitForReceived(2)
  expect(JSON.parse(sink.received[1] as string).audit).toMatchObject({ stage: 'corrected', ended: 'aborted' })
  expect(events).toEqual([])
})

it('takes time in proportion to the length of a body that is longer than declared', async () => {
  const audit = auditLog({ sink: memory(), failClosed: true })
  const chunk = Buffer.alloc(1024, 'x')
  const writeChunks = async (count: number) => {
    let cpuMs = 0
    const { port } = await startServer((request, response) =>
      audit(request, response, () => {
        response.setHeader('content-length', 1)
        cpuMs = measureCpuMs(() => {
          for (let index = 0; index < count; index++) response.write(chunk)
        })
        response.end()
      }),
    )
    await new RawClient(port).request('/', { close: true }).untilClosed()
    return cpuMs
  }
  await writeChunks(2000)
  // 16 times the chunks; copying all of them at each write would take 256 times as long.
  expect(await writeChunks(16_000)).toBeLessThan(60 * Math.max(await writeChunks(1000), 30))
})
