import { describe, expect, it, jest } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { memory } from '#src/sinks/memory.js'
import { runScript } from '../helpers/child-process.js'
import { HOST } from '../helpers/origin.js'

type Setting = (logger: AuditLogger, value: never) => unknown

function auditOf(call: (logger: AuditLogger) => unknown) {
  const sink = memory()
  const logger = new AuditLogger({ sink })
  call(logger)
  logger.sendLog()
  expect(sink.lines).toHaveLength(1)
  expect(sink.lines[0]).toMatch(/^[^\n]+\n$/)
  return sink.records()[0].audit
}

describe('the outcome without HTTP', () => {
  const action = (logger: AuditLogger) => logger.setAction('close', { type: 'Account', id: 1 })

  it.each<[string, (logger: AuditLogger) => unknown, string]>([
    ['success of an action', action, 'success'],
    ['failure of an action with an error', (logger) => action(logger).setError(new Error('no')), 'failure'],
    ['failure that was stated', (logger) => action(logger).fail('locked'), 'failure'],
    ['unknown without an action', (logger) => logger.info('started'), 'unknown'],
    [
      'unknown for a request without a response',
      (logger) => action(logger).setHttpRequest({ method: 'GET', url: '/' }),
      'unknown',
    ],
  ])('is %s', (_name, call, outcome) => {
    expect(auditOf(call)).toMatchObject({ outcome })
  })
})

describe('the methods of AuditLogger', () => {
  const methods: [string, (logger: AuditLogger) => unknown][] = [
    ['setHttpRequest', (logger) => logger.setHttpRequest({ method: 'GET', url: '/', userAgent: 'Test' })],
    ['setHttpResponse', (logger) => logger.setHttpResponse({ statusCode: 200, reason: 'OK', headers: {} })],
    ['setUser', (logger) => logger.setUser({ authenticated: true, provider: 'p', email: 'e' })],
    ['setFilter', (logger) => logger.setFilter('Person', { last_name: 'Jansen' })],
    ['setResults', (logger) => logger.setResults([])],
    ['debug', (logger) => logger.debug('x')],
    ['info', (logger) => logger.info('x')],
    ['warning', (logger) => logger.warning('x')],
    ['error', (logger) => logger.error('x')],
    ['critical', (logger) => logger.critical('x')],
  ]

  it.each(methods)('%s returns the logger', (_name, call) => {
    const logger = new AuditLogger({ sink: memory() })
    expect(call(logger)).toBe(logger)
  })

  it.each(methods)('%s has no effect after sendLog, and returns the logger', (_name, call) => {
    const sink = memory()
    const logger = new AuditLogger({ sink })
    logger.sendLog()
    const [line] = sink.lines
    expect(call(logger)).toBe(logger)
    logger.sendLog()
    expect(sink.lines).toEqual([line])
  })

  it.each(['debug', 'info', 'warning', 'error', 'critical'] as const)('%s sets type and message', (level) => {
    expect(auditOf((logger) => logger[level]('List Person'))).toMatchObject({
      type: level.toUpperCase(),
      message: 'List Person',
    })
  })

  it('can be chained to fill the whole record', () => {
    expect(
      auditOf((logger) =>
        logger
          .setHttpRequest({ method: 'GET', url: 'https://localhost', userAgent: 'Test' })
          .setHttpResponse({ statusCode: 201, reason: 'Created', headers: { vary: ['a', 'b'] } })
          .setUser({
            authenticated: true,
            provider: 'p',
            realm: 'r',
            email: 'e',
            roles: ['a'],
            ip: 'i',
            id: '1',
          })
          .setFilter('Person', { last_name: 'Jansen' })
          .setResults([{ id: 1 }])
          .warning('List Person'),
      ),
    ).toMatchObject({
      http_request: { method: 'GET', url: 'https://localhost', user_agent: 'Test' },
      http_response: { status_code: 201, reason: 'Created', headers: { vary: ['a', 'b'] } },
      user: { authenticated: true, provider: 'p', realm: 'r', email: 'e', roles: ['a'], ip: 'i', id: '1' },
      filter: { object: 'Person', kwargs: { last_name: 'Jansen' } },
      results: [{ id: 1 }],
      type: 'WARNING',
      message: 'List Person',
      outcome: 'success',
    })
  })
})

describe('a record without any setter called', () => {
  it('can be sent', () => {
    expect(auditOf(() => {})).toEqual({
      http_request: null,
      http_response: null,
      user: null,
      filter: null,
      results: null,
      type: 'INFO',
      message: '',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      duration_ms: null,
      outcome: 'unknown',
      ended: null,
      request_id: null,
      trace_id: null,
      run: expect.any(String),
      seq: expect.any(Number),
      id: expect.any(String),
      host: HOST,
    })
  })
})

describe('an argument that is left out', () => {
  it.each<[string, (logger: AuditLogger) => unknown, object]>([
    [
      'a user agent',
      (logger) => logger.setHttpRequest({ method: 'GET', url: '/' }),
      { http_request: { method: 'GET', url: '/', user_agent: '' } },
    ],
    [
      'response headers',
      (logger) => logger.setHttpResponse({ statusCode: 404, reason: 'Not Found' }),
      { http_response: { status_code: 404, reason: 'Not Found', headers: null } },
    ],
    [
      'all user properties but `authenticated`',
      (logger) => logger.setUser({ authenticated: true }),
      { user: { authenticated: true, provider: '', realm: '', email: '', roles: null, ip: '' } },
    ],
    ['kwargs', (logger) => logger.setFilter('Person'), { filter: { object: 'Person', kwargs: {} } }],
    ['results', (logger) => logger.setResults(), { results: null }],
  ])('%s is empty in the record', (_name, call, expected) => {
    expect(auditOf(call)).toMatchObject(expected)
  })
})

describe('a setter that is called twice', () => {
  it.each<[string, (logger: AuditLogger) => unknown, object]>([
    ['a level', (logger) => logger.error('first').info('second'), { type: 'INFO', message: 'second' }],
    [
      'a request',
      (logger) =>
        logger
          .setHttpRequest({ method: 'GET', url: '/1', userAgent: 'a' })
          .setHttpRequest({ method: 'PUT', url: '/2' }),
      { http_request: { method: 'PUT', url: '/2', user_agent: '' } },
    ],
    [
      'a response',
      (logger) =>
        logger
          .setHttpResponse({ statusCode: 200, reason: 'OK', headers: { a: 'b' } })
          .setHttpResponse({ statusCode: 500, reason: 'Oops' }),
      { http_response: { status_code: 500, reason: 'Oops', headers: null }, outcome: 'failure' },
    ],
    [
      'a user',
      (logger) =>
        logger.setUser({ authenticated: true, id: '1', roles: ['a'] }).setUser({ authenticated: false }),
      { user: { authenticated: false, provider: '', realm: '', email: '', roles: null, ip: '' } },
    ],
    [
      'a filter',
      (logger) => logger.setFilter('A', { a: 1 }).setFilter('B', { b: 2 }),
      { filter: { object: 'B', kwargs: { b: 2 } } },
    ],
    ['results', (logger) => logger.setResults([1]).setResults([2]), { results: [2] }],
    ['results, then none', (logger) => logger.setResults([1]).setResults(), { results: null }],
  ])('keeps the last value: %s', (_name, call, expected) => {
    expect(auditOf(call)).toEqual(expect.objectContaining(expected))
  })
})

describe('sendLog', () => {
  it('writes one line, even if it is called several times', () => {
    const sink = memory()
    const logger = new AuditLogger({ sink }).info('once')
    for (let times = 0; times < 3; times++) logger.sendLog()
    expect(sink.records().map(({ audit }) => audit.message)).toEqual(['once'])
  })

  it('writes one line even if the sink calls it again', () => {
    const lines: string[] = []
    const logger: AuditLogger = new AuditLogger({
      sink: {
        write(line) {
          lines.push(line)
          logger.sendLog()
        },
      },
    })
    logger.sendLog()
    expect(lines).toHaveLength(1)
  })

  it('writes to stdout by default', async () => {
    const { stdout, stderr } = await runScript(`import { AuditLogger } from 'http-audit-log'
         new AuditLogger()
           .setHttpRequest({ method: 'GET', url: 'https://localhost', userAgent: 'Test' })
           .info('This is a log message')
           .sendLog()
         new AuditLogger().sendLog()`)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^[^\n]+\n[^\n]+\n$/)
    const [first, second] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).audit)
    expect(first).toMatchObject({
      http_request: { method: 'GET', url: 'https://localhost', user_agent: 'Test' },
      message: 'This is a log message',
      seq: 1,
    })
    expect(second).toMatchObject({ http_request: null, message: '', seq: 2, run: first.run })
  })
})

it('copies values when a setter is called, so that later changes do not reach the record', () => {
  const kwargs = { ids: [1] }
  const results = [{ id: 1 }]
  const roles = ['reader']
  const headers: Record<string, string> = { a: 'b' }
  const audit = auditOf((logger) => {
    logger.setFilter('Person', kwargs).setResults(results).setUser({ authenticated: true, roles })
    logger.setHttpResponse({ statusCode: 200, reason: 'OK', headers })
    kwargs.ids.push(2)
    results.push({ id: 2 })
    roles.push('admin')
    headers.c = 'd'
  })
  expect(audit.filter.kwargs).toEqual({ ids: [1] })
  expect(audit.results).toEqual([{ id: 1 }])
  expect(audit.user.roles).toEqual(['reader'])
  expect(audit.http_response.headers).toEqual({ a: 'b' })
})

describe('a status code', () => {
  it.each<[unknown, number | null]>([
    [200, 200],
    ['404', 404],
    [undefined, null],
    [null, null],
    ['', null],
    [' ', null],
    ['OK', null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [200.5, null],
    [true, null],
    [false, null],
    [[], null],
    [{}, null],
    [{ valueOf: () => 200 }, null],
    [Symbol('200'), null],
    [() => 200, null],
  ])('%p is recorded as %p', (statusCode, recorded) => {
    const audit = auditOf((logger) => logger.setHttpResponse({ statusCode, reason: '' } as never))
    expect(audit.http_response.status_code).toBe(recorded)
  })
})

describe('it is not known whether a user is logged in if `authenticated` is', () => {
  it.each<[string, PropertyDescriptor]>([
    [
      'a getter that throws',
      {
        get() {
          throw new Error('hostile')
        },
      },
    ],
    ['a function that was not called', { value: () => false }],
    ['NaN', { value: Number.NaN }],
    ['the BigInt 0', { value: 0n }],
    ['nothing', { value: undefined }],
  ])('%s', (_name, descriptor) => {
    const user = Object.defineProperty({}, 'authenticated', { ...descriptor, enumerable: true })
    expect(auditOf((logger) => logger.setUser(user as never)).user.authenticated).toBeNull()
  })
})

describe('arguments of the wrong type never throw, and result in a valid line', () => {
  const fail = (): never => {
    throw new Error('hostile')
  }
  const revoked = (target: object): object => {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
  }
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const fields = [
    'method',
    'url',
    'userAgent',
    'statusCode',
    'reason',
    'headers',
    'authenticated',
    'email',
    'roles',
  ]
  const withThrowingGetters = Object.defineProperties(
    {},
    Object.fromEntries(fields.map((field) => [field, { get: fail, enumerable: true }])),
  )

  const invalidValues: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['NaN', Number.NaN],
    ['a BigInt', 7n],
    ['a boolean', true],
    ['a symbol', Symbol('nonsense')],
    ['a string', 'nonsense'],
    ['a string with a line feed', 'a\nb\u2028c\ud800'],
    ['a function', fail],
    ['an empty object', {}],
    ['an object without prototype', Object.create(null)],
    ['a list', [1, [2]]],
    ['a Map', new Map<unknown, unknown>([[{}, fail]])],
    ['an invalid Date', new Date(Number.NaN)],
    ['an Error', new Error('nonsense')],
    ['a circle', circular],
    ['throwing getters', withThrowingGetters],
    ['a toJSON that throws', { toJSON: fail }],
    ['a toString that throws', { toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }],
    ['a proxy that throws', new Proxy({}, new Proxy({}, { get: () => fail }))],
    ['a proxy of a function that throws', new Proxy(fail, new Proxy({}, { get: () => fail }))],
    ['a revoked proxy', revoked({})],
    ['a revoked proxy of a list', revoked([])],
    ['a revoked proxy of a function', revoked(fail)],
  ]

  const settings: [string, Setting][] = [
    ['setHttpRequest', (logger, value) => logger.setHttpRequest(value)],
    [
      'setHttpRequest, in each field',
      (logger, value) => logger.setHttpRequest({ method: value, url: value, userAgent: value }),
    ],
    ['setHttpResponse', (logger, value) => logger.setHttpResponse(value)],
    [
      'setHttpResponse, in each field',
      (logger, value) => logger.setHttpResponse({ statusCode: value, reason: value, headers: value }),
    ],
    ['setUser', (logger, value) => logger.setUser(value)],
    [
      'setUser, in each field',
      (logger, value) =>
        logger.setUser({
          authenticated: value,
          provider: value,
          realm: value,
          email: value,
          roles: value,
          ip: value,
          id: value,
        }),
    ],
    ['setFilter, as the object', (logger, value) => logger.setFilter(value)],
    ['setFilter, as the kwargs', (logger, value) => logger.setFilter('Person', value)],
    ['setResults', (logger, value) => logger.setResults(value)],
    ['debug', (logger, value) => logger.debug(value)],
    ['info', (logger, value) => logger.info(value)],
    ['warning', (logger, value) => logger.warning(value)],
    ['error', (logger, value) => logger.error(value)],
    ['critical', (logger, value) => logger.critical(value)],
  ]

  describe.each(settings)('%s', (_method, set) => {
    it.each(invalidValues)('%s', (_name, value) => {
      const audit = auditOf((logger) => {
        logger.setFilter('Before', { kept: true }).info('before')
        expect(set(logger, value as never)).toBe(logger)
      })
      // The types that the mapping of an Elasticsearch index requires.
      expect(audit).toMatchObject({ type: expect.stringMatching(/^[A-Z]+$/), message: expect.any(String) })
      expect(typeof audit.filter.object).toBe('string')
      const { http_request: request, http_response: response, user } = audit
      if (request)
        expect(Object.values(request).map((field) => typeof field)).toEqual(Array(3).fill('string'))
      if (response) expect([null, 'number']).toContain(response.status_code && typeof response.status_code)
      if (response) expect(typeof response.reason).toBe('string')
      if (user) {
        const { authenticated, provider, realm, email, ip } = user
        expect([true, false, null]).toContain(authenticated)
        expect([provider, realm, email, ip].map((field) => typeof field)).toEqual(Array(4).fill('string'))
      }
    })
  })

  it('methods without arguments do not throw either', () => {
    const audit = auditOf((logger) => {
      for (const [name] of settings.filter(([name]) => !name.includes(','))) {
        expect((logger as unknown as Record<string, () => unknown>)[name]?.()).toBe(logger)
      }
      expect((logger.setFilter as () => unknown).call(logger)).toBe(logger)
    })
    expect(audit).toMatchObject({
      http_request: { method: '', url: '', user_agent: '' },
      http_response: { status_code: null, reason: '', headers: null },
      user: { authenticated: null, provider: '', realm: '', email: '', roles: null, ip: '' },
      filter: { object: '', kwargs: {} },
      results: null,
      type: 'CRITICAL',
      message: '',
    })
  })
})

describe('loggers that the application creates', () => {
  it('share one buffer, and report an outage once, if their options are the same', () => {
    const onError = jest.fn()
    const sink = {
      write() {
        throw new Error('down')
      },
    }
    for (let i = 0; i < 100; i++) new AuditLogger({ sink, maxBufferBytes: 1000, onError }).sendLog()
    expect(onError).toHaveBeenCalledTimes(1)
    new AuditLogger({ sink, maxBufferBytes: 2000, onError }).sendLog()
    expect(onError).toHaveBeenCalledTimes(2)
  })
})

describe('long strings', () => {
  it('are not shortened if the record has room for all of them', () => {
    const sink = memory()
    const [method, url, userAgent] = ['m', 'https://x/u', 'a'].map((text) => text.padEnd(40_000, 'x')) as [
      string,
      string,
      string,
    ]
    new AuditLogger({ sink, maxRecordBytes: 2 ** 20 }).setHttpRequest({ method, url, userAgent }).sendLog()
    expect(sink.records()[0].audit.http_request).toEqual({ method, url, user_agent: userAgent })
  })
})

it.each([1e21, 1000, -5, 2 ** 53, 1.5, '1000'])(
  'records status null for the invalid status %p',
  (statusCode) => {
    const sink = memory()
    new AuditLogger({ sink }).setHttpResponse({ statusCode: statusCode as number, reason: '' }).sendLog()
    expect(sink.records()[0].audit.http_response.status_code).toBeNull()
  },
)

describe('instanceof AuditLogger', () => {
  it('is true for the loggers of another copy of the package, and only for them', async () => {
    // A query makes Node load the module a second time, as the CommonJS build is loaded beside the ES module.
    const { stdout } = await runScript(`
      import { AuditLogger as first } from './src/logger/audit-logger.js'
      import { AuditLogger as second } from './src/logger/audit-logger.js?another-copy'
      class Subclass extends first {}
      const throwing = new Proxy({}, { has() { throw new Error('for the test') } })
      console.log(JSON.stringify([
        first === second,
        new second() instanceof first,
        new first() instanceof second,
        new Subclass() instanceof second,
        new Subclass() instanceof Subclass,
        new first() instanceof Subclass,
        [null, undefined, 'text', {}, new Error(), throwing].some((value) => value instanceof first),
      ]))
    `)
    expect(JSON.parse(stdout)).toEqual([false, true, true, true, true, false, false])
  })
})
