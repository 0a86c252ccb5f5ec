// The custom fields that set() records.
import { describe, expect, it } from '@jest/globals'
import { AuditLogger, type AuditLoggerOptions, memory, pseudonym } from 'http-audit-log'
import { takesAtMostMs } from '../helpers/cpu-time.js'

function record(fill: (logger: AuditLogger) => unknown, options: AuditLoggerOptions = {}) {
  const sink = memory()
  const logger = new AuditLogger({ onError: () => {}, ...options, sink })
  fill(logger)
  logger.sendLog()
  return sink.records()[0].audit
}

const attributesOf = (fill: (logger: AuditLogger) => unknown, options?: AuditLoggerOptions) =>
  record(fill, options).attributes

describe('set()', () => {
  it('records fields of any JSON under attributes', () => {
    expect(
      attributesOf((logger) => logger.set('case_number', '2026/17').set('parts', [1, { a: null }])),
    ).toEqual({
      case_number: '2026/17',
      parts: [1, { a: null }],
    })
  })

  it('takes the last value of each name, and removes a name that is set to undefined', () => {
    expect(
      attributesOf((logger) => logger.set('a', 1).set('b', 1).set('a', 2).set('b', undefined).set('c', null)),
    ).toEqual({ a: 2, c: null })
    expect(record((logger) => logger.set('a', 1).set('a', undefined))).not.toHaveProperty('attributes')
    expect(record((logger) => logger)).not.toHaveProperty('attributes')
  })

  it('copies the value at once', () => {
    const value = { a: 1 }
    const attributes = attributesOf((logger) => {
      logger.set('value', value)
      value.a = 2
    })
    expect(attributes).toEqual({ value: { a: 1 } })
  })

  it('accepts any name and any value', () => {
    const circle: Record<string, unknown> = {}
    circle.circle = circle
    const attributes = attributesOf((logger) =>
      logger
        .set('__proto__', 1)
        .set('', 2)
        .set('constructor', 3)
        .set('circle', circle)
        .set('promise', Promise.reject(new Error('no')))
        .set(
          'getter',
          Object.defineProperty({}, 'a', { enumerable: true, get: () => circle.missing?.valueOf() }),
        )
        .set(4 as unknown as string, 9n)
        .set(undefined as unknown as string, 5),
    )
    expect(Object.keys(attributes)).toContain('__proto__')
    expect(attributes).toMatchObject({ '': 5, constructor: 3, circle: { circle: '[Circular]' }, 4: '9' })
  })

  it('hides secrets by name, by content, and beside other fields', () => {
    const key = ['ghp', 'x1Y2'.repeat(9)].join('_')
    const { attributes, message } = record((logger) =>
      logger
        .set('api_key', 'S3cr3tVal9xQ')
        .set('nested', { password: 'geheim' })
        .set('note', `uses ${key}`)
        .set(key, 1)
        .set('code', '123456')
        .set('grant_type', 'authorization_code')
        .info('sent S3cr3tVal9xQ'),
    )
    expect(attributes).toEqual({
      api_key: '[REDACTED]',
      nested: { password: '[REDACTED]' },
      note: 'uses [REDACTED]',
      '[REDACTED]': 1,
      code: '[REDACTED]',
      grant_type: 'authorization_code',
    })
    expect(message).toBe('sent [REDACTED]')
  })

  it('applies configured paths', () => {
    const key = 'x'.repeat(16)
    const fill = (logger: AuditLogger) => logger.set('bsn', 123456782).set('owner', { bsn: 1, name: 'Jan' })
    const pseudonymize = { key, keyId: 'k', fields: ['attributes.bsn'] }
    expect(attributesOf(fill, { pseudonymize, redact: { paths: ['attributes.owner.name'] } })).toEqual({
      bsn: pseudonym(123456782, key, 'k'),
      owner: { bsn: 1, name: '[REDACTED]' },
    })
    expect(attributesOf(fill, { redact: { paths: ['attributes'] } })).toEqual({
      bsn: '[REDACTED]',
      owner: '[REDACTED]',
    })
  })

  it('bounds names, values and their number, and marks what is missing', () => {
    const many = record((logger) => {
      for (let id = 0; id < 10_000; id++) logger.set(`name ${id}`, id)
    })
    expect(many.attributes['name 0']).toBe(0)
    const kept = Object.keys(many.attributes).filter((name) => name !== '…').length
    expect(many.attributes['…']).toBe(`[+${10_000 - kept} attributes]`)
    expect(many.truncated).toEqual(['attributes'])

    const long = record((logger) => logger.set('n'.repeat(1_000_000), 'v'.repeat(1_000_000)).set('small', 1))
    const [name] = Object.keys(long.attributes) as [string]
    expect(name).toMatch(/^n+…\[\+999744 characters\]$/)
    expect(long.attributes[name]).toMatchObject({ truncated: true, type: 'string', count: 1_000_000 })
    expect(long.truncated).toEqual(['attributes'])
  })

  it('keeps a field whose name is that of the mark', () => {
    const { attributes } = record((logger) => {
      logger.set('…', 'mine')
      for (let id = 0; id < 300; id++) logger.set(`n${id}`, 1)
    })
    expect(attributes).toMatchObject({ '…': 'mine', '……': '[+45 attributes]' })

    const long = record((logger) => {
      logger.set('…', 'mine')
      for (let id = 0; id < 300; id++) logger.set(`name ${id}`, 'x'.repeat(100))
    }).attributes
    const kept = Object.keys(long).length - 1
    expect(long).toMatchObject({ '…': 'mine', '……': `[+${301 - kept} attributes]` })
  })

  it('states how many fields were dropped, also when the others were removed', () => {
    const removed = record((logger) => {
      for (let id = 0; id < 300; id++) logger.set(`n${id}`, 1)
      for (let id = 0; id < 300; id++) logger.set(`n${id}`, undefined)
    })
    expect(removed).toMatchObject({ attributes: { '…': '[+44 attributes]' }, truncated: ['attributes'] })
  })

  it('keeps the names of fields whose values are too long', () => {
    const { attributes, truncated } = record((logger) => {
      for (const name of ['a', 'b', 'c']) logger.set(name, { rows: 'x'.repeat(20_000), id: name })
    })
    expect(Object.keys(attributes)).toEqual(['a', 'b', 'c'])
    expect(attributes.a).toMatchObject({ truncated: true, type: 'object', count: 2 })
    expect(truncated).toEqual(['attributes'])
  })

  it('is not marked as truncated where a long value was replaced by a short one', () => {
    expect(record((logger) => logger.set('a', 'x'.repeat(100_000)).set('a', 1))).not.toHaveProperty(
      'truncated',
    )
  })

  it('takes little time for many calls', () => {
    const setMany = (logger: AuditLogger) => {
      for (let id = 0; id < 20_000; id++) logger.set(`n${id % 300}`, id)
    }
    expect(takesAtMostMs(3000, () => record(setMany))).toBe(true)
    const setOthers = (logger: AuditLogger) => {
      for (let id = 0; id < 50_000; id++) logger.set(`n${id}`, id)
    }
    expect(takesAtMostMs(1000, () => record(setOthers))).toBe(true)
  })
})
