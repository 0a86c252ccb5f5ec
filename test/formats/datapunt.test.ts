import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { memory } from '#src/sinks/memory.js'

// The output of the Python package datapunt-audit-log 0.4.0 for the same calls.
const printedByPython: [name: string, call: (logger: AuditLogger) => AuditLogger, printed: string][] = [
  [
    'no calls',
    (logger) => logger,
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": null, "type": "INFO", "message": ""}}',
  ],
  [
    'the quick start of its documentation',
    (logger) =>
      logger
        .setHttpRequest({ method: 'GET', url: 'https://localhost', userAgent: 'Test' })
        .info('This is a log message'),
    '{"audit": {"http_request": {"method": "GET", "url": "https://localhost", "user_agent": "Test"}, "http_response": null, "user": null, "filter": null, "results": null, "type": "INFO", "message": "This is a log message"}}',
  ],
  [
    'a request without user agent',
    (logger) => logger.setHttpRequest({ method: 'POST', url: 'https://example.org/a?b=c' }),
    '{"audit": {"http_request": {"method": "POST", "url": "https://example.org/a?b=c", "user_agent": ""}, "http_response": null, "user": null, "filter": null, "results": null, "type": "INFO", "message": ""}}',
  ],
  [
    'a response without headers',
    (logger) => logger.setHttpResponse({ statusCode: 404, reason: 'Not Found' }),
    '{"audit": {"http_request": null, "http_response": {"status_code": 404, "reason": "Not Found", "headers": null}, "user": null, "filter": null, "results": null, "type": "INFO", "message": ""}}',
  ],
  [
    'a response with headers',
    (logger) =>
      logger.setHttpResponse({
        statusCode: 200,
        reason: 'OK',
        headers: { 'Content-Type': 'application/json', 'X-Test': '1' },
      }),
    '{"audit": {"http_request": null, "http_response": {"status_code": 200, "reason": "OK", "headers": {"Content-Type": "application/json", "X-Test": "1"}}, "user": null, "filter": null, "results": null, "type": "INFO", "message": ""}}',
  ],
  [
    'a user with only the required properties',
    (logger) => logger.setUser({ authenticated: false, provider: '', email: '' }),
    '{"audit": {"http_request": null, "http_response": null, "user": {"authenticated": false, "email": "", "roles": null, "ip": "", "provider": {"name": "", "realm": ""}}, "filter": null, "results": null, "type": "INFO", "message": ""}}',
  ],
  [
    'a user with all properties',
    (logger) =>
      logger.setUser({
        authenticated: true,
        provider: 'keycloak',
        email: 'a.b@example.org',
        roles: ['admin', 'reader'],
        ip: '192.0.2.7',
        realm: 'employees',
      }),
    '{"audit": {"http_request": null, "http_response": null, "user": {"authenticated": true, "email": "a.b@example.org", "roles": ["admin", "reader"], "ip": "192.0.2.7", "provider": {"name": "keycloak", "realm": "employees"}}, "filter": null, "results": null, "type": "INFO", "message": ""}}',
  ],
  [
    'a filter',
    (logger) => logger.setFilter('Person', { last_name: 'Jansen', born_before: 1980 }),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": {"object": "Person", "kwargs": {"last_name": "Jansen", "born_before": 1980}}, "results": null, "type": "INFO", "message": ""}}',
  ],
  [
    'a filter with nested and empty values',
    (logger) => logger.setFilter('Person', { ids: [1, 2, 3], q: '', nested: { a: null, b: true } }),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": {"object": "Person", "kwargs": {"ids": [1, 2, 3], "q": "", "nested": {"a": null, "b": true}}}, "results": null, "type": "INFO", "message": ""}}',
  ],
  [
    'a list of results',
    (logger) =>
      logger.setResults([
        { id: 1, name: 'A' },
        { id: 2, name: 'B' },
      ]),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}], "type": "INFO", "message": ""}}',
  ],
  [
    'results that are an object',
    (logger) => logger.setResults({ count: 2 }),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": {"count": 2}, "type": "INFO", "message": ""}}',
  ],
  [
    'an empty list of results',
    (logger) => logger.setResults([]),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": [], "type": "INFO", "message": ""}}',
  ],
  [
    'warning',
    (logger) => logger.warning('w'),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": null, "type": "WARNING", "message": "w"}}',
  ],
  [
    'error',
    (logger) => logger.error('e'),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": null, "type": "ERROR", "message": "e"}}',
  ],
  [
    'critical',
    (logger) => logger.critical('c'),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": null, "type": "CRITICAL", "message": "c"}}',
  ],
  [
    'two messages of different levels',
    (logger) => logger.error('first').info('second'),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": null, "type": "INFO", "message": "second"}}',
  ],
  [
    'a setter that is called twice',
    (logger) => logger.setResults([1]).setResults([2]),
    '{"audit": {"http_request": null, "http_response": null, "user": null, "filter": null, "results": [2], "type": "INFO", "message": ""}}',
  ],
  [
    'text that needs escapes',
    (logger) =>
      logger
        .info('caf\u00e9 \u6771\u4eac "q" \\ back\nnew\tline \u2028 \ud83d\ude00')
        .setFilter('\u00c5', { '\u00e9': '\u00e8' }),
    String.raw`{"audit": {"http_request": null, "http_response": null, "user": null, "filter": {"object": "\u00c5", "kwargs": {"\u00e9": "\u00e8"}}, "results": null, "type": "INFO", "message": "caf\u00e9 \u6771\u4eac \"q\" \\ back\nnew\tline \u2028 \ud83d\ude00"}}`,
  ],
  [
    'everything',
    (logger) =>
      logger
        .setHttpRequest({
          method: 'GET',
          url: 'https://api.example.org/persons?last_name=Jansen',
          userAgent: 'Mozilla/5.0',
        })
        .setHttpResponse({
          statusCode: 200,
          reason: 'OK',
          headers: { 'content-type': 'application/json; charset=utf-8' },
        })
        .setUser({
          authenticated: true,
          provider: 'keycloak',
          email: 'a.b@example.org',
          roles: ['reader'],
          ip: '2001:db8::1',
          realm: 'employees',
        })
        .setFilter('Person', { last_name: 'Jansen' })
        .setResults([{ id: 1 }])
        .info('List Person'),
    '{"audit": {"http_request": {"method": "GET", "url": "https://api.example.org/persons?last_name=Jansen", "user_agent": "Mozilla/5.0"}, "http_response": {"status_code": 200, "reason": "OK", "headers": {"content-type": "application/json; charset=utf-8"}}, "user": {"authenticated": true, "email": "a.b@example.org", "roles": ["reader"], "ip": "2001:db8::1", "provider": {"name": "keycloak", "realm": "employees"}}, "filter": {"object": "Person", "kwargs": {"last_name": "Jansen"}}, "results": [{"id": 1}], "type": "INFO", "message": "List Person"}}',
  ],
]

/** Removes the spaces that Python prints. Values and the order of keys are unchanged. */
function normalize(json: string): string {
  return JSON.stringify(JSON.parse(json))
}

function linesOf(call: (logger: AuditLogger) => AuditLogger, level?: 'info'): string[] {
  const sink = memory()
  call(new AuditLogger({ format: 'datapunt', sink, level })).sendLog()
  return sink.lines
}

describe.each([
  ['the default level', undefined],
  ["level 'info', the Python package's own", 'info'],
] as const)("format 'datapunt' at %s", (_name, level) => {
  it.each(printedByPython)('prints the same as Python for %s', (_case, call, printed) => {
    const lines = linesOf(call, level)
    expect(lines.map(normalize)).toEqual([normalize(printed)])
    expect(lines[0]).toMatch(/^[^\n]+\n$/)
  })
})

describe('debug', () => {
  const debug = (logger: AuditLogger) => logger.debug('d')

  it("prints nothing at level 'info', as in Python", () => {
    expect(linesOf(debug, 'info')).toEqual([])
  })

  it('prints one record by default, because an audit log drops nothing unless configured to', () => {
    expect(linesOf(debug).map((line) => JSON.parse(line).audit)).toEqual([
      {
        http_request: null,
        http_response: null,
        user: null,
        filter: null,
        results: null,
        type: 'DEBUG',
        message: 'd',
      },
    ])
  })
})

describe('whatever else a handler records about the act, the line is the same byte for byte', () => {
  const user = { authenticated: true, provider: 'p', email: 'a@example.org', roles: ['reader'], realm: 'r' }
  const more = { id: '7', name: 'A. B.', type: 'service', tenant: 'amsterdam', onBehalfOf: { id: '42' } }
  const fill = (logger: AuditLogger) =>
    logger
      .setHttpRequest({ method: 'DELETE', url: 'https://localhost/persons/2', userAgent: 'Test' })
      .setHttpResponse({ statusCode: 403, reason: 'Forbidden', headers: { etag: '1' } })
      .setUser(user)
      .setFilter('Person', { id: 2 })
      .setResults([{ id: 2 }])
  const act = (logger: AuditLogger) =>
    fill(logger)
      .setUser({ ...user, ...(more as object) })
      .setAction('delete', [
        { type: 'Person', id: 2 },
        { type: 'Person', id: 3 },
      ])
      .set('case_number', '2026/17')
      .setChanges({ name: 'A' }, { name: 'B' })

  it.each<[title: string, finish: (logger: AuditLogger) => AuditLogger, message: boolean]>([
    ['with a denial and a message', (logger) => logger.deny('not your patient').warning('Refused'), true],
    ['with a failure and a message', (logger) => logger.fail('no funds').warning('Refused'), true],
    ['with a denial and no message', (logger) => logger.deny('not your patient'), false],
    ['with neither', (logger) => logger, false],
  ])('%s', (_title, finish, hasMessage) => {
    const plain = (logger: AuditLogger) => (hasMessage ? fill(logger).warning('Refused') : fill(logger))
    expect(linesOf((logger) => finish(act(logger)))).toEqual(linesOf(plain))
  })
})

it('has no field that Python does not print, even if more is known', () => {
  const [line = ''] = linesOf((logger) =>
    logger.setUser({ authenticated: true, id: '7', email: 'a@example.org' }).info('x'),
  )
  expect(Object.keys(JSON.parse(line))).toEqual(['audit'])
  expect(Object.keys(JSON.parse(line).audit)).toEqual([
    'http_request',
    'http_response',
    'user',
    'filter',
    'results',
    'type',
    'message',
  ])
  expect(Object.keys(JSON.parse(line).audit.user)).toEqual([
    'authenticated',
    'email',
    'roles',
    'ip',
    'provider',
  ])
})
