import { describe, expect, it } from '@jest/globals'
import { describeCause, describeValue } from '#src/lib/inspect.js'

function fail(): never {
  throw new Error('must not run')
}

const revoked = Proxy.revocable({}, {})
revoked.revoke()

const HOSTILE: [title: string, value: object, shown: string][] = [
  ['a Proxy whose traps throw', new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail }), '[Proxy]'],
  ['a revoked Proxy', revoked.proxy, '[Proxy]'],
  ['a getter that throws', Object.defineProperty({}, 'id', { get: fail, enumerable: true }), '[Getter]'],
  ['a custom inspect method', { [Symbol.for('nodejs.util.inspect.custom')]: fail }, '{}'],
  ['a tag that throws', Object.defineProperty({}, Symbol.toStringTag, { get: fail }), '{}'],
  ['an error whose name throws', Object.defineProperty(new Error('m'), 'name', { get: fail }), 'Error: m'],
  ['a property that holds a Proxy', { a: new Proxy({}, { get: fail, ownKeys: fail }) }, '{ a: [Proxy] }'],
]

describe('describeValue', () => {
  it.each([
    ['xml', "'xml' (string)"],
    [5, '5 (number)'],
    [5n, '5n (bigint)'],
    [null, 'null (null)'],
    [undefined, 'undefined (undefined)'],
    [[1, 'a'], "[ 1, 'a' ] (array)"],
    [fail, '[Function: fail] (function)'],
    [{ a: { b: 1 } }, '{ a: { b: 1 } } (object)'],
    [[/a/g, {}, []], '[ /a/g, {}, [] ] (array)'],
    [new Map([['a', 1]]), 'Map {} (object)'],
    [new (class Person {})(), 'Person {} (object)'],
    [new Date(0), '1970-01-01T00:00:00.000Z (object)'],
    [Buffer.alloc(5_000_000), '[Binary: 5000000 bytes] (object)'],
    [{ a: { b: { c: { d: 1 } } } }, '{ a: { b: { c: [Object] } } } (object)'],
  ])('shows %p with its type', (value, shown) => {
    expect(describeValue(value)).toBe(shown)
  })

  it('shows no key of `pseudonymize`, wherever it stands', () => {
    expect(describeValue([{ pseudonymize: { key: 'SUPERSECRETKEY123', keyId: '1' } }])).toBe(
      "[ { pseudonymize: { key: [not shown], keyId: '1' } } ] (array)",
    )
  })

  it('shortens long values', () => {
    for (const value of ['x'.repeat(1_000_000), new Array(1000).fill('x'), { a: 'x'.repeat(1000) }]) {
      expect(describeValue(value).length).toBeLessThan(120)
      expect(describeValue(value)).toContain('…')
    }
  })

  it.each(HOSTILE)('does not throw for %s', (_title, value, shown) => {
    expect(describeValue(value)).toContain(shown)
  })
})

describe('describeCause', () => {
  it.each<[title: string, cause: unknown, shown: string]>([
    ['an error', new TypeError('wrong'), 'TypeError: wrong'],
    ['a string', 'out of order', 'out of order'],
    ['an empty string', '', "''"],
    ['undefined', undefined, 'undefined'],
    ['an object', { code: 5 }, '{ code: 5 }'],
    [
      'an error without a readable message',
      Object.defineProperty(new Error(), 'message', { get: fail }),
      'Error: ',
    ],
  ])('describes %s', (_title, cause, shown) => {
    expect(describeCause(cause)).toBe(shown)
  })

  it.each(HOSTILE)('does not throw for %s', (_title, cause, shown) => {
    expect(describeCause(cause)).toContain(shown)
  })

  it('reads no getter, whose promise would reject without anybody to handle it', () => {
    const reject = () => Promise.reject(new Error('unhandled'))
    const value = Object.defineProperties(
      {},
      {
        [Symbol.toStringTag]: { get: reject },
        id: { get: reject, enumerable: true },
      },
    )
    const date = Object.defineProperty(new Date(0), Symbol.toStringTag, { get: reject })
    // An unhandled rejection fails the test run.
    expect(describeCause(date)).toBe('Date {}')
    expect(describeCause(value)).toBe('{ id: [Getter] }')
    expect(describeCause(Object.defineProperty(new Error(), 'message', { get: reject }))).toBe('Error: ')
  })

  it('shows errors in properties without their stack', () => {
    expect(describeCause({ error: new TypeError('wrong') })).toBe('{ error: TypeError: wrong }')
  })

  it('shows the first of many properties', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index]))
    expect(describeCause(many)).toMatch(/^\{ k0: 0, .* k9: 9, … \}$/)
  })

  it('shortens long messages', () => {
    expect(describeCause(new Error('x'.repeat(1_000_000))).length).toBeLessThan(5000)
  })
})
