import { describe, expect, it } from '@jest/globals'
import { lineOf, partOf } from '../redacted-parts.js'
import { expectNoPieceOf } from '../secret-pieces.js'
import { CONTEXT_SECRETS, HARMLESS_CONTEXTS, SECRET, STILL_HIDDEN } from './contexts.js'

/** Objects as Maps, at every level. */
function toMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toMaps)
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).map(([key, entry]) => [key, toMaps(entry)]))
}

describe.each([...CONTEXT_SECRETS, ...STILL_HIDDEN])('a secret: %s', (_title, make) => {
  it.each<[string, (value: unknown) => string]>([
    ['in a filter', (value) => lineOf('kwargs', { value })],
    ['in results', (value) => lineOf('results', [value])],
    ['in Maps', (value) => lineOf('results', toMaps(value))],
    ['in JSON', (value) => lineOf('results', { body: JSON.stringify(value) })],
    ['in JSON in a URL', (value) => lineOf('url', `/?a=${encodeURIComponent(JSON.stringify(value))}`)],
  ])('is hidden %s', (_where, write) => {
    const line = write(make(SECRET))
    expectNoPieceOf(SECRET, line)
    expectNoPieceOf('4111111111111111', line)
  })
})

it.each(HARMLESS_CONTEXTS)('leaves a harmless look-alike unchanged: %s', (_title, value) => {
  expect(partOf('results', value)).toBe(partOf('results', value, { redact: false }))
})
