import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import { audited, auditLog } from 'http-audit-log'
import { AuditLogError } from '#src/lib/errors.js'
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditOptions } from '#src/options/options.js'
import { resolveLoggerOptions, resolveOptions } from '#src/options/resolve.js'
import { completeRecord } from '#src/record/complete-record.js'
import { createDraft } from '#src/record/record-draft.js'
import { memory } from '#src/sinks/memory.js'

/** The error message for options that TypeScript would not accept. */
function messageFor(options: unknown, resolve: (options: never) => unknown = resolveOptions): string {
  try {
    resolve(options as never)
  } catch (error) {
    expect(error).toBeInstanceOf(AuditLogError)
    expect(error).toMatchObject({ name: 'AuditLogError', code: 'ERR_AUDIT_OPTIONS' })
    return (error as Error).message
  }
  throw new Error('The options were accepted')
}

const circular: Record<string, unknown> = {}
circular.self = circular

describe('a wrong option', () => {
  it.each<[name: keyof AuditOptions<unknown>, value: unknown, got: string]>([
    ['format', 'xml', "'xml' (string)"],
    ['format', 'AUDIT', "'AUDIT' (string)"],
    ['format', '', "'' (string)"],
    ['format', 'constructor', "'constructor' (string)"],
    ['format', '__proto__', "'__proto__' (string)"],
    ['format', 5, '5 (number)'],
    ['format', null, 'null (null)'],
    ['format', true, 'true (boolean)'],
    ['format', {}, '{} (object)'],
    ['format', ['audit'], "[ 'audit' ] (array)"],
    ['format', 10n, '(bigint)'],
    ['format', Symbol('audit'), '(symbol)'],
    ['service', null, 'null (null)'],
    ['service', 'persons', "'persons' (string)"],
    ['service', ['persons'], "[ 'persons' ] (array)"],
    ['service', new Map([['name', 'persons']]), '(object)'],
    ['service', new Date(0), '(object)'],
    ['sink', null, 'null (null)'],
    ['sink', 'stdout', "'stdout' (string)"],
    ['sink', 1, '1 (number)'],
    ['sink', {}, '{} (object)'],
    ['sink', { write: 'a line' }, "{ write: 'a line' } (object)"],
    ['sink', [], '[] (array)'],
    ['sink', circular, '(object)'],
    ['sink', memory, '[Function: memory] (function)'],
    ['level', 'INFO', "'INFO' (string)"],
    ['level', 'loud', "'loud' (string)"],
    ['level', 'toString', "'toString' (string)"],
    ['level', 20, '20 (number)'],
    ['level', Number.NaN, '(number)'],
    ['level', null, 'null (null)'],
    ['level', ['info'], "[ 'info' ] (array)"],
    ['user', 'req.user', "'req.user' (string)"],
    ['user', {}, '{} (object)'],
    ['user', null, 'null (null)'],
    ['user', true, 'true (boolean)'],
    ['exempt', '/health', "'/health' (string)"],
    ['exempt', /health/, '(object)'],
    ['exempt', null, 'null (null)'],
    ['exempt', { 0: '/health', length: 1 }, '(object)'],
    ['exempt', new Set(['/health']), '(object)'],
    ['policy', 'none', "'none' (string)"],
    ['policy', [], '[] (array)'],
    ['context', 'yes', "'yes' (string)"],
    ['context', 1, '1 (number)'],
    ['requestId', '', "'' (string)"],
    ['requestId', 'x request id', "'x request id' (string)"],
    ['requestId', 'x-request-id:', "'x-request-id:' (string)"],
    ['requestId', 'x-request-id\n', "'x-request-id\\n' (string)"],
    ['requestId', 'x-réquest', "'x-réquest' (string)"],
    ['requestId', 5, '5 (number)'],
    ['requestId', null, 'null (null)'],
    ['requestId', ['x-request-id'], "[ 'x-request-id' ] (array)"],
  ])('%s: the message about %p shows the expected and the actual value', (name, value, got) => {
    const message = messageFor({ [name]: value })
    expect(message).toMatch(new RegExp(`^Expected \`${name}\` to be .+, got `))
    expect(message.endsWith(got)).toBe(true)
  })

  it.each([
    ['format', "'audit', 'datapunt', 'ecs', 'ocsf'"],
    [
      'service',
      'false or an object with name, version, environment and nodeName, each a text of 1 to 128 bytes',
    ],
    ['format', 'a function from record to object'],
    ['sink', 'stdout(), file(path), stream(writable), memory()'],
    ['sink', 'a write(line) method'],
    ['level', "'debug', 'info', 'warning', 'error', 'critical'"],
    ['user', 'a function from the request to a user'],
    [
      'exempt',
      "each item a path that begins with '/' (without a query or `*`), a regular expression or a function",
    ],
    ['requestId', "'x-request-id'"],
  ])('%s: the message contains %s', (name, expected) => {
    expect(messageFor({ [name]: 7 })).toContain(expected)
  })

  it('rejects service with the format datapunt, which has no field for it', () => {
    const options = { service: { name: 'persons' }, format: 'datapunt' }
    const expected = "Expected another `format` than 'datapunt' with `service`: it has no field for it"
    expect(messageFor(options)).toBe(expected)
    expect(messageFor(options, (given) => new AuditLogger(given))).toBe(expected)
  })

  it.each(['audit', undefined, () => ({})])(
    'rejects a small maxRecordBytes with service and format %p',
    (format) => {
      expect(messageFor({ service: { name: 'persons' }, format, maxRecordBytes: 2047 })).toBe(
        'Expected `maxRecordBytes` to be at least 2048 with `service`, got 2047',
      )
    },
  )

  it.each(['ecs', 'ocsf'])('rejects a small maxRecordBytes with the format %s', (format) => {
    expect(messageFor({ format, maxRecordBytes: 2559 })).toBe(
      `Expected \`maxRecordBytes\` to be at least 2560 with the format '${format}', got 2559`,
    )
  })

  it('makes new AuditLogger() throw as well', () => {
    expect(messageFor({ level: 'loud' }, (options) => new AuditLogger(options))).toContain('`level`')
    expect(messageFor(null, (options) => new AuditLogger(options))).toContain('(null)')
  })

  it('is shortened in the message if it is long', () => {
    const message = messageFor({ format: 'x'.repeat(1_000_000) })
    expect(message.length).toBeLessThan(500)
    expect(message).toContain('…')
  })

  it('is reported if other options are right', () => {
    expect(messageFor({ format: 'audit', level: 'info', requestId: 5 })).toContain('requestId')
  })
})

describe('a stream as the sink', () => {
  it.each<[string, NodeJS.WritableStream]>([
    ['process.stdout', process.stdout],
    ['process.stderr', process.stderr],
    ['a Writable', new Writable({ write: (_chunk, _encoding, done) => done() })],
  ])('%s: the message recommends stream()', (_name, sink) => {
    const message = messageFor({ sink })
    expect(message).toMatch(/^Expected `sink` to be /)
    expect(message).toContain('Wrap it: stream(writable)')
  })
})

describe('an unknown option', () => {
  it.each([
    ['sinks', 'sink'],
    ['formt', 'format'],
    ['Level', 'level'],
    ['exempts', 'exempt'],
    ['requestID', 'requestId'],
    ['getUser', 'user'],
  ])('%s: the message suggests %s', (name, suggestion) => {
    const message = messageFor({ [name]: undefined })
    expect(message).toContain(`Unknown option \`${name}\``)
    expect(message).toContain(`Did you mean \`${suggestion}\`?`)
  })

  it.each(['anything', 'x', 'abcd', 'ip'])(
    '%s: the message suggests nothing, because no name is similar',
    (name) => {
      expect(messageFor({ [name]: 1 })).toMatch(/^Unknown option `\w+`\. Known options: /)
    },
  )

  it('is reported with the known options', () => {
    const message = messageFor({ anything: 1 })
    for (const name of ['format', 'sink', 'level', 'user', 'exempt', 'requestId']) {
      expect(message).toContain(name)
    }
  })

  it.each(['user', 'exempt', 'requestId'])(
    'of new AuditLogger(): the message says that %s belongs to auditLog()',
    (name) => {
      expect(messageFor({ [name]: undefined }, (options) => new AuditLogger(options))).toBe(
        `Unknown option \`${name}\`: it is an option of auditLog(), not of new AuditLogger()`,
      )
    },
  )

  it.each([
    '{"__proto__": {"level": "critical"}}',
    '{"constructor": {"prototype": {"level": "critical"}}}',
    '{"prototype": {}}',
    '{"hasOwnProperty": 1}',
    '{"toString": "x"}',
    '{"level": "info", "__proto__": null}',
  ])('may be a special key, as in %s', (json) => {
    expect(messageFor(JSON.parse(json))).toContain('Unknown option `')
    expect(({} as { level?: unknown }).level).toBeUndefined()
  })
})

describe('a wrong or unknown property of an option: the message names it', () => {
  const KEY = 'sixteen bytes of key'
  const path = 'the path of a field in the record, such as `user.email`, `filter.kwargs.q` or `results.*.bsn`'
  const exemption = "a path that begins with '/' (without a query or `*`), a regular expression or a function"

  it.each<[name: keyof AuditOptions<unknown>, value: unknown, message: string]>([
    [
      'service',
      { title: 'persons' },
      'Unknown option `service.title`. Known options: name, version, environment, nodeName',
    ],
    ['service', { name: '' }, "Expected `service.name` to be a text of 1 to 128 bytes, got '' (string)"],
    ['service', { version: 2 }, 'Expected `service.version` to be a text of 1 to 128 bytes, got 2 (number)'],
    [
      'service',
      { nodeName: null },
      'Expected `service.nodeName` to be a text of 1 to 128 bytes, got null (null)',
    ],
    [
      'service',
      { name: 'é'.repeat(65) },
      `Expected \`service.name\` to be a text of 1 to 128 bytes, got '${'é'.repeat(65)}' (string)`,
    ],
    [
      'redact',
      { key: ['bsn'] },
      'Unknown option `redact.key`. Did you mean `redact.keys`? Known options: keys, paths, allowKeys, replacement',
    ],
    [
      'redact',
      { keys: 'bsn' },
      "Expected `redact.keys` to be an array, each item a key with a letter or digit, got 'bsn' (string)",
    ],
    [
      'redact',
      { paths: ['kwargs.q'] },
      `Expected \`redact.paths[0]\` to be ${path}, got 'kwargs.q' (string). Did you mean \`filter.kwargs.q\`?`,
    ],
    [
      'redact',
      { replacement: 1 },
      'Expected `redact.replacement` to be a function that returns a string, or a string of 1 to 64 characters without spaces and any of & ; , = : " \' < > \\ / ? # @ % $, such as `***`, got 1 (number)',
    ],
    ['exempt', ['health'], `Expected \`exempt[0]\` to be ${exemption}, got 'health' (string)`],
    ['exempt', ['/a', ''], `Expected \`exempt[1]\` to be ${exemption}, got '' (string)`],
    ['exempt', ['/a', null], `Expected \`exempt[1]\` to be ${exemption}, got null (null)`],
    ['exempt', [/a/, 5], `Expected \`exempt[1]\` to be ${exemption}, got 5 (number)`],
    ['exempt', new Array(2), `Expected \`exempt[0]\` to be ${exemption}, got undefined (undefined)`],
    ['exempt', ['/a?b'], `Expected \`exempt[0]\` to be ${exemption}, got '/a?b' (string)`],
    ['exempt', ['/a/*'], `Expected \`exempt[0]\` to be ${exemption}, got '/a/*' (string)`],
    [
      'pseudonymize',
      { keyId: 'a', fields: [] },
      'Expected `pseudonymize.key` to be a text or Uint8Array of at least 16 bytes, but it is missing',
    ],
    [
      'pseudonymize',
      { key: 'short', keyId: 'a', fields: [] },
      'Expected `pseudonymize.key` to be a text or Uint8Array of at least 16 bytes, ' +
        'got something else (not shown, because it may contain a key)',
    ],
    [
      'pseudonymize',
      { key: KEY, keyId: 'a', fields: ['email'] },
      `Expected \`pseudonymize.fields[0]\` to be ${path}, got 'email' (string). Did you mean \`user.email\`?`,
    ],
    [
      'pseudonymize',
      { key: KEY, keyID: 'a', fields: [] },
      'Unknown option `pseudonymize.keyID`. Did you mean `pseudonymize.keyId`? Known options: key, keyId, fields',
    ],
  ])('%s %j', (name, value, message) => {
    expect(messageFor({ [name]: value })).toBe(message)
  })
})

describe('a path that can match nothing', () => {
  it.each([
    ['reslts.x', 'results.x'],
    ['user.emial', 'user.email'],
    ['User.Email', 'user.email'],
    ['email', 'user.email'],
    ['kwargs.bsn', 'filter.kwargs.bsn'],
    ['filter.kwarg.bsn', 'filter.kwargs.bsn'],
    ['audit.user.ip', 'user.ip'],
    ['user.provider.name', 'user.provider'],
    ['http_request.headers.authorization', 'http_response.headers.authorization'],
    ['http_response.headers.ETag', 'http_response.headers.etag'],
    ['http_request.uri', 'http_request.url'],
    ['error.stack', undefined],
    ['user.nick', undefined],
    ['user.', undefined],
    ['results..bsn', undefined],
    ['request_id', undefined],
    ['route', undefined],
    ['action', undefined],
    ['service.name', undefined],
    ['requestbody.bsn', 'request_body.bsn'],
    ['', undefined],
  ])('%s is refused; the message suggests %s', (path, suggestion) => {
    for (const [options, name] of [
      [{ redact: { paths: ['results', path] } }, 'redact.paths[1]'],
      [
        { pseudonymize: { key: 'k'.repeat(16), keyId: 'a', fields: ['results', path] } },
        'pseudonymize.fields[1]',
      ],
    ] as const) {
      const message = messageFor(options)
      expect(message).toContain(`Expected \`${name}\` to be the path of a field in the record`)
      if (suggestion === undefined) expect(message).not.toContain('Did you mean')
      else expect(message).toContain(`Did you mean \`${suggestion}\`?`)
    }
  })

  it('is refused with the known fields where none is similar', () => {
    expect(messageFor({ redact: { paths: ['error.stack'] } })).toMatch(
      /Known fields: error\.name, error\.message$/,
    )
  })

  it.each([
    'results.*.email',
    'results.email',
    'results.*.*.x',
    '*.email',
    '*',
    'user',
    'user.*',
    'user.roles.name',
    'user.on_behalf_of.email',
    'filter',
    'filter.kwargs.a.b.c',
    'http_response.headers.x-user',
    'http_response.headers.*',
    'notes.message',
    'message',
    'error',
  ])('is not %s', (path) => {
    expect(() => resolveOptions({ redact: { paths: [path] } })).not.toThrow()
  })
})

describe('a property of the options that cannot be read', () => {
  const failing = (name: string, rest: object = {}) =>
    Object.defineProperty({ ...rest }, name, {
      enumerable: true,
      get() {
        throw new Error('for the test')
      },
    })

  it.each<[path: string, options: unknown]>([
    ['format', failing('format')],
    ['redact.keys', { redact: failing('keys') }],
    ['policy[0].methods', { policy: [failing('methods', { level: 'none' }), { level: 'full' }] }],
    [
      'policy',
      {
        policy: new Proxy([], {
          get: () => {
            throw new Error('for the test')
          },
        }),
      },
    ],
    [
      'exempt',
      {
        exempt:
          failing('0', []) &&
          Object.defineProperty([1], '0', {
            get() {
              throw new Error('for the test')
            },
          }),
      },
    ],
    ['service.name', { service: failing('name') }],
  ])('%s throws our error with the cause', (path, options) => {
    expect(messageFor(options)).toBe(`Reading \`${path}\` of the options failed: Error: for the test`)
    expect(() => resolveOptions(options as never)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ message: 'for the test' }) }),
    )
  })

  it('does not show the message of the error where it may contain the key', () => {
    const message = messageFor({ pseudonymize: failing('key', { keyId: 'a', fields: [] }) })
    expect(message).toBe('Reading `pseudonymize.key` of the options failed')
  })

  it('such as the `write` of a sink, is refused as a wrong value', () => {
    expect(messageFor({ sink: failing('write') })).toMatch(/^Expected `sink` to be .*\[Getter\]/)
  })

  it('is read once, so that what was checked is what is used', () => {
    const values = ['info', 'nonsense']
    const options = Object.defineProperty({}, 'level', { enumerable: true, get: () => values.shift() })
    expect(resolveLoggerOptions(options).level).toBe('INFO')
  })
})

describe('options that are not an object', () => {
  it.each([
    [null, 'null (null)'],
    [[], '[] (array)'],
    [[{ level: 'info' }], '(array)'],
    [5, '5 (number)'],
    [0, '0 (number)'],
    ['', "'' (string)"],
    ['audit', "'audit' (string)"],
    [false, 'false (boolean)'],
    [5n, '(bigint)'],
    [Symbol('options'), '(symbol)'],
    [function settings() {}, '[Function: settings] (function)'],
  ])('%p: the message shows the value', (options, got) => {
    const message = messageFor(options)
    expect(message).toMatch(/^Expected the options to be a plain object, got /)
    expect(message.endsWith(got)).toBe(true)
  })
})

describe('an option that is undefined', () => {
  const allUndefined = {
    format: undefined,
    sink: undefined,
    level: undefined,
    user: undefined,
    exempt: undefined,
    requestId: undefined,
  }

  it.each([
    ['no options', undefined],
    ['no option', {}],
    ['every option undefined', allUndefined],
  ])('has its default value: %s', (_name, options) => {
    const resolved = resolveOptions(options)
    expect(resolved).toMatchObject({ level: 'DEBUG', exempt: [], requestIdHeader: 'x-request-id' })
    expect(resolved).toMatchObject({ policy: [{ level: 'full' }], context: false })
    const record = completeRecord(createDraft(0), { run: randomUUID(), seq: 1 })
    expect(resolved.format(record)).toEqual({ audit: record })
    expect(resolved.user).toBeUndefined()
    expect(typeof resolved.sink.write).toBe('function')
  })

  it('does not affect the other options', () => {
    expect(resolveOptions({ ...allUndefined, level: 'error' }).level).toBe('ERROR')
  })
})

describe('right options', () => {
  it.each(['ecs', 'ocsf'] as const)('%s accepts a complete or partial service', (format) => {
    const complete = { name: 'é'.repeat(64), version: '2', environment: 'test', nodeName: '0' }
    for (const service of [undefined, {}, { name: undefined }, { name: 'persons' }, complete]) {
      expect(resolveOptions({ format, service, maxRecordBytes: 2560 }).service).toEqual({ ...service })
    }
  })

  it('are copied: later changes to `service` have no effect', () => {
    const service = { name: 'persons' }
    const resolved = resolveOptions({ format: 'ecs', service })
    service.name = 'companies'
    expect(resolved.service).toEqual({ name: 'persons' })
  })

  it('may be deeply frozen', () => {
    const sink = Object.freeze({ write() {} })
    const user = () => undefined
    const exempt = Object.freeze(['/health', Object.freeze(/^\/assets\//), () => false])
    const options = Object.freeze({
      format: 'datapunt',
      sink,
      level: 'warning',
      user,
      exempt,
      requestId: 'X-Correlation-Id',
    } as const)
    expect(resolveOptions(options)).toMatchObject({
      sink,
      level: 'WARNING',
      user,
      exempt,
      requestIdHeader: 'x-correlation-id',
    })
  })

  it('may be an object without a prototype', () => {
    expect(resolveOptions(Object.assign(Object.create(null), { level: 'error' })).level).toBe('ERROR')
  })

  it('may have an instance of a class as the sink', async () => {
    class Queue {
      readonly taken: string[] = []
      write(line: string) {
        this.taken.push(line)
      }
    }
    const queue = new Queue()
    await resolveLoggerOptions({ sink: queue }).sink.write('a line\n')
    expect(queue.taken).toEqual(['a line\n'])
  })

  it('are not modified', () => {
    const options = { level: 'info', exempt: ['/health'], requestId: 'X-Id' } as const
    resolveOptions(options)
    expect(options).toEqual({ level: 'info', exempt: ['/health'], requestId: 'X-Id' })
  })

  it('are copied: later changes to `exempt` have no effect', () => {
    const exempt = ['/health']
    const resolved = resolveOptions({ exempt })
    exempt.push('/persons')
    exempt[0] = '/'
    expect(resolved.exempt).toEqual(['/health'])
  })

  it('are copied: later changes to `pseudonymize` have no effect', () => {
    const pseudonymize = { key: Buffer.alloc(16, 'k'), keyId: '2026', fields: ['user.email'] }
    const resolved = resolveOptions({ pseudonymize })
    pseudonymize.key.fill(0)
    pseudonymize.keyId = '2027'
    pseudonymize.fields.push('user.ip')
    expect(resolved.pseudonymize).toEqual({
      key: Uint8Array.from(Buffer.alloc(16, 'k')),
      keyId: '2026',
      fields: ['user.email'],
    })
  })

  it('are copied: later changes to the options have no effect', () => {
    const options: { level: 'info' | 'critical' } = { level: 'info' }
    const resolved = resolveOptions(options)
    options.level = 'critical'
    expect(resolved.level).toBe('INFO')
  })
})

describe('a polluted Object.prototype', () => {
  const prototype = Object.prototype as { level?: unknown; exempt?: unknown }

  afterEach(() => {
    delete prototype.level
    delete prototype.exempt
  })

  it('does not change the options', () => {
    prototype.level = 'critical'
    prototype.exempt = ['/']
    const [bare, empty, loggers] = [resolveOptions(), resolveOptions({}), resolveLoggerOptions({})]
    expect([bare.level, empty.level, loggers.level]).toEqual(['DEBUG', 'DEBUG', 'DEBUG'])
    expect([bare.exempt, empty.exempt]).toEqual([[], []])
  })
})

it.each<[title: string, options: unknown]>([
  ['a promise of the options', Promise.resolve({ format: 'ecs' })],
  ['a Map', new Map([['format', 'ecs']])],
  ['a Date', new Date()],
  ['an instance of a class', new (class Options {})()],
  ['a Proxy', new Proxy({}, {})],
])('refuses %s, whose options would have no effect', (_title, options) => {
  const error = expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' })
  expect(() => auditLog(options as never)).toThrow(error)
  expect(() => auditLog({ redact: options as never })).toThrow(error)
  expect(() => audited('Person', options as never)).toThrow(error)
})
