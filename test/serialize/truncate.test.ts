import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { stringifyJson } from '#src/serialize/stringify.js'
import { truncateToBytes, truncateToJsonBytes } from '#src/serialize/truncate.js'

const anyText = fc.string({ unit: 'binary', maxLength: 60 })
const oddText = fc.string({
  unit: fc.constantFrom(
    'a',
    '"',
    '\\',
    '\n',
    '\u0001',
    '\u007f',
    'é',
    '\u2028',
    '語',
    '😀',
    '\ud800',
    '\udc00',
  ),
  maxLength: 60,
})

it.each<[string, (text: string, bytes: number) => string, (text: string) => number]>([
  ['UTF-8', truncateToBytes, Buffer.byteLength],
  ['JSON', truncateToJsonBytes, (text) => Buffer.byteLength(stringifyJson(text)) - '""'.length],
])('truncates to the longest beginning that fits, in bytes of %s', (_unit, truncate, sizeOf) => {
  fc.assert(
    fc.property(fc.oneof(anyText, oddText), fc.nat(200), (text, bytes) => {
      const beginning = truncate(text, bytes)
      const [next = ''] = text.slice(beginning.length)
      // No surrogate pair is split.
      expect([...beginning, ...text.slice(beginning.length)].join('')).toBe(text)
      expect([...beginning].length + [...text.slice(beginning.length)].length).toBe([...text].length)
      expect(sizeOf(beginning)).toBeLessThanOrEqual(bytes)
      if (next !== '') expect(sizeOf(`${beginning}${next}`)).toBeGreaterThan(bytes)
    }),
    { numRuns: 2000 },
  )
})
