// applyReplacer() shows what `JSON.stringify` writes.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { applyReplacer } from '#src/adapters/json-replacer.js'
import { toJson } from '#src/serialize/to-json.js'

const key = fc.constantFrom('id', 'bsn', 'rows', '0', '1', 'length', '', 'toString')
const { value } = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    tie('value').map((inner) => Object.freeze([inner])),
    tie('value').map((rows) => Object.freeze({ rows })),
    tie('value').map((inner) => ({ hidden: 1, toJSON: () => inner })),
  ),
}))

const replacers: [string, unknown][] = [
  ['that leaves a key out', (name: string, inner: unknown) => (name === 'bsn' ? undefined : inner)],
  [
    'that changes values',
    (_name: string, inner: unknown) => (typeof inner === 'number' ? `n${inner}` : inner),
  ],
  ['that wraps an item', (name: string, inner: unknown) => (name === '1' ? { rows: [inner] } : inner)],
  [
    'that reads its holder',
    function (this: Record<string, unknown>, name: string, inner: unknown) {
      return this.id === 1 && name === 'rows' ? null : inner
    },
  ],
  ['list of keys', ['id', 'rows', 0, 'rows']],
  ['empty list of keys', []],
]

describe.each(replacers)('a replacer %s', (_name, replacer) => {
  it('leaves the same of any value as JSON.stringify', () => {
    const property = fc.property(value, (body) => {
      const text = JSON.stringify(body, replacer as never) as string | undefined
      expect(toJson(applyReplacer(body, replacer))).toEqual(text === undefined ? null : JSON.parse(text))
    })
    fc.assert(property, { numRuns: 300 })
  })
})

it('returns the value itself if the setting is no replacer', () => {
  const body = { id: 1 }
  for (const replacer of [undefined, null, 'text', 7, {}]) expect(applyReplacer(body, replacer)).toBe(body)
})
