import { describe, expect, it } from '@jest/globals'
import type { Format } from '#src/formats/format.js'
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { memory } from '#src/sinks/memory.js'
import { setEveryText } from '../helpers/record-arbitraries.js'

const said = (logger: AuditLogger) => logger
const LONG = 'x'.repeat(100_000)

function lineOf(say: (logger: AuditLogger) => unknown, options: AuditLoggerOptions = {}): string {
  const sink = memory()
  const logger = new AuditLogger({ onError: () => {}, ...options, sink })
  say(logger)
  logger.sendLog()
  expect(sink.lines).toHaveLength(1)
  return sink.lines[0] as string
}

/** The record of a line that is valid, and within the limit. */
function recordWithin(
  maxRecordBytes: number,
  say: (logger: AuditLogger) => unknown,
  format?: AuditLoggerOptions['format'],
) {
  const line = lineOf(say, { maxRecordBytes, format })
  expect(line.endsWith('\n')).toBe(true)
  expect(line.indexOf('\n')).toBe(line.length - 1)
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxRecordBytes)
  return { line, record: JSON.parse(line).audit }
}

/** Everything at once, each part longer than the limit. */
function sayEverything(logger: AuditLogger, text = LONG) {
  setEveryText(logger, text)
    .setHttpResponse({ statusCode: 200, reason: text, headers: { [text]: text, etag: text } })
    .setFilter(text, { [text]: [text] })
    .setResults(Array.from({ length: 1000 }, () => ({ [text]: text })))
    .critical(text)
}

const TEXTS: [string, string][] = [
  ['letters', LONG],
  ['two bytes a letter', 'é'.repeat(100_000)],
  ['three bytes a letter', '語'.repeat(100_000)],
  ['four bytes a letter', '😀'.repeat(50_000)],
  ['escapes', '\u0001'.repeat(100_000)],
  ['quotes and backslashes', '"\\'.repeat(50_000)],
  ['lone surrogates', '\ud800'.repeat(100_000)],
  ['newlines', '\n\r\u2028'.repeat(30_000)],
]

describe.each([1024, 16_384])('with maxRecordBytes %i', (limit) => {
  it.each(TEXTS)('everything at once fits, in %s', (_name, text) => {
    const { record } = recordWithin(limit, (logger) => sayEverything(logger, text))
    expect(record.truncated).toContain('results')
    expect(record.id).toBe(`${record.run}-${record.seq}`)
  })

  it.each(TEXTS)('a message of %s keeps as much as fits', (_name, text) => {
    const { line, record } = recordWithin(limit, (logger) => logger.info(text))
    expect(record.truncated).toEqual(['message'])
    expect(record.message.length).toBeGreaterThan(100)
    // One more character, and the longer mark it may need, would not fit.
    expect(limit - Buffer.byteLength(line)).toBeLessThan(16)
    const [, kept, missing] = /^([\s\S]*)…\[\+(\d+) characters\]$/.exec(record.message) as unknown as string[]
    // Half a pair is no character: UTF-8 has none for it.
    const sayable = (half: string) => half.replaceAll('\ud800', '\ufffd')
    expect(sayable(text).startsWith(sayable(kept as string))).toBe(true)
    // What no record has room for was cut, and said, before.
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
    ['one that says nothing of the record', (() => ({ audit: LONG })) as Format],
    [
      'one that throws',
      (() => {
        throw new Error('no')
      }) as Format,
    ],
  ])('the format %s fits', (_name, format) => {
    recordWithin(limit, sayEverything, format)
    recordWithin(limit, (logger) => logger.setResults([{ id: 1 }]).info(LONG), format)
    recordWithin(limit, said, format)
  })

  it('of results as many leading items are kept as fit', () => {
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id, name: `Jansen ${id} é` }))
    const { line, record } = recordWithin(limit, (logger) => logger.setResults(rows))
    const { kept, ...summary } = record.results
    expect(summary).toEqual({ truncated: true, type: 'array', count: 5000 })
    expect(kept).toEqual(rows.slice(0, kept.length))
    expect(kept.length).toBeGreaterThan(5)
    const oneMore = Buffer.byteLength(`,${JSON.stringify(rows[kept.length])}`)
    expect(Buffer.byteLength(line) + oneMore).toBeGreaterThan(limit)
  })

  it('a format that says results twice keeps as many as fit twice', () => {
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id }))
    const format: Format = (record) => ({ audit: record, again: record.results })
    const { line, record } = recordWithin(limit, (logger) => logger.setResults(rows), format)
    const { kept } = record.results
    expect(kept.length).toBeGreaterThan(5)
    const oneMore = Buffer.byteLength(`,${JSON.stringify(rows[kept.length])}`) * 2
    expect(Buffer.byteLength(line) + oneMore).toBeGreaterThan(limit)
  })
})

describe('the parts give way in this order', () => {
  const SAY: [string, (logger: AuditLogger) => unknown][] = [
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

  it.each(SAY.slice(0, 4).map(([name], index) => [name, index] as const))(
    '%s gives way before what follows',
    (name, index) => {
      const { record } = recordWithin(index === 3 ? 3600 : 3000, (logger) => {
        for (const [, say] of SAY.slice(index, index + 2)) say(logger)
      })
      expect(record.truncated).toEqual([name])
    },
  )

  it('the user agent before the URL', () => {
    const { record } = recordWithin(2048, (logger) =>
      logger.setHttpRequest({ method: 'GET', url: 'x'.repeat(1000), userAgent: 'y'.repeat(1000) }),
    )
    expect(record.truncated).toEqual(['http_request.user_agent'])
    expect(record.http_request.url).toHaveLength(1000)
  })
})

describe('what is cut', () => {
  it('is nothing where the record is exactly as long as the limit, and something where it is one byte longer', () => {
    const bare = Buffer.byteLength(lineOf((logger) => logger.info('')))
    // `seq` may have more digits by now: the message makes up for it.
    const exact = lineOf((logger) => logger.info('x'.repeat(2000 - bare)), { maxRecordBytes: 2000 })
    const spare = 2000 - Buffer.byteLength(exact)
    expect(Math.abs(spare)).toBeLessThanOrEqual(4)
    expect(JSON.parse(exact).audit).not.toHaveProperty('truncated')
    expect(
      JSON.parse(lineOf((logger) => logger.info('x'.repeat(2005 - bare)), { maxRecordBytes: 2000 })).audit
        .truncated,
    ).toEqual(['message'])
  })

  it('by default is what a container runtime would split', () => {
    const line = lineOf((logger) => logger.info(LONG))
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(16_384)
    expect(Buffer.byteLength(line)).toBeGreaterThan(16_300)
  })

  it('of the usual answer of a list, { data: [...] }, is the end of the list', () => {
    const data = Array.from({ length: 5000 }, (_, id) => ({ id }))
    const { record } = recordWithin(16_384, (logger) => logger.setResults({ total: 5000, data }))
    expect(record.results.kept.total).toBe(5000)
    expect(record.results.kept.data.kept.length).toBeGreaterThan(100)
    expect(record.results.kept.data.count).toBe(5000)
  })

  it('of one long string is its end', () => {
    const { record } = recordWithin(16_384, (logger) => logger.setResults(LONG))
    expect(record.results).toMatchObject({ truncated: true, type: 'string', count: 100_000 })
    expect(record.results.kept.length).toBeGreaterThan(10_000)
  })

  it.each<[string, unknown]>([
    ['kept that is null', { truncated: true, kept: null }],
    ['kept that is null, and all else right', { truncated: true, type: 'object', count: 1, kept: null }],
    ['kept of another type', { truncated: true, type: 'array', count: 1, kept: { a: LONG } }],
    ['everything', { truncated: true, type: 'array', count: 1, kept: [LONG] }],
  ])('may look like a summary itself: %s', (_name, results) => {
    recordWithin(1024, (logger) => logger.setResults(results).info(LONG))
  })

  it('is not named where what was long is said anew, and short', () => {
    const { record } = recordWithin(16_384, (logger) => logger.setResults([LONG]).setResults([1]))
    expect(record).not.toHaveProperty('truncated')
    expect(record.results).toEqual([1])
  })

  it.each([1023, 0, -1, 1.5, Number.NaN, '16384', 2 ** 31])('%p is refused as a limit', (maxRecordBytes) => {
    expect(() => new AuditLogger({ maxRecordBytes: maxRecordBytes as number })).toThrow(
      expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }),
    )
  })
})

it.each<[string, (logger: AuditLogger) => unknown]>([
  ['many rows', (logger) => logger.setResults(Array.from({ length: 5000 }, (_, id) => ({ id, a: '\n"é' })))],
  ['a long string', (logger) => logger.setResults(LONG)],
  ['a message that is escaped', (logger) => logger.info('\n"\u0001'.repeat(10_000))],
])(
  'to cut %s, the line is made no more than three times: whole, without it, and with what fits',
  (_what, say) => {
    let made = 0
    recordWithin(16_384, say, (audit) => {
      made += 1
      return { audit }
    })
    expect(made).toBe(3)
  },
)

it.each<[string, (record: object) => string]>([
  ['escapes', (record) => JSON.stringify(record)],
  ['escapes twice', (record) => JSON.stringify(JSON.stringify(record))],
  ['adds a text for each quote', (record) => JSON.stringify(record).replaceAll('"', ' (quote) ')],
])('a format that %s leaves little room unused, and is not asked often', (_how, write) => {
  let made = 0
  const rows = Array.from({ length: 5000 }, (_, id) => (id % 100 > 50 ? { id, a: '"'.repeat(9) } : id))
  const sink = memory()
  const format: Format = (record) => {
    made += 1
    return { audit: write(record) }
  }
  new AuditLogger({ sink, format }).setResults(rows).sendLog()
  const size = Buffer.byteLength(sink.lines[0] as string)
  expect(size).toBeLessThanOrEqual(16_384)
  expect(size).toBeGreaterThan(16_384 * 0.95)
  expect(made).toBeLessThan(10)
})

it.each([100_000, 1_000_000])('of %i rows no more are read than a record may have room for', (count) => {
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
