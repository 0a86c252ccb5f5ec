import { describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { toJson } from '#src/serialize/to-json.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'

/** Generous: only distinguishes bounded work from work that grows with the value. */
const PROMPT_MS = 2000

/** The value after a round trip through JSON. Throws if `JSON.stringify` does. */
function roundTrip(value: unknown): unknown {
  return JSON.parse(JSON.stringify(toJson(value)))
}

function runPromptly<Result>(run: () => Result): Result {
  let result: Result | undefined
  const isPrompt = takesAtMostMs(PROMPT_MS, () => {
    result = run()
  })
  expect(isPrompt).toBe(true)
  return result as Result
}

function fail(): never {
  throw new Error('hostile')
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** A proxy whose traps all throw. */
function throwingProxy(target: object): object {
  return new Proxy(target, new Proxy({}, { get: () => fail }))
}

function circular(): object {
  const value: Record<string, unknown> = { name: 'Jansen' }
  value.self = value
  return value
}

function nest(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 'the bottom'
  for (let level = 0; level < depth; level++) value = wrap(value)
  return value
}

describe('values that JSON has', () => {
  it('are copied unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(JSON.stringify(toJson(value))).toBe(JSON.stringify(value))
      }),
    )
  })

  it.each(['', 'List Person', 0, -1.5, 1e300, true, false, null, [], {}])('copies %p unchanged', (value) => {
    expect(toJson(value)).toEqual(value)
  })
})

describe('values that JSON does not have', () => {
  it.each<[string, unknown, unknown]>([
    ['undefined', undefined, null],
    ['undefined in a list', [1, undefined], [1, null]],
    ['undefined in an object', { a: undefined, b: 1 }, { b: 1 }],
    ['NaN', Number.NaN, 'NaN'],
    ['Infinity', Number.POSITIVE_INFINITY, 'Infinity'],
    ['-Infinity', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['a BigInt', 12345678901234567890n, '12345678901234567890'],
    ['a symbol', Symbol('secret'), 'Symbol(secret)'],
    ['a key that is a symbol', { [Symbol('key')]: 1, a: 2 }, { a: 2 }],
    ['a NUL in a key', { 'a\0b': 'c\0d' }, { 'a\u2400b': 'c\0d' }],
    ['a NUL in a key of a Map', new Map([['\0', 1]]), { '\u2400': 1 }],
    ['a function', () => 1, '[Function]'],
    ['a class', class Person {}, '[Function]'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, new Map([['b', 3]])],
      ]),
      { 2: { b: 3 }, a: 1 },
    ],
    ['a Set', new Set([1, 'a', 1n]), [1, 'a', '1']],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    ['a Buffer', Buffer.from('secret'), '[Binary: 6 bytes]'],
    ['bytes without a prototype', Object.setPrototypeOf(Buffer.from('secret'), null), '[Binary: ? bytes]'],
    ['a typed array', new Float64Array(3), '[Binary: 24 bytes]'],
    ['a DataView', new DataView(new ArrayBuffer(5)), '[Binary: 5 bytes]'],
    ['an ArrayBuffer', new ArrayBuffer(7), '[Binary: 7 bytes]'],
    ['an Error', new TypeError('bad'), { name: 'TypeError', message: 'bad' }],
    [
      'an Error with more on it',
      Object.assign(new Error('x'), { password: 'p' }),
      { name: 'Error', message: 'x' },
    ],
    ['a URL', new URL('https://example.org/a?b'), 'https://example.org/a?b'],
    ['a boxed string', new String('Jansen'), 'Jansen'],
    ['a boxed number', new Number(4), 4],
    ['a boxed boolean', new Boolean(false), false],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a sparse list', Object.assign(new Array(3), { 0: 1, 2: 3 }), [1, null, 3]],
    ['a toJSON', { toJSON: () => ({ id: 1n }) }, { id: '1' }],
    ['a toJSON that returns undefined', { a: { toJSON() {} }, b: 1 }, { b: 1 }],
    ['a toJSON that is not a function', { toJSON: 'text' }, { toJSON: 'text' }],
    ['the same object twice in a list', Array(2).fill({ id: 1 }), [{ id: 1 }, { id: 1 }]],
  ])('describes %s', (_name, value, description) => {
    expect(roundTrip(value)).toEqual(description)
  })

  it('removes undefined from the copy itself, because a format function may read the copy', () => {
    expect(toJson([undefined, { a: undefined }])).toStrictEqual([null, Object.create(null)])
  })

  it('copies only the own properties of an instance of a class', () => {
    class Person {
      readonly name = 'Jansen'
      readonly #secret = 'hidden'
      get reveal() {
        return this.#secret
      }
    }
    expect(roundTrip(new Person())).toEqual({ name: 'Jansen' })
  })

  it('calls no function', () => {
    const handler = jest.fn()
    toJson({ handler, list: [handler], map: new Map([['a', handler]]) })
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('circular values', () => {
  const list: unknown[] = [1]
  list.push(list)
  const map = new Map<string, unknown>()
  map.set('self', map)
  const set = new Set<unknown>()
  set.add(set)
  const toJsonOfItself = { toJSON: () => toJsonOfItself as unknown }
  const [left, right]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}]
  left.right = right
  right.left = left

  it.each<[string, unknown, unknown]>([
    ['an object', circular(), { name: 'Jansen', self: '[Circular]' }],
    ['a list', list, [1, '[Circular]']],
    ['a Map', map, { self: '[Circular]' }],
    ['a Set', set, ['[Circular]']],
    ['a toJSON that returns its object', toJsonOfItself, '[Circular]'],
    ['two objects that refer to each other', left, { right: { left: '[Circular]' } }],
  ])('writes [Circular] within %s', (_name, value, description) => {
    expect(roundTrip(value)).toEqual(description)
  })
})

describe('values that throw when they are read', () => {
  const throwingGetter = (key: PropertyKey) => Object.defineProperty({}, key, { get: fail, enumerable: true })
  const recursiveGetter = {
    get again(): unknown {
      return this.again
    },
  }

  const unreadable: [string, unknown][] = [
    ['a getter', throwingGetter('value')],
    ['a getter that calls itself', recursiveGetter],
    [
      'a getter that throws an unreadable error',
      Object.defineProperty({}, 'value', {
        enumerable: true,
        get() {
          throw revoked({})
        },
      }),
    ],
    ['toJSON', { toJSON: fail }],
    ['a toJSON that is a throwing getter', throwingGetter('toJSON')],
    ['a proxy', throwingProxy({})],
    ['a proxy of a list', throwingProxy([])],
    ['a proxy of a function', throwingProxy(() => {})],
    ['a revoked proxy', revoked({})],
    ['a revoked proxy of a list', revoked([])],
    ['a revoked proxy of a function', revoked(() => {})],
    ['a revoked proxy of a Date', revoked(new Date())],
    ['Symbol.iterator of a list', Object.defineProperty([1], Symbol.iterator, { get: fail })],
    ['Symbol.iterator of a Set', Object.defineProperty(new Set([1]), Symbol.iterator, { get: fail })],
    ['Symbol.iterator of an object', throwingGetter(Symbol.iterator)],
    ['Symbol.toPrimitive', throwingGetter(Symbol.toPrimitive)],
    ['Symbol.toStringTag', throwingGetter(Symbol.toStringTag)],
    ['constructor', throwingGetter('constructor')],
    ['then', throwingGetter('then')],
    ['toString', { toString: fail, valueOf: fail }],
    ['the message of an Error', Object.defineProperty(new Error('x'), 'message', { get: fail })],
    ['the name of an Error', Object.defineProperty(new Error('x'), 'name', { value: { toString: fail } })],
    ['the size of a Set', Object.defineProperty(new Set([1]), 'size', { get: fail })],
    ['the keys of a Map', Object.defineProperty(new Map([[1, 2]]), 'keys', { value: fail })],
    ['the length of a Buffer', Object.defineProperty(Buffer.from('x'), 'byteLength', { get: fail })],
    ['an object with the prototype of Date', Object.create(Date.prototype)],
    ['an object with the prototype of Map', Object.create(Map.prototype)],
    ['an object with the prototype of Uint8Array', Object.create(Uint8Array.prototype)],
    ['a Date with its own getTime', Object.assign(new Date(), { getTime: fail })],
  ]

  it.each(unreadable)('does not throw: %s', (_name, value) => {
    expect(() => JSON.stringify(toJson(value))).not.toThrow()
  })

  it.each(unreadable)('copies the siblings of %s', (_name, value) => {
    expect(roundTrip({ before: 1, value, after: 2 })).toMatchObject({ before: 1, after: 2 })
    expect(roundTrip([1, value, 2])).toEqual([1, expect.anything(), 2])
    expect(
      roundTrip(
        new Map<string, unknown>([
          ['before', 1],
          ['value', value],
          ['after', 2],
        ]),
      ),
    ).toMatchObject({
      before: 1,
      after: 2,
    })
  })

  it('marks the property that threw', () => {
    expect(roundTrip({ ...{ a: 1 }, b: throwingGetter('value') })).toEqual({
      a: 1,
      b: { value: '[Unreadable]' },
    })
  })

  it('copies the other entries of a Map with a key that has no string', () => {
    const map = new Map<unknown, unknown>([
      ['before', 1],
      [Object.create(null), 2],
      [{ toString: fail }, 3],
      ['after', 4],
    ])
    expect(roundTrip(map)).toMatchObject({ before: 1, after: 4 })
  })

  it.each<[string, unknown]>([
    ['a Date whose toISOString returns a BigInt', Object.assign(new Date(0), { toISOString: () => 1n })],
    [
      'a Date whose toISOString returns a circular object',
      Object.assign(new Date(0), { toISOString: circular }),
    ],
    ['a Date whose toISOString throws', Object.assign(new Date(0), { toISOString: fail })],
    ['a Set whose items are hostile', new Set([revoked({}), circular(), 1n])],
    ['an Error whose message is a symbol', Object.assign(new Error('x'), { message: Symbol('m') })],
    ['an Error whose message is a BigInt', Object.assign(new Error('x'), { message: 1n })],
    [
      'a Map with a keys() that returns other keys',
      Object.assign(new Map(), { keys: () => [1n, Symbol('k'), null] }),
    ],
    ['a toJSON that returns a revoked proxy', { toJSON: () => revoked({}) }],
  ])('gives valid JSON for %s', (_name, value) => {
    expect(() => roundTrip({ value })).not.toThrow()
  })
})

describe('values without an end', () => {
  // `toContain` would print megabytes when it fails.
  const expectTruncated = (line: string) => expect(line.includes('"truncated":true')).toBe(true)

  it.each<[string, (inner: unknown) => unknown]>([
    ['objects', (inner) => ({ inner })],
    ['lists', (inner) => [inner]],
    ['Maps', (inner) => new Map([['inner', inner]])],
    ['Sets', (inner) => new Set([inner])],
    ['toJSON', (inner) => ({ toJSON: () => inner })],
  ])('truncates 100,000 levels of %s', (_name, wrap) => {
    const line = runPromptly(() => JSON.stringify(toJson(nest(100_000, wrap))))
    expect(line).toContain('[Too deep]')
    expect(line).not.toContain('the bottom')
  })

  it('truncates a property that returns a new object at each read', () => {
    const endless: ProxyHandler<object> = {
      get: (_target, key) => (key === 'toJSON' ? undefined : new Proxy({}, endless)),
      ownKeys: () => ['a', 'b', 'c'],
      getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
    }
    expectTruncated(runPromptly(() => JSON.stringify(toJson(new Proxy({}, endless)))))
  })

  it('truncates a toJSON that returns more at each level', () => {
    const grow = (): object => ({ toJSON: () => ({ a: grow(), b: grow(), c: grow(), d: grow() }) })
    expectTruncated(runPromptly(() => JSON.stringify(toJson(grow()))))
  })

  it('truncates an iterator that never stops', () => {
    class Endless extends Set<number> {
      override *[Symbol.iterator](): ReturnType<Set<number>[typeof Symbol.iterator]> {
        while (true) yield 1
      }
    }
    expectTruncated(runPromptly(() => JSON.stringify(toJson(new Endless()))))
  })

  it('truncates a list of a thousand million holes, and states their number', () => {
    const summary = runPromptly(() => toJson(new Array(1e9))) as { kept: unknown[] }
    expect(summary).toEqual({ truncated: true, type: 'array', count: 1e9, kept: expect.any(Array) })
    expect(summary.kept.length).toBeLessThan(1e6)
  })

  it('bounds the whole value: many long lists take no longer than one', () => {
    const lists = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [index, new Array(1e9)]))
    expect(runPromptly(() => JSON.stringify(toJson(lists))).length).toBeLessThan(10_000_000)
  })

  it('truncates an object of a million keys', () => {
    const wide = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`key${index}`, index]))
    const summary = runPromptly(() => toJson(wide)) as { kept: object }
    expect(summary).toEqual({ truncated: true, type: 'object', count: 1_000_000, kept: expect.anything() })
    expect(Object.keys(summary.kept).length).toBeLessThan(1_000_000)
  })
})

describe('a key with a meaning in JavaScript', () => {
  it.each([
    '{"__proto__":{"isAdmin":true}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
    '[{"__proto__":[1],"a":1}]',
    '{"hasOwnProperty":1,"toString":2,"valueOf":null}',
  ])('is copied like any other key: %s', (json) => {
    const described = toJson(JSON.parse(json))
    expect(JSON.stringify(described)).toBe(json)
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined()
  })

  it('is copied like any other key of a Map', () => {
    const described = toJson(new Map([['__proto__', { isAdmin: true }]]))
    expect(JSON.stringify(described)).toBe('{"__proto__":{"isAdmin":true}}')
    expect(Object.getPrototypeOf(Object.getPrototypeOf(described))).toBeNull()
    expect(described).not.toHaveProperty('constructor')
    expect(described).not.toHaveProperty('isAdmin')
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined()
  })
})

describe('special characters', () => {
  it.each([
    ['a high surrogate alone', '\ud800'],
    ['a low surrogate alone', 'a\udc00b'],
    ['surrogates in the wrong order', '\udc00\ud800'],
    ['line separators', 'a\u2028b\u2029c'],
    ['control characters', 'a\r\nb\0\u001b[31m\u007f\u0085'],
    ['a byte order mark', '\ufeffa'],
  ])('stay on one line and survive a round trip: %s', (_name, value) => {
    const line = JSON.stringify(toJson({ [value]: value }))
    expect(line).not.toMatch(/[\r\n]/)
    const name = value.replaceAll('\0', '\u2400')
    expect(JSON.parse(Buffer.from(line).toString())).toEqual({ [name]: value })
  })
})

describe('the copy', () => {
  it('does not change when the source changes later', () => {
    const person = { name: 'Jansen', tags: ['a'] }
    const born = new Date(0)
    const source = {
      person,
      born,
      list: [person],
      map: new Map<string, unknown>([['person', person]]),
      set: new Set<unknown>([person]),
      error: new Error('first'),
    }
    const described = toJson(source)
    const before = JSON.stringify(described)
    person.name = 'de Vries'
    person.tags.push('b')
    born.setTime(1e12)
    source.list.push(person)
    source.map.set('later', 1).delete('person')
    source.set.clear()
    source.error.message = 'second'
    expect(JSON.stringify(described)).toBe(before)
    expect(before).not.toContain('de Vries')
  })

  it('does not change the source', () => {
    const source = Object.freeze({ list: Object.freeze([1n, circular()]), when: Object.freeze(new Date(0)) })
    toJson(source)
    expect(source).toEqual({ list: [1n, circular()], when: new Date(0) })
  })
})

it('never throws, for any value', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  })
  fc.assert(fc.property(anything, (value) => expect(() => roundTrip(value)).not.toThrow()))
})
