import { PassThrough } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { memory } from '#src/sinks/memory.js'
import { measureCpuMs } from '../helpers/cpu-time.js'

/** CPU time, because other processes may use this machine. Distinguishes bounded work from work that grows with the value. */
const PROMPT_MS = 3000

/** Creates a large value only once, so that its garbage is not collected during a measurement. */
function createOnce<Value>(create: () => Value): () => Value {
  let created: { value: Value } | undefined
  return () => {
    created ??= { value: create() }
    return created.value
  }
}

/** A flat string, as read from a socket. The first read of a concatenated string would flatten it, which takes time. */
const long = createOnce(() => Buffer.alloc(100_000_000, 'x').toString())

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, id) => [`k${id}`, id]))

function fail(): never {
  throw new Error('hostile')
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function nest(depth: number): unknown {
  let value: unknown = 'the bottom'
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { inner: value }
  return value
}

function circular(): object {
  const value: Record<string, unknown> = { name: 'Jansen' }
  value.self = [value, new Map([['again', value]])]
  return value
}

class Person {
  name = 'Jansen'
  #hidden = 1
  get hidden() {
    return this.#hidden
  }
}

const VALUES: [string, () => unknown][] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a circular object', circular],
  ['a BigInt', () => 10n ** 400n],
  ['NaN', () => [Number.NaN, Number.POSITIVE_INFINITY, -0]],
  ['symbols', () => ({ [Symbol('a')]: 1, b: Symbol('b'), c: Symbol.iterator })],
  ['functions', () => [() => 1, class {}, async () => {}, function* () {}]],
  [
    'a Map of hostile keys',
    () =>
      new Map<unknown, unknown>([
        [{ toString: fail }, 1],
        [Symbol('k'), 2],
        [null, 3],
        ['__proto__', 4],
      ]),
  ],
  ['a Set', () => new Set([new Set([revoked([])]), 1n])],
  ['Dates', () => [new Date(0), new Date(Number.NaN), Object.create(Date.prototype)]],
  [
    'binary',
    () => [
      Buffer.from('x'),
      new Float64Array(2),
      new ArrayBuffer(3),
      new DataView(new ArrayBuffer(1)),
      new SharedArrayBuffer(4),
    ],
  ],
  ['Errors', () => [new Error('x', { cause: circular() }), new AggregateError([new Error('y')], 'z')]],
  ['an instance of a class', () => new Person()],
  [
    'a getter that throws',
    () => ({
      get a() {
        return fail()
      },
      password: 'x',
    }),
  ],
  ['a toJSON that throws', () => ({ toJSON: fail })],
  ['a toJSON that returns a revoked proxy', () => ({ toJSON: () => revoked({}) })],
  ['a proxy that throws', () => new Proxy({}, new Proxy({}, { get: () => fail }))],
  ['a revoked proxy', () => revoked({})],
  ['a revoked proxy of a list', () => [revoked([])]],
  ['streams', () => [new PassThrough(), { pipe: () => {} }, new ReadableStream()]],
  [
    'a promise that rejects',
    () => {
      const p = Promise.reject(new Error('x'))
      p.catch(() => {})
      return p
    },
  ],
  [
    'WeakMap, WeakRef and a generator',
    () => [
      new WeakMap(),
      new WeakRef({}),
      (function* () {
        while (true) yield 1
      })(),
    ],
  ],
  [
    'web objects',
    () => [
      new Headers([['a', 'b']]),
      new FormData(),
      new Blob(['x']),
      new Request('http://x/'),
      new Response('x'),
      new AbortController(),
    ],
  ],
  ['100,000 levels', () => nest(100_000)],
  // JSON.parse accepts this, and JSON.stringify overflows the stack.
  ['100,000 levels in a text', () => '['.repeat(100_000) + ']'.repeat(100_000)],
  ['8,000 levels in a text', () => '['.repeat(8000) + ']'.repeat(8000)],
  ['8,000 levels in a name', () => ({ [`${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`]: 1 })],
  ['a sparse list', () => Object.assign(new Array(1e9), { 5: 1 })],
  ['a hundred million holes in an object', () => ({ a: new Array(1e8), b: new Array(1e8) })],
  ['__proto__', () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')],
  [
    'odd keys',
    () => ({ '': 1, '.': 2, 'a.b': 3, '\0': 4, '\n': 5, '\ud800': 6, '\u2028': 7, '\u001b[31m': 8 }),
  ],
  [
    'odd text',
    () => ['\ud800', '\udc00\ud800', '\u2028\u2029', '\0', '\u001b[2J', '\r\n{"audit":1}\n', '\ufeff'],
  ],
  [
    'a field name that throws',
    () => ({
      get name() {
        return fail()
      },
      value: 1,
    }),
  ],
  ['a field name that is a revoked proxy', () => ({ name: revoked([]), value: 1, path: [revoked({})] })],
  // biome-ignore lint/suspicious/noThenProperty: hostile input may have one.
  ['an own hasOwnProperty', () => ({ hasOwnProperty: fail, toString: fail, valueOf: fail, then: fail })],
  ['globalThis', () => globalThis],
  ['process', () => process],
  ['a string of 100 MB', long],
  ['a name of 100 MB', createOnce(() => ({ [long()]: 'y' }))],
  ['JSON of 100 MB', createOnce(() => Buffer.from(`{"password":"${long()}"}`).toString())],
  ['a million rows', createOnce(() => Array.from({ length: 1_000_000 }, (_, id) => ({ id })))],
  ['a hundred thousand keys', createOnce(() => keys(100_000))],
  [
    'a Map of a million keys',
    createOnce(() => new Map(Array.from({ length: 1_000_000 }, (_, id) => [`k${id}`, id]))),
  ],
  ['a million strings of JSON', createOnce(() => new Array(1_000_000).fill('{"a":"{\\"b\\":[1]}"}'))],
]

const SETTERS: [string, (logger: AuditLogger, value: never) => unknown][] = [
  ['setResults', (logger, value) => logger.setResults(value)],
  ['setFilter', (logger, value) => logger.setFilter(value, value)],
  ['setUser', (logger, value) => logger.setUser(value)],
  [
    'a field of setUser',
    (logger, value) =>
      logger.setUser({ authenticated: true, email: value, roles: value, ip: value, id: value }),
  ],
  [
    'setHttpRequest',
    (logger, value) => logger.setHttpRequest({ method: value, url: value, userAgent: value }),
  ],
  [
    'setHttpResponse',
    (logger, value) => logger.setHttpResponse({ statusCode: value, reason: value, headers: value }),
  ],
  [
    'a header',
    (logger, value) =>
      logger.setHttpResponse({
        statusCode: 200,
        reason: 'OK',
        headers: { a: value, 'set-cookie': value, location: value },
      }),
  ],
  ['setError', (logger, value) => logger.setError(value)],
  ['info', (logger, value) => logger.info(value)],
]

describe.each(SETTERS)('%s', (_setter, call) => {
  it.each(VALUES)('accepts %s, and writes a valid line within the limit without delay', (_name, create) => {
    const sink = memory()
    const logger = new AuditLogger({ sink })
    const value = create()
    const ms = measureCpuMs(() => {
      call(logger, value as never)
      logger.sendLog()
    })
    expect(ms).toBeLessThan(PROMPT_MS)
    expect(sink.lines).toHaveLength(1)
    const [line] = sink.lines as [string]
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(16_384)
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(JSON.parse(line).audit.seq).toEqual(expect.any(Number))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.prototype).not.toHaveProperty('polluted')
  })
})

describe('the keys of an object, which JavaScript can only list in full', () => {
  it.each<[string, (logger: AuditLogger, value: never) => unknown]>([
    ['setResults', (logger, value) => logger.setResults(value)],
    ['setFilter, as its kwargs', (logger, value) => logger.setFilter('Person', value)],
    ['setUser', (logger, value) => logger.setUser(value)],
    ['setError', (logger, value) => logger.setError(value)],
    ['info', (logger, value) => logger.info(value)],
  ])('are listed at most once by %s', (_setter, call) => {
    let listed = 0
    const counting = new Proxy(
      { a: 1 },
      {
        ownKeys(target) {
          listed += 1
          return Reflect.ownKeys(target)
        },
      },
    )
    call(new AuditLogger({ sink: memory() }), counting as never)
    expect(listed).toBeLessThanOrEqual(1)
  })

  it('take little more time than listing them, even a million', () => {
    const object = keys(1_000_000)
    const listing = measureCpuMs(() => Object.keys(object))
    const auditing = measureCpuMs(() => new AuditLogger({ sink: memory() }).setResults(object).sendLog())
    expect(auditing).toBeLessThan(listing * 2 + PROMPT_MS)
  })
})

it('records results as they were when setResults was called', () => {
  const sink = memory()
  const rows = [{ id: 1 }]
  const logger = new AuditLogger({ sink }).setResults(rows)
  rows[0] = { id: 2 }
  rows.push({ id: 3 })
  logger.sendLog()
  expect(sink.records()[0].audit.results).toEqual([{ id: 1 }])
})

it('reads a getter once, also under a key that may name a field', () => {
  let reads = 0
  const row = {
    get name() {
      reads += 1
      return 'Jansen'
    },
  }
  new AuditLogger({ sink: memory() }).setResults([row])
  expect(reads).toBe(1)
})
