import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { canonicalizeWithoutNull } from '#src/evidence/canonical-json.js'
import { toJson } from '#src/serialize/to-json.js'

describe('canonical JSON', () => {
  // The examples of RFC 8785 sections 3.2.2 and 3.2.3, without the `null` of the literals.
  it('is that of the RFC for numbers, texts and literals', () => {
    const value = {
      // biome-ignore lint/correctness/noPrecisionLoss: the example of the RFC
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [true, false],
    }
    expect(canonicalizeWithoutNull(value)).toBe(
      '{"literals":[true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('has the keys in the order of the RFC', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
    const value = Object.fromEntries(keys.map((key) => [key, 0]))
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']
    expect(
      [...canonicalizeWithoutNull(value).matchAll(/"((?:[^"\\]|\\.)+)":/g)].map(([, key]) =>
        JSON.parse(`"${key}"`),
      ),
    ).toEqual(sorted)
  })

  it('has no member that is null, at any depth, and keeps those of lists', () => {
    expect(canonicalizeWithoutNull({ a: null, b: { c: null, d: [null, { e: null }] } })).toBe(
      '{"b":{"d":[null,{}]}}',
    )
  })

  it('has U+FFFD in place of a lone surrogate, in keys too', () => {
    expect(canonicalizeWithoutNull({ '\ud800': '\udc00' })).toBe('{"\ufffd":"\ufffd"}')
  })

  it('has keys that are numbers, and __proto__, as they are', () => {
    const value = JSON.parse('{"b":1,"10":2,"9":3,"__proto__":{"a":4}}')
    expect(canonicalizeWithoutNull(value)).toBe('{"10":2,"9":3,"__proto__":{"a":4},"b":1}')
  })

  it('is the same after the value was parsed again, whatever the order of its keys was', () => {
    fc.assert(
      fc.property(fc.jsonValue().map(toJson), (value) => {
        const text = canonicalizeWithoutNull(value)
        const reversed = JSON.parse(text, (_, inner) =>
          typeof inner === 'object' && inner !== null && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).reverse())
            : inner,
        )
        expect(canonicalizeWithoutNull(reversed)).toBe(text)
      }),
    )
  })
})
