import type { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatSignerKey, generateSignerKey } from '#src/evidence/note-keys.js'
import { sealLine } from '#src/evidence/sealed-line.js'
import { formatAudit } from '#src/formats/audit.js'
import { describeReceivedRequest } from '#src/http/request.js'
import { SentResponse } from '#src/http/response/sent-response.js'
import { createAnonymousUser, describeUser } from '#src/http/user/user.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { type ResponseHeaders, resolveLoggerOptions } from '#src/options/resolve.js'
import { createDirectRenderer } from '#src/pipeline/direct-line.js'
import { describeOrigin } from '#src/pipeline/origin.js'
import { createPipeline } from '#src/pipeline/pipeline.js'
import { AUDIT_LEVELS } from '#src/record/record.js'
import { createDraft, type RecordDraft } from '#src/record/record-draft.js'
import { createRedactor } from '#src/redact/redactor.js'
import { seal } from '#src/seal.js'
import { toJson } from '#src/serialize/to-json.js'
import { arbitraryDraft, listAttributes } from '../helpers/record-arbitraries.js'
import { repetitions } from '../helpers/slow.js'

const RUN = '0f6bbe1c-5d3e-4c5c-9f6e-2f0c5a4c9d11'

interface RendererOptions {
  readonly maxRecordBytes?: number
  readonly responseHeaders?: 'all' | 'default'
  readonly isSealed?: boolean
}

/** Both ways to the line of a draft, with the same options. */
function createRenderers(given: RendererOptions = {}) {
  const { maxRecordBytes = 16_384, responseHeaders = 'all', isSealed = false } = given
  const lines: string[] = []
  let count = 0
  const sink = {
    write(line: string) {
      lines.push(line)
      count += 1
    },
  }
  const key = formatSignerKey(generateSignerKey('test'))
  const options = resolveLoggerOptions({
    sink,
    maxRecordBytes,
    service: { name: 'persons-api' },
    ...(isSealed && { seal: seal({ key, every: { records: 2 ** 31 - 1 } }) }),
  })
  // Any function but that of the default format itself makes the pipeline take the general path.
  const pipeline = createPipeline({ ...options, format: (record) => formatAudit(record), responseHeaders })
  const { harmlessParts } = createRedactor(options)
  const renderDirectly = createDirectRenderer(
    options,
    responseHeaders,
    harmlessParts,
    describeOrigin(options.service),
  )
  return {
    /** A template gets the place that the next line of the pipeline will have. */
    direct(draft: RecordDraft) {
      const written = renderDirectly?.(draft, { run: RUN, seq: 42 })
      return typeof written === 'object' ? sealLine(written, count).line : written
    },
    general(draft: RecordDraft) {
      void pipeline.send({ ...draft, sequence: { run: RUN, seq: 42 } })
      return lines.pop()
    },
  }
}

const BLOCK =
  'HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 317\r\n' +
  'ETag: W/"13d-4pXw9mPBzAqZ6Yk5xkUvS8sV1yU"\r\nX-Frame-Options: DENY\r\nDate: Sat, 28 Nov 2026 10:00:00 GMT\r\n' +
  'Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n'

const usualDraft: RecordDraft = {
  ...createDraft(Date.parse('2026-11-24T09:30:00.123Z')),
  http_request: { method: 'GET', url: 'http://api.example.org/persons/7?lang=nl', user_agent: 'Mozilla/5.0' },
  http_response: new SentResponse(BLOCK, true),
  user: createAnonymousUser('192.0.2.7'),
  duration_ms: 12.345,
  ended: 'completed',
  route: '/persons/:id',
  request_id: RUN,
}

describe('the sealed line of a usual exchange', () => {
  const { direct, general } = createRenderers({ isSealed: true })

  it.each<[string, Partial<RecordDraft>]>([
    ['without anything of the handler', {}],
    ['with a trace', { trace_id: 'c'.repeat(32), span_id: 'd'.repeat(16) }],
    ['with a message', { type: 'WARNING', message: 'List Person "é"' }],
    [
      'with a user',
      {
        user: describeUser(
          { authenticated: true, id: '7', name: 'A', type: 'service', tenant: 't', roles: ['b', 'a'] },
          '::1',
        ),
      },
    ],
    [
      'with an action',
      { action: 'transfer', targets: [{ type: 'Account', id: '7' }, { type: 'Bank' }], message: 'x' },
    ],
    ['without browser policies', { http_response: new SentResponse(BLOCK, true) }],
  ])('is written directly %s', (_, part) => {
    const draft = { ...usualDraft, ...part }
    expect(direct(draft)).toBeDefined()
    expect(direct(draft)).toBe(general(draft))
  })

  it.each<[string, Partial<RecordDraft>]>([
    ['results', { results: [{ b: 1, a: null }] }],
    ['roles that are no names', { user: { ...createAnonymousUser('::1'), roles: { a: true } } }],
    ['a character that lines escape', { message: 'a\u2028b' }],
    ['no ending', { ended: null }],
  ])('is not written directly with %s', (_, part) => {
    expect(direct({ ...usualDraft, ...part })).toBeUndefined()
  })
})

describe('the line of a usual exchange', () => {
  const { direct, general } = createRenderers()

  it.each<[string, Partial<RecordDraft>]>([
    ['without anything of the handler', {}],
    ['with a trace', { trace_id: 'c'.repeat(32), span_id: 'd'.repeat(16) }],
    ['with a message', { type: 'WARNING', message: 'List Person "é" \u2028' }],
    ['with a user', { user: describeUser({ authenticated: true, id: '7', roles: ['a'] }, '::1') }],
    [
      'of audited()',
      {
        action: 'retrieve',
        targets: [{ type: 'Person', id: '7' }],
        filter: { object: 'Person', kwargs: { id: '7' } },
        results: [{ id: 7 }],
        message: 'Retrieve Person 7',
      },
    ],
    ['that was sent before the end', { ended: null, http_response: new SentResponse(BLOCK, false) }],
  ])('is written directly %s', (_, part) => {
    const draft = { ...usualDraft, ...part }
    expect(direct(draft)).toBe(general(draft))
    expect(JSON.parse(direct(draft) ?? '')).toMatchObject({ audit: { id: `${RUN}-42` } })
  })

  it.each<[string, Partial<RecordDraft>]>([
    ['a secret that was found before', { secrets: [{ value: 'geheim123', name: 'token' }] }],
    [
      'a secret in the URL',
      { http_request: { method: 'GET', url: 'http://a/?token=x7Gh29', user_agent: '' } },
    ],
    ['a secret in the message', { message: 'password=geheim' }],
    ['a cookie', { http_response: new SentResponse(BLOCK.replace('ETag', 'Set-Cookie'), true) }],
    ['a secret header', { http_response: new SentResponse(BLOCK.replace('ETag', 'X-Api-Key'), true) }],
    ['a repeated header', { http_response: new SentResponse(BLOCK.replace('ETag', 'dATE'), true) }],
    [
      'a repeated header with a long name',
      {
        http_response: new SentResponse(
          BLOCK.replace(/ETag.*\r\n/, `${'x'.repeat(1100)}: 1\r\n`.repeat(2)),
          true,
        ),
      },
    ],
    ['a numeric header', { http_response: new SentResponse(BLOCK.replace('ETag', '12'), true) }],
    ['a long header', { http_response: new SentResponse(BLOCK.replace('317', '3'.repeat(9000)), true) }],
    ['an error', { error: { name: 'Error', message: 'x' } }],
    ['custom fields', { attributes: listAttributes({ case_number: '2026/17' }) }],
    ['the policy level metadata', { detail: 'metadata' }],
    ['no response', { http_response: null }],
  ])('is not written directly with %s', (_, part) => {
    expect(direct({ ...usualDraft, ...part })).toBeUndefined()
  })

  it('is not written directly if it does not fit', () => {
    const small = createRenderers({ maxRecordBytes: 2048 })
    expect(small.direct({ ...usualDraft, message: 'é'.repeat(700) })).toBeUndefined()
  })

  it('has no header of an earlier response', () => {
    const other = BLOCK.replace('DENY', 'SAMEORIGIN').replace('317', '318').replace('10:00:00', '10:00:01')
    const policy = "Content-Security-Policy: script-src 'nonce-1'\r\nDate"
    const withPolicy = BLOCK.replace('Date', policy)
    const withOtherPolicy = withPolicy.replace('nonce-1', 'nonce-2')
    for (const block of [withPolicy, withOtherPolicy]) {
      const draft = { ...usualDraft, http_response: new SentResponse(block, true) }
      expect(direct(draft)).toBe(general(draft))
    }
    for (const block of [BLOCK, other, BLOCK, other]) {
      const draft = { ...usualDraft, http_response: new SentResponse(block, false) }
      expect(direct(draft)).toBe(general(draft))
    }
  })

  it('is right after more header names than are remembered', () => {
    for (let number = 0; number < 1200; number++) {
      const lines = `X-A${number}: 1\r\nX-B: ${number % 2 === 0 ? '2' : 'password=geheim'}\r\nX-A${number}: 1\r\n\r\n`
      for (const text of [lines, lines.replace(/X-A\d+: 1\r\n\r\n$/, '\r\n')]) {
        const draft = { ...usualDraft, http_response: new SentResponse(`HTTP/1.1 200 OK\r\n${text}`, true) }
        const line = direct(draft)
        if (line !== undefined) expect(line).toBe(general(draft))
        expect(line === undefined).toBe(text === lines || number % 2 === 1)
      }
    }
  })
})

it.each<[string, AuditLoggerOptions, ResponseHeaders]>([
  ['another format', { format: 'ecs' }, 'default'],
  ['no response headers', {}, 'none'],
  ['a list of response headers', {}, new Set(['date'])],
  ['configured paths', { redact: { paths: ['http_request.url'] } }, 'default'],
  ['a pseudonym', { pseudonymize: { key: 'k'.repeat(32), keyId: '1', fields: ['user.email'] } }, 'default'],
  ['a replacement function', { redact: { replacement: () => 'x' } }, 'default'],
  ['no redaction', { redact: false }, 'default'],
])('no line is written directly with %s', (_, given, responseHeaders) => {
  const options = resolveLoggerOptions(given)
  const { harmlessParts } = createRedactor(options)
  const origin = describeOrigin(options.service)
  expect(createDirectRenderer(options, responseHeaders, harmlessParts, origin)).toBeUndefined()
})

const NAMES = [
  'Date',
  'date',
  'ETag',
  'Content-Length',
  'Content-Type',
  'Vary',
  'X-Frame-Options',
  'Location',
]
const OTHER_NAMES = [
  'Set-Cookie',
  'X-Token',
  '__proto__',
  '7',
  'constructor',
  'X-Request-Id',
  'Content-Security-Policy',
]
const VALUES = [
  '',
  '1',
  'W/"2-abc"',
  'DENY',
  'a, b',
  'Sat, 28 Nov 2026 10:00:00 GMT',
  '/a?b=c',
  '/a?token=geheim1',
]
/** Header values that Node accepts: they have no line breaks. */
const headerValue = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) }),
)
const headerName = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.constantFrom(...OTHER_NAMES) },
  { weight: 1, arbitrary: fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,12}$/) },
)
const block = fc
  .record({
    status: fc.integer({ min: 100, max: 999 }),
    reason: fc.constantFrom('OK', '', 'Not "Found"', 'é'),
    headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 8 }),
  })
  .map(({ status, reason, headers }) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return `HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n`
  })

const plainText = fc.oneof(
  fc.constantFrom('', 'GET', 'Mozilla/5.0 (X11; Linux x86_64)', 'List Person', RUN, 'a:b', 'password=geheim'),
  fc.string({ unit: 'binary' }),
)
const word = fc.oneof(
  fc.constantFrom(
    'persons',
    'reset',
    'token',
    'q',
    'lang',
    '',
    '.',
    '%41',
    '"',
    'é',
    RUN,
    '4111111111111111',
    'x7Gh29kq8Lm2pQ9z',
  ),
  fc.stringMatching(/^[\w~-]{1,13}$/),
)
const target = fc.oneof(
  fc
    .array(fc.tuple(fc.constantFrom('/', '/', '/', '?', '&', '=', '='), word), { maxLength: 7 })
    .map((parts) => parts.flat().join('')),
  fc.constantFrom('*', '//evil.example', 'http://a.example/reset/x7Gh29kq8Lm2pQ9z', '/persons/7?lang=nl'),
)
/** Requests as they arrive, of several origins and methods in turn. */
const receivedRequest = fc
  .record({
    scheme: fc.constantFrom('http', 'https', 'HTTP', 'ftp', ''),
    host: fc.constantFrom(
      'api.example.org',
      'localhost:3000',
      'token:1',
      'hooks.slack.com',
      '[::1]:80',
      "a'b",
      '',
      undefined,
    ),
    target,
    method: fc.constantFrom('GET', 'POST', 'DELETE', '"', 'é'),
    userAgent: plainText,
  })
  .map(({ scheme, host, target, method, userAgent }) =>
    describeReceivedRequest({ scheme, host, target, ip: '192.0.2.7' }, method, {
      headers: { 'user-agent': userAgent },
      socket: { localAddress: '192.0.2.1', localPort: 80 } as Socket,
    }),
  )

/** Drafts that look as those of exchanges do. */
const exchangeDraft = fc.record({
  http_request: fc.oneof(
    receivedRequest,
    fc.record({
      method: plainText,
      url: fc.oneof(
        fc.webUrl({ withQueryParameters: true }),
        fc.constantFrom(
          'http://localhost/persons/7?lang=nl',
          `http://localhost/persons/${RUN}`,
          'http://a/?token=b',
        ),
        plainText,
      ),
      user_agent: plainText,
    }),
  ),
  http_response: fc.tuple(block, fc.boolean()).map(([text, omits]) => new SentResponse(text, omits)),
  user: fc.oneof(
    fc.ipV4().map(createAnonymousUser),
    fc
      .record({ authenticated: fc.boolean(), id: plainText, email: plainText, roles: fc.array(plainText) })
      .map((user) => describeUser(user, '192.0.2.7')),
  ),
  filter: fc.option(fc.record({ object: plainText, kwargs: fc.jsonValue().map(toJson) })),
  results: fc.option(fc.jsonValue().map(toJson)),
  type: fc.option(fc.constantFrom(...AUDIT_LEVELS)),
  message: plainText,
  duration_ms: fc.double({ min: 0, max: 1e12 }).map((ms) => Math.round(ms * 1000) / 1000),
  ended: fc.constantFrom('completed', 'aborted', null),
  action: fc.option(
    plainText.filter((text) => text !== ''),
    { freq: 2 },
  ),
  targets: fc.array(fc.record({ type: plainText, id: plainText }, { requiredKeys: ['type'] }), {
    maxLength: 2,
  }),
  targetSource: fc.constantFrom('handler', 'suggestion'),
  request_id: fc.option(plainText),
  trace_id: fc.option(fc.constantFrom('c'.repeat(32))),
  span_id: fc.option(fc.constantFrom('d'.repeat(16))),
  route: fc.option(fc.constantFrom('/persons/:id', '/"é"')),
}) as fc.Arbitrary<Partial<RecordDraft>>

it('has the method, the origin and the level of its own record, whatever the one before was', () => {
  const { direct, general } = createRenderers()
  const usual = { scheme: 'http', host: 'a.example', target: '/persons/7', ip: undefined }
  const request = { headers: {}, socket: {} as Socket }
  const drafts = [
    { http_request: describeReceivedRequest(usual, 'GET', request) },
    { http_request: describeReceivedRequest(usual, 'POST', request) },
    { http_request: describeReceivedRequest({ ...usual, host: 'b.example' }, 'POST', request) },
    { http_request: describeReceivedRequest({ ...usual, scheme: 'https' }, 'POST', request) },
    { type: 'DEBUG', route: '/a' },
    { type: 'ERROR', route: '/b' },
    { ended: 'aborted' },
  ] as const
  for (const part of [...drafts, ...drafts]) {
    const draft: RecordDraft = { ...usualDraft, ...part }
    expect(direct(draft)).toBe(general(draft))
    expect(direct(draft)).toBeDefined()
  }
})

it.each([
  ['Content-Length', '4111111111111111', '4111111111111111'],
  ['ETag', '"4-AKIAIOSFODNN7EXAMPLE"', 'AKIAIOSFODNN7EXAMPLE'],
])('a %s of a form that no body gives it is searched for secrets', (name, value, secret) => {
  const { direct, general } = createRenderers()
  const block = BLOCK.replace(new RegExp(`${name}: .*`), `${name}: ${value}`)
  const draft = { ...usualDraft, http_response: new SentResponse(block, true) }
  expect(general(draft)).not.toContain(secret)
  expect(direct(draft)).toBeUndefined()
})

it.each([false, true])(
  'is the same as that of the general path for any draft (sealed: %s)',
  (isSealed) => {
    let directCount = 0
    for (const responseHeaders of ['all', 'default'] as const) {
      for (const maxRecordBytes of [isSealed ? 4096 : 2048, 16_384]) {
        // With any of these a sealed line takes the general path.
        const rarely = isSealed
          ? ({ filter: null, results: null, ended: 'completed', request_id: RUN } as const)
          : {}
        const { direct, general } = createRenderers({ maxRecordBytes, responseHeaders, isSealed })
        const check = (draft: RecordDraft) => {
          const line = direct(draft)
          if (line === undefined) return
          directCount += 1
          expect(line).toBe(general(draft))
        }
        const numRuns = repetitions(100, 500)
        fc.assert(
          fc.property(exchangeDraft, (part) => check({ ...usualDraft, ...part, ...rarely })),
          { numRuns },
        )
        fc.assert(
          fc.property(
            arbitraryDraft,
            exchangeDraft,
            fc.subarray(Object.keys(usualDraft)),
            (any, usual, names) => {
              const taken = Object.fromEntries(names.map((name) => [name, any[name as keyof RecordDraft]]))
              check({ ...usualDraft, ...usual, ...taken } as RecordDraft)
            },
          ),
          { numRuns },
        )
      }
    }
    expect(directCount).toBeGreaterThan(repetitions(20, 100))
  },
  300_000,
)
