import { describe, expect, it } from '@jest/globals'
import { type AuditUser, createAnonymousUser, describeUser, recognizeUser } from '#src/http/user.js'
import { auditOneRequest } from '../helpers/child-process.js'

/** Generous: only quadratic work on a megabyte takes longer. */
const PROMPT_MS = 2000

/** The recognized user as JSON, without undefined properties. */
function recognizeAsJson(value: unknown): unknown {
  const user = recognizeUser(value)
  return user && JSON.parse(JSON.stringify(user))
}

describe('recognizeUser of an empty value', () => {
  it.each([undefined, null, false, 0, Number.NaN, ''])('returns undefined for %p', (value) => {
    expect(recognizeUser(value)).toBeUndefined()
  })
})

describe('recognizeUser', () => {
  it.each<[string, unknown, Record<string, unknown>]>([
    [
      'a Passport profile',
      {
        provider: 'github',
        id: '583231',
        displayName: 'A. Jansen',
        username: 'jansen',
        emails: [{ value: 'a.jansen@example.org', type: 'work' }, { value: 'second@example.org' }],
        photos: [{ value: 'https://example.org/a.png' }],
        _raw: '{"secret":1}',
        _json: { secret: 1 },
      },
      { provider: 'github', id: '583231', email: 'a.jansen@example.org' },
    ],
    [
      'a user of passport-local',
      { id: 7, username: 'jansen', email: 'a@example.org', password: 'geheim', salt: 's' },
      { id: '7', email: 'a@example.org' },
    ],
    ['a user with only a username', { username: 'jansen' }, { id: 'jansen' }],
    ['a user whose id is a BigInt', { id: 9007199254740993n }, { id: '9007199254740993' }],
    ['a user whose id is 0', { id: 0, sub: 'other' }, { id: '0' }],
    [
      'the claims of a JWT',
      {
        iss: 'https://issuer.example/',
        sub: 'auth0|123',
        aud: 'api',
        email: 'a@example.org',
        roles: ['reader', 'admin'],
        iat: 1,
        exp: 2,
        nonce: 'secret',
      },
      {
        provider: 'https://issuer.example/',
        id: 'auth0|123',
        email: 'a@example.org',
        roles: ['reader', 'admin'],
      },
    ],
    [
      'the claims of Keycloak',
      {
        iss: 'https://sso.example.org/realms/employees',
        sub: 'f:1:jansen',
        typ: 'Bearer',
        azp: 'frontend',
        session_state: 'secret',
        preferred_username: 'jansen',
        email: 'a@example.org',
        realm_access: { roles: ['reader', 'offline_access'] },
        resource_access: { account: { roles: ['manage-account'] } },
      },
      {
        provider: 'https://sso.example.org/realms/employees',
        realm: 'employees',
        id: 'f:1:jansen',
        email: 'a@example.org',
        roles: ['reader', 'offline_access'],
      },
    ],
    [
      'the claims of an older Keycloak, with a trailing slash',
      { iss: 'https://sso.example.org/auth/realms/my-realm/' },
      { provider: 'https://sso.example.org/auth/realms/my-realm/', realm: 'my-realm' },
    ],
    [
      'an issuer with a realm in the middle',
      { iss: 'https://issuer.example/realms/a/b' },
      { provider: 'https://issuer.example/realms/a/b' },
    ],
    [
      'a realm beside an issuer with a realm',
      { iss: 'https://i.example/realms/a', realm: 'b', provider: 'p' },
      { provider: 'p', realm: 'b' },
    ],
    ['roles beside realm roles', { roles: ['a'], realm_access: { roles: ['b'] } }, { roles: ['a'] }],
    ['an id beside a sub and a username', { sub: 's', username: 'u', id: 'i' }, { id: 'i' }],
    ['a sub beside a username', { sub: 's', username: 'u' }, { id: 's' }],
    ['an instance of a class without visible properties', new (class User {})(), {}],
    ['only an id, a string', 'jansen', { id: 'jansen' }],
    ['only an id, a number', 42, { id: '42' }],
    ['true, as a Passport strategy may return', true, {}],
  ])('recognizes %s', (_name, found, expected) => {
    expect(recognizeAsJson(found)).toEqual({ authenticated: true, ...expected })
  })

  it.each<[string, object]>([
    ['numbers', { provider: 1, realm: 2, email: 3, iss: 4, sub: undefined, username: 5 }],
    ['objects', { provider: {}, realm: [], email: { toString: () => 'a@example.org' }, iss: {}, id: {} }],
    ['empty strings', { provider: '', realm: '', email: '', iss: '', id: '', sub: '', username: '' }],
    ['null', { provider: null, emails: null, roles: null, realm_access: null, id: null, name: 'Jansen' }],
    ['emails that are a string', { emails: 'a@example.org' }],
    ['an empty list of emails', { emails: [] }],
    ['emails without a value', { emails: [null, {}, { value: 5 }] }],
    ['roles that are a string', { roles: 'admin' }],
    ['realm roles that are a string', { realm_access: { roles: 'admin' } }],
    ['realm access that is a string', { realm_access: 'admin' }],
  ])('ignores properties of a wrong type: %s', (_name, found) => {
    expect(recognizeAsJson(found)).toEqual({ authenticated: true })
  })

  it.each<[string, unknown]>([
    ['an empty object', {}],
    ['an empty object without a prototype', Object.create(null)],
    ['an object of null and undefined', { id: null, email: undefined }],
    ['an array', [{ id: 1 }]],
    ['a Map', new Map([['id', 1]])],
    ['a promise', Promise.resolve({ id: 1 })],
    ['authenticated as the string false', { authenticated: 'false' }],
    ['isAuthenticated false', { isAuthenticated: false }],
    ['authenticated false with an id', { authenticated: false, id: 'guest' }],
  ])('returns undefined for %s', (_name, found) => {
    expect(recognizeUser(found)).toBeUndefined()
  })

  it('ignores a property whose getter throws', () => {
    const user = {
      id: 1,
      get email(): string {
        throw new Error('not loaded')
      },
    }
    expect(recognizeAsJson(user)).toEqual({ authenticated: true, id: '1' })
  })

  it('returns only the roles that are strings', () => {
    expect(recognizeUser({ roles: ['a', 1, null, { name: 'b', password: 'p' }, ['c'], 'd'] })?.roles).toEqual(
      ['a', 'd'],
    )
  })

  it('reads no other properties, such as password hashes and tokens', () => {
    const secrets = [
      'password',
      'passwordHash',
      'salt',
      'accessToken',
      'refreshToken',
      'token',
      '_json',
      'address',
    ]
    const found = {
      id: 1,
      email: 'a@example.org',
      roles: ['reader'],
      profile: { password: 'geheim' },
      toJSON: () => ({ password: 'geheim' }),
      ...Object.fromEntries(secrets.map((name) => [name, 'geheim'])),
    }
    const record = describeUser(recognizeUser(found) as AuditUser, '192.0.2.7')
    expect(JSON.stringify(record)).not.toContain('geheim')
    expect(Object.keys(record)).toEqual(['authenticated', 'provider', 'realm', 'email', 'roles', 'ip', 'id'])
  })

  it('copies roles, so that later changes do not reach the record', () => {
    const found = { id: 1, roles: ['reader'] }
    const record = describeUser(recognizeUser(found) as AuditUser, '')
    found.roles.push('admin')
    expect(record.roles).toEqual(['reader'])
  })

  it('takes linear time for a hostile issuer of one megabyte', () => {
    const startedAt = performance.now()
    for (const unit of ['/', 'a', '/realms', '/realms/', '/realms/a', '/realms//']) {
      const long = unit.repeat(1_000_000 / unit.length)
      recognizeUser({ iss: long })
      recognizeUser({ iss: `/realms/${long}/x` })
    }
    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MS)
  })
})

describe('describeUser', () => {
  it('returns the fields of django-audit-log, empty by default', () => {
    expect(describeUser({}, '')).toEqual({
      authenticated: false,
      provider: '',
      realm: '',
      email: '',
      roles: null,
      ip: '',
    })
  })

  it('returns all fields as they were given', () => {
    const user = {
      authenticated: true,
      provider: 'keycloak',
      realm: 'employees',
      email: 'a.b@example.org',
      roles: ['reader'],
      ip: '192.0.2.7',
      id: '1',
    }
    expect(describeUser(user, '198.51.100.1')).toEqual(user)
  })

  it.each([undefined, '', null])('uses the client address when ip is %p', (ip) => {
    expect(describeUser({ authenticated: true, ip: ip as string }, '198.51.100.1').ip).toBe('198.51.100.1')
  })

  it('converts values of other types to strings', () => {
    const user = { authenticated: true, provider: 5, realm: Symbol('r'), email: ['a'], ip: 7n, id: { a: 1 } }
    expect(describeUser(user as never, '')).toEqual({
      authenticated: true,
      provider: '5',
      realm: 'Symbol(r)',
      email: '["a"]',
      roles: null,
      ip: '7',
      id: '{"a":1}',
    })
  })

  it('ignores unknown properties', () => {
    const user = { authenticated: true, email: 'a@example.org', password: 'geheim', name: 'Jansen' }
    expect(JSON.stringify(describeUser(user, ''))).not.toMatch(/geheim|Jansen/)
  })
})

describe('the option `user`', () => {
  it.each([
    ['throws', `() => { throw new Error('no user') }`],
    ['is async', `async () => ({ authenticated: true })`],
    ['is async and rejects', `async () => { throw new Error('too late') }`],
  ])('that %s is reported on stderr, and the request is recorded as anonymous', async (_name, user) => {
    const { records, stderrLines: complaints } = await auditOneRequest({ options: `{ user: ${user} }` })
    expect(records).toMatchObject([
      { audit: { outcome: 'success', user: { authenticated: false, ip: '127.0.0.1' } } },
    ])
    expect(complaints).toEqual([expect.stringContaining('[ERR_AUDIT_CALLBACK]')])
  })
})

it('createAnonymousUser returns the same fields, in the same order, as describeUser', () => {
  const described = describeUser({ authenticated: false }, '192.0.2.7')
  expect(JSON.stringify(createAnonymousUser('192.0.2.7'))).toBe(JSON.stringify(described))
})
