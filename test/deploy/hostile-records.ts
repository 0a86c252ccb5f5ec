// Records with content that index templates can fail on, created with AuditLogger. Their order matters: the type of the
// first value can make Elasticsearch reject a later one.
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { toJson } from '#src/serialize/to-json.js'
import { memory } from '#src/sinks/memory.js'
import { completeDraft, formatDrafts, setEveryText } from '../helpers/record-arbitraries.js'

type Fill = (logger: AuditLogger) => AuditLogger
type Hostile = readonly [name: string, fill: Fill, options?: AuditLoggerOptions]

/** A limit so high that no record is shortened, so that Elasticsearch gets the full content. */
const UNLIMITED: AuditLoggerOptions = { maxRecordBytes: 4 * 1024 * 1024 }
const LONG = 'x'.repeat(40_000)
const DEEP = Array.from({ length: 40 }).reduce<unknown>((value) => ({ deeper: value }), 'the end')
const NAMES = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '.a',
    'a.',
    'a..b',
    ' a . b ',
    '\0',
    'a\0b',
    '\n',
    '\u{1f600}',
    '\ud800',
    '*',
    '_id',
  ],
  ...[
    '_source',
    '__proto__',
    'constructor',
    'type',
    'properties',
    'audit',
    '@timestamp',
    '[a][b]',
    'a[b]',
    '-',
  ],
]
const NAMED = Object.fromEntries(NAMES.map((name) => [name, 'value']))

/** Each value is set as the filter, the results, the response headers, the roles, a target, a custom field, and a change. */
const VALUES: readonly (readonly [name: string, ...values: unknown[]])[] = [
  ['keys foo and foo.bar', { foo: '1', 'foo.bar': '2' }, { 'foo.bar': '3', foo: '4' }],
  ['an object, then a scalar', { key: { below: 1 } }, { key: 'text' }, { key: 7 }, { key: [true] }],
  ['a scalar, then an object', { other: 7 }, { other: { below: 'text' } }, { other: { below: { deep: 1 } } }],
  ['a number, then a text', { count: 1 }, { count: 1.5 }, { count: 'many' }, { count: '' }, { count: false }],
  ['2,000 distinct keys', Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key_${i}`, i]))],
  ['40,000 bytes', { text: LONG }, { list: [LONG, LONG] }, LONG, [LONG]],
  ['8,191 characters of four bytes', { text: '\u{1f600}'.repeat(8191) }, '\u{1f600}'.repeat(8191)],
  [
    'a key of 16,000 bytes with values of 3,072 and 24,573',
    { ['k'.repeat(16_000)]: '€'.repeat(1024) },
    { ['k'.repeat(16_000)]: '€'.repeat(8191) },
  ],
  [
    'a date, and texts that resemble one',
    { when: '2026-11-24' },
    { when: '2026-11-24T25:61' },
    { when: 'soon' },
  ],
  [
    'a number, and texts that resemble one',
    { n: '12' },
    { n: '12 Main Street' },
    { n: '1e400' },
    { n: 1e300 },
  ],
  ['names to which ecs@mappings assigns the type ip', { ip: 'x', client_ip: 'y', 'client.ip': 'z' }],
  [
    'names to which ecs@mappings assigns dates and places',
    { created: 'x', start: 'y', timestamp: 'z', location: 'here', score_x: 'high' },
  ],
  ['empty, dotted and reserved keys', NAMED, { outer: NAMED }, { outer: [NAMED, [NAMED]] }],
  ['objects nested deeper than a record allows', DEEP, [[DEEP]]],
  [
    'lists with values of every type',
    { list: [1, 'a', null, { b: 2 }, [3, [4]], {}] },
    [1, 'a', null, { b: 2 }, [3]],
  ],
  ['scalars instead of objects', 'text', 7, true, null, '', []],
  [
    'values that JSON cannot represent',
    { a: 1n, b: Number.NaN, c: undefined, d: () => 1, e: new Date(Number.NaN) },
  ],
]

/** Texts that clients, handlers or options can put into fields of another type. */
const TEXTS = ['', ' ', 'unknown', 'fe80::1%eth0', '2026-11-24', '\0', '\ud800', '{"a":1}', '12']

export const HOSTILE: readonly Hostile[] = [
  ...VALUES.flatMap(([name, ...values]) =>
    values.map(
      (value, index): Hostile => [
        `${name} (${index + 1})`,
        (logger) => setEverywhere(logger, value),
        UNLIMITED,
      ],
    ),
  ),
  ...VALUES.flatMap(([name, ...values]) =>
    values.map(
      (value, index): Hostile => [
        `${name} (${index + 1}), shortened`,
        (logger) => setEverywhere(logger, value),
        { maxRecordBytes: 2560 },
      ],
    ),
  ),
  ...TEXTS.map(
    (text): Hostile => [
      `${JSON.stringify(text.slice(0, 20))} in every text`,
      (logger) => fillEveryText(logger, text),
      UNLIMITED,
    ],
  ),
  [
    '40,000 bytes of URL',
    (logger) => logger.setHttpRequest({ method: 'GET', url: `https://example.org/${LONG}`, userAgent: '' }),
    UNLIMITED,
  ],
  [
    '40,000 bytes of user agent',
    (logger) => logger.setHttpRequest({ method: LONG.slice(0, 9000), url: '', userAgent: LONG }),
    UNLIMITED,
  ],
  ['40,000 bytes of message', (logger) => logger.critical(LONG).setError(new Error(LONG)), UNLIMITED],
  [
    '40,000 bytes of email',
    (logger) => logger.setUser({ authenticated: true, email: LONG, ip: 'x' }),
    UNLIMITED,
  ],
  [
    '40,000 bytes of realm',
    (logger) => logger.setUser({ authenticated: true, realm: LONG, roles: [LONG] }),
    UNLIMITED,
  ],
  ['40,000 bytes of object', (logger) => logger.setFilter(LONG), UNLIMITED],
  [
    '40,000 bytes of reason',
    (logger) => logger.setAction('destroy', { type: LONG, id: LONG }).deny(LONG),
    UNLIMITED,
  ],
  [
    '40,000 bytes of name and tenant',
    (logger) => logger.setUser({ authenticated: true, ...({ name: LONG, tenant: LONG } as object) }),
    UNLIMITED,
  ],
  [
    'an act that is redacted as a whole',
    (logger) => fillEveryText(logger, 'text'),
    { redact: { paths: ['target', 'reason', 'changes', 'attributes', 'user'] } },
  ],
  [
    'an address, a filter and results that are redacted',
    (logger) => fillEveryText(logger, '192.0.2.7').setResults([1]),
    {
      redact: {
        paths: ['user.ip', 'filter.kwargs', 'results'],
      },
    },
  ],
  [
    'an address that is replaced by a pseudonym',
    (logger) => fillEveryText(logger, '192.0.2.7'),
    {
      pseudonymize: {
        key: 'a key of this test, 32 bytes long',
        keyId: '1',
        fields: ['user.ip', 'user.roles'],
      },
    },
  ],
]

type HostileDocuments = readonly (readonly [name: string, document: object])[]
const documentsByFormat = new Map<AuditLoggerOptions['format'], HostileDocuments>()

/** The hostile records in the given format, as a reader of stdout receives them. */
export function hostileDocuments(format: AuditLoggerOptions['format']): HostileDocuments {
  let documents = documentsByFormat.get(format)
  if (documents === undefined) {
    documents = [
      ...HOSTILE.map(([name, fill, options]) => {
        const sink = memory()
        fill(new AuditLogger({ ...options, format, sink })).sendLog()
        return [name, JSON.parse(sink.lines[0] ?? 'no record')] as const
      }),
      ...hostileBodies(format),
    ]
    documentsByFormat.set(format, documents)
  }
  return documents
}

/** Only routes of a server record a body, so these records are made of drafts. The recorded body is always an object. */
function hostileBodies(format: AuditLoggerOptions['format']): HostileDocuments {
  return VALUES.flatMap(([name, ...values]) =>
    values.map((value, index) => {
      const draft = { ...completeDraft, sequence: null, request_body: toJson({ value, ...Object(value) }) }
      const [document = {}] = formatDrafts([draft], { ...UNLIMITED, format })
      return [`${name} (${index + 1}), in the request body`, document] as const
    }),
  )
}

function setEverywhere(logger: AuditLogger, value: unknown): AuditLogger {
  const untyped = value as never
  return logger
    .setFilter('Person', value)
    .setResults(value)
    .setHttpResponse({ statusCode: 200, reason: 'OK', headers: untyped })
    .setUser({ authenticated: true, roles: untyped })
    .setAction('update', [untyped, { type: 'Person', id: untyped }, { type: untyped }])
    .set('value', value)
    .setChanges(
      { removed: value, changed: value, same: value },
      { changed: 'text', added: value, same: value },
    )
    .deny(untyped)
    .info('List Person')
}

function fillEveryText(logger: AuditLogger, text: string): AuditLogger {
  return setEveryText(logger, text)
    .setHttpResponse({ statusCode: Number(text) || 200, reason: text, headers: { location: text } })
    .setFilter(text, { text })
    .setResults(text)
    .setAction(text, { type: text, id: text })
    .set(text, text)
    .setChanges({ [text]: text }, { [text]: { [text]: text } })
    .deny(text)
    .info(text)
}
