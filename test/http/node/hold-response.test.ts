// The contract of `response.end` is kept while the last byte is held: with and without us, the client gets the same
// bytes and the handler sees the same.
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import session from 'express-session'
import fc from 'fast-check'
import { auditLog, type Sink } from 'http-audit-log'
import { ControllableSink, type PendingWrite } from '../../helpers/controllable-sink.js'
import { parseResponses, RawClient } from '../../helpers/raw-client.js'
import { startServer, stopServers } from '../../helpers/servers.js'
import { repetitions } from '../../helpers/slow.js'

afterEach(stopServers)

const sinks: readonly (readonly [string, () => Sink])[] = [
  ['at once', () => ({ write: () => {} })],
  ['later', () => ({ write: () => delay(1) })],
]

/** What a handler does, and what it saw happen. */
type Handler = (response: ServerResponse, seen: (what: string) => void, request: IncomingMessage) => unknown

interface Exchange {
  readonly bytes: string
  readonly seen: readonly string[]
}

/** Runs a handler with and without us. */
async function compare(
  handler: Handler,
  sink: Sink,
  method = 'GET',
): Promise<[held: Exchange, bare: Exchange]> {
  return [await exchange(handler, method, sink), await exchange(handler, method)]
}

async function exchange(handler: Handler, method: string, sink?: Sink): Promise<Exchange> {
  const seen: string[] = []
  const listener: RequestListener = (request, response) => {
    const see = (what: string) => void seen.push(what)
    response.on('error', (error) => see(`error ${(error as NodeJS.ErrnoException).code}`))
    response.on('finish', () => see('finish'))
    response.on('close', () => see('close'))
    try {
      handler(response, see, request)
    } catch (error) {
      see(`thrown ${(error as NodeJS.ErrnoException).code}`)
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
  return { bytes: bytes.replace(/Date: .*/, 'Date: now'), seen }
}

const code = (act: () => unknown) => {
  try {
    act()
    return 'nothing thrown'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

describe.each(sinks)('a response that is held until a sink has answered %s', (_when, sinkFor) => {
  it.each<[string, Handler, string?]>([
    ['end()', (response) => response.end()],
    ['end(string)', (response) => response.end('hello')],
    ["end(hex, 'hex')", (response) => response.end('68656c6c6f', 'hex')],
    ["end(string, 'latin1')", (response) => response.end('h\xe9llo', 'latin1')],
    ["end(string, 'base64url')", (response) => response.end('aGVsbG8', 'base64url')],
    ['end(Uint8Array)', (response) => response.end(new Uint8Array([104, 105]))],
    ['end of a view into a larger buffer', (response) => response.end(Buffer.from('xhellox').subarray(1, 6))],
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
      'a body where none was declared',
      (response) => {
        response.setHeader('content-length', 0)
        response.write('abc')
        response.end('def')
      },
    ],
    [
      'a length that is none',
      (response) => {
        response.setHeader('content-length', 'many')
        response.write('abc')
        response.end()
      },
    ],
    [
      'a buffer that the handler uses again',
      (response, seen) => {
        const buffer = Buffer.from('abc')
        response.setHeader('content-length', 3)
        response.write(buffer, () => {
          buffer.fill('!')
          seen('written')
          response.end()
        })
      },
    ],
    [
      'a buffer that the handler uses again after it has ended',
      (response) => {
        const buffer = Buffer.from('abc')
        response.end(buffer)
        buffer.fill('!')
      },
    ],
    [
      'a response that is corked after its end',
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
      (response, seen) => {
        response.setHeader('content-length', 0).flushHeaders()
        response.flushHeaders()
        seen(`sent ${response.headersSent}`)
        seen(String(code(() => response.setHeader('x-late', '1'))))
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
      'what a handler sees of end()',
      (response, seen) => {
        seen(
          `returns itself ${response.end('body', () => seen(`callback, finished ${response.writableFinished}`)) === response}`,
        )
        seen(`ended ${response.writableEnded} ${response.finished} ${response.headersSent}`)
        seen(String(code(() => response.setHeader('x-late', '1'))))
      },
    ],
    [
      'callbacks of all three forms',
      (response, seen) => {
        response.write('a', () => seen('first'))
        response.write('b', 'latin1', () => seen('second'))
        response.end(() => seen('third'))
      },
    ],
    [
      'callbacks of a body of declared length',
      (response, seen) => {
        response.setHeader('content-length', 2)
        response.write('a', () => seen('first'))
        response.write('b', 'latin1', (error) => seen(`second ${error}`))
        response.end('', 'utf8', () => seen('third'))
      },
    ],
    [
      'write() after end()',
      (response, seen) => {
        response.end('body')
        seen(
          `returns ${response.write('late', (error) => seen(`callback ${(error as { code?: string })?.code}`))}`,
        )
      },
    ],
    [
      'end() twice',
      (response, seen) => {
        response.end('body', () => seen('first'))
        seen(`returns itself ${response.end(() => seen('second')) === response}`)
      },
    ],
    [
      'end() twice, both with a body',
      (response, seen) => {
        response.end('body', () => seen('first'))
        response.end('late', (error?: Error) => seen(`second ${(error as { code?: string })?.code}`))
      },
    ],
    [
      'end() after it has finished',
      (response, seen) => {
        response.end('body', () => {
          response.end((error?: Error) => seen(`late ${(error as { code?: string })?.code}`))
        })
      },
    ],
    [
      'a wrong argument, then a right one',
      (response, seen) => {
        seen(String(code(() => response.end(123 as never))))
        seen(`ended ${response.writableEnded}`)
        response.end('right')
      },
    ],
    [
      'a wrong argument after a body of declared length',
      (response, seen) => {
        response.setHeader('content-length', 5)
        response.write('right')
        seen(String(code(() => response.end({} as never))))
        response.end()
      },
    ],
    [
      'a wrong argument of write()',
      (response, seen) => {
        seen(String(code(() => response.write(123 as never))))
        seen(String(code(() => response.write(null as never))))
        response.end('right')
      },
    ],
    [
      'too much for strictContentLength, in write()',
      (response, seen) => {
        response.strictContentLength = true
        response.writeHead(200, { 'content-length': 5 })
        seen(String(code(() => response.write('too much'))))
        response.end('right')
      },
    ],
    [
      'too much for strictContentLength, in end()',
      (response, seen) => {
        response.strictContentLength = true
        response.setHeader('content-length', 5)
        response.write('right')
        seen(String(code(() => response.end('!'))))
        response.destroy()
      },
    ],
    [
      'just enough for strictContentLength',
      (response, seen) => {
        response.strictContentLength = true
        response.setHeader('content-length', 5)
        response.write('rig')
        seen(String(code(() => response.write('ht'))))
        response.end()
      },
    ],
    ['a handler that throws', () => fail()],
  ])(
    'is byte for byte what it is without us, and as its handler knows it: %s',
    async (_what, handler, method = 'GET') => {
      const [held, bare] = await compare(handler, sinkFor(), method)
      expect(held.bytes).toBe(bare.bytes)
      expect([...held.seen].sort()).toEqual([...bare.seen].sort())
      // The last thing that happens to a response is that it has left.
      expect(held.seen.at(-1)).toBe('close')
    },
  )

  it('goes through a compression that replaces write() and end()', async () => {
    const text = 'compressed '.repeat(1000)
    const [held, bare] = await compare((response) => {
      compress(response)
      response.write(text)
      response.end('the last of it')
    }, sinkFor())
    expect(held.bytes).toBe(bare.bytes)
    expect(held.bytes.length).toBeLessThan(1000)
  })

  it('lets express-session save and set its cookie before it leaves', async () => {
    const saved: string[] = []
    const store = new session.MemoryStore()
    const use = session({
      secret: 's',
      resave: true,
      saveUninitialized: true,
      store,
      genid: () => 'the-session',
    })
    const [held, bare] = await compare((response, seen, request) => {
      use(request as never, response as never, () => {
        Object.assign((request as never as { session: object }).session, { visits: 1 })
        const isItself = response.end('with a session', () => seen('callback')) === response
        seen(`ended ${response.writableEnded} ${isItself}`)
        store.all((_error, sessions) => saved.push(...Object.keys(sessions ?? {})))
      })
    }, sinkFor())
    const withoutExpiry = ({ bytes }: Exchange) => bytes.replace(/Expires=[^\r;]*/, '')
    expect(withoutExpiry(held)).toBe(withoutExpiry(bare))
    expect(held.bytes).toContain('Set-Cookie: connect.sid=s%3Athe-session')
    expect(held.seen).toEqual(bare.seen)
    expect(saved).toEqual(['the-session', 'the-session'])
  })

  it('is the same for whatever a handler does, in whatever order', async () => {
    await withBothServers(sinkFor(), async (ask) => {
      await fc.assert(
        fc.asyncProperty(steps, fc.constantFrom('GET', 'HEAD'), async (acts, method) => {
          const [held, bare] = [await ask('held', acts, method), await ask('bare', acts, method)]
          expect(held).toEqual(bare)
        }),
        { numRuns: repetitions(40, 300) },
      )
    })
  }, 60_000)
})

it('has not finished as long as it is held', async () => {
  const sink = new ControllableSink('hold')
  let tellEnded: (response: ServerResponse) => void = () => {}
  const ended = new Promise<ServerResponse>((resolve) => {
    tellEnded = resolve
  })
  const audit = auditLog({ sink, failClosed: true })
  const { port } = await startServer((request, response) =>
    audit(request, response, () => tellEnded(response.end('body'))),
  )
  const answered = new RawClient(port).request('/', { close: true }).untilClosed()
  const response = await ended
  const finished = once(response, 'finish')
  expect(response.writableFinished).toBe(false)
  const gate = await sink.next()
  gate.accept()
  await finished
  expect(response.writableFinished).toBe(true)
  expect(await answered).toContain('body')
})

/** How many bytes of a response had left when the sink was asked, and what the client got once that was decided. */
async function answer(handle: (response: ServerResponse) => void, decide: (gate: PendingWrite) => void) {
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
  const early = socket?.bytesWritten
  decide(gate)
  return { early, bytes: await received }
}

describe.each<[string, (response: ServerResponse) => void]>([
  ['flushHeaders()', (response) => response.flushHeaders()],
  ['writeContinue()', (response) => code(() => response.writeContinue())],
  ['write()', (response) => code(() => response.write('late'))],
  ['uncork()', (response) => response.uncork()],
  ['without the internals that it is held by', (response) => Object.assign(response, { _flush: undefined })],
])('what is held stays here, whatever the handler does then: %s', (what, act) => {
  const isBefore = what.startsWith('without')

  async function endAndAct(decide: (gate: PendingWrite) => void) {
    const { early, bytes } = await answer((response) => {
      if (isBefore) act(response)
      response.end('body')
      if (!isBefore) act(response)
    }, decide)
    // As without us, it comes when the response has ended.
    return { early, bytes: bytes.replace('HTTP/1.1 100 Continue\r\n\r\n', '') }
  }

  it('and leaves once when the record is accepted', async () => {
    const { early, bytes } = await endAndAct((gate) => gate.accept())
    expect(early).toBe(0)
    expect(bytes).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nbody$/)
  })

  it('and never leaves when it is refused', async () => {
    const { early, bytes } = await endAndAct((gate) => gate.reject())
    expect(early).toBe(0)
    expect(bytes).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n/)
    expect(bytes.match(/HTTP\/1.1/g)).toHaveLength(1)
    expect(bytes).not.toContain('body')
  })
})

it('what is held does not make its connection idle, which server.close() would destroy', async () => {
  const sink = new ControllableSink('hold')
  const audit = auditLog({ sink, failClosed: true })
  const { port, server } = await startServer((request, response) =>
    audit(request, response, () => response.end(`body of ${request.url}`)),
  )
  const client = new RawClient(port).request('/1').request('/2')
  const gates = [await sink.next(), await sink.next()]
  const closed = once(server.close(), 'close')
  // The second has its turn while it is held.
  gates[0]?.accept()
  await client.waitUntil(({ received }) => received.includes('body of /1'))
  server.closeIdleConnections()
  gates[1]?.accept()
  await client.waitUntil(({ received }) => received.includes('body of /2'))
  server.closeIdleConnections()
  await closed
})

it.each<[string, (response: ServerResponse) => void]>([
  ['with a space behind it', (response) => response.writeHead(200, { 'content-length': '5 ' })],
  ['with a tab in front', (response) => response.writeHead(200, { 'content-length': '\t5' })],
  ['twice', (response) => void response.setHeader('content-length', ['5', '5'])],
])('the last byte of a declared length is held, declared %s', async (_how, declare) => {
  const { early, bytes } = await answer(
    (response) => {
      declare(response)
      response.write('hello')
      response.end()
    },
    (gate) => gate.accept(),
  )
  expect(bytes).toMatch(/hello$/)
  expect(early).toBeLessThan(bytes.length)
})

it('what is held before its turn stays here, whatever the handler does when its turn has come', async () => {
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
  const turn = once(second, 'socket')
  first.end('first')
  await turn
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

/** As the package `compression` does it. */
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

type Act = (response: ServerResponse) => unknown

const encodings = fc.constantFrom<BufferEncoding>('utf8', 'latin1', 'hex', 'base64', 'utf16le')
const chunks = fc.oneof(
  // Not just any string: on one of hex with an odd length Node 20 aborts the process.
  fc
    .tuple(fc.uint8Array({ maxLength: 200 }), encodings)
    .map(([bytes, encoding]) => [Buffer.from(bytes).toString(encoding), encoding] as const),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => [bytes, undefined] as const),
  fc.tuple(
    fc.integer({ min: 1, max: 70_000 }).map((size) => 'x'.repeat(size)),
    fc.constant(undefined),
  ),
)
const lengths = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom('no number', 5000))
// Without strictContentLength: before the header is made Node lets pass what is too much, and we do not, as it would
// leave unrecorded. Node then throws at the end, with or without us.
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: lengths.map(
      (length): Act =>
        (response) =>
          response.setHeader('content-length', length),
    ),
  },
  fc.tuple(fc.constantFrom('x-one', 'content-type', 'set-cookie'), fc.constantFrom('a', 'b')).map(
    ([name, value]): Act =>
      (response) =>
        response.setHeader(name, value),
  ),
  fc.tuple(fc.constantFrom(200, 201, 204, 304, 404), fc.option(lengths)).map(
    ([status, length]): Act =>
      (response) =>
        response.writeHead(status, length === null ? {} : { 'content-length': length }),
  ),
  fc.constant<Act>((response) => response.flushHeaders()),
  {
    weight: 5,
    arbitrary: chunks.map(
      ([chunk, encoding]): Act =>
        (response) =>
          response.write(chunk, encoding as 'utf8'),
    ),
  },
  {
    weight: 2,
    arbitrary: chunks.map(
      ([chunk, encoding]): Act =>
        (response) =>
          response.end(chunk, encoding as 'utf8'),
    ),
  },
  fc.constant<Act>((response) => response.end()),
  fc.constant<Act>((response) => response.end(7 as never)),
)
const steps = fc.array(step, { maxLength: 8 })

interface Answer {
  readonly bytes: string
  readonly thrown: readonly (string | undefined)[]
}

async function withBothServers(
  sink: Sink,
  use: (
    ask: (which: 'held' | 'bare', acts: readonly Act[], method: string) => Promise<Answer>,
  ) => Promise<void>,
): Promise<void> {
  let acts: readonly Act[] = []
  let thrown: (string | undefined)[] = []
  const listener: RequestListener = (_request, response) => {
    response.on('error', () => {})
    for (const act of [...acts, (ended: ServerResponse) => ended.end()])
      thrown.push(code(() => act(response)))
    if (!response.writableEnded) response.destroy()
  }
  const audit = auditLog({ sink, failClosed: true })
  const bare = await startServer(listener)
  const held = await startServer((request, response) =>
    audit(request, response, () => listener(request, response)),
  )
  await use(async (which, given, method) => {
    acts = given
    thrown = []
    const { port } = which === 'held' ? held : bare
    const bytes = await new RawClient(port).request('/', { method, close: true }).untilClosed()
    return { bytes: bytes.replace(/Date: .*/, 'Date: now'), thrown }
  })
}

it('says nothing of a response whose client left while it was held', async () => {
  const sink = new ControllableSink('hold')
  const audit = auditLog({ sink, failClosed: true })
  const seen: string[] = []
  let closed: () => void
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve
  })
  const { port } = await startServer((request, response) =>
    audit(request, response, () => {
      response.on('finish', () => seen.push('finish')).on('close', () => closed())
      response.end('too late')
    }),
  )
  const client = new RawClient(port).request('/')
  const gate = await sink.next()
  client.destroy()
  await isClosed
  gate.accept()
  await audit.flush()
  await delay(10)
  expect(seen).toEqual([])
})
