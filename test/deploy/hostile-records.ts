// Records as nobody would like to have them, made by the package itself in the order in which they are sent.
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { memory } from '#src/sinks/memory.js'
import { sayInEachText } from '../helpers/say-in-each-text.js'

type Say = (logger: AuditLogger) => AuditLogger
type Hostile = readonly [name: string, say: Say, options?: AuditLoggerOptions]

/** So that the package cuts nothing: what Elasticsearch takes is to be shown, and not what we spare it. */
const ROOMY: AuditLoggerOptions = { maxRecordBytes: 4 * 1024 * 1024 }
const LONG = 'x'.repeat(40_000)
const DEEP = Array.from({ length: 40 }).reduce<unknown>((below) => ({ deeper: below }), 'the end')
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

/** Each goes into the filter, the results, the response headers and the roles. */
const VALUES: readonly (readonly [name: string, ...values: unknown[]])[] = [
  ['cookies foo and foo.bar', { foo: '1', 'foo.bar': '2' }, { 'foo.bar': '3', foo: '4' }],
  ['an object and then a scalar', { key: { below: 1 } }, { key: 'text' }, { key: 7 }, { key: [true] }],
  [
    'a scalar and then an object',
    { other: 7 },
    { other: { below: 'text' } },
    { other: { below: { deep: 1 } } },
  ],
  [
    'a number and then a text',
    { count: 1 },
    { count: 1.5 },
    { count: 'many' },
    { count: '' },
    { count: false },
  ],
  ['2,000 distinct keys', Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key_${i}`, i]))],
  ['40,000 bytes', { text: LONG }, { list: [LONG, LONG] }, LONG, [LONG]],
  ['8,191 characters of four bytes', { text: '\u{1f600}'.repeat(8191) }, '\u{1f600}'.repeat(8191)],
  [
    'a key of 16,000 bytes with values of 3,072 and 24,573',
    { ['k'.repeat(16_000)]: '€'.repeat(1024) },
    { ['k'.repeat(16_000)]: '€'.repeat(8191) },
  ],
  [
    'a date and what only begins like one',
    { when: '2026-11-24' },
    { when: '2026-11-24T25:61' },
    { when: 'soon' },
  ],
  [
    'a number and what only begins like one',
    { n: '12' },
    { n: '12 Main Street' },
    { n: '1e400' },
    { n: 1e300 },
  ],
  ['names by which ecs@mappings would guess a type', { ip: 'x', client_ip: 'y', 'client.ip': 'z' }],
  [
    'and of dates and places',
    { created: 'x', start: 'y', timestamp: 'z', location: 'here', score_x: 'high' },
  ],
  ['empty, dotted and reserved keys', NAMED, { outer: NAMED }, { outer: [NAMED, [NAMED]] }],
  ['nested beyond the depth that is kept', DEEP, [[DEEP]]],
  ['lists of everything', { list: [1, 'a', null, { b: 2 }, [3, [4]], {}] }, [1, 'a', null, { b: 2 }, [3]]],
  ['scalars where objects are usual', 'text', 7, true, null, '', []],
  [
    'values that JSON cannot say',
    { a: 1n, b: Number.NaN, c: undefined, d: () => 1, e: new Date(Number.NaN) },
  ],
]

/** Texts that a client, a handler or an option can put where the template expects another type. */
const EVERYWHERE = ['', ' ', 'unknown', 'fe80::1%eth0', '2026-11-24', '\0', '\ud800', '{"a":1}', '12']

export const HOSTILE: readonly Hostile[] = [
  ...VALUES.flatMap(([name, ...values]) =>
    values.map(
      (value, index): Hostile => [`${name} (${index + 1})`, (logger) => inAllPlaces(logger, value), ROOMY],
    ),
  ),
  ...VALUES.flatMap(([name, ...values]) =>
    values.map(
      (value, index): Hostile => [
        `${name} (${index + 1}), cut to fit`,
        (logger) => inAllPlaces(logger, value),
        { maxRecordBytes: 2048 },
      ],
    ),
  ),
  ...EVERYWHERE.map(
    (text): Hostile => [
      `${JSON.stringify(text.slice(0, 20))} in every text`,
      (logger) => inEveryText(logger, text),
      ROOMY,
    ],
  ),
  [
    '40,000 bytes of URL',
    (logger) => logger.setHttpRequest({ method: 'GET', url: `https://example.org/${LONG}`, userAgent: '' }),
    ROOMY,
  ],
  [
    '40,000 bytes of user agent',
    (logger) => logger.setHttpRequest({ method: LONG.slice(0, 9000), url: '', userAgent: LONG }),
    ROOMY,
  ],
  ['40,000 bytes of message', (logger) => logger.critical(LONG).setError(new Error(LONG)), ROOMY],
  ['40,000 bytes of email', (logger) => logger.setUser({ authenticated: true, email: LONG, ip: 'x' }), ROOMY],
  [
    '40,000 bytes of realm',
    (logger) => logger.setUser({ authenticated: true, realm: LONG, roles: [LONG] }),
    ROOMY,
  ],
  ['40,000 bytes of object', (logger) => logger.setFilter(LONG), ROOMY],
  [
    'an address, the filter and the results that an option hides',
    (logger) => inEveryText(logger, '192.0.2.7').setResults([1]),
    {
      redact: {
        paths: ['user.ip', 'filter.kwargs', 'results'],
      },
    },
  ],
  [
    'an address that has become a pseudonym',
    (logger) => inEveryText(logger, '192.0.2.7'),
    {
      pseudonymize: {
        key: 'a key of this test, 32 bytes long',
        keyId: '1',
        fields: ['user.ip', 'user.roles'],
      },
    },
  ],
]

/** The documents of all hostile records in a format, as a reader of stdout would get them. */
export function hostileDocuments(format: AuditLoggerOptions['format']): [name: string, document: object][] {
  return HOSTILE.map(([name, say, options]) => {
    const sink = memory()
    say(new AuditLogger({ ...options, format, sink })).sendLog()
    return [name, JSON.parse(sink.lines[0] ?? 'no record')]
  })
}

function inAllPlaces(logger: AuditLogger, value: unknown): AuditLogger {
  const anything = value as never
  return logger
    .setFilter('Person', value)
    .setResults(value)
    .setHttpResponse({ statusCode: 200, reason: 'OK', headers: anything })
    .setUser({ authenticated: true, roles: anything })
    .info('List Person')
}

function inEveryText(logger: AuditLogger, text: string): AuditLogger {
  return sayInEachText(logger, text)
    .setHttpResponse({ statusCode: Number(text) || 200, reason: text, headers: { location: text } })
    .setFilter(text, { text })
    .setResults(text)
    .info(text)
}
