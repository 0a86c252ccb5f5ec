import { emptyDraft, type RecordDraft } from '#src/record/record.js'

/** An exchange of which everything is known. */
export const wholeDraft: RecordDraft = {
  ...emptyDraft(Date.parse('2026-11-24T09:30:00.123Z')),
  http_request: {
    method: 'GET',
    url: 'https://api.example.org:8443/persons?last_name=Jansen',
    user_agent: 'Mozilla/5.0',
  },
  http_response: {
    status_code: 200,
    reason: 'OK',
    headers: { 'content-type': 'application/json', 'set-cookie': ['a=[REDACTED]', 'b=[REDACTED]'] },
  },
  user: {
    authenticated: true,
    provider: 'keycloak',
    realm: 'employees',
    email: 'a.b@example.org',
    roles: ['reader'],
    ip: '192.0.2.7',
    id: '7',
  },
  filter: { object: 'Person', kwargs: { last_name: 'Jansen' } },
  results: [{ id: 1 }],
  message: 'List Person',
  duration_ms: 12.345,
  ended: 'completed',
  route: '/persons',
  request_id: '0f6bbe1c-5d3e-4c5c-9f6e-2f0c5a4c9d11',
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  span_id: '00f067aa0ba902b7',
  sequence: { run: 'a5acfa68-5306-451a-91bb-d7882244dde5', seq: 42 },
}
