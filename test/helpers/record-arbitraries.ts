// Records for tests of formats and of the pipeline: a complete one, one of every kind, and arbitrary ones (fast-check).
import fc from 'fast-check'
import { describeUser } from '#src/http/user/user.js'
import type { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { resolveLoggerOptions } from '#src/options/resolve.js'
import { createPipeline } from '#src/pipeline/pipeline.js'
import { AttributeList } from '#src/record/attributes.js'
import { AUDIT_LEVELS, AUDITED_ACTIONS, type NoteRecord, USER_TYPES } from '#src/record/record.js'
import { createDraft, type RecordDraft } from '#src/record/record-draft.js'
import type { JsonValue } from '#src/serialize/json-value.js'
import { toJson } from '#src/serialize/to-json.js'
import { memory } from '#src/sinks/memory.js'

/** Sends drafts through a pipeline and parses the lines. Drafts are copied, because the pipeline changes them. */
export function formatDrafts(
  drafts: readonly RecordDraft[],
  options: AuditLoggerOptions,
): Record<string, unknown>[] {
  const sink = memory()
  const errors: unknown[] = []
  const pipeline = createPipeline(
    resolveLoggerOptions({ onError: (error) => errors.push(error), ...options, sink }),
  )
  for (const draft of drafts) void pipeline.send({ ...draft })
  if (errors.length > 0) throw errors[0]
  return sink.records()
}

/** The draft of an exchange with every field set. */
export const completeDraft: RecordDraft = {
  ...createDraft(Date.parse('2026-11-24T09:30:00.123Z')),
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
    on_behalf_of: {
      provider: 'keycloak',
      realm: 'customers',
      email: 'c.d@example.org',
      roles: ['customer'],
      id: '42',
      name: 'C. D.',
      type: 'user',
      tenant: 'utrecht',
      via: ['service-1'],
    },
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

/** Sets every text field of the request, the user and the error to the same text. */
export function setEveryText(logger: AuditLogger, text: string): AuditLogger {
  return logger
    .setHttpRequest({ method: text, url: text, userAgent: text })
    .setUser({
      authenticated: true,
      provider: text,
      realm: text,
      email: text,
      roles: [text],
      ip: text,
      id: text,
      name: text,
      tenant: text,
      onBehalfOf: {
        id: text,
        email: text,
        name: text,
        tenant: text,
        provider: text,
        realm: text,
        roles: [text],
        via: [text],
      },
    })
    .setError(Object.assign(new Error(text), { name: text }))
}

const RUN = '0f6bbe1c-5d3e-4c5c-9f6e-2f0c5a4c9d11'
const TIME = new Date('2026-11-24T09:30:00.123Z')
const PSEUDONYM = `hmac-sha256:2026:${'0f'.repeat(32)}`

const ENDINGS = ['completed', 'aborted', 'crashed', null] as const
const STAGES = [null, null, 'received', 'started', 'completed'] as const

const USERS = [
  null,
  describeUser({ authenticated: false }, '192.0.2.7'),
  describeUser({ authenticated: false }, ''),
  describeUser(
    {
      authenticated: true,
      provider: 'keycloak',
      realm: 'employees',
      email: 'a.b@example.org',
      roles: ['reader'],
      id: '7',
    },
    '2001:db8::1',
  ),
  describeUser({ authenticated: null }, '192.0.2.7'),
  describeUser(
    { authenticated: true, id: '1', onBehalfOf: { id: '42', roles: { admin: true } as never, via: ['2'] } },
    '192.0.2.7',
  ),
  describeUser({ authenticated: true, ip: 'unknown', roles: [] }, ''),
  describeUser({ authenticated: true, ip: 'fe80::1%eth0', email: 'no address' }, ''),
  describeUser({ authenticated: true, ip: PSEUDONYM, email: PSEUDONYM, id: PSEUDONYM }, ''),
  describeUser({ authenticated: true, id: '', roles: { admin: true } as never }, '::ffff:192.0.2.7'),
  describeUser(
    { authenticated: true, id: '7', roles: 'admin' as never },
    '0000:0000:0000:0000:0000:ffff:192.168.100.228',
  ),
  describeUser({ authenticated: true, email: 'é@例え.jp', roles: [1, null, true] as never }, '127.0.0.1'),
] as const

const REQUESTS = [
  null,
  { method: 'GET', url: 'https://api.example.org/persons?last_name=Jansen', user_agent: 'Mozilla/5.0' },
  { method: 'POST', url: 'http://[::1]:3000/persons', user_agent: '' },
  { method: 'PATCH', url: 'http://localhost:99999/a/../b?q=[REDACTED]#c', user_agent: 'curl' },
  { method: 'DELETE', url: 'https://user:[REDACTED]@example.org', user_agent: 'curl' },
  { method: 'PURGE', url: PSEUDONYM, user_agent: '\u0000' },
  { method: 'get', url: '', user_agent: '' },
  { method: '', url: '/only/a/path', user_agent: '' },
  { method: 'HEAD', url: '*', user_agent: '…[+12 characters]' },
] as const

const RESPONSES = [
  null,
  { status_code: null, reason: null, headers: null },
  {
    status_code: 200,
    reason: 'OK',
    headers: {
      'content-type': 'application/json',
      'set-cookie': ['a=[REDACTED]', 'b=[REDACTED]'],
      foo: '',
      'foo.bar': '1',
    },
  },
  { status_code: 204, reason: '', headers: {} },
  { status_code: 401, reason: 'Unauthorized', headers: null },
  { status_code: 404, reason: 'Not Found', headers: '[REDACTED]' },
  { status_code: 500, reason: 'Internal Server Error', headers: { etag: 'x'.repeat(20_000) } },
  { status_code: 200, reason: 'OK', headers: ['a'] },
] as const

const NOTES: readonly NoteRecord[] = [
  { type: 'DEBUG', message: '' },
  { type: 'WARNING', message: '…[+3 notes]' },
  { type: 'CRITICAL', message: 'a\nb\u2028'.repeat(100) },
]

const TARGETS: readonly RecordDraft['targets'][] = [
  [],
  [{ type: 'Person', id: '2' }],
  [{ type: 'Account', id: 'A' }, { type: 'Account', id: 'B' }, { type: '' }],
]

const VERDICTS: readonly RecordDraft['verdict'][] = [
  null,
  null,
  { outcome: 'denied', reason: 'not your patient' },
  { outcome: 'failure', reason: '' },
]

const CHANGES: RecordDraft['changes'] = [
  { path: 'name', from: 'A', to: 'B' },
  { path: 'address', to: { city: 'Amsterdam' } },
  { path: 'tags.0', from: 'x' },
]

const LOGGED_VALUES: readonly JsonValue[] = [
  null,
  'a text',
  0,
  false,
  [],
  {},
  [1, [2], { a: 3 }],
  { '': 1, ' ': 2, '.': 3, 'a.b': 4, a: { b: 5 }, end: 'never', ip: 'unknown', score: 'x' },
  { created: '2026-11-24', nested: { list: [{ id: 1 }, 'x', null] } },
  'x'.repeat(40_000),
  Array.from({ length: 2_000 }, (_, id) => ({ id, name: `row ${id}` })),
  Object.fromEntries(Array.from({ length: 2_000 }, (_, key) => [`key ${key}`, key])),
]

/** One draft per ending, level and user; the other fields rotate at different steps, so that their values combine. */
export function variedDrafts(): RecordDraft[] {
  let count = 0
  // Each list has a step of its own, so that lists of equal length do not rotate together.
  const rotate = <Item>(items: readonly Item[], step: number) =>
    items[(count * step + Math.floor(count / items.length)) % items.length] as Item
  return ENDINGS.flatMap((ended) =>
    AUDIT_LEVELS.flatMap((type) =>
      USERS.flatMap((user) =>
        [0, 1].map((): RecordDraft => {
          count += 1
          return {
            ...createDraft(TIME.getTime()),
            http_request: rotate(REQUESTS, 1),
            http_response: rotate(RESPONSES, 3) as RecordDraft['http_response'],
            user,
            filter: rotate(
              [null, ...LOGGED_VALUES.map((kwargs) => ({ object: kwargs === null ? '' : 'Person', kwargs }))],
              5,
            ),
            results: rotate(LOGGED_VALUES, 7),
            type,
            message: rotate(['', 'List Person', 'a\nb\u2028', 'é'.repeat(10_000)], 1),
            duration_ms: rotate([null, 0, 12.345, 0.001, 86_400_000.5], 2),
            ended,
            stage: rotate(STAGES, 1),
            action: rotate([null, ...AUDITED_ACTIONS, 'another'], 3),
            targets: rotate(TARGETS, 1),
            targetSource: 'handler' as const,
            verdict: rotate(VERDICTS, 2),
            hasActionEnded: rotate([false, true], 3),
            changes: rotate([[], [], CHANGES], 1),
            attributes: rotate(
              [null, null, listAttributes({ case_number: '2026/17', nested: { list: [1, 'a'] } })],
              1,
            ),
            request_body: rotate([null, null, { last_name: 'Jansen' }], 2),
            parent: rotate([null, null, `${RUN}-1`], 1),
            children: rotate([0, 0, 3], 2),
            children_dropped: rotate([0, 0, 0, 9_000], 1),
            notes: rotate([[], [], NOTES, [...NOTES, ...NOTES, ...NOTES]], 1),
            error: rotate(
              [null, null, { name: 'Error', message: 'The handler failed' }, { name: '', message: '' }],
              1,
            ),
            lost: rotate([null, null, null, null, { count: 3, from_seq: 17, to_seq: 19 }], 1),
            truncated: rotate([[], [], ['results'], ['*']], 3),
            route: rotate([null, '/persons/:id', ''], 1),
            request_id: rotate([null, RUN, 'a:b'], 1),
            trace_id: rotate([null, 'c'.repeat(32)], 1),
            span_id: rotate([null, 'd'.repeat(16)], 1),
            detail: rotate(['full', 'full', 'metadata'], 1),
          }
        }),
      ),
    ),
  )
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', PSEUDONYM, '127.0.0.1', 'a@b.org', 'x'.repeat(30_000)),
)
const json = fc.oneof(
  fc.jsonValue().map(toJson),
  fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()).map(toJson),
  fc.anything().map(toJson),
  fc.constantFrom(...LOGGED_VALUES, toJson({ '\0': 1 })),
)
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 4 })

export function listAttributes(values: Readonly<Record<string, JsonValue>>): AttributeList {
  const list = new AttributeList()
  for (const [name, value] of Object.entries(values)) list.set(name, value)
  return list
}

/** Drafts whose every part is any value that its type allows. */
export const arbitraryDraft: fc.Arbitrary<RecordDraft> = fc.record({
  http_request: orNull(
    fc.record({
      method: text,
      url: fc.oneof(text, fc.webUrl({ withQueryParameters: true })),
      user_agent: text,
    }),
  ),
  http_response: orNull(
    fc.record({
      status_code: orNull(fc.integer({ min: 100, max: 999 })),
      reason: orNull(text),
      headers: json,
    }),
  ),
  user: orNull(
    fc.record(
      {
        authenticated: fc.constantFrom(true, false, null),
        provider: text,
        realm: text,
        email: fc.oneof(text, fc.emailAddress()),
        roles: json,
        ip: fc.oneof(text, fc.ipV4(), fc.ipV6()),
        id: text,
        name: text,
        type: fc.constantFrom(...USER_TYPES),
        tenant: text,
        on_behalf_of: fc.record(
          {
            provider: text,
            realm: text,
            email: text,
            roles: json,
            id: text,
            name: text,
            type: fc.constantFrom(...USER_TYPES),
            tenant: text,
            via: fc.array(text, { minLength: 1, maxLength: 3 }),
          },
          { requiredKeys: ['provider', 'realm', 'email', 'roles'] },
        ),
      },
      { requiredKeys: ['authenticated', 'provider', 'realm', 'email', 'roles', 'ip'] },
    ),
  ) as fc.Arbitrary<RecordDraft['user']>,
  filter: orNull(fc.record({ object: text, kwargs: json })),
  results: json,
  type: fc.constantFrom(null, ...AUDIT_LEVELS),
  message: text,
  time: fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') })
    .map((time) => time.toISOString()),
  duration_ms: orNull(fc.nat(10_000_000_000).map((microseconds) => microseconds / 1000)),
  ended: fc.constantFrom(...ENDINGS),
  stage: fc.constantFrom(...STAGES),
  action: orNull(fc.oneof(text, fc.constantFrom(...AUDITED_ACTIONS))),
  targetSource: fc.constantFrom('handler' as const, 'suggestion' as const),
  targets: fc.array(fc.record({ type: text, id: text }, { requiredKeys: ['type'] }), { maxLength: 5 }),
  verdict: orNull(
    fc.record({ outcome: fc.constantFrom('denied' as const, 'failure' as const), reason: text }),
  ),
  hasActionEnded: fc.boolean(),
  changes: fc.array(fc.record({ path: text, from: json, to: json }, { requiredKeys: ['path'] }), {
    maxLength: 5,
  }),
  attributes: orNull(fc.dictionary(fc.string(), json).map(listAttributes)),
  request_body: json,
  parent: orNull(fc.uuid().map((run) => `${run}-1`)),
  children: fc.nat(),
  children_dropped: fc.nat(),
  notes: fc.array(fc.record({ type: fc.constantFrom(...AUDIT_LEVELS), message: text }), { maxLength: 22 }),
  error: orNull(fc.record({ name: text, message: text })),
  seal: fc.constant(null),
  lost: orNull(
    fc.record({
      count: fc.integer({ min: 1 }),
      from_seq: fc.integer({ min: 1 }),
      to_seq: fc.integer({ min: 1 }),
    }),
  ),
  truncated: fc.subarray(['results', 'message', 'notes']),
  route: orNull(text),
  request_id: orNull(fc.uuid()),
  trace_id: fc.constantFrom(null, 'c'.repeat(32)),
  span_id: fc.constantFrom(null, 'd'.repeat(16)),
  detail: fc.constantFrom('full', 'metadata'),
  secrets: fc.constant([]),
  sequence: fc.constant(null),
})
