import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { completeRecord } from '#src/record/complete-record.js'
import type { Ending } from '#src/record/record.js'
import { createDraft, type RecordDraft } from '#src/record/record-draft.js'
import { memory } from '#src/sinks/memory.js'

function complete(draft: Partial<RecordDraft>) {
  const record = completeRecord({ ...createDraft(0), ...draft }, { run: 'run', seq: 1 })
  // Without the properties that JSON leaves out.
  return JSON.parse(JSON.stringify(record))
}

describe('outcome', () => {
  it.each<[status: number | null, ended: Ending | null, outcome: string]>([
    [200, 'completed', 'success'],
    [204, 'completed', 'success'],
    [302, 'completed', 'success'],
    [304, 'completed', 'success'],
    [399, 'completed', 'success'],
    [400, 'completed', 'failure'],
    [401, 'completed', 'denied'],
    [403, 'completed', 'denied'],
    [403, 'aborted', 'denied'],
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
    [200, null, 'unknown'],
    [404, null, 'failure'],
  ])('for status %p and ending %p: %s', (status_code, ended, outcome) => {
    const http_response = { status_code, reason: null, headers: null }
    expect(complete({ http_response, ended }).outcome).toBe(outcome)
  })

  it('is success for a response that the application described, and whose record it sent', () => {
    const sink = memory()
    const logger = new AuditLogger({ sink }).setHttpRequest({ method: 'GET', url: 'https://a.nl/' })
    logger.setHttpResponse({ statusCode: 200, reason: 'OK' }).sendLog()
    expect(sink.last().audit.outcome).toBe('success')
  })

  it('is unknown without a response', () => {
    expect(complete({}).outcome).toBe('unknown')
    expect(complete({ ended: 'aborted' }).outcome).toBe('unknown')
  })

  it.each([200, 404, 500, null])(
    'is failure when the handler threw, whatever status was sent: %p',
    (status_code) => {
      const http_response = { status_code, reason: null, headers: null }
      const error = { name: 'Error', message: 'The handler failed' }
      expect(complete({ http_response, error, ended: 'completed' }).outcome).toBe('failure')
    },
  )
})

describe('keys', () => {
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

  it('begin with the seven of datapunt-audit-log', () => {
    expect(Object.keys(complete({}))).toEqual(withoutError)
  })

  it('have the same order in whatever order the setters are called', () => {
    const sink = memory()
    new AuditLogger({ sink, service: { name: 'persons-api' } })
      .info('x')
      .setResults([])
      .setFilter('Person')
      .setUser({ authenticated: true })
      .setHttpResponse({ statusCode: 200, reason: 'OK' })
      .setHttpRequest({ method: 'GET', url: '/' })
      .sendLog()
    const [record] = sink.records()
    expect(Object.keys(record)).toEqual(['audit'])
    expect(Object.keys(record.audit)).toEqual([...withoutError, 'service', 'host'])
    expect(Object.keys(record.audit.http_request)).toEqual(['method', 'url', 'user_agent'])
    expect(Object.keys(record.audit.http_response)).toEqual(['status_code', 'reason', 'headers'])
    expect(Object.keys(record.audit.filter)).toEqual(['object', 'kwargs'])
  })

  it('have the error after the keys that every record has', () => {
    const keys = Object.keys(complete({ error: { name: 'Error', message: '' } }))
    expect(keys).toEqual([...withoutError, 'reason', 'error'])
  })

  it('have the optional keys last, in a fixed order', () => {
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
    expect(keys).toEqual([
      ...withoutError,
      'span_id',
      'route',
      'stage',
      'reason',
      'error',
      'lost',
      'truncated',
    ])
  })
})

describe('time', () => {
  it('is UTC with milliseconds', () => {
    expect(createDraft(1_795_512_600_123).time).toBe('2026-11-24T09:30:00.123Z')
  })

  it('is set when the logger is created, not when it is sent', async () => {
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
