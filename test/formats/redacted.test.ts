// What is hidden in the default format is hidden in the others, and what stands in its place breaks none of them.
import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { pseudonym } from '#src/redact/pseudonym.js'
import { memory } from '#src/sinks/memory.js'
import { complaintsAboutAudit, complaintsAboutDatapunt } from '../helpers/audit-schema.js'
import { complaintsAboutEcs } from '../helpers/ecs-schema.js'
import { complaintsAboutOcsf } from '../helpers/ocsf-schema.js'

const FORMATS = [
  ['audit', complaintsAboutAudit],
  ['datapunt', complaintsAboutDatapunt],
  ['ecs', complaintsAboutEcs],
  ['ocsf', complaintsAboutOcsf],
] as const

const KEY = 'sixteen bytes or more'
const WHO = { email: 'a.b@example.org', ip: '192.0.2.7', id: '7' }

function lineOf(options: AuditLoggerOptions): string {
  const sink = memory()
  new AuditLogger({ ...options, sink })
    .setHttpRequest({ method: 'GET', url: 'https://api.example.org/persons?token=s3cr3t', userAgent: 'curl' })
    .setHttpResponse({
      statusCode: 200,
      reason: 'OK',
      headers: { 'set-cookie': 'session=s3cr3t', etag: '1' },
    })
    .setUser({ authenticated: true, provider: 'keycloak', realm: 'employees', roles: ['reader'], ...WHO })
    .setFilter('Person', { password: 's3cr3t', bsn: 123456782 })
    .setResults([{ id: 1, api_key: 's3cr3t' }])
    .setError(new Error('Refused'))
    .info('Retrieve Person')
    .sendLog()
  return sink.lines[0] ?? ''
}

describe.each(FORMATS)('format %s', (format, complaintsAbout) => {
  it('shows no secret', () => {
    expect(lineOf({ format })).not.toContain('s3cr3t')
  })

  it('has pseudonyms where no type forbids them, and nothing of whom they stand for', () => {
    const fields = ['user.email', 'user.ip', 'user.id', 'filter.kwargs.bsn']
    const line = lineOf({ format, pseudonymize: { key: KEY, keyId: 'k', fields } })
    for (const hidden of [...Object.values(WHO).slice(0, 2), '123456782']) expect(line).not.toContain(hidden)
    expect(line).toContain(pseudonym(WHO.email, KEY, 'k'))
    expect(line).toContain(pseudonym(WHO.ip, KEY, 'k'))
    expect(complaintsAbout(JSON.parse(line))).toEqual([])
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
    ['replace', { redact: { paths: ['user.*', 'http_response.*'], replacement: () => '' } }],
  ])('keeps its schema where whole parts are hidden: %s', (_name, options) => {
    expect(complaintsAbout(JSON.parse(lineOf({ format, ...options })))).toEqual([])
  })
})
