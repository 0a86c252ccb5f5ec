import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type AuditOptions, auditLog, memory } from 'http-audit-log'
import { pseudonym } from '#src/redact/rules/pseudonym.js'
import { findAuditViolations } from '../helpers/audit-schema.js'
import { startServer, stopServers } from '../helpers/servers.js'

const KEY = 'a key of at least 16 bytes'
const PRINCIPAL = {
  id: '42',
  email: 'c@example.org',
  name: 'Cor Dekker',
  type: 'user',
  tenant: 'utrecht',
} as const
const USER = {
  authenticated: true,
  id: '1',
  name: 'Ann Bakker',
  type: 'service',
  tenant: 'amsterdam',
  onBehalfOf: PRINCIPAL,
} as const

/** The record of a request whose handler sets the user, and calls `more`. */
async function exchangeWith(
  options: AuditOptions<IncomingMessage>,
  { user = USER, results }: { user?: object; results?: unknown } = {},
) {
  const sink = memory()
  const audit = auditLog({ ...options, sink })
  const { url } = await startServer((request, response) => {
    audit(request, response)
      .setUser(user as never)
      .setResults(results as never)
      .info('Ann Bakker of amsterdam')
    response.end()
  })
  await (await fetch(url)).text()
  await sink.waitFor(1)
  const [record] = sink.records() as [{ audit: { message: string; results: unknown; user: typeof EXPECTED } }]
  return { ...record.audit, violations: findAuditViolations(record) }
}

const { onBehalfOf, ...FIELDS } = USER
const EXPECTED = { ...FIELDS, on_behalf_of: onBehalfOf }

const pseudonymize = (...fields: string[]) => ({ pseudonymize: { key: KEY, keyId: '1', fields } })

afterEach(stopServers)

describe('name and tenant of a user', () => {
  it('are redacted by path', async () => {
    const { user, violations } = await exchangeWith({
      redact: { paths: ['user.name', 'user.tenant'] },
    })
    expect(user).toMatchObject({ ...EXPECTED, name: '[REDACTED]', tenant: '[REDACTED]' })
    expect(violations).toEqual([])
  })

  it('have pseudonyms by path, also in the message', async () => {
    const { user, message, violations } = await exchangeWith(pseudonymize('user.name', 'user.tenant'))
    const [name, tenant] = [pseudonym(USER.name, KEY, '1'), pseudonym(USER.tenant, KEY, '1')]
    expect(user).toMatchObject({ ...EXPECTED, name, tenant })
    expect(message).toBe(`${name} of ${tenant}`)
    expect(violations).toEqual([])
  })

  it('lose a secret in them by its shape', async () => {
    const secret = ['ghp', 'x7Kd'.repeat(9)].join('_')
    const secretive = { name: secret, tenant: `https://a:${secret}@example.org` }
    const user = {
      authenticated: true,
      ...secretive,
      onBehalfOf: { id: secret, ...secretive, via: [secret] },
    }
    expect(JSON.stringify(await exchangeWith({}, { user }))).not.toContain(secret)
  })
})

describe('the user on whose behalf somebody acts', () => {
  it('has a name, a type and a tenant', async () => {
    const { user, violations } = await exchangeWith({})
    expect(user).toMatchObject(EXPECTED)
    expect(violations).toEqual([])
  })

  it.each(['name', 'tenant'] as const)('is redacted by path: %s', async (field) => {
    const { user } = await exchangeWith({ redact: { paths: [`user.on_behalf_of.${field}`] } })
    expect(user).toMatchObject({ ...EXPECTED, on_behalf_of: { ...PRINCIPAL, [field]: '[REDACTED]' } })
  })

  it.each(['name', 'tenant'] as const)('has a pseudonym by path: %s', async (field) => {
    const { user } = await exchangeWith(pseudonymize(`user.on_behalf_of.${field}`))
    expect(user.on_behalf_of).toMatchObject({ ...PRINCIPAL, [field]: pseudonym(PRINCIPAL[field], KEY, '1') })
  })
})

describe('the type of a user', () => {
  it.each(['user', 'user.*', 'user.on_behalf_of', 'user.on_behalf_of.*', '*', '*.type', '*.*.type'])(
    'stays one of the known ones under the path %s',
    async (path) => {
      for (const options of [{ redact: { paths: [path] } }, pseudonymize(path)]) {
        const { user, violations } = await exchangeWith(options)
        expect([user.type, user.on_behalf_of.type]).toEqual(['service', 'user'])
        expect(violations).toEqual([])
      }
    },
  )

  it('stays where the same word is a secret elsewhere', async () => {
    const results = { password: 'service' }
    const { user, results: recorded } = await exchangeWith({}, { results })
    expect(recorded).toEqual({ password: '[REDACTED]' })
    expect(user.type).toBe('service')
  })

  it.each(['user.type', 'user.on_behalf_of.type'])('has no path of its own: %s is refused', (path) => {
    for (const options of [{ redact: { paths: [path] } }, pseudonymize(path)])
      expect(() => auditLog(options)).toThrow('to be the path of a field in the record')
  })
})
