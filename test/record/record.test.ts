import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { type Ending, LEVELS } from '#src/record/record.js'
import { completeRecord, createDraft, type RecordDraft } from '#src/record/record-draft.js'
import { memory } from '#src/sinks/memory.js'

function complete(draft: Partial<RecordDraft>) {
  return completeRecord({ ...createDraft(0), ...draft }, { run: 'run', seq: 1 })
}

describe('the outcome', () => {
  it.each<[status: number | null, ended: Ending | null, outcome: string]>([
    [200, 'completed', 'success'],
    [204, 'completed', 'success'],
    [302, 'completed', 'success'],
    [304, 'completed', 'success'],
    [399, 'completed', 'success'],
    [400, 'completed', 'failure'],
    [401, 'completed', 'failure'],
    [404, 'completed', 'failure'],
    [499, 'completed', 'failure'],
    [500, 'completed', 'failure'],
    [503, 'completed', 'failure'],
    [200, 'aborted', 'unknown'],
    [200, 'crashed', 'unknown'],
    [404, 'aborted', 'failure'],
    [500, 'crashed', 'failure'],
    [null, 'completed', 'unknown'],
    [null, 'aborted', 'unknown'],
    [null, 'crashed', 'unknown'],
    [null, null, 'unknown'],
    [200, null, 'success'],
    [404, null, 'failure'],
  ])('of status %p that is %p is %s', (status_code, ended, outcome) => {
    const http_response = { status_code, reason: null, headers: null }
    expect(complete({ http_response, ended }).outcome).toBe(outcome)
  })

  it('is unknown where there was no response', () => {
    expect(complete({}).outcome).toBe('unknown')
    expect(complete({ ended: 'aborted' }).outcome).toBe('unknown')
  })

  it.each([200, 404, 500, null])('is a failure where the handler threw, whatever left: %p', (status_code) => {
    const http_response = { status_code, reason: null, headers: null }
    const error = { name: 'Error', message: 'The handler failed' }
    expect(complete({ http_response, error, ended: 'completed' }).outcome).toBe('failure')
  })
})

describe('the keys', () => {
  const withoutError = [
    'http_request',
    'http_response',
    'user',
    'filter',
    'results',
    'type',
    'message',
    'time',
    'duration_ms',
    'outcome',
    'ended',
    'request_id',
    'trace_id',
    'run',
    'seq',
    'id',
  ]

  it("have the seed's seven first, then ours", () => {
    expect(Object.keys(complete({}))).toEqual(withoutError)
  })

  it('have the same order whatever was said first', () => {
    const sink = memory()
    new AuditLogger({ sink })
      .info('x')
      .setResults([])
      .setFilter('Person')
      .setUser({ authenticated: true })
      .setHttpResponse({ statusCode: 200, reason: 'OK' })
      .setHttpRequest({ method: 'GET', url: '/' })
      .sendLog()
    const [record] = sink.records()
    expect(Object.keys(record)).toEqual(['audit'])
    expect(Object.keys(record.audit)).toEqual(withoutError)
    expect(Object.keys(record.audit.http_request)).toEqual(['method', 'url', 'user_agent'])
    expect(Object.keys(record.audit.http_response)).toEqual(['status_code', 'reason', 'headers'])
    expect(Object.keys(record.audit.filter)).toEqual(['object', 'kwargs'])
  })

  it('have the error behind those of every record, where there was one', () => {
    const keys = Object.keys(complete({ error: { name: 'Error', message: '' } }))
    expect(keys).toEqual([...withoutError, 'error'])
  })

  it('have what not each record has last, in one order', () => {
    const keys = Object.keys(
      complete({
        lost: { count: 1, from_seq: 1, to_seq: 1 },
        error: { name: 'Error', message: '' },
        stage: 'completed',
        truncated: ['results'],
        route: '/persons',
        span_id: '00f067aa0ba902b7',
      }),
    )
    expect(keys).toEqual([...withoutError, 'span_id', 'route', 'stage', 'error', 'lost', 'truncated'])
  })
})

describe('the time', () => {
  it('is UTC, to the millisecond', () => {
    expect(createDraft(1_795_512_600_123).time).toBe('2026-11-24T09:30:00.123Z')
  })

  it('is that of the making of the logger, not of the sending', async () => {
    const sink = memory()
    const before = Date.now()
    const logger = new AuditLogger({ sink })
    const after = Date.now()
    await new Promise((resolve) => setTimeout(resolve, 20))
    logger.sendLog()
    const time = Date.parse(sink.records()[0].audit.time)
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(after)
  })
})

describe('the sequence', () => {
  const sink = memory()
  /** The `seq` of a record that is written now. */
  const next = (): number => {
    new AuditLogger({ sink }).sendLog()
    return sink.records().at(-1).audit.seq
  }

  it('has no gap, whichever logger or sink writes', () => {
    const other = memory()
    const first = next()
    new AuditLogger({ sink: other, format: 'datapunt' }).sendLog()
    new AuditLogger({ sink: other }).sendLog()
    expect(other.records()[1].audit.seq).toBe(first + 2)
    expect([next(), next()]).toEqual([first + 3, first + 4])
  })

  it('is one run, a UUID, and the id names both', () => {
    next()
    const audits = sink.records().map((record) => record.audit)
    expect(new Set(audits.map(({ run }) => run)).size).toBe(1)
    for (const { run, seq, id } of audits) {
      expect(run).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      expect(id).toBe(`${run}-${seq}`)
    }
  })

  it.each([
    ['a record below the level', () => new AuditLogger({ sink, level: 'error' }).warning('x').sendLog()],
    ['a logger that is never sent', () => void new AuditLogger({ sink }).info('x')],
  ])('has no place for %s', (_name, leaveOut) => {
    const before = next()
    leaveOut()
    expect(next()).toBe(before + 1)
  })

  it('has one place for a record that is sent twice', () => {
    const before = next()
    const logger = new AuditLogger({ sink })
    logger.sendLog()
    logger.sendLog()
    expect(next()).toBe(before + 2)
  })
})

describe('the level', () => {
  const levels = ['debug', 'info', 'warning', 'error', 'critical'] as const

  it.each(levels)('%s lets through itself and what is more severe', (level) => {
    const sink = memory()
    for (const said of levels) new AuditLogger({ sink, level })[said](said).sendLog()
    expect(sink.records().map((record) => record.audit.type)).toEqual(LEVELS.slice(levels.indexOf(level)))
  })

  it('is judged by what was said last', () => {
    const sink = memory()
    new AuditLogger({ sink, level: 'error' }).critical('x').debug('y').sendLog()
    new AuditLogger({ sink, level: 'error' }).debug('x').critical('y').sendLog()
    expect(sink.records().map((record) => record.audit.type)).toEqual(['CRITICAL'])
  })

  it('of a log in which none was said is INFO', () => {
    const sink = memory()
    new AuditLogger({ sink, level: 'info' }).sendLog()
    new AuditLogger({ sink, level: 'warning' }).sendLog()
    expect(sink.records().map((record) => record.audit.type)).toEqual(['INFO'])
  })
})
