import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { pseudonym } from '#src/redact/rules/pseudonym.js'
import { memory } from '#src/sinks/memory.js'
import { kwargsOf, lineOf } from './redacted-parts.js'

describe('the option redact', () => {
  it('false redacts nothing', () => {
    expect(kwargsOf({ password: 'x', url: '/?token=y' }, { redact: false })).toEqual({
      password: 'x',
      url: '/?token=y',
    })
  })

  it.each(['bsn', 'BSN', 'Bsn'])('keys: %s is sensitive in any spelling, at any depth', (name) => {
    const kwargs = {
      bsn: 1,
      user: [{ user_bsn: 'a', userBSN: 'b', 'user-bsn': 'c', name: 'Jan' }],
      password: 'x',
    }
    expect(kwargsOf(kwargs, { redact: { keys: [name] } })).toEqual({
      bsn: '[REDACTED]',
      user: [{ user_bsn: '[REDACTED]', userBSN: '[REDACTED]', 'user-bsn': '[REDACTED]', name: 'Jan' }],
      password: '[REDACTED]',
    })
  })

  it('keys apply to URLs too', () => {
    const line = lineOf('url', 'https://example.org/?bsn=123456782', { redact: { keys: ['bsn'] } })
    expect(line).not.toContain('123456782')
  })

  it.each(['csrfToken', 'csrf_token', 'CSRF-Token'])(
    'allowKeys: shows the value of %s in any spelling',
    (name) => {
      const kwargs = { csrfToken: 'a', csrf_token: 'b', otherToken: 'c' }
      expect(kwargsOf(kwargs, { redact: { allowKeys: [name] } })).toEqual({
        ...kwargs,
        otherToken: '[REDACTED]',
      })
    },
  )

  it('paths are exact, apply to items of lists, and may contain *', () => {
    const kwargs = { q: 'x', rows: [{ q: 'y', a: { b: 1, c: { d: 2 } } }] }
    const paths = ['filter.kwargs.q', 'filter.kwargs.rows.a.*']
    expect(kwargsOf(kwargs, { redact: { paths } })).toEqual({
      q: '[REDACTED]',
      rows: [{ q: 'y', a: { b: '[REDACTED]', c: '[REDACTED]' } }],
    })
  })

  it.each([
    'message',
    'error.message',
    'filter.object',
    'filter.kwargs',
    'results',
    'http_request.url',
    'http_request.user_agent',
    'http_response.reason',
    'http_response.headers.etag',
    'user.email',
    'user.roles',
  ])('paths apply to every part that a client or the application fills: %s', (path) => {
    const sink = memory()
    new AuditLogger({ sink, redact: { paths: [path] } })
      .setHttpRequest({ method: 'GET', url: 'https://x/', userAgent: 'agent' })
      .setHttpResponse({ statusCode: 200, reason: 'reason', headers: { etag: 'etag' } })
      .setUser({ authenticated: true, email: 'a@b.nl', roles: ['role'] })
      .setFilter('Object', { a: 1 })
      .setResults([1])
      .setError(new Error('error'))
      .info('message')
      .sendLog()
    const found = path.split('.').reduce((part, name) => part[name], sink.records()[0].audit)
    expect(found).toBe('[REDACTED]')
    expect(JSON.stringify(sink.records()[0]).split('[REDACTED]')).toHaveLength(2)
  })

  it('paths match a key with a dot by its last segment and by *', () => {
    const headersUnder = (path: string) => {
      const sink = memory()
      new AuditLogger({ sink, redact: { paths: [path] } })
        .setHttpResponse({ statusCode: 200, reason: 'OK', headers: { 'x.etag': 'S3cr3tVal9' } })
        .sendLog()
      return sink.records()[0].audit.http_response.headers
    }
    expect(headersUnder('http_response.headers.etag')).toEqual({ 'x.etag': '[REDACTED]' })
    expect(headersUnder('http_response.headers.*')).toEqual({ 'x.etag': '[REDACTED]' })
  })

  it.each(['user', 'filter', 'http_request', 'http_response', 'error'])(
    'paths may name a whole part: %s',
    (path) => {
      const sink = memory()
      const secret = 'S3cr3tVal9'
      new AuditLogger({ sink, redact: { paths: [path] } })
        .setHttpRequest({ method: secret, url: `https://x/${secret}`, userAgent: secret })
        .setHttpResponse({ statusCode: 200, reason: secret, headers: { etag: secret } })
        .setUser({ authenticated: true, email: secret, roles: [secret] })
        .setFilter(secret, { a: secret })
        .setError(new Error(secret))
        .sendLog()
      expect(JSON.stringify(sink.records()[0].audit[path])).not.toContain(secret)
    },
  )

  it.each([
    ['paths', 'password'],
    ['paths', 'kwargs.q'],
    ['paths', 'filter.q'],
    ['keys', '***'],
  ])('%s: rejects an entry that would match nothing or everything: %s', (option, value) => {
    expect(() => new AuditLogger({ sink: memory(), redact: { [option]: [value] } })).toThrow(
      expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }),
    )
  })

  it('replacement: a function gets the value and its path', () => {
    const replacement = (value: unknown, path: string) => `<${path}: ${String(value).length}>`
    expect(kwargsOf({ user: { password: 'geheim' } }, { redact: { replacement } })).toEqual({
      user: { password: '<filter.kwargs.user.password: 6>' },
    })
  })

  it.each(['', 'Bearer hidden', 'x=y', '[secret: removed]', '$&', '\n', '\ud800', 'x'.repeat(65)])(
    'replacement: %j is refused, because detectors could take it for a secret or a separator',
    (replacement) => {
      expect(() => new AuditLogger({ sink: memory(), redact: { replacement } })).toThrow(
        expect.objectContaining({
          code: 'ERR_AUDIT_OPTIONS',
          message: expect.stringContaining('`redact.replacement`'),
        }),
      )
    },
  )

  it('replacement: a string stands in place of each secret', () => {
    expect(
      kwargsOf({ password: 'x', url: 'https://u:p@example.org/' }, { redact: { replacement: '***' } }),
    ).toEqual({
      password: '***',
      url: 'https://***@example.org/',
    })
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['returns no string', () => ({ a: 1 })],
    ['returns a promise', async () => 'x'],
    [
      'returns a promise that is rejected',
      async () => {
        throw new Error('no')
      },
    ],
  ])('replacement: a function that %s falls back to [REDACTED]', (_how, replace) => {
    expect(kwargsOf({ password: 'x' }, { redact: { replacement: replace as never } })).toEqual({
      password: '[REDACTED]',
    })
  })
})

describe('the user on whose behalf somebody acts', () => {
  const key = 'a key of at least 16 bytes'
  const onBehalfOf = { id: '42', email: 'c@example.org', via: ['service-1'] }
  function recordedWith(options: AuditLoggerOptions) {
    const sink = memory()
    new AuditLogger({ ...options, sink }).setUser({ authenticated: true, id: '1', onBehalfOf }).sendLog()
    return sink.records()[0]?.audit.user
  }

  it('has pseudonyms by path', () => {
    const fields = ['user.on_behalf_of.email', 'user.on_behalf_of.via']
    const { id, email, via } = recordedWith({ pseudonymize: { key, keyId: '1', fields } }).on_behalf_of
    expect(id).toBe('42')
    expect([email, ...via]).toEqual([pseudonym('c@example.org', key, '1'), pseudonym('service-1', key, '1')])
  })

  it('is redacted by path', () => {
    const { on_behalf_of } = recordedWith({ redact: { paths: ['user.on_behalf_of.email'] } })
    expect(on_behalf_of).toMatchObject({ id: '42', email: '[REDACTED]' })
  })

  it('stays an object if all of it is redacted, because Elasticsearch rejects a text in its place', () => {
    expect(recordedWith({ redact: { paths: ['user.on_behalf_of'] } })).toMatchObject({
      id: '1',
      on_behalf_of: { id: '[REDACTED]', email: '[REDACTED]', via: ['[REDACTED]'], provider: '', roles: null },
    })
  })
})
