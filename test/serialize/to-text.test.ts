import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { toText } from '#src/serialize/to-text.js'

function fail(): never {
  throw new Error('hostile')
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const circular: Record<string, unknown> = {}
circular.self = circular

describe('toText', () => {
  it('returns a string unchanged', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => expect(toText(value)).toBe(value)))
    expect(toText('\ud800 \u2028 \0')).toBe('\ud800 \u2028 \0')
    expect(toText('', 'fallback')).toBe('')
  })

  it.each([null, undefined])('returns the fallback for %p', (value) => {
    expect(toText(value)).toBe('')
    expect(toText(value, 'unknown')).toBe('unknown')
  })

  it.each<[string, unknown, string]>([
    ['a number', 42, '42'],
    ['NaN', Number.NaN, 'NaN'],
    ['a BigInt', 9n, '9'],
    ['a boolean', false, 'false'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', () => 'secret', '[Function]'],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    ['a Buffer', Buffer.from('secret'), '[Binary: 6 bytes]'],
    ['an object', { id: 1n }, '{"id":"1"}'],
    ['a list', [1, 'a'], '[1,"a"]'],
    ['a Map', new Map([['a', 1]]), '{"a":1}'],
    ['a circular object', circular, '{"self":"[Circular]"}'],
    ['an Error', new TypeError('bad'), 'TypeError: bad'],
    ['an Error without a message', new Error(), 'Error: '],
    ['an Error with a toJSON', Object.assign(new Error('bad'), { toJSON: () => 'other' }), 'Error: bad'],
    [
      'an Error that cannot be read',
      Object.defineProperty(new Error(), 'message', { get: fail }),
      '[Unreadable]',
    ],
    ['an object with the properties of an Error', { name: 'A', message: 'b' }, '{"name":"A","message":"b"}'],
    ['a toJSON that throws', { toJSON: fail }, '[Unreadable]'],
  ])('describes %s', (_name, value, description) => {
    expect(toText(value)).toBe(description)
  })

  it.each<[string, unknown]>([
    ['a proxy that throws', new Proxy({}, new Proxy({}, { get: () => fail }))],
    ['a proxy of a list that throws', new Proxy([], new Proxy({}, { get: () => fail }))],
    ['a proxy of a function that throws', new Proxy(fail, new Proxy({}, { get: () => fail }))],
    ['a revoked proxy', revoked({})],
    ['a revoked proxy of a list', revoked([])],
    ['a revoked proxy of a function', revoked(fail)],
    ['a revoked proxy of an Error', revoked(new Error('x'))],
    ['an object without toString', Object.create(null)],
    ['a toString that throws', { toString: fail, [Symbol.toPrimitive]: fail }],
    ['an Error whose message is hostile', Object.assign(new Error(), { message: revoked({}) })],
    ['an Error whose name is a symbol', Object.assign(new Error(), { name: Symbol('n') })],
    ['a toJSON that returns undefined', { toJSON() {} }],
  ])('returns a string and does not throw for %s', (_name, value) => {
    expect(typeof toText(value)).toBe('string')
  })

  it('returns a string and does not throw for any value', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true })
    fc.assert(fc.property(anything, (value) => expect(typeof toText(value)).toBe('string')))
  })
})
