import { describe, expect, it } from '@jest/globals'
import { describeCause, describeValue } from '#src/lib/inspect.js'

function fail(): never {
  throw new Error('must not run')
}

const revoked = Proxy.revocable({}, {})
revoked.revoke()

const SHOWN_WITH_BAD_TAG = Number.parseInt(process.versions.node, 10) >= 24 ? '{}' : 'cannot be inspected'

const HOSTILE: [title: string, value: object, shown: string][] = [
  ['a Proxy whose traps throw', new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail }), '{}'],
  ['a revoked Proxy', revoked.proxy, '<Revoked Proxy>'],
  ['a getter that throws', Object.defineProperty({}, 'id', { get: fail, enumerable: true }), '[Getter]'],
  ['a custom inspect method', { [Symbol.for('nodejs.util.inspect.custom')]: fail }, 'Function: fail'],
  // `util.inspect` throws at such a tag up to Node 22, and ignores it from Node 24 on.
  ['a tag that throws', Object.defineProperty({}, Symbol.toStringTag, { get: fail }), SHOWN_WITH_BAD_TAG],
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
  ])('shows %p with its type', (value, shown) => {
    expect(describeValue(value)).toBe(shown)
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

  it('shortens long messages', () => {
    expect(describeCause(new Error('x'.repeat(1_000_000))).length).toBeLessThan(5000)
  })
})
