import { afterEach, describe, expect, it } from '@jest/globals'
import express, { type Request } from 'express'
import { auditLog } from 'http-audit-log'
import { memory } from '../../../src/index.js'
import { startServer, stopServers } from '../../helpers/servers.js'

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const ENTRA = { iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, sub: 'a', tid: TENANT }
const KEYCLOAK = { iss: 'https://sso.example.org/realms/city', sub: 'b' }
const AUTH0 = { iss: 'https://example.eu.auth0.com/', gty: 'client-credentials', azp: 'batch' }

/** The user of a request whose token, which a library has verified, has these claims. */
async function userOf(claims: object, isToken = true) {
  const sink = memory()
  const app = express()
  app.use(auditLog({ sink }), (req, _res, next) => {
    ;(req as Request & { auth: object }).auth = isToken ? { exp: 2 ** 31, ...claims } : claims
    next()
  })
  app.get('/', (_req, res) => void res.end())
  const { url } = await startServer(app)
  await (await fetch(url)).text()
  const [{ audit: record }] = await sink.waitFor(1)
  return record.user
}

afterEach(stopServers)

describe('a token that was issued to a client for itself', () => {
  it.each<[string, object]>([
    ['RFC 9068', { sub: 'batch', client_id: 'batch' }],
    ['Auth0', { ...AUTH0, sub: 'batch@clients' }],
    [
      'Keycloak',
      { ...KEYCLOAK, azp: 'Batch', client_id: 'Batch', preferred_username: 'service-account-batch' },
    ],
    [
      'an older Keycloak',
      { ...KEYCLOAK, azp: 'batch', clientId: 'batch', preferred_username: 'service-account-batch' },
    ],
    ['Microsoft Entra ID', { ...ENTRA, idtyp: 'app' }],
  ])('names a service: %s', async (_name, claims) => {
    expect(await userOf(claims)).toMatchObject({ authenticated: true, type: 'service' })
  })
})

describe('a token of which that is not certain', () => {
  it.each<[string, object]>([
    ['a user who uses a client', { sub: 'ann', client_id: 'web', azp: 'web' }],
    ['a user of Auth0, by a grant of another name', { ...AUTH0, sub: 'auth0|ann' }],
    [
      'a login name that begins like a service account',
      { ...KEYCLOAK, preferred_username: 'service-account-x' },
    ],
    [
      'such a login name, at another client',
      { ...KEYCLOAK, azp: 'web', client_id: 'web', preferred_username: 'service-account-x' },
    ],
    ['a user of Microsoft Entra ID', { ...ENTRA, idtyp: 'user' }],
    ['the same word of another issuer', { sub: 'ann', idtyp: 'app' }],
  ])('has no type: %s', async (_name, claims) => {
    const user = await userOf(claims)
    expect(user.authenticated).toBe(true)
    expect(user).not.toHaveProperty('type')
  })

  it('has no type: a row of a database', async () => {
    expect(await userOf({ sub: 'batch', client_id: 'batch' }, false)).not.toHaveProperty('type')
  })
})

describe('the tenant of a token', () => {
  it.each<[string, object, string]>([
    ['Microsoft Entra ID', ENTRA, TENANT],
    ['Microsoft Entra ID, version 1', { ...ENTRA, iss: `https://sts.windows.net/${TENANT}/` }, TENANT],
    ['an organization of Auth0', { sub: 'auth0|ann', org_id: 'org_1' }, 'org_1'],
    ['Firebase', { sub: 'ann', firebase: { tenant: 'city-1', sign_in_provider: 'password' } }, 'city-1'],
  ])('is recorded: %s', async (_name, claims, tenant) => {
    expect(await userOf(claims)).toMatchObject({ authenticated: true, tenant })
  })

  it.each<[string, object, boolean]>([
    ['the claim of another issuer', { sub: 'ann', iss: 'https://sso.example.org/', tid: TENANT }, true],
    [
      'personal accounts',
      {
        sub: 'ann',
        iss: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
        tid: '9188040d-6c67-4c5b-b112-36a304b66dad',
      },
      true,
    ],
    ['a value that is no text', { sub: 'ann', org_id: { id: 1 }, firebase: 'x' }, true],
    ['a column of a database', { id: 7, org_id: 'org_1' }, false],
  ])('is absent: %s', async (_name, claims, isToken) => {
    expect(await userOf(claims, isToken)).not.toHaveProperty('tenant')
  })

  it('is that of the actor and of the user whose rights they use', async () => {
    const user = await userOf({ sub: 'ann', org_id: 'org_1', act: { sub: 'batch' } })
    expect(user).toMatchObject({ id: 'batch', tenant: 'org_1', on_behalf_of: { id: 'ann', tenant: 'org_1' } })
  })
})

it('does not record the display name of a user who was found', async () => {
  for (const name of ['name', 'displayName'])
    expect(JSON.stringify(await userOf({ sub: 'ann', [name]: 'Ann Bakker' }))).not.toContain('Bakker')
})
