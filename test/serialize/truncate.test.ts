import { expect, it } from '@jest/globals'
import fc from 'fast-check'
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
  ['JSON', truncateToJsonBytes, (text) => Buffer.byteLength(JSON.stringify(text)) - '""'.length],
])('the beginning of a text, in bytes of %s, is as much as there is room for', (_what, beginning, sizeOf) => {
  fc.assert(
    fc.property(fc.oneof(anyText, oddText), fc.nat(200), (text, bytes) => {
      const kept = beginning(text, bytes)
      const [next = ''] = text.slice(kept.length)
      // What is one character stays one.
      expect([...kept, ...text.slice(kept.length)].join('')).toBe(text)
      expect([...kept].length + [...text.slice(kept.length)].length).toBe([...text].length)
      expect(sizeOf(kept)).toBeLessThanOrEqual(bytes)
      if (next !== '') expect(sizeOf(`${kept}${next}`)).toBeGreaterThan(bytes)
    }),
    { numRuns: 2000 },
  )
})
