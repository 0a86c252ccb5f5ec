import { describe, expect, it } from '@jest/globals'
import { createAnonymousUser, createUnknownUser, describeUser } from '#src/http/user/user.js'
import { auditOneRequest } from '../../helpers/child-process.js'

describe('describeUser', () => {
  it('returns the fields of django-audit-log, empty by default', () => {
    expect(describeUser({}, '')).toEqual({
      authenticated: null,
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
    const user = { authenticated: true, email: 'a@example.org', password: 'geheim', nick: 'Jansen' }
    expect(JSON.stringify(describeUser(user, ''))).not.toMatch(/geheim|Jansen/)
  })
})

describe('the option `user`', () => {
  it.each([
    ['throws', `() => { throw new Error('no user') }`],
    ['is async', `async () => ({ authenticated: true })`],
    ['is async and rejects', `async () => { throw new Error('too late') }`],
  ])('that %s is reported on stderr, and the record has authenticated null', async (_name, user) => {
    const { records, stderrLines: complaints } = await auditOneRequest({ options: `{ user: ${user} }` })
    expect(records).toMatchObject([
      { audit: { outcome: 'success', user: { authenticated: null, ip: '127.0.0.1' } } },
    ])
    expect(complaints).toEqual([expect.stringContaining('[ERR_AUDIT_CALLBACK]')])
  })
})

it('createAnonymousUser and createUnknownUser return the same fields, in the same order, as describeUser', () => {
  const described = describeUser({ authenticated: false }, '192.0.2.7')
  expect(JSON.stringify(createAnonymousUser('192.0.2.7'))).toBe(JSON.stringify(described))
  expect(Object.keys(createUnknownUser('192.0.2.7'))).toEqual(Object.keys(described))
})
