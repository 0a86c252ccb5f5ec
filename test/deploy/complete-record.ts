import type { AuditRecord } from '#src/record/record.js'

/** Makes every field required, so that the compiler reports a field that is missing below. */
type Complete<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]-?: Complete<NonNullable<T[K]>> }
    : T

export const COMPLETE_RECORD: Complete<Omit<AuditRecord, 'results'>> & { results: string } = {
  http_request: { method: 'GET', url: 'https://example.org/', user_agent: 'Test' },
  http_response: { status_code: 200, reason: 'OK', headers: 'anything' },
  user: {
    authenticated: true,
    provider: 'keycloak',
    realm: 'employees',
    email: 'a.b@example.org',
    roles: 'anything',
    ip: '192.0.2.7',
    id: '1',
    name: 'A. B.',
    type: 'user',
    tenant: 'amsterdam',
    on_behalf_of: {
      provider: 'keycloak',
      realm: 'customers',
      email: 'c.d@example.org',
      roles: 'anything',
      id: '42',
      name: 'C. D.',
      type: 'user',
      tenant: 'utrecht',
      via: ['service-1'],
    },
  },
  filter: { object: 'Person', kwargs: 'anything' },
  results: 'anything',
  type: 'INFO',
  message: 'List Person',
  time: '2026-11-24T09:30:00.123Z',
  duration_ms: 12.345,
  outcome: 'success',
  ended: 'completed',
  stage: 'completed',
  action: 'list',
  target: [{ type: 'Person', id: '2' }],
  reason: 'not your patient',
  changes: [{ path: 'name', from: 'A', to: 'B' }],
  attributes: { case_number: '2026/17' },
  request_body: 'anything',
  parent: 'a5acfa68-5306-451a-91bb-d7882244dde5-1',
  children: 1,
  children_dropped: 1,
  notes: [{ type: 'INFO', message: 'from the cache' }],
  error: { name: 'Error', message: 'no' },
  service: { name: 'persons-api', version: '2.4.1', environment: 'production', node_name: 'pod-1' },
  host: { name: 'web-1' },
  lost: { count: 1, from_seq: 2, to_seq: 2 },
  truncated: ['results'],
  route: '/persons',
  request_id: '0f6bbe1c-5d3e-4c5c-9f6e-2f0c5a4c9d11',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  span_id: 'b7ad6b7169203331',
  run: 'a5acfa68-5306-451a-91bb-d7882244dde5',
  seq: 1,
  id: 'a5acfa68-5306-451a-91bb-d7882244dde5-1',
}
