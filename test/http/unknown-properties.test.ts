// Properties that no record has are reported, once for each place and its names.
import { describe, expect, it } from '@jest/globals'
import { type AuditLogError, AuditLogger, memory } from 'http-audit-log'
import { auditOneRequest } from '../helpers/child-process.js'

function report(fill: (logger: AuditLogger) => void, format?: () => object) {
  const errors: AuditLogError[] = []
  const sink = memory()
  const options = { sink, format, onError: (error: AuditLogError) => void errors.push(error) }
  for (const _ of [1, 2]) {
    const logger = new AuditLogger(options)
    fill(logger)
    logger.sendLog()
  }
  const [{ audit }] = sink.records() as [{ audit: Record<string, Record<string, unknown>> }]
  return { audit, errors, messages: errors.map(({ message }) => message) }
}

describe('a property that no record has', () => {
  it.each<[string, (logger: AuditLogger) => unknown, string]>([
    [
      'setUser',
      (logger) => logger.setUser({ authenticated: true, rolse: ['a'] } as never),
      'setUser() got properties that no record has: `rolse` (did you mean `roles`?)',
    ],
    [
      'setUser, of another library',
      (logger) => logger.setUser({ authenticated: true, displayName: 'A' } as never),
      '`displayName`. They are not recorded. Known properties: authenticated, provider',
    ],
    [
      'onBehalfOf',
      (logger) => logger.setUser({ authenticated: true, onBehalfOf: { id: '1', emial: 'a' } } as never),
      '`onBehalfOf` of setUser() got properties that no record has: `emial` (did you mean `email`?)',
    ],
    [
      'setHttpRequest',
      (logger) => logger.setHttpRequest({ method: 'GET', url: '/', useragent: 'a' } as never),
      'setHttpRequest() got properties that no record has: `useragent` (did you mean `userAgent`?)',
    ],
    [
      'setHttpResponse',
      (logger) => logger.setHttpResponse({ statusCode: 200, reason: '', header: {} } as never),
      'setHttpResponse() got properties that no record has: `header` (did you mean `headers`?)',
    ],
  ])('is reported once: %s', (_place, fill, expected) => {
    const { errors, messages } = report(fill)
    expect(errors.map(({ code }) => code)).toEqual(['ERR_AUDIT_PROPERTY'])
    expect(messages[0]).toContain(expected)
  })

  it('is named, and its value is not shown', () => {
    const { audit, messages } = report((logger) =>
      logger.setUser({ authenticated: true, password: 'geheim' } as never),
    )
    expect(messages[0]).toContain('`password`')
    expect(JSON.stringify([audit, messages])).not.toContain('geheim')
  })

  it('is shortened and counted if there are many', () => {
    const names = Array.from({ length: 9 }, (_, index) => [`${'x'.repeat(1000)}${index}`, 1])
    const { messages } = report((logger) =>
      logger.setUser({ authenticated: true, ...Object.fromEntries(names) } as never),
    )
    expect(messages[0]).toContain('and 4 more')
    expect(messages[0]?.length).toBeLessThan(800)
  })

  it('is reported in what the option `user` returns', async () => {
    const { records, stderrLines } = await auditOneRequest({
      options: `{ user: () => ({ authenticated: true, id: '1', role: 'admin' }) }`,
    })
    expect(records).toMatchObject([{ audit: { user: { authenticated: true, id: '1', roles: null } } }])
    expect(stderrLines).toEqual([
      expect.stringMatching(
        /\[ERR_AUDIT_PROPERTY\] The `user` option got properties that no record has: `role` \(did you mean `roles`\?\)/,
      ),
    ])
  })
})

describe('a user without `authenticated`', () => {
  it.each<[string, object]>([
    ['left out', { id: '1' }],
    ['a text', { id: '1', authenticated: 'true' }],
    ['a function that was not called', { id: '1', authenticated: () => true }],
  ])('is recorded as not known, and reported once: %s', (_case, user) => {
    const { audit, messages } = report((logger) => logger.setUser(user as never))
    expect(audit.user).toMatchObject({ authenticated: null, id: '1' })
    expect(messages).toEqual([expect.stringContaining('setUser() got a user without `authenticated`')])
  })
})

describe('known properties', () => {
  it('are not reported', () => {
    const { errors, audit } = report((logger) =>
      logger
        .setHttpRequest({ method: 'GET', url: '/', userAgent: 'a' })
        .setHttpResponse({ statusCode: 200, reason: 'OK', headers: {} })
        .setUser({
          authenticated: true,
          provider: 'p',
          realm: 'r',
          email: 'e',
          roles: ['a'],
          ip: '127.0.0.1',
          id: '1',
          onBehalfOf: { id: '2', email: 'f', provider: 'p', realm: 'r', roles: ['b'], via: ['3'] },
        }),
    )
    expect(errors).toEqual([])
    expect(audit.user).toEqual({
      authenticated: true,
      provider: 'p',
      realm: 'r',
      email: 'e',
      roles: ['a'],
      ip: '127.0.0.1',
      id: '1',
      on_behalf_of: { provider: 'p', realm: 'r', email: 'f', roles: ['b'], id: '2', via: ['3'] },
    })
  })
})

it('does not keep other failures from being reported, however many names a client chose', () => {
  const { errors } = report((logger) => {
    for (let count = 0; count < 105; count++) {
      logger.setUser({ authenticated: true, id: 'a', [`name${count}`]: 1 } as never)
    }
    logger.setHttpRequest({ method: 'GET', url: '/', useragent: 'a' } as never)
    logger.setUser({ id: 'a' } as never)
  }, failingFormat)
  const messages = errors.map(({ code, message }) => `${code} ${message}`)
  expect(messages.filter((message) => message.includes('`name'))).toHaveLength(20)
  expect(messages).toContainEqual(expect.stringContaining('`useragent`'))
  expect(messages).toContainEqual(expect.stringContaining('without `authenticated`'))
  expect(messages).toContainEqual(expect.stringContaining('ERR_AUDIT_FORMAT'))
})

function failingFormat(): never {
  throw new Error('not available')
}
