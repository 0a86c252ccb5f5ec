import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { AuditLogError, auditLog, memory, pseudonym } from 'http-audit-log'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { createRules } from '#src/redact/rules/rules.js'
import { listenOn, stopServers } from '../helpers/servers.js'

const KEY = 'a key of at least sixteen bytes'
const pseudonymOf = (value: string | number | bigint | boolean) => pseudonym(value, KEY, '2026')

afterEach(stopServers)

function recordOf(fields: readonly string[], fill: (logger: AuditLogger) => unknown) {
  const sink = memory()
  const logger = new AuditLogger({ sink, pseudonymize: { key: KEY, keyId: '2026', fields } })
  fill(logger)
  logger.sendLog()
  return sink.records()[0].audit
}

const kwargsOf = (field: string, kwargs: unknown) =>
  recordOf([field], (logger) => logger.setFilter('Person', kwargs)).filter.kwargs

describe('pseudonym()', () => {
  it('is an HMAC-SHA256 of the type and the value, with the id of the key', () => {
    const hex = createHmac('sha256', KEY).update('string:a.b@example.org').digest('hex')
    expect(pseudonymOf('a.b@example.org')).toBe(`hmac-sha256:2026:${hex}`)
  })

  it('differs by type and by key', () => {
    const all = [
      pseudonymOf(42),
      pseudonymOf('42'),
      pseudonymOf(true),
      pseudonymOf('true'),
      pseudonym(42, `${KEY}!`, '2026'),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('is the same for a bigint and a number', () => {
    expect(pseudonymOf(42n)).toBe(pseudonymOf(42))
  })

  it('accepts a key of bytes', () => {
    expect(pseudonym('a', Buffer.from(KEY), '2026')).toBe(pseudonymOf('a'))
  })

  it.each<[name: string, values: readonly unknown[], message: string]>([
    [
      'no key',
      ['a'],
      'Expected the argument `key` of pseudonym() to be a text or Uint8Array of at least 16 bytes, got undefined',
    ],
    ['a short key', ['a', 'short', '2026'], 'Expected the argument `key`'],
    ['a key of another type', ['a', 1234567890123456, '2026'], 'Expected the argument `key`'],
    ['no keyId, without which it could match no record', ['a', KEY], 'Expected the argument `keyId`'],
    ['a keyId with a colon', ['a', KEY, 'a:b'], 'Expected the argument `keyId`'],
    ['no value', [undefined, KEY, '2026'], 'Expected the argument `value`'],
    ['an empty text, which has no pseudonym', ['', KEY, '2026'], 'Expected the argument `value`'],
    ['NaN, which is null in a record', [Number.NaN, KEY, '2026'], 'Expected the argument `value`'],
    ['an object', [{}, KEY, '2026'], 'Expected the argument `value`'],
    ['null', [null, KEY, '2026'], 'Expected the argument `value`'],
  ])('throws for %s, and does not show the key', (_name, values, message) => {
    const call = () => (pseudonym as (...given: readonly unknown[]) => string)(...values)
    expect(call).toThrow(AuditLogError)
    expect(call).toThrow(message)
    expect(call).not.toThrow(/short|sixteen|a:b/)
  })
})

describe('the option pseudonymize', () => {
  it.each<[string, string | number | bigint | boolean]>([
    ['a string', '123456782'],
    ['a number', 123456782],
    ['a bigint', 12345678201234567890n],
    ['a boolean', true],
    ['a long text', 'x'.repeat(40_000)],
    ['a text that looks like a secret', 'Bearer abcdefgh'],
  ])('replaces %s by its pseudonym', (_name, value) => {
    expect(kwargsOf('filter.kwargs.bsn', { bsn: value, name: 'Jan' })).toEqual({
      bsn: pseudonymOf(value),
      name: 'Jan',
    })
  })

  it('gives equal values equal pseudonyms, and different values different ones', () => {
    const rules = createRules(false, { key: KEY, keyId: '2026', fields: [] })
    const values = Array.from({ length: 1200 }, (_, index) => [index, String(index), BigInt(index)]).flat()
    for (const value of [...values, true, 'true', ...values.reverse()]) {
      expect(rules.pseudonymize(value)).toBe(pseudonymOf(value))
    }
  })

  it('replaces every leaf of a list and of an object', () => {
    expect(kwargsOf('filter.kwargs.bsn', { bsn: [1, 'a', { b: [2] }, null, ''] })).toEqual({
      bsn: [pseudonymOf(1), pseudonymOf('a'), { b: [pseudonymOf(2)] }, null, ''],
    })
  })

  it('replaces each item of a list by the pseudonym of the item', () => {
    const items = [123n, 42, 'password=x', true]
    expect(kwargsOf('filter.kwargs.bsn', { bsn: items })).toEqual({ bsn: items.map(pseudonymOf) })
    expect(kwargsOf('filter.kwargs.bsn', { bsn: new Set(items) })).toEqual({ bsn: items.map(pseudonymOf) })
  })

  it('applies to objects in lists', () => {
    const record = recordOf(['results.owner.bsn'], (logger) =>
      logger.setResults([{ owner: [{ bsn: 7, id: 1 }] }]),
    )
    expect(record.results).toEqual([{ owner: [{ bsn: pseudonymOf(7), id: 1 }] }])
  })

  it('takes precedence over a sensitive key, because its path is exact', () => {
    expect(kwargsOf('filter.kwargs.session_id', { session_id: 'abc' })).toEqual({
      session_id: pseudonymOf('abc'),
    })
  })

  it('yields to redact.paths', () => {
    const sink = memory()
    const fields = ['filter.kwargs.bsn']
    new AuditLogger({ sink, redact: { paths: fields }, pseudonymize: { key: KEY, keyId: '2026', fields } })
      .setFilter('Person', { bsn: 1 })
      .sendLog()
    expect(sink.records()[0].audit.filter.kwargs).toEqual({ bsn: '[REDACTED]' })
  })

  it('works with redact: false', () => {
    const sink = memory()
    new AuditLogger({
      sink,
      redact: false,
      pseudonymize: { key: KEY, keyId: '2026', fields: ['user.email'] },
    })
      .setUser({ authenticated: true, email: 'a@b.nl' })
      .sendLog()
    expect(sink.records()[0].audit.user.email).toBe(pseudonymOf('a@b.nl'))
  })

  it('replaces the fields of a user, but not empty ones', () => {
    const { user } = recordOf(['user.email', 'user.ip', 'user.id', 'user.realm'], (logger) =>
      logger.setUser({ authenticated: true, email: 'a@b.nl', ip: '192.0.2.7', id: '7', provider: 'sso' }),
    )
    expect(user).toEqual({
      authenticated: true,
      provider: 'sso',
      realm: '',
      email: pseudonymOf('a@b.nl'),
      roles: null,
      ip: pseudonymOf('192.0.2.7'),
      id: pseudonymOf('7'),
    })
  })

  it('replaces the IP address in lines of the stage received too', async () => {
    const sink = memory()
    const audit = auditLog({
      sink,
      stages: ['received'],
      pseudonymize: { key: KEY, keyId: '2026', fields: ['user.ip'] },
    })
    const server = createServer((request, response) => audit(request, response, () => response.end('ok')))
    const { url } = await listenOn(server)
    await (await fetch(url)).text()
    const [received, completed] = await sink.waitFor(2)
    expect(received.audit.stage).toBe('received')
    expect(received.audit.user.ip).toBe(pseudonymOf('127.0.0.1'))
    expect(completed.audit.user.ip).toBe(pseudonymOf('127.0.0.1'))
  })

  it.each<[string, unknown]>([
    ['a short key', { key: 'fifteen bytes..', keyId: 'a', fields: [] }],
    ['no key', { keyId: 'a', fields: [] }],
    ['a key of another type', { key: 1234567890123456, keyId: 'a', fields: [] }],
    ['no keyId', { key: KEY, fields: [] }],
    ['a keyId with a colon', { key: KEY, keyId: 'a:b', fields: [] }],
    ['no fields', { key: KEY, keyId: 'a' }],
    ['an empty field', { key: KEY, keyId: 'a', fields: [''] }],
    ['an unknown option', { key: KEY, keyId: 'a', fields: [], paths: [] }],
    ['a list', [KEY]],
  ])('rejects %s, with a message that does not show the key', (_name, pseudonymize) => {
    const create = () => new AuditLogger({ pseudonymize: pseudonymize as never })
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }))
    expect(create).not.toThrow(/sixteen bytes|fifteen bytes/)
  })
})
