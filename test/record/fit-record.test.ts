import { describe, expect, it } from '@jest/globals'
import type { Format } from '#src/formats/format.js'
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { memory } from '#src/sinks/memory.js'
import { setEveryText } from '../helpers/record-arbitraries.js'

/** Sets nothing. */
const setNothing = (logger: AuditLogger) => logger
const LONG = 'x'.repeat(100_000)

function lineOf(setParts: (logger: AuditLogger) => unknown, options: AuditLoggerOptions = {}): string {
  const sink = memory()
  const logger = new AuditLogger({ onError: () => {}, ...options, sink })
  setParts(logger)
  logger.sendLog()
  expect(sink.lines).toHaveLength(1)
  return sink.lines[0] as string
}

/** Writes a record, checks that its line is valid and within the limit, and returns both. */
function recordWithin(
  maxRecordBytes: number,
  setParts: (logger: AuditLogger) => unknown,
  format?: AuditLoggerOptions['format'],
) {
  const line = lineOf(setParts, { maxRecordBytes, format })
  expect(line.endsWith('\n')).toBe(true)
  expect(line.indexOf('\n')).toBe(line.length - 1)
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxRecordBytes)
  return { line, record: JSON.parse(line).audit }
}

/** Sets every part to something longer than the limit. */
function setEverything(logger: AuditLogger, text = LONG) {
  setEveryText(logger, text)
    .setHttpResponse({ statusCode: 200, reason: text, headers: { [text]: text, etag: text } })
    .setFilter(text, { [text]: [text] })
    .setResults(Array.from({ length: 1000 }, () => ({ [text]: text })))
    .critical(text)
}

const TEXTS: [string, string][] = [
  ['letters', LONG],
  ['letters of two bytes', 'é'.repeat(100_000)],
  ['letters of three bytes', '語'.repeat(100_000)],
  ['letters of four bytes', '😀'.repeat(50_000)],
  ['escapes', '\u0001'.repeat(100_000)],
  ['quotes and backslashes', '"\\'.repeat(50_000)],
  ['lone surrogates', '\ud800'.repeat(100_000)],
  ['newlines', '\n\r\u2028'.repeat(30_000)],
  ['control characters beyond ASCII', '\u007f\u0085\u2029'.repeat(30_000)],
]

describe.each([1024, 16_384])('with maxRecordBytes %i', (limit) => {
  it.each(TEXTS)('fits a record in which every part is too long, in %s', (_name, text) => {
    const { record } = recordWithin(limit, (logger) => setEverything(logger, text))
    expect(record.truncated).toContain('results')
    expect(record.id).toBe(`${record.run}-${record.seq}`)
  })

  it.each(TEXTS)('keeps as much of a message of %s as fits', (_name, text) => {
    const { line, record } = recordWithin(limit, (logger) => logger.info(text))
    expect(record.truncated).toEqual(['message'])
    expect(record.message.length).toBeGreaterThan(100)
    // One more character, and the longer mark it may need, would not fit.
    expect(limit - Buffer.byteLength(line)).toBeLessThan(16)
    const [, kept, missing] = /^([\s\S]*)…\[\+(\d+) characters\]$/.exec(record.message) as unknown as string[]
    // UTF-8 cannot encode half a surrogate pair.
    const inUtf8 = (half: string) => half.replaceAll('\ud800', '\ufffd')
    expect(inUtf8(text).startsWith(inUtf8(kept as string))).toBe(true)
    // The text was truncated before, to the most that any record has room for.
    expect(Number(missing)).toBeGreaterThan(0)
  })

  it.each<[string, AuditLoggerOptions['format']]>([
    ['audit', 'audit'],
    ['datapunt', 'datapunt'],
    [
      'one that repeats parts',
      ((record) => ({
        audit: record,
        again: record.results,
        url: [record.message, record.message],
      })) as Format,
    ],
    [
      'one that escapes',
      ((record) => ({ audit: record, text: JSON.stringify(JSON.stringify(record)) })) as Format,
    ],
    ['one that adds a little', ((record) => ({ audit: record, more: 'x'.repeat(200) })) as Format],
    ['one that adds too much', ((record) => ({ audit: record, more: LONG })) as Format],
    ['one that ignores the record', (() => ({ audit: LONG })) as Format],
    [
      'one that throws',
      (() => {
        throw new Error('no')
      }) as Format,
    ],
  ])('fits the format %s', (_name, format) => {
    recordWithin(limit, setEverything, format)
    recordWithin(limit, (logger) => logger.setResults([{ id: 1 }]).info(LONG), format)
    recordWithin(limit, setNothing, format)
  })

  it('keeps as many leading items of results as fit', () => {
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id, name: `Jansen ${id} é` }))
    const { line, record } = recordWithin(limit, (logger) => logger.setResults(rows))
    const { kept, ...summary } = record.results
    expect(summary).toEqual({ truncated: true, type: 'array', count: 5000 })
    expect(kept).toEqual(rows.slice(0, kept.length))
    expect(kept.length).toBeGreaterThan(5)
    const oneMore = Buffer.byteLength(`,${JSON.stringify(rows[kept.length])}`)
    expect(Buffer.byteLength(line) + oneMore).toBeGreaterThan(limit)
  })

  it('keeps as many items as fit twice, with a format that writes results twice', () => {
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id }))
    const format: Format = (record) => ({ audit: record, again: record.results })
    const { line, record } = recordWithin(limit, (logger) => logger.setResults(rows), format)
    const { kept } = record.results
    expect(kept.length).toBeGreaterThan(5)
    const oneMore = Buffer.byteLength(`,${JSON.stringify(rows[kept.length])}`) * 2
    expect(Buffer.byteLength(line) + oneMore).toBeGreaterThan(limit)
  })
})

describe('order in which parts are shortened', () => {
  const SETTERS: [string, (logger: AuditLogger) => unknown][] = [
    ['results', (logger) => logger.setResults(Array.from({ length: 500 }, () => 'row'))],
    ['filter.kwargs', (logger) => logger.setFilter('Person', { q: 'x'.repeat(2000) })],
    [
      'http_response.headers',
      (logger) => logger.setHttpResponse({ statusCode: 200, reason: 'OK', headers: { a: 'x'.repeat(2000) } }),
    ],
    ['message', (logger) => logger.info('x'.repeat(2000))],
    [
      'http_request.user_agent',
      (logger) => logger.setHttpRequest({ method: 'GET', url: 'x'.repeat(500), userAgent: 'x'.repeat(2000) }),
    ],
    [
      'http_request.url',
      (logger) => logger.setHttpRequest({ method: 'GET', url: 'x'.repeat(2000), userAgent: 'x'.repeat(500) }),
    ],
  ]

  it.each(SETTERS.slice(0, 4).map(([name], index) => [name, index] as const))(
    '%s before the next part',
    (name, index) => {
      const { record } = recordWithin(index === 3 ? 3600 : 3000, (logger) => {
        for (const [, set] of SETTERS.slice(index, index + 2)) set(logger)
      })
      expect(record.truncated).toEqual([name])
    },
  )

  it('http_request.user_agent before http_request.url', () => {
    const { record } = recordWithin(2048, (logger) =>
      logger.setHttpRequest({ method: 'GET', url: 'x'.repeat(1000), userAgent: 'y'.repeat(1000) }),
    )
    expect(record.truncated).toEqual(['http_request.user_agent'])
    expect(record.http_request.url).toHaveLength(1000)
  })
})

describe('shortening', () => {
  it('begins when the record is longer than the limit, not when it is exactly as long', () => {
    const bare = Buffer.byteLength(lineOf((logger) => logger.info(''), { service: false }))
    // `seq` may have more digits than in the first line.
    const exact = lineOf((logger) => logger.info('x'.repeat(2000 - bare)), { maxRecordBytes: 2000 })
    const spare = 2000 - Buffer.byteLength(exact)
    expect(Math.abs(spare)).toBeLessThanOrEqual(4)
    expect(JSON.parse(exact).audit).not.toHaveProperty('truncated')
    expect(
      JSON.parse(lineOf((logger) => logger.info('x'.repeat(2005 - bare)), { maxRecordBytes: 2000 })).audit
        .truncated,
    ).toEqual(['message'])
  })

  it('keeps lines within 16 KiB by default, which container runtimes do not split', () => {
    const line = lineOf((logger) => logger.info(LONG))
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(16_384)
    expect(Buffer.byteLength(line)).toBeGreaterThan(16_300)
  })

  it('removes the end of the list in a response like { data: [...] }', () => {
    const data = Array.from({ length: 5000 }, (_, id) => ({ id }))
    const { record } = recordWithin(16_384, (logger) => logger.setResults({ total: 5000, data }))
    expect(record.results.kept.total).toBe(5000)
    expect(record.results.kept.data.kept.length).toBeGreaterThan(100)
    expect(record.results.kept.data.count).toBe(5000)
  })

  it('removes the end of a long string', () => {
    const { record } = recordWithin(16_384, (logger) => logger.setResults(LONG))
    expect(record.results).toMatchObject({ truncated: true, type: 'string', count: 100_000 })
    expect(record.results.kept.length).toBeGreaterThan(10_000)
  })

  it.each<[string, unknown]>([
    ['kept that is null', { truncated: true, kept: null }],
    ['kept that is null, the rest valid', { truncated: true, type: 'object', count: 1, kept: null }],
    ['kept of another type', { truncated: true, type: 'array', count: 1, kept: { a: LONG } }],
    ['all of it', { truncated: true, type: 'array', count: 1, kept: [LONG] }],
  ])('works for results that look like a summary: %s', (_name, results) => {
    recordWithin(1024, (logger) => logger.setResults(results).info(LONG))
  })

  it('is not listed in truncated after a long value was replaced by a short one', () => {
    const { record } = recordWithin(16_384, (logger) => logger.setResults([LONG]).setResults([1]))
    expect(record).not.toHaveProperty('truncated')
    expect(record.results).toEqual([1])
  })

  it.each([1023, 0, -1, 1.5, Number.NaN, '16384', 2 ** 31])(
    'throws ERR_AUDIT_OPTIONS for maxRecordBytes %p',
    (maxRecordBytes) => {
      expect(() => new AuditLogger({ maxRecordBytes: maxRecordBytes as number })).toThrow(
        expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }),
      )
    },
  )
})

it.each<[string, (logger: AuditLogger) => unknown]>([
  ['many rows', (logger) => logger.setResults(Array.from({ length: 5000 }, (_, id) => ({ id, a: '\n"é' })))],
  ['a long string', (logger) => logger.setResults(LONG)],
  ['a message with escapes', (logger) => logger.info('\n"\u0001'.repeat(10_000))],
])(
  'renders the line three times to shorten %s: whole, without the part, and with what fits',
  (_what, setParts) => {
    let rendered = 0
    recordWithin(16_384, setParts, (audit) => {
      rendered += 1
      return { audit }
    })
    expect(rendered).toBe(3)
  },
)

it.each<[string, (record: object) => string]>([
  ['escapes', (record) => JSON.stringify(record)],
  ['escapes twice', (record) => JSON.stringify(JSON.stringify(record))],
  ['adds a text for each quote', (record) => JSON.stringify(record).replaceAll('"', ' (quote) ')],
])('leaves little room unused, in few attempts, with a format that %s', (_how, serialize) => {
  let rendered = 0
  const rows = Array.from({ length: 5000 }, (_, id) => (id % 100 > 50 ? { id, a: '"'.repeat(9) } : id))
  const sink = memory()
  const format: Format = (record) => {
    rendered += 1
    return { audit: serialize(record) }
  }
  new AuditLogger({ sink, format }).setResults(rows).sendLog()
  const size = Buffer.byteLength(sink.lines[0] as string)
  expect(size).toBeLessThanOrEqual(16_384)
  expect(size).toBeGreaterThan(16_384 * 0.95)
  expect(rendered).toBeLessThan(10)
})

it.each([100_000, 1_000_000])('reads only as many of %i rows as a record may have room for', (count) => {
  let reads = 0
  const rows = Object.assign(new Array(count), {
    *[Symbol.iterator]() {
      for (; reads < count; reads++) yield { id: reads }
    },
  })
  recordWithin(16_384, (logger) => logger.setResults(rows))
  expect(reads).toBeGreaterThan(100)
  expect(reads).toBeLessThan(4000)
})
