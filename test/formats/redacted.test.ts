// Redaction and pseudonyms apply to every format, and their replacements match the schema of the format.
import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { pseudonym } from '#src/redact/rules/pseudonym.js'
import { memory } from '#src/sinks/memory.js'
import { FORMAT_NAMES, schemaViolations } from './schema-violations.js'

const KEY = 'sixteen bytes or more'
const USER = { email: 'a.b@example.org', ip: '192.0.2.7', id: '7' }

function lineOf(options: AuditLoggerOptions): string {
  const sink = memory()
  new AuditLogger({ ...options, sink })
    .setHttpRequest({ method: 'GET', url: 'https://api.example.org/persons?token=s3cr3t', userAgent: 'curl' })
    .setHttpResponse({
      statusCode: 200,
      reason: 'OK',
      headers: { 'set-cookie': 'session=s3cr3t', etag: '1' },
    })
    .setUser({ authenticated: true, provider: 'keycloak', realm: 'employees', roles: ['reader'], ...USER })
    .setFilter('Person', { password: 's3cr3t', bsn: 123456782 })
    .setResults([{ id: 1, api_key: 's3cr3t' }])
    .setError(new Error('Refused'))
    .info('Retrieve Person')
    .sendLog()
  return sink.lines[0] ?? ''
}

describe.each(FORMAT_NAMES)('format %s', (format) => {
  const violationsOf = schemaViolations[format]

  it('contains no secret', () => {
    expect(lineOf({ format })).not.toContain('s3cr3t')
  })

  it('contains pseudonyms instead of the original values', () => {
    const fields = ['user.email', 'user.ip', 'user.id', 'filter.kwargs.bsn']
    const line = lineOf({ format, pseudonymize: { key: KEY, keyId: 'k', fields } })
    for (const original of [...Object.values(USER).slice(0, 2), '123456782'])
      expect(line).not.toContain(original)
    expect(line).toContain(pseudonym(USER.email, KEY, 'k'))
    expect(line).toContain(pseudonym(USER.ip, KEY, 'k'))
    expect(violationsOf(JSON.parse(line))).toEqual([])
  })

  it.each([
    [
      'redact',
      {
        redact: { paths: ['user.*', 'http_response.*', 'http_request.*', 'filter.*', 'error.*', 'message'] },
      },
    ],
    [
      'pseudonymize',
      {
        pseudonymize: {
          key: KEY,
          keyId: 'k',
          fields: ['user.*', 'http_response.*', 'http_request.*', 'filter.*'],
        },
      },
    ],
    ['replacement', { redact: { paths: ['user.*', 'http_response.*'], replacement: () => '' } }],
  ])('matches the schema if whole parts are replaced: %s', (_name, options) => {
    expect(violationsOf(JSON.parse(lineOf({ format, ...options })))).toEqual([])
  })
})
