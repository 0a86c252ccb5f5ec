import { createHash, createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { auditLog, memory, pseudonym } from 'http-audit-log'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { createRules } from '#src/redact/rules.js'
import { listenOn, stopServers } from '../helpers/servers.js'

const KEY = 'a key of at least sixteen bytes'
const of = (value: string | number | bigint | boolean) => pseudonym(value, KEY, '2026')

afterEach(stopServers)

function recordOf(fields: readonly string[], say: (logger: AuditLogger) => unknown) {
  const sink = memory()
  const logger = new AuditLogger({ sink, pseudonymize: { key: KEY, keyId: '2026', fields } })
  say(logger)
  logger.sendLog()
  return sink.records()[0].audit
}

const kwargsOf = (field: string, kwargs: unknown) =>
  recordOf([field], (logger) => logger.setFilter('Person', kwargs)).filter.kwargs

describe('pseudonym()', () => {
  it('is an HMAC-SHA256 over the type and the value, with the id of its key', () => {
    const hex = createHmac('sha256', KEY).update('string:a.b@example.org').digest('hex')
    expect(of('a.b@example.org')).toBe(`hmac-sha256:2026:${hex}`)
  })

  it('differs by type, and by key', () => {
    const all = [of(42), of('42'), of(true), of('true'), pseudonym(42, `${KEY}!`, '2026')]
    expect(new Set(all).size).toBe(all.length)
  })

  it('of a bigint is that of the number', () => {
    expect(of(42n)).toBe(of(42))
  })

  it('takes a key of bytes', () => {
    expect(pseudonym('a', Buffer.from(KEY), '2026')).toBe(of('a'))
  })

  it('names its key by the beginning of its SHA-256 where no id is given', () => {
    const id = createHash('sha256').update(KEY).digest('hex').slice(0, 8)
    expect(pseudonym('a', KEY)).toMatch(new RegExp(`^hmac-sha256:${id}:[0-9a-f]{64}$`))
  })
})

describe('the option pseudonymize', () => {
  it.each<[string, string | number | bigint | boolean]>([
    ['a string', '123456782'],
    ['a number', 123456782],
    ['a bigint', 12345678201234567890n],
    ['a boolean', true],
    ['a long text', 'x'.repeat(40_000)],
    ['what looks like a secret', 'Bearer abcdefgh'],
  ])('replaces %s by what pseudonym() says of it', (_name, value) => {
    expect(kwargsOf('filter.kwargs.bsn', { bsn: value, name: 'Jan' })).toEqual({
      bsn: of(value),
      name: 'Jan',
    })
  })

  it('says the same of a value each time, and of no two values', () => {
    const rules = createRules(false, { key: KEY, keyId: '2026', fields: [] })
    const values = Array.from({ length: 1200 }, (_, index) => [index, String(index), BigInt(index)]).flat()
    for (const value of [...values, true, 'true', ...values.reverse()]) {
      expect(rules.pseudonymize(value)).toBe(of(value))
    }
  })

  it('replaces every leaf of a list and of an object', () => {
    expect(kwargsOf('filter.kwargs.bsn', { bsn: [1, 'a', { b: [2] }, null, ''] })).toEqual({
      bsn: [of(1), of('a'), { b: [of(2)] }, null, ''],
    })
  })

  it('is, in a list, that of each item as it is', () => {
    const items = [123n, 42, 'password=x', true]
    expect(kwargsOf('filter.kwargs.bsn', { bsn: items })).toEqual({ bsn: items.map(of) })
    expect(kwargsOf('filter.kwargs.bsn', { bsn: new Set(items) })).toEqual({ bsn: items.map(of) })
  })

  it('reaches into lists of objects', () => {
    const record = recordOf(['results.owner.bsn'], (logger) =>
      logger.setResults([{ owner: [{ bsn: 7, id: 1 }] }]),
    )
    expect(record.results).toEqual([{ owner: [{ bsn: of(7), id: 1 }] }])
  })

  it('wins over a secret name, since it was asked for at this very place', () => {
    expect(kwargsOf('filter.kwargs.session_id', { session_id: 'abc' })).toEqual({ session_id: of('abc') })
  })

  it('loses against redact.paths', () => {
    const sink = memory()
    const fields = ['filter.kwargs.bsn']
    new AuditLogger({ sink, redact: { paths: fields }, pseudonymize: { key: KEY, keyId: '2026', fields } })
      .setFilter('Person', { bsn: 1 })
      .sendLog()
    expect(sink.records()[0].audit.filter.kwargs).toEqual({ bsn: '[REDACTED]' })
  })

  it('works where redact is false', () => {
    const sink = memory()
    new AuditLogger({
      sink,
      redact: false,
      pseudonymize: { key: KEY, keyId: '2026', fields: ['user.email'] },
    })
      .setUser({ authenticated: true, email: 'a@b.nl' })
      .sendLog()
    expect(sink.records()[0].audit.user.email).toBe(of('a@b.nl'))
  })

  it('replaces the fields of a user, and leaves what is empty', () => {
    const { user } = recordOf(['user.email', 'user.ip', 'user.id', 'user.realm'], (logger) =>
      logger.setUser({ authenticated: true, email: 'a@b.nl', ip: '192.0.2.7', id: '7', provider: 'sso' }),
    )
    expect(user).toEqual({
      authenticated: true,
      provider: 'sso',
      realm: '',
      email: of('a@b.nl'),
      roles: null,
      ip: of('192.0.2.7'),
      id: of('7'),
    })
  })

  it('replaces the address in start records too: no line has it', async () => {
    const sink = memory()
    const audit = auditLog({
      sink,
      startRecords: true,
      pseudonymize: { key: KEY, keyId: '2026', fields: ['user.ip'] },
    })
    const server = createServer((request, response) => audit(request, response, () => response.end('ok')))
    const { url } = await listenOn(server)
    await (await fetch(url)).text()
    const [received, completed] = await sink.waitFor(2)
    expect(received.audit.stage).toBe('received')
    expect(received.audit.user.ip).toBe(of('127.0.0.1'))
    expect(completed.audit.user.ip).toBe(of('127.0.0.1'))
  })

  it.each<[string, unknown]>([
    ['a short key', { key: 'fifteen bytes..', keyId: 'a', fields: [] }],
    ['no key', { keyId: 'a', fields: [] }],
    ['a key of another type', { key: 1234567890123456, keyId: 'a', fields: [] }],
    ['no keyId', { key: KEY, fields: [] }],
    ['a keyId with a colon', { key: KEY, keyId: 'a:b', fields: [] }],
    ['no fields', { key: KEY, keyId: 'a' }],
    ['an empty field', { key: KEY, keyId: 'a', fields: [''] }],
    ['something else', { key: KEY, keyId: 'a', fields: [], paths: [] }],
    ['a list', [KEY]],
  ])('is refused with %s, and the complaint does not show the key', (_name, pseudonymize) => {
    const make = () => new AuditLogger({ pseudonymize: pseudonymize as never })
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }))
    expect(make).not.toThrow(/sixteen bytes|fifteen bytes/)
  })
})
