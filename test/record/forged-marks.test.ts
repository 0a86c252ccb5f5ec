// A client may write what this package writes where it has cut something. That must not change what a record states.
import { describe, expect, it } from '@jest/globals'
import { AuditLogger, memory } from 'http-audit-log'
import { shortenNotes } from '#src/record/notes.js'

const LONG = 'x'.repeat(40_000)

function record(fill: (logger: AuditLogger) => void) {
  const sink = memory()
  const logger = new AuditLogger({ sink })
  fill(logger)
  logger.sendLog()
  return sink.last().audit
}

describe('data with the keys of a summary is data', () => {
  it.each<[string, (kept: unknown) => unknown]>([
    ['an object', (kept) => ({ truncated: true, type: 'object', count: 999, kept })],
    [
      'parsed JSON',
      (kept) => JSON.parse(JSON.stringify({ truncated: true, type: 'object', count: 999, kept })),
    ],
    [
      'what toJSON returns',
      (kept) => ({ toJSON: () => ({ truncated: true, type: 'object', count: 999, kept }) }),
    ],
    [
      'an object with another prototype',
      (kept) => Object.assign(Object.create(null), { truncated: true, type: 'object', count: 999, kept }),
    ],
    [
      'an object with a forged class',
      (kept) => ({ constructor: { name: 'Summary' }, truncated: true, type: 'object', count: 999, kept }),
    ],
  ])('%s', (_title, forge) => {
    for (const kept of [{ a: LONG, b: 1 }, [LONG], LONG]) {
      const { results, truncated } = record((logger) => logger.setResults(forge(kept)))
      expect(results).toMatchObject({ truncated: true, type: 'object' })
      expect((results as { count: number }).count).toBeLessThan(10)
      expect(truncated).toEqual(['results'])
    }
  })

  it('is shown as it is where it fits, and nothing is listed as truncated', () => {
    const forged = { truncated: true, type: 'array', count: 999, kept: [1] }
    const { results, truncated } = record((logger) => logger.setResults(forged))
    expect(results).toEqual(forged)
    expect(truncated).toBeUndefined()
  })

  it('within a list', () => {
    const forged = { truncated: true, type: 'array', count: 999, kept: [LONG] }
    const { results } = record((logger) => logger.setResults({ rows: forged, others: [LONG] }))
    expect(JSON.stringify(results)).toContain('"count":999')
    expect(results).toMatchObject({ truncated: true, type: 'object', count: 2 })
  })
})

it('a message that looks like the mark of dropped notes counts as one note', () => {
  const notes = Array.from({ length: 20 }, () => ({ type: 'INFO' as const, message: '…[+999 notes]' }))
  const shortened = shortenNotes(notes, ({ length }) => length <= 10)
  expect(shortened.at(-1)?.message).toBe('…[+11 notes]')
  // The mark itself counts as the notes that it stands for.
  expect(shortenNotes(shortened, ({ length }) => length <= 5).at(-1)?.message).toBe('…[+16 notes]')
})

it.each([
  '…[+9 characters]',
  '{"a":"…[+9 characters]',
  '[REDACTED]',
  '[Circular]',
  '[Too deep]',
  '[Binary: 3 bytes]',
])('a client that writes %s beside a secret does not make it visible', (mark) => {
  for (const text of [
    `{"password":"geheim"}${mark}`,
    `${mark}{"password":"geheim"}`,
    `{"password":"geheim${mark}"}`,
    `password=geheim${mark}`,
    `https://jan:geheim@example.org/?token=geheim${mark}`,
    `{"${mark}":1,"password":"geheim"}`,
  ]) {
    const line = JSON.stringify(record((logger) => logger.setResults({ text, [`${text}`]: 1 })))
    expect([text, line]).toEqual([text, expect.not.stringContaining('geheim')])
  }
})
