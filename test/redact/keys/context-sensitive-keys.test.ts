import { describe, expect, it } from '@jest/globals'
import { createRedactor } from '#src/redact/redactor.js'

const redactor = createRedactor({ redact: {}, pseudonymize: undefined, maxRecordBytes: 16_384 })
const redact = (value: unknown) => redactor.redactValue(value, 'results').content
const X = '[REDACTED]'

describe('the number of a payment card', () => {
  it.each<[string, unknown, unknown]>([
    ['under card', { card: { number: '41111111' } }, { card: { number: X } }],
    ['under card, as a Map', { card: new Map([['number', '41111111']]) }, { card: { number: X } }],
    ['beside its code', { number: '41111111', cvc: 2 }, { number: X, cvc: X }],
    ['in a list under card', { card: [{ number: '41111111' }] }, { card: [{ number: '41111111' }] }],
    ['under another key', { house: { number: '41111111' } }, { house: { number: '41111111' } }],
    [
      'deeper under card',
      { card: { holder: { number: '41111111' } } },
      { card: { holder: { number: '41111111' } } },
    ],
  ])('%s', (_where, value, redacted) => expect(redact(value)).toEqual(redacted))

  it('depends only on where the object stands, not on where it stood before', () => {
    const shared = { number: '41111111' }
    const before = redact({ house: shared })
    expect(redact({ card: shared })).toEqual({ card: { number: X } })
    expect(redact({ house: shared })).toEqual(before)
    expect(redact({ house: shared, card: shared, garage: shared })).toEqual({
      house: { number: '41111111' },
      card: { number: X },
      garage: { number: '41111111' },
    })
  })
})

describe('a key next to a sibling that makes it sensitive', () => {
  it.each<[string, unknown, unknown]>([
    ['an OAuth callback', { code: 'SplxlOBe', state: 'xcoivjuywkdk1' }, { code: X, state: X }],
    ['a country', { code: 'NL', name: 'x' }, { code: 'NL', name: 'x' }],
    ['a field named password', { name: 'password', value: 'a' }, { name: 'password', value: X }],
    ['a field named city', { name: 'city', value: 'Delft' }, { name: 'city', value: 'Delft' }],
    ['a path of a validator', { path: ['body', 'pin'], input: 'a' }, { path: ['body', 'pin'], input: X }],
    ['an id that names a field', { id: 'pin', value: 1, text: 'a' }, { id: 'pin', value: X, text: 'a' }],
  ])('%s', (_what, value, redacted) => expect(redact(value)).toEqual(redacted))
})
