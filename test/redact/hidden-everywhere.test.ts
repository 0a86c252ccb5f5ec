import { describe, expect, it } from '@jest/globals'
import { AuditLogger, type AuditLoggerOptions, memory, pseudonym } from 'http-audit-log'
import { takesAtMostMs } from '../helpers/cpu-time.js'
import { expectNoPieceOf } from './secret-pieces.js'

const SECRET = 'S3cr3tVal9xQ'

/** The record of a logger, and its line. */
function record(fill: (logger: AuditLogger) => unknown, options: AuditLoggerOptions = {}) {
  const sink = memory()
  const logger = new AuditLogger({ ...options, sink })
  fill(logger)
  logger.sendLog()
  const [line] = sink.lines as [string]
  return { line, audit: JSON.parse(line).audit }
}

const request = (logger: AuditLogger, url: string) => logger.setHttpRequest({ method: 'GET', url })

/** Places in which a secret is found: by its name, or by its place. In a text, some characters would end the secret. */
const FOUND: readonly (readonly [string, (logger: AuditLogger, secret: string) => unknown])[] = [
  [
    'the query of the URL',
    (logger, secret) => request(logger, `https://h/?token=${encodeURIComponent(secret)}`),
  ],
  [
    'the fragment of the URL',
    (logger, secret) => request(logger, `https://h/#access_token=${encodeURIComponent(secret)}`),
  ],
  [
    'a matrix parameter',
    (logger, secret) => request(logger, `https://h/a;jsessionid=${encodeURIComponent(secret)}`),
  ],
  [
    'a repeated parameter',
    (logger, secret) => request(logger, `https://h/?token=a&token=${encodeURIComponent(secret)}`),
  ],
  [
    'a link within the query',
    (logger, secret) =>
      request(logger, `https://h/?next=${encodeURIComponent(`/cb?token=${encodeURIComponent(secret)}`)}`),
  ],
  [
    'the user info of the URL',
    (logger, secret) => request(logger, `https://jan:${encodeURIComponent(secret)}@h/`),
  ],
  ['the filter', (logger, password) => logger.setFilter('Person', { password })],
  ['a nested filter', (logger, token) => logger.setFilter('Person', { q: [{ token }] })],
  ['a list in the filter', (logger, token) => logger.setFilter('Person', { token: ['a', token] })],
  ['an object in the filter', (logger, value) => logger.setFilter('Person', { token: { value } })],
  [
    'a form in the filter',
    (logger, secret) => logger.setFilter('Person', { body: `a=1&password=${encodeURIComponent(secret)}` }),
  ],
  [
    'JSON in the filter',
    (logger, password) => logger.setFilter('Person', { body: JSON.stringify({ password }) }),
  ],
  ['a text in the filter', (logger, secret) => logger.setFilter('Person', { log: `password="${secret}"` })],
  [
    'credentials in the filter',
    (logger, secret) => logger.setFilter('Person', { authorization: `Bearer ${secret}` }),
  ],
  [
    'cookies in the filter',
    (logger, secret) => logger.setFilter('Person', { cookie: `theme=dark; sid=${secret}` }),
  ],
  [
    'Basic credentials in the filter',
    (logger, secret) =>
      logger.setFilter('Person', {
        authorization: `Basic ${Buffer.from(`jan:${secret}`).toString('base64')}`,
      }),
  ],
  [
    'a connection string in the filter',
    (logger, secret) =>
      logger.setFilter('Person', { databaseUrl: `postgres://jan:${encodeURIComponent(secret)}@db/x` }),
  ],
  [
    'a filter that was set before',
    (logger, password) => logger.setFilter('Person', { password }).setFilter('Person', {}),
  ],
  ['the results', (logger, token) => logger.setResults([{ id: 1, token }])],
  [
    'a cookie of the response',
    (logger, secret) =>
      logger.setHttpResponse({
        statusCode: 200,
        reason: 'OK',
        headers: { 'set-cookie': `sid=${encodeURIComponent(secret)}; Path=/` },
      }),
  ],
  [
    'a header of the response',
    (logger, secret) =>
      logger.setHttpResponse({ statusCode: 200, reason: 'OK', headers: { 'x-api-key': secret } }),
  ],
  [
    'a redirect',
    (logger, secret) =>
      logger.setHttpResponse({
        statusCode: 302,
        reason: 'Found',
        headers: { location: `/cb?token=${encodeURIComponent(secret)}` },
      }),
  ],
  [
    'an error',
    (logger, secret) => logger.setError(new Error(`Invalid: {"password":${JSON.stringify(secret)}}`)),
  ],
  ['the message', (logger, secret) => logger.info(`sent {"password":${JSON.stringify(secret)}}`)],
  ['the old value of a change', (logger, password) => logger.setChanges({ password }, { password: 'x' })],
  ['the new value of a change', (logger, token) => logger.setChanges(null, { owner: [{ token }] })],
  [
    'a property that has not changed',
    (logger, token) => logger.setChanges({ token, status: 'open' }, { token, status: 'closed' }),
  ],
  ['a custom field', (logger, secret) => logger.set('api_key', secret)],
  ['an object in a custom field', (logger, token) => logger.set('client', { token })],
  ['the reason', (logger, secret) => logger.deny(`no {"password":${JSON.stringify(secret)}}`)],
]

/** Places that do not show that the value is a secret. */
const SHOWN: readonly (readonly [string, (logger: AuditLogger, secret: string) => unknown])[] = [
  ['the filter', (logger, q) => logger.setFilter('Person', { q })],
  ['a key of the filter', (logger, q) => logger.setFilter('Person', { [q]: 1 })],
  ['the results', (logger, note) => logger.setResults([[{ note }]])],
  ['a text in the results', (logger, secret) => logger.setResults([`The value ${secret} is wrong`])],
  ['JSON in the results', (logger, note) => logger.setResults({ body: JSON.stringify({ note }) })],
  ['the message', (logger, secret) => logger.info(`Login with ${secret}`)],
  ['the error', (logger, secret) => logger.setError(new Error(`no such value: '${secret}'`))],
  ['another parameter', (logger, secret) => request(logger, `https://h/?q=${encodeURIComponent(secret)}`)],
  [
    'a form-encoded parameter',
    (logger, secret) => request(logger, `https://h/?${new URLSearchParams({ q: secret })}`),
  ],
  [
    'a redirect',
    (logger, secret) =>
      logger.setHttpResponse({
        statusCode: 302,
        reason: 'Found',
        headers: { location: `/x/${encodeURIComponent(secret)}` },
      }),
  ],
  [
    'another header',
    (logger, secret) =>
      logger.setHttpResponse({
        statusCode: 200,
        reason: 'OK',
        headers: { etag: `"${encodeURIComponent(secret)}"`, vary: ['a', 'b'] },
      }),
  ],
  [
    'the user agent',
    (logger, secret) => logger.setHttpRequest({ method: 'GET', url: '/', userAgent: `app/1 ${secret}` }),
  ],
  ['the old value of a change', (logger, note) => logger.setChanges({ note }, { note: 'x' })],
  ['the new value of a change', (logger, note) => logger.setChanges({ a: 1 }, { a: [{ note }] })],
  ['the path of a change', (logger, secret) => logger.setChanges({ [secret]: 1 }, { [secret]: 2 })],
  ['a custom field', (logger, secret) => logger.set('note', `uses ${secret}`)],
  ['the name of a custom field', (logger, secret) => logger.set(secret, 1)],
  ['the reason', (logger, secret) => logger.deny(`the value ${secret} is wrong`)],
]

const TEXT_PLACES = new Set([
  'a text in the filter',
  'credentials in the filter',
  'an error',
  'the message',
  'the reason',
  'cookies in the filter',
])
const PLAIN_SECRETS = [SECRET, 'Zq-7_x.Yw~93kd']
const AWKWARD_SECRET = 'S3cr3t Val9/x+Q&"ü\\'

const pairs = FOUND.flatMap(([place, find]) =>
  SHOWN.filter(([, show]) => !setsSamePart(find, show)).map(
    ([other, show]) => [place, other, find, show] as const,
  ),
)

/** A part that is set twice has only its last value. */
function setsSamePart(...fills: ((logger: AuditLogger, secret: string) => unknown)[]): boolean {
  const [one, other] = fills.map((fill) => {
    const { audit } = record((logger) => fill(logger, 'x'))
    const empty = record(() => {}).audit
    const act = ['reason', 'changes', 'attributes']
    return ['http_request', 'http_response', 'user', 'filter', 'results', 'message', 'error', ...act].filter(
      (part) => JSON.stringify(audit[part]) !== JSON.stringify(empty[part]),
    )
  }) as [string[], string[]]
  return one.some((part) => other.includes(part))
}

describe('a secret that was found once is hidden everywhere in its record', () => {
  it.each(pairs)('found in %s, standing in %s', (place, _other, find, show) => {
    const isText = TEXT_PLACES.has(place)
    for (const secret of isText ? PLAIN_SECRETS : [...PLAIN_SECRETS, AWKWARD_SECRET]) {
      const fill = (logger: AuditLogger) => {
        find(logger, secret)
        show(logger, secret)
      }
      const { line } = record(fill)
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        expectNoPieceOf(form, line)
      // In the other order.
      const { line: reversed } = record((logger) => {
        show(logger, secret)
        find(logger, secret)
      })
      expectNoPieceOf(secret, reversed)
    }
  })
})

describe('values that are too short or too common are hidden only under their name', () => {
  it.each(['1', '1234', 'nl', 'new', 'active', 'default', 'current', 'bearer', 'authorization_code'])(
    '%s',
    (token) => {
      const shown = { page: token, q: `a ${token} b`, list: [token], keys: { [`${token}x`]: 1 } }
      const { audit } = record((logger) => {
        logger.setHttpRequest({
          method: 'GET',
          url: `https://h/${token}?token=${token}&q=${token}`,
          userAgent: token,
        })
        logger
          .setFilter('Person', shown)
          .setResults([{ id: Number(token) || token }])
          .info(`A ${token} message`)
      })
      expect(audit.http_request).toEqual({
        method: 'GET',
        url: `https://h/${token}?token=[REDACTED]&q=${token}`,
        user_agent: token,
      })
      expect(audit.filter.kwargs).toEqual(shown)
      expect(audit.results).toEqual([{ id: Number(token) || token }])
      expect(audit.message).toBe(`A ${token} message`)
    },
  )

  it('words, names and dates stay, because a client chooses them', () => {
    const { audit } = record((logger) =>
      request(logger, 'https://h/?password=Opened&token=Amsterdam&secret=open+sesame&pin=keep-alive')
        .setHttpResponse({ statusCode: 200, reason: 'OK', headers: { connection: 'keep-alive' } })
        .setFilter('Person', { password: 'Jansen', city: 'Amsterdam' })
        .setResults([{ name: 'Jansen', city: 'Amsterdam' }])
        .info('Opened the dossier of Jansen'),
    )
    expect(audit).toMatchObject({
      http_response: { headers: { connection: 'keep-alive' } },
      filter: { kwargs: { password: '[REDACTED]', city: 'Amsterdam' } },
      results: [{ name: 'Jansen', city: 'Amsterdam' }],
      message: 'Opened the dossier of Jansen',
    })
  })

  it('digits and short values with digits are hidden as a whole word only', () => {
    const { audit } = record((logger) =>
      logger
        .setFilter('Person', { password: 'welkom1', pin: 482913 })
        .setResults(['welkom12', 'welkom1', '4829130', '482913', 'welkom1, 482913.'])
        .info('awelkom1 and welkom1%20welkom1'),
    )
    expect(audit.results).toEqual([
      'welkom12',
      '[REDACTED]',
      '4829130',
      '[REDACTED]',
      '[REDACTED], [REDACTED].',
    ])
    expect(audit.message).toBe('awelkom1 and [REDACTED]%20[REDACTED]')
  })

  it('the name of the value counts in the filter only, since results have properties of the same name', () => {
    const { audit } = record((logger) =>
      request(logger, 'https://h/?sess=open')
        .setFilter('Order', { q: 1 })
        .setResults([{ sess: true, state: 'open' }]),
    )
    expect(audit.results).toEqual([{ sess: true, state: 'open' }])
  })

  it('status, times, ids, action and the address of the server stay as they are', () => {
    const { audit } = record((logger) =>
      logger
        .setHttpRequest({ method: 'GET', url: 'https://tenant42.example.org/?token=tenant42.example.org' })
        .setHttpResponse({ statusCode: 200, reason: 'OK', headers: null })
        .setFilter('Person', { password: 'Person', pin: '200', otp: 'INFO', token: 'success' }),
    )
    expect(audit).toMatchObject({
      http_request: { method: 'GET', url: 'https://tenant42.example.org/?token=[REDACTED]' },
      http_response: { status_code: 200, reason: 'OK' },
      filter: { object: 'Person' },
      type: 'INFO',
      outcome: 'success',
    })
  })
})

describe('what an action did stays in the record', () => {
  it('shows action and targets, whatever a client sends as a secret', () => {
    const target = [
      { type: 'Order42', id: 'ord-2026-55123' },
      { type: 'Account', id: 'NL91ABNA0417' },
    ]
    const texts = ['close-order7', ...target.flatMap(({ type, id }) => [type, id, id.slice(1)])]
    const query = texts.map((text, index) => `token${index}=${encodeURIComponent(text)}`).join('&')
    const { audit } = record((logger) =>
      request(logger, `https://h/?${query}`)
        .setAction('close-order7', target)
        .deny('ord-2026-55123 is closed'),
    )
    expect(audit).toMatchObject({ action: 'close-order7', target, reason: 'ord-2026-55123 is closed' })
  })

  it('hides a secret with a known format in action, targets and reason', () => {
    const key = ['ghp', 'x1Y2'.repeat(9)].join('_')
    const { audit, line } = record((logger) =>
      logger.setAction(key, { type: key, id: key }).fail(`not for ${key}`),
    )
    expect(audit).toMatchObject({
      action: '[REDACTED]',
      target: [{ type: '[REDACTED]', id: '[REDACTED]' }],
      reason: 'not for [REDACTED]',
    })
    expectNoPieceOf(key, line)
  })

  it('applies paths to targets, also in the message that names them, and to the reason', () => {
    const fill = (logger: AuditLogger) =>
      logger
        .setAction('transfer', [
          { type: 'Account', id: 'A' },
          { type: 'Account', id: 'B' },
        ])
        .fail('no funds')
    const { audit } = record(fill, { redact: { paths: ['target.id', 'reason'] } })
    const hidden = { type: 'Account', id: '[REDACTED]' }
    expect(audit).toMatchObject({ target: [hidden, hidden], reason: '[REDACTED]' })
    expect(audit.message).not.toMatch(/Account [AB]/)
    const pseudonymize = { key: 'x'.repeat(16), keyId: 'k', fields: ['target.id'] }
    const { audit: pseudonymized } = record(fill, { pseudonymize })
    expect(pseudonymized.target[0].id).toBe(pseudonym('A', pseudonymize.key, 'k'))
  })

  it('replaces a value with a pseudonym in targets too', () => {
    const pseudonymize = { key: 'x'.repeat(16), keyId: 'k', fields: ['filter.kwargs.bsn'] }
    const { audit } = record(
      (logger) =>
        logger
          .setFilter('Person', { bsn: '123456782' })
          .setAction('read', { type: 'Person', id: '123456782' }),
      { pseudonymize },
    )
    expect(audit.target).toEqual([{ type: 'Person', id: pseudonym('123456782', pseudonymize.key, 'k') }])
  })

  it('hides the name of an error in the reason where its path is configured', () => {
    const { audit } = record(
      (logger) => logger.setError(Object.assign(new Error('no'), { name: 'Secret' })),
      {
        redact: { paths: ['error.name'] },
      },
    )
    expect(audit).toMatchObject({ error: { name: '[REDACTED]' }, reason: '[REDACTED]' })
  })
})

describe('a client cannot have the record changed by what it sends under a sensitive name', () => {
  const USER = {
    authenticated: true,
    provider: 'keycloak-2',
    realm: 'employees-2',
    id: 'ann-000123',
    email: 'ann.smith7@example.org',
    roles: ['admin-4711', 'doctor-4711'],
    ip: '203.0.113.9',
    onBehalfOf: { id: 'bob-000456', email: 'bob7@example.org' },
  }
  const EVIDENCE = [
    ...[USER.provider, USER.realm, USER.id, USER.email, ...USER.roles, USER.ip],
    ...[USER.onBehalfOf.id, USER.onBehalfOf.email, 'ord-2026-55123', 'OrderError404'],
    'text/csv; charset=utf-8',
  ]

  it('shows the user, the path and the object, also if only a part of them is sent', () => {
    const parts = ['app/8.1-abc', ...EVIDENCE.flatMap((text) => [text, text.slice(0, -1), text.slice(1)])]
    const query = parts.map((text, index) => `token${index}=${encodeURIComponent(text)}`).join('&')
    const [id, name] = ['ord-2026-55123', 'OrderError404']
    const { audit } = record((logger) =>
      logger
        .setHttpRequest({
          method: 'GET',
          url: `https://h/orders/${id};v=1?${query}`,
          userAgent: 'app/8.1-abc',
        })
        .setHttpResponse({
          statusCode: 200,
          reason: 'OK',
          headers: { 'content-type': 'text/csv; charset=utf-8' },
        })
        .setUser(USER)
        .setFilter('Order', { id, owner: USER.id, password: USER.email })
        .setResults([{ id, by: USER.email }])
        .setError({ name, message: `No order ${id}` })
        .info(`${USER.email} deleted ${id}`),
    )
    const { onBehalfOf, ...user } = USER
    expect(audit).toMatchObject({
      http_request: {
        url: expect.stringContaining(`/orders/${id};v=1?token0=[REDACTED]&token1=[REDACTED]`),
        user_agent: 'app/8.1-abc',
      },
      http_response: { headers: { 'content-type': 'text/csv; charset=utf-8' } },
      user: { ...user, on_behalf_of: onBehalfOf },
      filter: { object: 'Order', kwargs: { id, owner: USER.id, password: '[REDACTED]' } },
      results: [{ id, by: USER.email }],
      error: { name, message: `No order ${id}` },
      message: `${USER.email} deleted ${id}`,
    })
  })

  it('shows an email address with a plus sign, which is a blank in a form', () => {
    const { audit } = record((logger) =>
      request(logger, 'https://h/?token=ann%20smith7').setUser({
        authenticated: true,
        email: 'ann+smith7@example.org',
      }),
    )
    expect(audit.user.email).toBe('ann+smith7@example.org')
  })

  it('numbers stay numbers', () => {
    const { audit } = record((logger) =>
      request(logger, 'https://h/?pin=20261128&password=1.23456789e%2B21').setResults([
        { id: 20261128, amount: 1.23456789e21, text: '20261128' },
      ]),
    )
    expect(audit.results).toEqual([{ id: 20261128, amount: 1.23456789e21, text: '[REDACTED]' }])
  })

  it('no entry of an object is lost', () => {
    const sessions = { 'sess-AA11bb22': { ip: 1 }, '[REDACTED]-2': 0, 'sess-CC33dd44': { ip: 2 } }
    const { audit } = record((logger) =>
      request(logger, 'https://h/?token=sess-AA11bb22&password=sess-CC33dd44').setResults(sessions),
    )
    expect(audit.results).toEqual({
      '[REDACTED]': { ip: 1 },
      '[REDACTED]-2': 0,
      '[REDACTED]-3': { ip: 2 },
    })
  })

  it('names of headers stay', () => {
    const headers = { 'x-amz-request-id2': 'a', connection: 'close' }
    const { audit } = record((logger) =>
      request(logger, 'https://h/?token=x-amz-request-id2&cookie=connection').setHttpResponse({
        statusCode: 200,
        reason: 'OK',
        headers,
      }),
    )
    expect(audit.http_response.headers).toEqual(headers)
  })

  it.each([
    ['a schema', { password: { type: 'string', max: 200100 } }, { type: 'string', max: '200100' }],
    ['a payment card', { credit_card: { country: 'NL', year: 2027 } }, { country: 'NL', year: 2027 }],
    ['counts', { tokens: { total: 200 } }, { total: 200 }],
    [
      'a definition',
      { apiKey: { title: 'X-API-Key', in: 'header' } },
      { 'X-API-Name': 'X-API-Key', in: 'header' },
    ],
  ])('the entries of a hidden object are not hidden elsewhere: %s', (_title, kwargs, results) => {
    const { audit } = record((logger) => logger.setFilter('Person', kwargs).setResults([results]))
    expect(audit.results).toEqual([results])
  })
})

describe('only the secret in a value is hidden elsewhere', () => {
  it.each([
    ['two words', { securityAnswer: 'born Rotterdam1' }, 'Rotterdam1'],
    ['a value with a colon', { sid: 'user:jansen-84' }, 'jansen-84'],
    ['a user name without a password', { q: 'ssh://jansen@git.example.org/x' }, 'jansen'],
    ['a cookie without a sensitive name', { q: 1 }, 'ord-2026-55123'],
    [
      'a text with the same beginning',
      { secret: `https://h/${'a'.repeat(40)}/1` },
      `https://h/${'a'.repeat(40)}/2`,
    ],
  ])('%s', (_title, kwargs, text) => {
    const { audit } = record((logger) =>
      logger
        .setHttpResponse({
          statusCode: 200,
          reason: 'OK',
          headers: { 'set-cookie': 'last_order=ord-2026-55123' },
        })
        .setFilter('Person', kwargs)
        .setResults([text])
        .info(`see ${text}`),
    )
    expect(audit.results).toEqual([text])
    expect(audit.message).toBe(`see ${text}`)
  })
})

describe('the bound of the number of secrets', () => {
  it('is 256 for each part, so that many in one part leave room for those of another', () => {
    const rows = Array.from({ length: 300 }, (_, index) => ({ token: `aB3d${index}xYz9q` }))
    const kwargs = Object.fromEntries(rows.map(({ token }, index) => [`password${index}`, `${token}f`]))
    const { audit } = record((logger) =>
      request(logger, `https://h/?token=${SECRET}`)
        .setFilter('Person', kwargs)
        .setResults(rows)
        .info(`${SECRET} aB3d0xYz9qf aB3d7xYz9q aB3d299xYz9q`),
    )
    expect(audit.message).toBe('[REDACTED] [REDACTED] [REDACTED] aB3d299xYz9q')
  })

  it('is 512 for parts that are set many times', () => {
    const { audit } = record((logger) => {
      for (let part = 0; part < 8; part++)
        logger.setFilter(
          'Person',
          Object.fromEntries(Array.from({ length: 100 }, (_, id) => [`token${id}`, `aB3d${part}x${id}q`])),
        )
      logger.info('aB3d0x1q aB3d5x11q aB3d5x12q aB3d7x99q')
    })
    expect(audit.message).toBe('[REDACTED] [REDACTED] aB3d5x12q aB3d7x99q')
  })
})

describe('pseudonymized values', () => {
  const key = 'a key of at least 16 bytes'
  const fields = ['filter.kwargs.bsn', 'filter.kwargs.id', 'user.email']
  const options = { pseudonymize: { key, keyId: '1', fields } }

  it('are replaced by their pseudonym in all other parts', () => {
    const bsn = pseudonym(123456782, key, '1')
    const email = pseudonym('jan@example.org', key, '1')
    const { audit } = record(
      (logger) =>
        logger
          .setHttpRequest({
            method: 'GET',
            url: 'https://h/persons/123456782?bsn=123456782&e=jan%40example.org',
          })
          .setUser({ authenticated: true, email: 'jan@example.org' })
          .setFilter('Person', { bsn: 123456782 })
          .setResults([{ bsn: 123456782, text: '123456782' }, 'arjan@example.org', 1234567820])
          .info('Sent to jan@example.org'),
      options,
    )
    expect(audit).toMatchObject({
      http_request: { url: `https://h/persons/${bsn}?bsn=${bsn}&e=${email}` },
      user: { email },
      filter: { kwargs: { bsn } },
      results: [{ bsn, text: bsn }, 'arjan@example.org', 1234567820],
      message: `Sent to ${email}`,
    })
  })

  it('are replaced under their name if they are short', () => {
    const id = pseudonym('7', key, '1')
    const { audit } = record(
      (logger) => request(logger, 'https://h/persons?id=7&page=7').setFilter('Person', { id: '7' }),
      options,
    )
    expect(audit.http_request.url).toBe(`https://h/persons?id=${id}&page=7`)
  })
})

it('values that a path of the options hides are hidden everywhere', () => {
  const { audit } = record(
    (logger) =>
      request(logger, 'https://h/?q=Jan-1984')
        .setFilter('Person', { name: 'Jan-1984' })
        .info('Jan-1984 asks'),
    { redact: { paths: ['filter.kwargs.name'] } },
  )
  expect(audit).toMatchObject({
    http_request: { url: 'https://h/?q=[REDACTED]' },
    message: '[REDACTED] asks',
  })
})

it('a replacement function gets the secret and the path of the part in which it stands', () => {
  const calls: unknown[] = []
  const replacement = (value: unknown, path: string) => {
    calls.push([value, path])
    return '***'
  }
  record(
    (logger) =>
      logger.setFilter('Person', { password: SECRET }).setResults({ rows: [{ note: `a ${SECRET}` }] }),
    {
      redact: { replacement },
    },
  )
  expect(calls).toContainEqual([SECRET, 'filter.kwargs.password'])
  expect(calls).toContainEqual([SECRET, 'results.rows.note'])
})

describe('a text that was truncated within a secret', () => {
  it('does not show the beginning of the secret', () => {
    for (let length = 15_900; length < 16_400; length += 3) {
      const { line } = record((logger) =>
        logger
          .setFilter('Person', { password: SECRET })
          .setResults({ a: `${'x'.repeat(length)} ${SECRET} and more` }),
      )
      expect(line).not.toContain(SECRET.slice(0, 5))
    }
  })

  it('hides the rest of a secret if only its beginning is known', () => {
    const body = `${'x'.repeat(16_200)} password=${SECRET.repeat(20)}`
    const { line } = record((logger) => logger.setResults(body).info(`Login with ${SECRET.repeat(20)}`))
    expect(JSON.parse(line).audit.message).toBe('Login with [REDACTED]')
  })
})

describe('the search', () => {
  it('is linear for secrets and texts of a repeated character', () => {
    const tokens = Array.from({ length: 400 }, (_, index) => `token=${'a'.repeat(30)}${index}`)
    const kwargs = { q: 'a'.repeat(16_000), r: 'aaaaaaaa '.repeat(1000) }
    expect(
      takesAtMostMs(1000, () =>
        record((logger) => request(logger, `/?${tokens.join('&')}`).setFilter('Person', kwargs)),
      ),
    ).toBe(true)
  })

  it('changes nothing in the objects that the record shares with its draft', () => {
    const sink = memory()
    const logger = new AuditLogger({ sink })
      .setFilter('Person', { password: SECRET })
      .setResults([{ note: SECRET }])
    logger.sendLog()
    expect(sink.records()[0].audit.results).toEqual([{ note: '[REDACTED]' }])
  })
})
