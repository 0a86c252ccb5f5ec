import { describe, expect, it } from '@jest/globals'
import { type AuditUser, createAnonymousUser, describeUser, recognizeUser } from '#src/http/user.js'
import { serveOne } from '../helpers/serve-one.js'

/** Generous: it tells linear work from work that grows with the square of the input. */
const PROMPT_MS = 2000

/** What a reader of the record would see of a recognized user. */
function seen(found: unknown): unknown {
  const user = recognizeUser(found)
  return user && JSON.parse(JSON.stringify(user))
}

describe('nobody', () => {
  it.each([undefined, null, false, 0, Number.NaN, ''])('is who %p is', (found) => {
    expect(recognizeUser(found)).toBeUndefined()
  })
})

describe('a user that authentication left', () => {
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
    ['a user with a name alone', { username: 'jansen' }, { id: 'jansen' }],
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
      'the claims of an older Keycloak, with a slash at the end',
      { iss: 'https://sso.example.org/auth/realms/my-realm/' },
      { provider: 'https://sso.example.org/auth/realms/my-realm/', realm: 'my-realm' },
    ],
    [
      'an issuer with a realm in its middle',
      { iss: 'https://issuer.example/realms/a/b' },
      { provider: 'https://issuer.example/realms/a/b' },
    ],
    [
      'a realm of its own',
      { iss: 'https://i.example/realms/a', realm: 'b', provider: 'p' },
      { provider: 'p', realm: 'b' },
    ],
    ['roles of its own', { roles: ['a'], realm_access: { roles: ['b'] } }, { roles: ['a'] }],
    ['an id before a sub before a name', { sub: 's', username: 'u', id: 'i' }, { id: 'i' }],
    ['a sub before a name', { sub: 's', username: 'u' }, { id: 's' }],
    ['a user that keeps to itself', new (class User {})(), {}],
    ['an id alone, as text', 'jansen', { id: 'jansen' }],
    ['an id alone, as a number', 42, { id: '42' }],
    ['a mere yes, as a strategy may give it', true, {}],
  ])('%s is recognized', (_name, found, expected) => {
    expect(seen(found)).toEqual({ authenticated: true, ...expected })
  })

  it.each<[string, object]>([
    ['numbers', { provider: 1, realm: 2, email: 3, iss: 4, sub: undefined, username: 5 }],
    ['objects', { provider: {}, realm: [], email: { toString: () => 'a@example.org' }, iss: {}, id: {} }],
    ['empty text', { provider: '', realm: '', email: '', iss: '', id: '', sub: '', username: '' }],
    ['null', { provider: null, emails: null, roles: null, realm_access: null, id: null, name: 'Jansen' }],
    ['no list of emails', { emails: 'a@example.org' }],
    ['an empty list of emails', { emails: [] }],
    ['emails without a value', { emails: [null, {}, { value: 5 }] }],
    ['roles that are text', { roles: 'admin' }],
    ['realm roles that are text', { realm_access: { roles: 'admin' } }],
    ['realm access that is text', { realm_access: 'admin' }],
  ])('is authenticated also where its claims are wrong: %s', (_name, found) => {
    expect(seen(found)).toEqual({ authenticated: true })
  })

  it.each<[string, unknown]>([
    ['an empty object', {}],
    ['an empty object without a prototype', Object.create(null)],
    ['nothing but nothing', { id: null, email: undefined }],
    ['a list', [{ id: 1 }]],
    ['a map', new Map([['id', 1]])],
    ['a promise', Promise.resolve({ id: 1 })],
    ['one that says so as text', { authenticated: 'false' }],
    ['one that says so in other words', { isAuthenticated: false }],
    ['one that says so itself', { authenticated: false, id: 'guest' }],
  ])('is not authenticated: %s', (_name, found) => {
    expect(recognizeUser(found)).toBeUndefined()
  })

  it('is told where a property of it cannot be read', () => {
    const user = {
      id: 1,
      get email(): string {
        throw new Error('not loaded')
      },
    }
    expect(seen(user)).toEqual({ authenticated: true, id: '1' })
  })

  it('has only those roles that are text', () => {
    expect(recognizeUser({ roles: ['a', 1, null, { name: 'b', password: 'p' }, ['c'], 'd'] })?.roles).toEqual(
      ['a', 'd'],
    )
  })

  it('is never copied wholesale', () => {
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

  it('does not show what happens to it later', () => {
    const found = { id: 1, roles: ['reader'] }
    const record = describeUser(recognizeUser(found) as AuditUser, '')
    found.roles.push('admin')
    expect(record.roles).toEqual(['reader'])
  })

  it('is read in linear time where its issuer is a hostile megabyte', () => {
    const startedAt = performance.now()
    for (const unit of ['/', 'a', '/realms', '/realms/', '/realms/a', '/realms//']) {
      const long = unit.repeat(1_000_000 / unit.length)
      recognizeUser({ iss: long })
      recognizeUser({ iss: `/realms/${long}/x` })
    }
    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MS)
  })
})

describe('a described user', () => {
  it('has the fields of the seed, empty where nothing was said', () => {
    expect(describeUser({}, '')).toEqual({
      authenticated: false,
      provider: '',
      realm: '',
      email: '',
      roles: null,
      ip: '',
    })
  })

  it('is described as it was said', () => {
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

  it.each([undefined, '', null])('has the address of the client where its ip is %p', (ip) => {
    expect(describeUser({ authenticated: true, ip: ip as string }, '198.51.100.1').ip).toBe('198.51.100.1')
  })

  it('is text where text belongs, whatever was said', () => {
    const said = { authenticated: true, provider: 5, realm: Symbol('r'), email: ['a'], ip: 7n, id: { a: 1 } }
    expect(describeUser(said as never, '')).toEqual({
      authenticated: true,
      provider: '5',
      realm: 'Symbol(r)',
      email: '["a"]',
      roles: null,
      ip: '7',
      id: '{"a":1}',
    })
  })

  it('takes nothing but what is named', () => {
    const said = { authenticated: true, email: 'a@example.org', password: 'geheim', name: 'Jansen' }
    expect(JSON.stringify(describeUser(said, ''))).not.toMatch(/geheim|Jansen/)
  })
})

describe('the option `user`', () => {
  it.each([
    ['throws', `() => { throw new Error('no user') }`],
    ['is async, and cannot answer in time', `async () => ({ authenticated: true })`],
    ['is async and fails', `async () => { throw new Error('too late') }`],
  ])('that %s is told on stderr, and harms nothing', async (_name, user) => {
    const { records, complaints } = await serveOne({ options: `{ user: ${user} }` })
    expect(records).toMatchObject([
      { audit: { outcome: 'success', user: { authenticated: false, ip: '127.0.0.1' } } },
    ])
    expect(complaints).toEqual([expect.stringContaining('[ERR_AUDIT_CALLBACK]')])
  })
})

it('describes nobody as any user is described', () => {
  const described = describeUser({ authenticated: false }, '192.0.2.7')
  expect(JSON.stringify(createAnonymousUser('192.0.2.7'))).toBe(JSON.stringify(described))
})
