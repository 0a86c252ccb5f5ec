import { hostname } from 'node:os'
import { describe, expect, it } from '@jest/globals'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { createDraft, type RecordDraft } from '#src/record/record-draft.js'
import type { JsonValue } from '#src/serialize/json-value.js'
import { Summary } from '#src/serialize/summary.js'
import { completeDraft, formatDrafts, listAttributes } from '../helpers/record-arbitraries.js'

const service = { name: 'persons-api', version: '2.4.1', environment: 'production', nodeName: 'persons-0' }

// biome-ignore lint/suspicious/noExplicitAny: the tests read properties at any depth.
function ecs(draft: Partial<RecordDraft> = {}, options: AuditLoggerOptions = {}): any {
  return formatDrafts([{ ...completeDraft, ...draft }], { format: 'ecs', ...options })[0]
}

describe("format 'ecs'", () => {
  it('rounds event.end down to whole milliseconds', () => {
    expect(ecs({ duration_ms: 0.6 }).event.end).toBe('2026-11-24T09:30:00.123Z')
    expect(ecs({ duration_ms: 1.999 }).event.end).toBe('2026-11-24T09:30:00.124Z')
  })

  it('maps every property of a complete record', () => {
    expect(ecs({}, { service })).toEqual({
      '@timestamp': '2026-11-24T09:30:00.123Z',
      'log.level': 'info',
      message: 'List Person',
      'ecs.version': '9.4.0',
      event: {
        kind: 'event',
        category: ['web', 'api'],
        type: ['access'],
        action: 'GET /persons',
        outcome: 'success',
        id: 'a5acfa68-5306-451a-91bb-d7882244dde5-42',
        sequence: 42,
        dataset: 'persons-api.audit',
        start: '2026-11-24T09:30:00.123Z',
        end: '2026-11-24T09:30:00.135Z',
        duration: 12_345_000,
      },
      service: {
        name: 'persons-api',
        version: '2.4.1',
        environment: 'production',
        node: { name: 'persons-0' },
      },
      host: { name: hostname() },
      http: {
        request: { id: '0f6bbe1c-5d3e-4c5c-9f6e-2f0c5a4c9d11', method: 'GET' },
        response: { status_code: 200 },
      },
      url: {
        full: 'https://api.example.org:8443/persons?last_name=Jansen',
        scheme: 'https',
        domain: 'api.example.org',
        port: 8443,
        path: '/persons',
        query: 'last_name=Jansen',
      },
      user_agent: { original: 'Mozilla/5.0' },
      user: {
        id: '7',
        email: 'a.b@example.org',
        domain: 'employees',
        roles: ['reader'],
        effective: {
          id: '42',
          email: 'c.d@example.org',
          full_name: 'C. D.',
          domain: 'customers',
          roles: ['customer'],
        },
      },
      client: { address: '192.0.2.7', ip: '192.0.2.7' },
      source: { address: '192.0.2.7', ip: '192.0.2.7' },
      related: {
        user: ['7', 'a.b@example.org', '42', 'c.d@example.org'],
        ip: ['192.0.2.7'],
        hosts: ['api.example.org', hostname()],
      },
      trace: { id: '4bf92f3577b34da6a3ce929d0e0e4736' },
      span: { id: '00f067aa0ba902b7' },
      Audit: {
        run: 'a5acfa68-5306-451a-91bb-d7882244dde5',
        ended: 'completed',
        operation: 'GET /persons',
        route: '/persons',
        user: {
          authenticated: true,
          provider: 'keycloak',
          on_behalf_of: { provider: 'keycloak', type: 'user', tenant: 'utrecht', via: ['service-1'] },
        },
        filter: { object: 'Person', kwargs: { last_name: 'Jansen' } },
        response: {
          reason: 'OK',
          headers: { 'content-type': 'application/json', 'set-cookie': ['a=[REDACTED]', 'b=[REDACTED]'] },
        },
        results: [{ id: 1 }],
      },
    })
  })

  it('omits everything that is not known', () => {
    const draft = { ...createDraft(0), sequence: completeDraft.sequence }
    const [line] = formatDrafts([draft], { format: 'ecs', service: false })
    expect(line).toEqual({
      '@timestamp': '1970-01-01T00:00:00.000Z',
      'log.level': 'info',
      message: '',
      'ecs.version': '9.4.0',
      event: {
        kind: 'event',
        type: ['info'],
        id: 'a5acfa68-5306-451a-91bb-d7882244dde5-42',
        sequence: 42,
        start: '1970-01-01T00:00:00.000Z',
      },
      Audit: { run: 'a5acfa68-5306-451a-91bb-d7882244dde5' },
    })
  })

  it('begins with the fields that the ECS logging specification requires, in its order', () => {
    expect(Object.keys(ecs()).slice(0, 4)).toEqual(['@timestamp', 'log.level', 'message', 'ecs.version'])
  })

  it.each([
    ['GET', 200, null, null, ['access']],
    ['HEAD', 200, null, null, ['access']],
    ['POST', 201, null, null, ['creation']],
    ['PUT', 200, null, null, ['change']],
    ['PATCH', 200, null, null, ['change']],
    ['delete', 204, null, null, ['deletion']],
    ['PURGE', 200, null, null, ['info']],
    ['__proto__', 200, null, null, ['info']],
    ['GET', 401, null, null, ['access', 'denied']],
    ['POST', 403, null, null, ['creation', 'denied']],
    ['GET', 404, null, null, ['access']],
    ['GET', 500, null, null, ['access', 'error']],
    ['GET', 200, { name: 'Error', message: 'e' }, null, ['access', 'error']],
    ['GET', null, null, 'received' as const, ['access', 'start']],
    ['GET', 200, null, 'completed' as const, ['access', 'end']],
  ])(
    'maps %s with status %p, error %p and stage %p to event.type %p',
    (method, status_code, error, stage, type) => {
      const http_request = { method, url: '', user_agent: '' }
      const http_response = { status_code, reason: null, headers: null }
      expect(ecs({ http_request, http_response, error, stage }).event.type).toEqual(type)
    },
  )

  it.each<[ip: string, expected: object | undefined]>([
    ['192.0.2.7', { address: '192.0.2.7', ip: '192.0.2.7' }],
    ['2001:db8::1', { address: '2001:db8::1', ip: '2001:db8::1' }],
    ['::ffff:192.0.2.7', { address: '::ffff:192.0.2.7', ip: '::ffff:192.0.2.7' }],
    ['fe80::1%eth0', { address: 'fe80::1%eth0' }],
    ['unknown', { address: 'unknown' }],
    ['192.0.2.7, 198.51.100.1', { address: '192.0.2.7, 198.51.100.1' }],
    ['192.0.2.7:80', { address: '192.0.2.7:80' }],
    ['010.0.0.1', { address: '010.0.0.1' }],
    ['[REDACTED]', { address: '[REDACTED]' }],
    ['', undefined],
  ])('maps the address %p to client %p', (ip, expected) => {
    const line = ecs({ user: { authenticated: false, provider: '', realm: '', email: '', roles: null, ip } })
    expect([line.client, line.source]).toEqual([expected, expected])
    expect(line.related?.ip).toEqual(expected && 'ip' in expected ? [ip] : undefined)
  })

  it('puts pseudonyms into related.hash, and not into fields for IP addresses', () => {
    const key = 'sixteen bytes or more'
    const line = ecs({}, { pseudonymize: { key, keyId: '2026', fields: ['user.ip', 'user.email'] } })
    expect(line.client).toEqual({ address: expect.stringMatching(/^hmac-sha256:2026:/) })
    expect(line.user.email).toMatch(/^hmac-sha256:2026:/)
    expect(line.related).toEqual({
      user: ['7', line.user.email, '42', 'c.d@example.org'],
      hash: [line.user.email, line.client.address],
      hosts: ['api.example.org', hostname()],
    })
  })

  it.each<[url: string, expected: object | undefined]>([
    ['http://localhost/', { full: 'http://localhost/', scheme: 'http', domain: 'localhost', path: '/' }],
    [
      'http://[::1]:3000/a',
      { full: 'http://[::1]:3000/a', scheme: 'http', domain: '[::1]', port: 3000, path: '/a' },
    ],
    [
      'https://h/a/../b;c:d@e?q=?/#f',
      {
        full: 'https://h/a/../b;c:d@e?q=?/#f',
        scheme: 'https',
        domain: 'h',
        path: '/a/../b;c:d@e',
        query: 'q=?/',
      },
    ],
    [
      'https://u:[REDACTED]@h?q',
      { full: 'https://u:[REDACTED]@h?q', scheme: 'https', domain: 'h', query: 'q' },
    ],
    ['http://h:99999/', { full: 'http://h:99999/', scheme: 'http', domain: 'h', path: '/' }],
    ['http://localhost', { full: 'http://localhost', scheme: 'http', domain: 'localhost' }],
    ['/persons', { original: '/persons' }],
    ['*', { original: '*' }],
    [`hmac-sha256:2026:${'0'.repeat(64)}`, { original: `hmac-sha256:2026:${'0'.repeat(64)}` }],
    ['', undefined],
  ])('splits the URL %p', (url, expected) => {
    expect(ecs({ http_request: { method: 'GET', url, user_agent: '' } }, { redact: false }).url).toEqual(
      expected,
    )
  })

  it.each<[roles: JsonValue, userRoles: string[] | undefined, auditRoles: object | undefined]>([
    [['reader', 'writer'], ['reader', 'writer'], undefined],
    ['reader', ['reader'], undefined],
    [[1, true, null], ['1', 'true'], undefined],
    [[], undefined, undefined],
    [null, undefined, undefined],
    [new Summary('array', 3, ['reader']), ['reader'], undefined],
    [{ admin: true }, undefined, { admin: true }],
    [[{ name: 'reader' }], undefined, { value: [{ name: 'reader' }] }],
  ])(
    'puts the roles %j into user.roles if they are names, otherwise into Audit.user.roles',
    (roles, userRoles, auditRoles) => {
      const line = ecs({ user: { authenticated: true, provider: '', realm: '', email: '', roles, ip: '' } })
      expect([line.user?.roles, line.Audit.user.roles]).toEqual([userRoles, auditRoles])
    },
  )

  it.each<[value: JsonValue, expected: unknown]>([
    [{ a: '1' }, { a: '1' }],
    [{}, {}],
    ['a text', { value: 'a text' }],
    [0, { value: 0 }],
    [[{ a: 1 }], { value: [{ a: 1 }] }],
    [null, undefined],
  ])('writes the filter and the headers %j as an object, which `flattened` requires', (value, expected) => {
    const line = ecs({
      filter: { object: 'Person', kwargs: value },
      http_response: { status_code: 200, reason: '', headers: value },
    })
    expect([line.Audit.filter.kwargs, line.Audit.response?.headers]).toEqual([expected, expected])
  })

  it('maps the error, the lost records and the stage', () => {
    const line = ecs({
      error: { name: 'TypeError', message: 'x is not a function' },
      lost: { count: 3, from_seq: 17, to_seq: 19 },
      stage: 'completed',
    })
    expect(line.error).toEqual({ type: 'TypeError', message: 'x is not a function' })
    expect(line.Audit).toMatchObject({ lost: { count: 3, from_seq: 17, to_seq: 19 }, stage: 'completed' })
  })

  it('names the parts that were shortened, and uses the available room', () => {
    const results = Array.from({ length: 5000 }, (_, id) => ({ id }))
    const line = ecs({ results }, { service, maxRecordBytes: 2560 })
    expect(line.Audit.truncated).toEqual(['results'])
    expect(line.Audit.results).toMatchObject({ truncated: true, type: 'array', count: 5000 })
    expect(Buffer.byteLength(JSON.stringify(line))).toBeGreaterThan(2560 - 16)
  })
})

describe('roles', () => {
  it('are unchanged if they only resemble a truncated value', () => {
    const roles = { truncated: true, kept: ['a'], admin: true }
    const record = ecs({ user: { ...completeDraft.user, roles } as never })
    expect(record.user.roles).toBeUndefined()
    expect(record.Audit.user.roles).toEqual(roles)
  })

  it('omit empty names', () => {
    expect(ecs({ user: { ...completeDraft.user, roles: ['', 'a'] } as never }).user.roles).toEqual(['a'])
  })
})

describe('an act in ECS', () => {
  const act: Partial<RecordDraft> = {
    http_request: { method: 'POST', url: 'https://api.example.org/transfers', user_agent: '' },
    route: '/transfers',
    action: 'transfer',
    targets: [
      { type: 'Account', id: 'A' },
      { type: 'Account', id: 'B' },
    ],
    verdict: { outcome: 'denied', reason: 'above the limit' },
    changes: [{ path: 'balance', from: 10, to: { EUR: 5 } }],
    attributes: listAttributes({ case_number: '2026/17' }),
    request_body: { amount: 5 },
    parent: 'a5acfa68-5306-451a-91bb-d7882244dde5-1',
    children: 2,
    children_dropped: 1,
  }

  it('maps action, reason and a denial to fields of ECS, and the rest to Audit', () => {
    const line = ecs(act)
    expect(line.event).toMatchObject({
      category: ['web', 'api'],
      type: ['info', 'denied'],
      action: 'transfer',
      outcome: 'failure',
      reason: 'above the limit',
    })
    expect(line.Audit).toMatchObject({
      outcome: 'denied',
      operation: 'POST /transfers',
      route: '/transfers',
      target: act.targets,
      changes: act.changes,
      attributes: act.attributes,
      request_body: act.request_body,
      parent: act.parent,
      children: 2,
      children_dropped: 1,
    })
    expect(line.Audit).not.toHaveProperty('action')
  })

  it.each([
    ['destroy', 'deletion'],
    ['delete', 'deletion'],
    ['Delete', 'deletion'],
    ['list', 'access'],
    ['update', 'change'],
    ['create', 'creation'],
    ['transfer', 'info'],
    ['mutation createPerson', 'info'],
  ])(
    'takes event.type from the action %s of a POST, whose effect the method does not show',
    (action, type) => {
      const line = ecs({ ...act, action, verdict: null })
      expect(line.event).toMatchObject({ action, type: [type], outcome: 'success' })
      expect(line.Audit).not.toHaveProperty('outcome')
    },
  )

  it.each<[verdict: RecordDraft['verdict'], status: number, outcome: string, types: string[]]>([
    [null, 403, 'failure', ['deletion', 'denied']],
    [{ outcome: 'denied', reason: '' }, 404, 'failure', ['deletion', 'denied']],
    [{ outcome: 'failure', reason: '' }, 403, 'failure', ['deletion']],
    [{ outcome: 'failure', reason: '' }, 200, 'failure', ['deletion']],
    [null, 204, 'success', ['deletion']],
  ])('maps the verdict %j with status %i to %s and %j', (verdict, status_code, outcome, type) => {
    const line = ecs({
      ...act,
      action: 'destroy',
      verdict,
      http_response: { status_code, reason: '', headers: null },
    })
    expect(line.event).toMatchObject({ outcome, type })
  })

  it.each<[stage: RecordDraft['stage'], type: string[]]>([
    ['received', ['deletion', 'start']],
    ['started', ['deletion', 'info']],
    ['completed', ['deletion', 'end']],
    ['corrected', ['deletion', 'end']],
  ])('maps the stage %s to event.type %j', (stage, type) => {
    expect(ecs({ ...act, action: 'destroy', verdict: null, stage }).event.type).toEqual(type)
  })

  it.each<[targets: RecordDraft['targets'], target: object | undefined]>([
    [[{ type: 'User', id: '9' }], { id: '9' }],
    [[{ type: 'user', id: '9' }], { id: '9' }],
    [[{ type: 'User' }], undefined],
    [[{ type: 'Person', id: '9' }], undefined],
    [[{ type: 'User group', id: '9' }], undefined],
    [
      [
        { type: 'User', id: '9' },
        { type: 'User', id: '10' },
      ],
      undefined,
    ],
  ])('maps the targets %j to user.target %j', (targets, target) => {
    const line = ecs({ ...act, targets })
    expect(line.user.target).toEqual(target)
    expect(line.related.user.includes('9')).toBe(target !== undefined)
  })

  it('maps the display name, the tenant, the type and the host', () => {
    const user = { ...completeDraft.user, name: 'A. B.', tenant: 'amsterdam', type: 'agent' }
    const line = ecs({ user: user as RecordDraft['user'] }, { service })
    expect(line.user).toMatchObject({ id: '7', full_name: 'A. B.' })
    expect(line.organization).toEqual({ id: 'amsterdam' })
    expect(line.Audit.user.type).toBe('agent')
    expect(line.host).toEqual({ name: expect.any(String) })
    expect(line.related.hosts).toEqual(['api.example.org', line.host.name])
  })
})
