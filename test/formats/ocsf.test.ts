import { hostname } from 'node:os'
import { describe, expect, it } from '@jest/globals'
import type { AuditLoggerOptions } from '#src/options/options.js'
import type { AuditLevel } from '#src/record/record.js'
import { createDraft, type RecordDraft } from '#src/record/record-draft.js'
import type { JsonValue } from '#src/serialize/json-value.js'
import { Summary } from '#src/serialize/summary.js'
import { completeDraft, formatDrafts, listAttributes } from '../helpers/record-arbitraries.js'

const service = { name: 'persons-api', version: '2.4.1', environment: 'production', nodeName: 'persons-0' }
const TIME = Date.parse('2026-11-24T09:30:00.123Z')

// biome-ignore lint/suspicious/noExplicitAny: the tests read properties at any depth.
function ocsf(draft: Partial<RecordDraft> = {}, options: AuditLoggerOptions = {}): any {
  return formatDrafts([{ ...completeDraft, ...draft }], { format: 'ocsf', ...options })[0]
}

describe("format 'ocsf'", () => {
  it('maps every property of a complete record', () => {
    expect(ocsf({}, { service })).toEqual({
      activity_id: 2,
      activity_name: 'Read',
      category_uid: 6,
      class_uid: 6003,
      type_uid: 600302,
      severity_id: 1,
      severity: 'Informational',
      status_id: 1,
      status: 'Success',
      status_code: '200',
      status_detail: 'OK',
      time: TIME,
      timezone_offset: 0,
      start_time: TIME,
      end_time: TIME + 12,
      duration: 12,
      message: 'List Person',
      metadata: {
        version: '1.9.0',
        product: { name: 'http-audit-log' },
        profiles: ['trace', 'host'],
        uid: 'a5acfa68-5306-451a-91bb-d7882244dde5-42',
        sequence: 42,
        correlation_uid: '0f6bbe1c-5d3e-4c5c-9f6e-2f0c5a4c9d11',
        log_level: 'INFO',
      },
      actor: {
        user: {
          uid: '7',
          name: 'a.b@example.org',
          type_id: 1,
          email_addr: 'a.b@example.org',
          domain: 'employees',
          groups: [{ name: 'reader', type: 'role' }],
        },
        idp: { name: 'keycloak' },
      },
      device: { hostname: hostname(), type_id: 0 },
      api: {
        operation: 'GET /persons',
        service: { name: 'persons-api', version: '2.4.1' },
        response: { code: 200 },
      },
      resources: [{ name: 'Person' }],
      src_endpoint: { ip: '192.0.2.7' },
      dst_endpoint: { hostname: 'api.example.org', port: 8443, svc_name: 'persons-api', name: 'persons-0' },
      http_request: {
        http_method: 'GET',
        url: {
          url_string: 'https://api.example.org:8443/persons?last_name=Jansen',
          scheme: 'https',
          hostname: 'api.example.org',
          port: 8443,
          path: '/persons',
          query_string: 'last_name=Jansen',
        },
        user_agent: 'Mozilla/5.0',
      },
      http_response: {
        code: 200,
        latency: 12,
        content_type: 'application/json',
        http_headers: [
          { name: 'content-type', value: 'application/json' },
          { name: 'set-cookie', value: 'a=[REDACTED]' },
          { name: 'set-cookie', value: 'b=[REDACTED]' },
        ],
      },
      trace: { uid: '4bf92f3577b34da6a3ce929d0e0e4736' },
      unmapped: {
        authenticated: true,
        on_behalf_of: completeDraft.user?.on_behalf_of,
        filter: { last_name: 'Jansen' },
        results: [{ id: 1 }],
        ended: 'completed',
        operation: 'GET /persons',
        route: '/persons',
        span_id: '00f067aa0ba902b7',
        run: 'a5acfa68-5306-451a-91bb-d7882244dde5',
        environment: 'production',
      },
    })
  })

  it('writes Unknown for required attributes that are not known, and omits all others', () => {
    const draft = { ...createDraft(0), sequence: completeDraft.sequence }
    const [line] = formatDrafts([draft], { format: 'ocsf', service: false })
    expect(line).toEqual({
      activity_id: 0,
      activity_name: 'Unknown',
      category_uid: 6,
      class_uid: 6003,
      type_uid: 600300,
      severity_id: 1,
      severity: 'Informational',
      status_id: 0,
      status: 'Unknown',
      time: 0,
      timezone_offset: 0,
      start_time: 0,
      message: '',
      metadata: {
        version: '1.9.0',
        product: { name: 'http-audit-log' },
        uid: 'a5acfa68-5306-451a-91bb-d7882244dde5-42',
        sequence: 42,
        log_level: 'INFO',
      },
      actor: { user: { name: 'Unknown', type_id: 0 } },
      api: { operation: 'Unknown' },
      src_endpoint: { name: 'Unknown' },
      unmapped: { run: 'a5acfa68-5306-451a-91bb-d7882244dde5' },
    })
  })

  it.each([
    ['POST', 1, 'Create', 'POST'],
    ['GET', 2, 'Read', 'GET'],
    ['PATCH', 3, 'Update', 'PATCH'],
    ['DELETE', 4, 'Delete', 'DELETE'],
    ['LINK', 99, 'LINK', 'LINK'],
    ['PURGE', 99, 'PURGE', undefined],
    ['get', 2, 'Read', undefined],
    ['', 99, 'Other', undefined],
  ])('maps the method %p to activity %i', (method, id, name, http_method) => {
    const line = ocsf({ http_request: { method, url: 'http://h/', user_agent: '' } })
    expect([line.activity_id, line.activity_name, line.type_uid]).toEqual([id, name, 600_300 + id])
    expect(line.http_request.http_method).toBe(http_method)
    expect(line.api.operation).toBe(`${method} /persons`.trim())
  })

  it.each<[AuditLevel, number, string]>([
    ['DEBUG', 1, 'Informational'],
    ['INFO', 1, 'Informational'],
    ['WARNING', 3, 'Medium'],
    ['ERROR', 4, 'High'],
    ['CRITICAL', 5, 'Critical'],
  ])('maps the level %s to severity %i', (type, id, name) => {
    const line = ocsf({ type })
    expect([line.severity_id, line.severity, line.metadata.log_level]).toEqual([id, name, type])
  })

  it.each([
    ['192.0.2.7', { ip: '192.0.2.7' }],
    ['2001:db8::1', { ip: '2001:db8::1' }],
    ['fe80::1%eth0', { name: 'fe80::1%eth0' }],
    ['unknown', { name: 'unknown' }],
    ['', { name: 'Unknown' }],
    // 45 characters; the schema allows 40.
    [
      '0000:0000:0000:0000:0000:ffff:192.168.100.228',
      { name: '0000:0000:0000:0000:0000:ffff:192.168.100.228' },
    ],
  ])('maps the address %p to src_endpoint %p', (ip, expected) => {
    const user = { authenticated: false, provider: '', realm: '', email: '', roles: null, ip }
    expect(ocsf({ user }).src_endpoint).toEqual(expected)
  })

  it.each([
    ['7', 'a.b@example.org', { uid: '7', name: 'a.b@example.org', email_addr: 'a.b@example.org' }],
    ['7', '', { uid: '7' }],
    [undefined, 'alice', { name: 'alice' }],
    ['', '', { name: 'Unknown' }],
  ])('maps the user id %p and the email %p', (id, email, expected) => {
    const user = {
      authenticated: true,
      provider: '',
      realm: '',
      email,
      roles: null,
      ip: '',
      ...(id !== undefined && { id }),
    }
    expect(ocsf({ user }).actor).toEqual({ user: { ...expected, type_id: 1 } })
  })

  it('writes pseudonyms as names', () => {
    const key = 'sixteen bytes or more'
    const line = ocsf({}, { pseudonymize: { key, keyId: '2026', fields: ['user.ip', 'user.email'] } })
    expect(line.src_endpoint).toEqual({ name: expect.stringMatching(/^hmac-sha256:2026:/) })
    expect(line.actor.user).toMatchObject({ uid: '7', name: expect.stringMatching(/^hmac-sha256:2026:/) })
    expect(line.actor.user).not.toHaveProperty('email_addr')
  })

  it('omits the response if no status was sent', () => {
    const line = ocsf({ http_response: { status_code: null, reason: null, headers: null }, ended: 'aborted' })
    expect(line).not.toHaveProperty('http_response')
    expect(line).toMatchObject({ status_id: 0, status: 'Unknown', unmapped: { ended: 'aborted' } })
  })

  it.each<[headers: JsonValue, http_headers: unknown, unmapped: unknown]>([
    [
      { a: '1', b: ['2', '3'] },
      [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
        { name: 'b', value: '3' },
      ],
      undefined,
    ],
    [new Summary('object', 9, { a: '1' }), [{ name: 'a', value: '1' }], undefined],
    [{ a: { b: 1 } }, [{ name: 'a', value: '{"b":1}' }], undefined],
    ['a text', undefined, 'a text'],
    [[1], undefined, [1]],
    [null, undefined, undefined],
  ])('maps the headers %j', (headers, http_headers, unmapped) => {
    const line = ocsf({ http_response: { status_code: 200, reason: '', headers } }, { redact: false })
    expect([line.http_response.http_headers, line.unmapped.headers]).toEqual([http_headers, unmapped])
  })

  it('maps the error, the lost records and the stage', () => {
    const line = ocsf({
      error: { name: 'TypeError', message: 'x is not a function' },
      lost: { count: 3, from_seq: 17, to_seq: 19 },
      stage: 'completed',
    })
    expect(line.status_detail).toBe('TypeError')
    expect(line.api.response).toEqual({
      code: 200,
      message: 'OK',
      error: 'TypeError',
      error_message: 'x is not a function',
    })
    expect(line.status).toBe('Failure')
    expect(line.unmapped).toMatchObject({ lost: { count: 3, from_seq: 17, to_seq: 19 }, stage: 'completed' })
  })

  it('names the parts that were shortened, and uses the available room', () => {
    const results = Array.from({ length: 5000 }, (_, id) => ({ id }))
    const line = ocsf({ results }, { service, maxRecordBytes: 2560 })
    expect(line.unmapped.truncated).toEqual(['results'])
    expect(line.metadata.is_truncated).toBe(true)
    expect(line.unmapped.results).toMatchObject({ truncated: true, type: 'array', count: 5000 })
    expect(Buffer.byteLength(JSON.stringify(line))).toBeGreaterThan(2560 - 16)
  })
})

describe('an act in OCSF', () => {
  const act: Partial<RecordDraft> = {
    http_request: { method: 'POST', url: 'https://api.example.org/transfers', user_agent: '' },
    http_response: { status_code: 403, reason: 'Forbidden', headers: null },
    route: '/transfers',
    action: 'transfer',
    targets: [{ type: 'Account', id: 'A' }, { type: 'Account', id: 'B' }, { type: 'Bank' }],
    verdict: { outcome: 'denied', reason: 'above the limit' },
    filter: null,
    changes: [{ path: 'balance', from: 10, to: { EUR: 5 } }],
    attributes: listAttributes({ case_number: '2026/17' }),
    request_body: { amount: 5 },
    parent: 'a5acfa68-5306-451a-91bb-d7882244dde5-1',
    children: 2,
    children_dropped: 1,
  }

  it('maps a denial to the profile security_control, and the reason to status_detail', () => {
    const line = ocsf(act)
    expect(line).toMatchObject({
      activity_id: 99,
      activity_name: 'transfer',
      status_id: 2,
      status: 'Failure',
      status_code: '403',
      status_detail: 'above the limit',
      action_id: 2,
      action: 'Denied',
      disposition_id: 2,
      disposition: 'Blocked',
      api: { operation: 'transfer', response: { code: 403, message: 'Forbidden' } },
      resources: [{ type: 'Account', uid: 'A' }, { type: 'Account', uid: 'B' }, { name: 'Bank' }],
      unmapped: {
        operation: 'POST /transfers',
        changes: act.changes,
        attributes: act.attributes,
        request_body: act.request_body,
        parent: act.parent,
        children: 2,
        children_dropped: 1,
      },
    })
    expect(line.metadata.profiles).toContain('security_control')
    expect(line.unmapped).not.toHaveProperty('action')
  })

  it('does not state that a control allowed a request that was not denied', () => {
    const line = ocsf({
      ...act,
      verdict: null,
      http_response: { status_code: 200, reason: 'OK', headers: null },
    })
    expect(line).toMatchObject({ status_id: 1, status_detail: 'OK' })
    expect(line.metadata.profiles).not.toContain('security_control')
    expect(Object.keys(line)).not.toEqual(expect.arrayContaining(['action_id']))
  })

  it('keeps the type of the filter as a resource, unless a target has it', () => {
    const filter = { object: 'Account', kwargs: {} }
    expect(ocsf({ ...act, filter }).resources).toHaveLength(3)
    expect(ocsf({ ...act, filter: { ...filter, object: 'Ledger' } }).resources).toContainEqual({
      name: 'Ledger',
    })
  })

  it.each([
    ['user', { type_id: 1, type: 'User' }],
    ['system', { type_id: 3, type: 'System' }],
    ['service', { type_id: 4, type: 'Service' }],
    ['agent', { type_id: 99, type: 'agent' }],
  ])('maps the actor type %s to %j', (type, expected) => {
    const user = { ...completeDraft.user, type, name: 'A. B.', tenant: 'amsterdam' }
    expect(ocsf({ user: user as RecordDraft['user'] }).actor.user).toMatchObject({
      ...expected,
      full_name: 'A. B.',
      org: { uid: 'amsterdam' },
    })
  })

  it('maps the host to device, with the profile host', () => {
    const line = ocsf({}, { service })
    expect(line.device).toEqual({ hostname: expect.any(String), type_id: 0 })
    expect(line.metadata.profiles).toContain('host')
    const without = ocsf({}, { service: false })
    expect(without).not.toHaveProperty('device')
    expect(without.metadata.profiles).toEqual(['trace'])
  })
})
