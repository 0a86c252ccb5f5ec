// setAction(), deny(), fail() and succeed() of a logger, with whatever they are given.
import { describe, expect, it } from '@jest/globals'
import { AuditLogger, memory } from 'http-audit-log'

function auditOf(call: (logger: AuditLogger) => unknown, options = {}) {
  const sink = memory()
  const logger = new AuditLogger({ sink, ...options })
  call(logger)
  logger.sendLog()
  return sink.records()[0].audit
}

class BalanceError extends Error {
  override name = 'BalanceError'
}

const circular: Record<string, unknown> = {}
circular.self = circular
const revoked = (target: object) => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}
const throwing = {
  get type() {
    throw new Error('type')
  },
  get id() {
    throw new Error('id')
  },
}

/** Values that no type allows. */
const HOSTILE: [string, () => unknown][] = [
  ['null', () => null],
  ['a symbol', () => Symbol('x')],
  ['a function', () => () => 1],
  ['a circular object', () => circular],
  ['a getter that throws', () => throwing],
  ['a proxy that was revoked', () => revoked({})],
  ['a list that was revoked', () => revoked([])],
  ['a promise that rejects', () => Promise.reject(new Error('for the test'))],
  ['a text of a megabyte', () => 'x'.repeat(1024 * 1024)],
  ['a list of a million items', () => new Array(1_000_000).fill({ type: 'Account', id: 1 })],
  ['a nested list', () => [[[{ type: 'Account' }]]]],
  [
    'a text that cannot be made',
    () => ({
      toString: () => {
        throw new Error('no')
      },
      toJSON: () => {
        throw new Error('no')
      },
    }),
  ],
]

describe.each(HOSTILE)('%s', (_name, create) => {
  it.each<[string, (logger: AuditLogger, value: never) => unknown]>([
    ['the action', (logger, value) => logger.setAction(value)],
    ['the target', (logger, value) => logger.setAction('close', value)],
    ['the type of a target', (logger, value) => logger.setAction('close', { type: value })],
    ['the id of a target', (logger, value) => logger.setAction('close', { type: 'Account', id: value })],
    ['the reason of deny()', (logger, value) => logger.deny(value)],
    ['the reason of fail()', (logger, value) => logger.fail(value)],
  ])('as %s is described, in a record that fits', (_place, call) => {
    const record = auditOf((logger) => call(logger, create() as never))
    expect(JSON.stringify(record).length).toBeLessThan(16 * 1024)
    for (const text of [record.action ?? '', record.reason ?? '']) expect(typeof text).toBe('string')
    for (const { type, id = '' } of record.target ?? [])
      expect([typeof type, typeof id]).toEqual(['string', 'string'])
  })
})

describe('the targets', () => {
  const targetsOf = (...targets: unknown[]) =>
    auditOf((logger) => logger.setAction('close', ...(targets as never[]))).target

  it('are a list of texts', () => {
    expect(targetsOf({ type: 'Account', id: 2 })).toEqual([{ type: 'Account', id: '2' }])
    expect(
      targetsOf([
        { type: 'Account', id: 2n },
        { type: 'Person', id: 0 },
      ]),
    ).toEqual([
      { type: 'Account', id: '2' },
      { type: 'Person', id: '0' },
    ])
  })

  it('have no id where it is empty or not known', () => {
    for (const id of ['', null, undefined])
      expect(targetsOf({ type: 'Account', id })).toEqual([{ type: 'Account' }])
  })

  it('leave out what names nothing', () => {
    expect(targetsOf([{}, null, undefined, '', { type: 'Account' }])).toEqual([{ type: 'Account' }])
    expect(targetsOf([])).toBeUndefined()
    expect(targetsOf({})).toBeUndefined()
  })

  it('may be given as a text, which is the type', () => {
    expect(targetsOf('Account')).toEqual([{ type: 'Account' }])
  })

  it('are bounded, and the record tells so', () => {
    const many = Array.from({ length: 1000 }, (_, id) => ({ type: 'Account', id }))
    const record = auditOf((logger) => logger.setAction('close', many))
    expect(record.target).toHaveLength(101)
    expect(record.target[100].type).toBe('…[+900 targets]')
    expect(record.truncated).toEqual(['target'])
    expect(record.message).toMatch(/^close Account 0, .*Account 9, …\[\+990 targets\]$/)
  })

  it('are copied at the call', () => {
    const target = { type: 'Account', id: 1 }
    const record = auditOf((logger) => {
      logger.setAction('close', target)
      target.id = 2
    })
    expect(record.target).toEqual([{ type: 'Account', id: '1' }])
  })
})

describe('the reason', () => {
  it.each<[string, unknown, string | undefined]>([
    ['a text', 'locked', 'locked'],
    ['nothing', undefined, undefined],
    ['an error with a name of its own', new BalanceError('too low'), 'BalanceError: too low'],
    ['an error without one', new Error('too low'), 'too low'],
    ['an error without a message', new BalanceError(''), 'BalanceError'],
    ['a number', 42, '42'],
    ['an object', { code: 7 }, '{"code":7}'],
  ])('is made of %s', (_name, reason, expected) => {
    expect(auditOf((logger) => logger.deny(reason as never)).reason).toBe(expected)
    expect(auditOf((logger) => logger.fail(reason as never)).reason).toBe(expected)
  })

  it('is the name of the error if the handler gave none', () => {
    expect(auditOf((logger) => logger.deny().setError(new BalanceError('x')))).toMatchObject({
      outcome: 'denied',
      reason: 'BalanceError',
    })
  })

  it('is that of the last statement', () => {
    expect(auditOf((logger) => logger.deny('a').fail('b'))).toMatchObject({ outcome: 'failure', reason: 'b' })
    expect(auditOf((logger) => logger.deny('a').succeed())).not.toHaveProperty('reason')
  })

  it('is cut at a bound, and the record tells so', () => {
    const record = auditOf((logger) => logger.fail('x'.repeat(5000)).setAction('y'.repeat(5000)))
    expect(record.reason).toBe(`${'x'.repeat(1024)}…[+3976 characters]`)
    expect(record.action).toBe(`${'y'.repeat(1024)}…[+3976 characters]`)
    expect(record.truncated).toEqual(['reason', 'action'])
  })

  it('has no secret', () => {
    const token = ['ghp', 'x1Y2'.repeat(9)].join('_')
    const record = auditOf((logger) =>
      logger.setAction(`use ${token}`, { type: 'Token', id: token }).deny(`bad token ${token}`),
    )
    expect(JSON.stringify(record)).not.toContain(token)
  })
})

describe('the message without HTTP', () => {
  it('is composed of the action, unless a level method was called; the last call wins', () => {
    const act = (logger: AuditLogger) => logger.setAction('close', { type: 'Account', id: 1 })
    expect(auditOf(act).message).toBe('close Account 1')
    expect(auditOf((logger) => act(logger).fail('locked')).message).toBe('close Account 1: failed')
    const record = auditOf((logger) => act(logger).warning('first').info('second'))
    expect(record).toMatchObject({ type: 'INFO', message: 'second' })
    expect(record).not.toHaveProperty('notes')
  })

  it('is not composed in the format datapunt', () => {
    expect(auditOf((logger) => logger.setAction('close').fail('x'), { format: 'datapunt' }).message).toBe('')
  })
})

it('an empty action is none', () => {
  expect(auditOf((logger) => logger.setAction('close').setAction(''))).not.toHaveProperty('action')
})

describe('the id of a target', () => {
  const objectId = { toJSON: () => '65f0' }
  it.each<[unknown, unknown]>([
    [2, '2'],
    [0, '0'],
    [7n, '7'],
    ['a', 'a'],
    [objectId, '65f0'],
    [Number('abc'), undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [Promise.resolve(1), undefined],
    [{ id: 1 }, undefined],
    [[1], undefined],
    [() => 1, undefined],
  ])('of %p is %p', (id, expected) => {
    const sink = memory()
    new AuditLogger({ sink }).setAction('x', { type: 'Person', id: id as never }).sendLog()
    expect(sink.last().audit.target[0].id).toBe(expected)
  })
})
