import { describe, expect, it } from '@jest/globals'
import type { AuditLogError } from 'http-audit-log'
import { auditLog } from 'http-audit-log'
import { memory } from '../../../src/index.js'
import { startServer, stopServers } from '../../helpers/servers.js'

async function exchangeWith(user: object) {
  const sink = memory()
  const errors: AuditLogError[] = []
  const audit = auditLog({ sink, onError: (error) => errors.push(error) })
  const { url } = await startServer((request, response) => {
    audit(request, response).setUser(user as never)
    response.end()
  })
  await (await fetch(url)).text()
  const [{ audit: record }] = await sink.waitFor(1)
  await stopServers()
  return { user: record.user, messages: errors.map(({ message }) => message) }
}

describe('name, type and tenant of a user', () => {
  it.each(['user', 'service', 'agent', 'system'])('are recorded: %s', async (type) => {
    const given = { authenticated: true, id: '1', name: 'A. B.', type, tenant: 7 }
    const { user, messages } = await exchangeWith(given)
    expect(user).toMatchObject({ name: 'A. B.', type, tenant: '7' })
    expect(messages).toEqual([])
  })

  it.each(['robot', 7, {}])('of a type that is not known: told, and not recorded: %p', async (type) => {
    const { user, messages } = await exchangeWith({ authenticated: true, id: '1', type })
    expect(user).not.toHaveProperty('type')
    expect(messages).toEqual([expect.stringContaining('Known types: user, service, agent, system')])
  })

  it('are absent if they are not set', async () => {
    const { user, messages } = await exchangeWith({ authenticated: true, id: '1', name: null, type: null })
    expect(Object.keys(user)).toEqual(['authenticated', 'provider', 'realm', 'email', 'roles', 'ip', 'id'])
    expect(messages).toEqual([])
  })
})
