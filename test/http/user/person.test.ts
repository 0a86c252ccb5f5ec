import { describe, expect, it } from '@jest/globals'
import { areDifferent, type Person, readPerson } from '#src/http/user/person.js'
import { describeUser } from '#src/http/user/user.js'
import { takesAtMostMs } from '../../helpers/cpu-time.js'

/** Generous: only quadratic work on a megabyte takes longer. */
const PROMPT_MS = 2000

/** The user as JSON, without undefined properties, or why there is none. */
function readAsJson(value: unknown): unknown {
  const reading = readPerson(value)
  return typeof reading === 'string' ? reading : JSON.parse(JSON.stringify(reading.user))
}

describe('readPerson of an empty value', () => {
  it.each([undefined, null, false, 0, Number.NaN, ''])('names nobody: %p', (value) => {
    expect(readPerson(value)).toBe('nobody')
  })
})

describe('readPerson of a value that does not say who is logged in', () => {
  it.each<[unknown, string]>([
    [{ id: 7, is_guest: 1 }, 'nobody'],
    [{ id: 7, isAnonymous: '1' }, 'nobody'],
    [{ id: 7, authenticated: 0 }, 'nobody'],
    [{ id: 7, loggedIn: '0' }, 'nobody'],
    [{ id: 7, roles: ['ROLE_ANONYMOUS'] }, 'guest'],
    [{ username: 'anonymousUser', roles: ['ROLE_ANONYMOUS'] }, 'nobody'],
    [{ id: 7, isAuthenticated: () => false }, 'undecided'],
    [{ id: 'undefined' }, 'unnamed'],
    [{ id: 'null' }, 'unnamed'],
    [{ id: 0 }, 'unnamed'],
    [{ id: '00000000-0000-0000-0000-000000000000' }, 'unnamed'],
    ['undefined', 'unnamed'],
    [Promise.resolve({ id: 7 }), 'unnamed'],
    [[{ id: 7 }], 'unnamed'],
    [new Map([['id', 7]]), 'unnamed'],
    [() => ({ id: 7 }), 'unnamed'],
    [[], 'nobody'],
  ])('%p is %s', (value, expected) => {
    expect(readPerson(value)).toBe(expected)
  })

  it('does not call a function of the application', () => {
    let calls = 0
    const isAuthenticated = () => {
      calls++
      return true
    }
    expect(readPerson({ id: 7, isAuthenticated })).toBe('undecided')
    expect(calls).toBe(0)
  })
})

describe('readPerson', () => {
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
    ['a user whose id is 0', { id: 0, sub: 'other' }, { id: 'other' }],
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
      { sub: 's', iss: 'https://sso.example.org/auth/realms/my-realm/' },
      { id: 's', provider: 'https://sso.example.org/auth/realms/my-realm/', realm: 'my-realm' },
    ],
    [
      'an issuer with a realm in the middle',
      { sub: 's', iss: 'https://issuer.example/realms/a/b' },
      { id: 's', provider: 'https://issuer.example/realms/a/b' },
    ],
    [
      'a realm beside an issuer with a realm',
      { id: 7, iss: 'https://i.example/realms/a', realm: 'b', provider: 'p' },
      { id: '7', provider: 'p', realm: 'b' },
    ],
    [
      'roles beside realm roles',
      { id: 7, roles: ['a'], realm_access: { roles: ['b'] } },
      { id: '7', roles: ['a'] },
    ],
    ['an id beside a sub and a username', { sub: 's', username: 'u', id: 'i' }, { id: 'i' }],
    ['a sub beside a username', { sub: 's', username: 'u' }, { id: 's' }],
    ['only an id, a string', 'jansen', { id: 'jansen' }],
    ['only an id, a number', 42, { id: '42' }],
  ])('recognizes %s', (_name, found, expected) => {
    expect(readAsJson(found)).toEqual({ authenticated: true, ...expected })
  })

  it.each<[string, object]>([
    ['numbers', { provider: 1, realm: 2, email: 3, iss: 4 }],
    ['objects', { provider: {}, realm: [], email: { toString: () => 'a@example.org' }, iss: {} }],
    ['empty strings', { provider: '', realm: '', email: '', iss: '', sub: '', username: '' }],
    ['null', { provider: null, emails: null, roles: null, realm_access: null }],
    ['emails that are a number', { emails: 5 }],
    ['an empty list of emails', { emails: [] }],
    ['emails without a value', { emails: [null, {}, { value: 5 }] }],
    ['roles that are a number', { roles: 5 }],
    ['realm access that is a string', { realm_access: 'admin' }],
  ])('ignores properties of a wrong type: %s', (_name, found) => {
    expect(readAsJson({ id: 7, ...found })).toEqual({ authenticated: true, id: '7' })
  })

  it.each<[string, unknown]>([
    ['an empty object', {}],
    ['an empty object without a prototype', Object.create(null)],
    ['an object of null and undefined', { id: null, email: undefined }],
    ['authenticated as the string false', { authenticated: 'false' }],
    ['isAuthenticated false', { isAuthenticated: false }],
    ['authenticated false with an id', { authenticated: false, id: 'guest' }],
  ])('names nobody: %s', (_name, found) => {
    expect(readPerson(found)).toBe('nobody')
  })

  it('ignores a property whose getter throws', () => {
    const user = {
      id: 1,
      get email(): string {
        throw new Error('not loaded')
      },
    }
    expect(readAsJson(user)).toEqual({ authenticated: true, id: '1' })
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
    const record = describeUser((readPerson(found) as Person).user, '192.0.2.7')
    expect(JSON.stringify(record)).not.toContain('geheim')
    expect(Object.keys(record)).toEqual(['authenticated', 'provider', 'realm', 'email', 'roles', 'ip', 'id'])
  })

  it('copies roles, so that later changes do not reach the record', () => {
    const found = { id: 1, roles: ['reader'] }
    const record = describeUser((readPerson(found) as Person).user, '')
    found.roles.push('admin')
    expect(record.roles).toEqual(['reader'])
  })

  it('takes linear time for a hostile issuer of one megabyte', () => {
    const readHostileIssuers = () => {
      for (const unit of ['/', 'a', '/realms', '/realms/', '/realms/a', '/realms//']) {
        const long = unit.repeat(1_000_000 / unit.length)
        readPerson({ iss: long })
        readPerson({ iss: `/realms/${long}/x` })
      }
    }
    expect(takesAtMostMs(PROMPT_MS, readHostileIssuers)).toBe(true)
  })
})

describe('readPerson of the users of authentication libraries', () => {
  it.each<[string, object, object]>([
    [
      'Mongoose',
      { _id: { toHexString: () => '507f1f77bcf86cd799439011' } },
      { id: '507f1f77bcf86cd799439011' },
    ],
    [
      'MongoDB extended JSON',
      { _id: { $oid: '507f1f77bcf86cd799439011' } },
      { id: '507f1f77bcf86cd799439011' },
    ],
    [
      'a binary UUID',
      { id: Buffer.from('00112233445566778899aabbccddeeff', 'hex') },
      { id: '00112233445566778899aabbccddeeff' },
    ],
    ['express-basic-auth', { user: 'ann', password: 'geheim' }, { id: 'ann' }],
    [
      'Firebase',
      {
        uid: 'f1',
        email: 'ann@example.org',
        iss: 'https://securetoken.google.com/p',
        firebase: { sign_in_provider: 'password' },
      },
      { id: 'f1', email: 'ann@example.org', provider: 'https://securetoken.google.com/p' },
    ],
    [
      'Supabase',
      {
        id: 's1',
        email: 'ann@example.org',
        role: 'authenticated',
        is_anonymous: false,
        app_metadata: { provider: 'github' },
      },
      { id: 's1', email: 'ann@example.org', roles: ['authenticated'], provider: 'github' },
    ],
    [
      'Amazon Cognito',
      { sub: 'c1', 'cognito:username': 'ann', 'cognito:groups': ['editors'] },
      { id: 'c1', roles: ['editors'] },
    ],
    [
      'Microsoft Entra ID',
      { oid: 'o1', preferred_username: 'ann@example.org', roles: ['Editor'] },
      { id: 'o1', roles: ['Editor'] },
    ],
    ['an access token with only a login name', { preferred_username: 'ann' }, { id: 'ann' }],
    [
      'passport-saml',
      { nameID: 'ann', issuer: 'https://idp.example', mail: 'ann@example.org' },
      { id: 'ann', email: 'ann@example.org', provider: 'https://idp.example' },
    ],
    [
      'LDAP',
      { dn: 'cn=ann,dc=example', uid: 'ann', mail: ['ann@example.org'] },
      { id: 'ann', email: 'ann@example.org' },
    ],
    ['Active Directory', { dn: 'cn=ann,dc=example', sAMAccountName: 'ann' }, { id: 'ann' }],
    [
      'a client that acts for itself',
      { client_id: 'batch', scope: 'openid persons:read' },
      { id: 'batch', roles: ['persons:read'] },
    ],
    ['only an email address', { email: 'ann@example.org' }, { email: 'ann@example.org' }],
    ['only a name', { name: 'ann' }, { id: 'ann' }],
    [
      'a guest in the directory of another company',
      { id: 7, email: 'ann@example.org', role: 'guest' },
      { id: '7', email: 'ann@example.org', roles: ['guest'] },
    ],
  ])('%s', (_library, value, expected) => {
    expect(readAsJson(value)).toEqual({ authenticated: true, ...expected })
  })

  it.each<[string, object, string[]]>([
    ['a string', { roles: 'admin' }, ['admin']],
    [
      'objects',
      { roles: [{ id: 1, name: 'admin' }, { role: 'editor' }, { authority: 'ROLE_X' }] },
      ['admin', 'editor', 'ROLE_X'],
    ],
    ['a mixture', { roles: ['a', 1, null, { name: 'b', password: 'p' }, ['c'], 'd'] }, ['a', 'b', 'd']],
    ['`role`', { role: 'admin' }, ['admin']],
    ['`role` as an object', { role: { name: 'admin' } }, ['admin']],
    ['groups', { groups: ['staff'] }, ['staff']],
    ['scope', { scope: 'openid profile persons:read persons:write' }, ['persons:read', 'persons:write']],
    ['scp', { scp: ['persons:read'] }, ['persons:read']],
  ])('reads roles from %s', (_shape, value, roles) => {
    expect(readAsJson({ id: 7, ...value })).toMatchObject({ roles })
  })

  it.each<[string, unknown]>([
    ['the role of a guest', { role: 'guest' }],
    ['guest roles', { roles: ['guest'] }],
    ['a role object', { role: { name: 'anonymous' } }],
    ['isGuest', { id: 'cart-1', isGuest: true }],
    ['anonymous', { anonymous: true, id: 'session-1' }],
    ['a Supabase user without an account', { id: 's1', is_anonymous: true }],
    ['a Firebase user without an account', { uid: 'f1', firebase: { sign_in_provider: 'anonymous' } }],
    ['the name of a guest', { username: 'guest' }],
    ['a text', 'anonymous'],
    ['loggedIn false', { loggedIn: false, id: 7 }],
    ['Clerk, signed out', { userId: null, sessionId: null, getToken: () => null }],
    ['an ORM object that is not in the database', { id: 7, isNewRecord: true }],
    ['an empty ORM object', Object.assign(new (class User {})(), { id: null, email: undefined })],
  ])('names nobody: %s', (_shape, value) => {
    expect(readPerson(value)).toBe('nobody')
  })

  it.each<[string, unknown, string]>([
    ['true', true, 'unnamed'],
    ['an object without a name', { theme: 'dark' }, 'unnamed'],
    ['an object with only a role', { role: 'reader' }, 'unnamed'],
    ['an instance of a class without visible properties', new (class User {})(), 'unnamed'],
    ['an id with the role of a guest', { id: 'cart-1', role: 'guest' }, 'guest'],
  ])('does not decide about %s', (_shape, value, expected) => {
    expect(readPerson(value)).toBe(expected)
  })
})

describe('areDifferent', () => {
  const namesOf = (value: unknown) => (readPerson(value) as Person).names
  it.each<[string, unknown, unknown, boolean]>([
    ['two ids', { id: 1 }, { id: 2 }, true],
    ['an id and another property of the same kind', { id: 1 }, { userId: '2' }, true],
    ['two email addresses', { email: 'a@example.org' }, { email: 'b@example.org' }, true],
    ['one id in two properties', { id: 1 }, { sub: '1' }, false],
    ['one id and a changed email address', { id: 1, email: 'a@x.nl' }, { id: 1, email: 'b@x.nl' }, false],
    ['ids of two systems', { sub: 'auth0|1' }, { id: 7 }, false],
    ['two users of one client', { sub: 'a', azp: 'web' }, { sub: 'b', azp: 'web' }, true],
  ])('%s: %j and %j', (_case, one, other, expected) => {
    expect(areDifferent(namesOf(one), namesOf(other))).toBe(expected)
  })
})
