import { describe, expect, it } from '@jest/globals'
import type { Format } from '#src/formats/format.js'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { AUDIT_LEVELS } from '#src/record/record.js'
import { memory } from '#src/sinks/memory.js'

describe('option level', () => {
  const levels = ['debug', 'info', 'warning', 'error', 'critical'] as const

  it.each(levels)('%s writes records of this level and above', (level) => {
    const sink = memory()
    for (const method of levels) new AuditLogger({ sink, level })[method]('x').sendLog()
    expect(sink.records().map((record) => record.audit.type)).toEqual(
      AUDIT_LEVELS.slice(levels.indexOf(level)),
    )
  })

  it('applies to the level that was set last', () => {
    const sink = memory()
    new AuditLogger({ sink, level: 'error' }).critical('x').debug('y').sendLog()
    new AuditLogger({ sink, level: 'error' }).debug('x').critical('y').sendLog()
    expect(sink.records().map((record) => record.audit.type)).toEqual(['CRITICAL'])
  })

  it('treats a record without a level as INFO', () => {
    const sink = memory()
    new AuditLogger({ sink, level: 'info' }).sendLog()
    new AuditLogger({ sink, level: 'warning' }).sendLog()
    expect(sink.records().map((record) => record.audit.type)).toEqual(['INFO'])
  })
})

describe('option level, for what was done', () => {
  const error = new Error('disk full')
  const typesOf = (level: 'info' | 'critical', call: (logger: AuditLogger) => AuditLogger, options = {}) => {
    const sink = memory()
    call(new AuditLogger({ sink, level, ...options })).sendLog()
    return sink.records().map(({ audit }) => audit.type)
  }

  it.each<[string, (logger: AuditLogger) => AuditLogger, string]>([
    ['fail()', (logger) => logger.setAction('purge').debug('x').fail('disk full'), 'WARNING'],
    ['fail() without an action', (logger) => logger.fail('disk full').debug('x'), 'WARNING'],
    ['deny()', (logger) => logger.setAction('purge').debug('x').deny('not yours'), 'WARNING'],
    ['an error before', (logger) => logger.setError(error).debug('x'), 'ERROR'],
    ['an error after', (logger) => logger.debug('x').setError(error), 'ERROR'],
    ['an error of an action', (logger) => logger.setAction('purge').setError(error).debug('x'), 'ERROR'],
  ])('%s is written whatever level was set, with its own', (_name, call, type) => {
    expect(typesOf('info', call)).toEqual([type])
    expect(typesOf('critical', call)).toEqual([type])
  })

  it('a success has at least the level INFO if it has an action', () => {
    const succeed = (logger: AuditLogger) => logger.setAction('purge').debug('x').succeed()
    expect([typesOf('info', succeed), typesOf('critical', succeed)]).toEqual([['INFO'], []])
    expect(typesOf('info', (logger) => logger.debug('x'))).toEqual([])
  })

  it('depends on the last level method alone in the format datapunt', () => {
    const datapunt = { format: 'datapunt' }
    expect(typesOf('info', (logger) => logger.setAction('purge').debug('x').fail('y'), datapunt)).toEqual([])
    expect(typesOf('info', (logger) => logger.setError(error).debug('x'), datapunt)).toEqual([])
  })

  it('writes the failed child of a job', () => {
    const sink = memory()
    const job = new AuditLogger({ sink, level: 'info' }).debug('job')
    job.child().setAction('purge').debug('x').fail('disk full')
    job.child().setAction('purge').debug('x').deny('not yours').sendLog()
    job.sendLog()
    const records = sink.records().map(({ audit }) => [audit.action, audit.outcome, audit.type])
    expect(records).toContainEqual(['purge', 'failure', 'WARNING'])
    expect(records).toContainEqual(['purge', 'denied', 'WARNING'])
  })
})

describe('a format that cannot be used', () => {
  /** Writes a record with a format function. Returns the line, and what `onError` gets. */
  const writeWith = (format: Format) => {
    const sink = memory()
    const messages: string[] = []
    new AuditLogger({ sink, format, onError: ({ message }) => messages.push(message) }).info('x').sendLog()
    return { audit: sink.records()[0].audit, messages }
  }

  it.each<[string, Format, string]>([
    [
      'throws',
      () => {
        throw new Error('no such field')
      },
      'The format function failed; writing records in the default format instead: Error: no such field. ' +
        'Fix the function given as `format` (reported once)',
    ],
    [
      'is too long',
      () => ({ text: 'x'.repeat(20_000) }),
      "The format's output exceeds maxRecordBytes (16384); writing the record in the default format instead: Error: the " +
        "shortest output still exceeds 16384 bytes. Shorten the format's output or raise maxRecordBytes (reported once)",
    ],
  ])('is replaced by the default format when it %s, and reported', (_problem, format, message) => {
    const { audit, messages } = writeWith(format)
    expect(audit.message).toBe('x')
    expect(messages).toEqual([message])
  })
})
