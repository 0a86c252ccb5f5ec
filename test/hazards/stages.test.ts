// With `stages` a killed process leaves a record of each request that it was handling.
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import type { AuditRecord } from 'http-audit-log'
import { parseRecords } from '../helpers/audit-lines.js'
import { openRequests, startServerWritingTo, stopServerProcesses } from '../helpers/hazard-process.js'

jest.setTimeout(60_000)
afterEach(stopServerProcesses)

const stagesById = (records: readonly AuditRecord[]) => {
  const stages = new Map<string, unknown[]>()
  for (const { id, stage } of records) stages.set(id, [...(stages.get(id) ?? []), stage])
  return stages
}

describe.each(['node:http', 'express', 'koa'])('%s', (framework) => {
  const env = { FRAMEWORK: framework, STAGES: 'received' }

  it.each(['stdout to a pipe', 'file()'] as const)(
    'leaves a line of each request in flight when the process is killed: %s',
    async (destination) => {
      const server = await startServerWritingTo(destination, env)
      await openRequests(server, '/never?who=1', 20, 'User-Agent: Test/1.0\r\n')
      server.child.kill('SIGKILL')
      const exit = await server.waitForExit()
      expect(exit.signal).toBe('SIGKILL')
      const records = parseRecords(exit.output).filter(({ http_request }) =>
        http_request?.url.includes('/never'),
      )
      expect(records).toHaveLength(20)
      for (const record of records) {
        expect(record).toMatchObject({
          stage: 'received',
          http_request: { method: 'POST', url: 'http://localhost/never?who=1', user_agent: 'Test/1.0' },
          http_response: null,
          user: { authenticated: null, ip: '127.0.0.1' },
          outcome: 'unknown',
          ended: null,
        })
      }
      expect(new Set(records.map(({ id }) => id)).size).toBe(20)
    },
  )

  it('leaves two lines of each open stream when the process is killed', async () => {
    const server = await startServerWritingTo('file()', { ...env, STAGES: 'received,started' })
    const clients = await openRequests(server, '/events', 5)
    for (const client of clients) await client.waitFor(/data: 1/)
    server.child.kill('SIGKILL')
    const exit = await server.waitForExit()
    expect(exit.signal).toBe('SIGKILL')
    const records = parseRecords(exit.output).filter(({ http_request }) =>
      http_request?.url.includes('/events'),
    )
    expect([...stagesById(records).values()]).toEqual(Array(5).fill(['received', 'started']))
    for (const { stage, http_response, ended, outcome } of records) {
      expect(http_response?.status_code).toBe(stage === 'started' ? 200 : undefined)
      expect({ ended, outcome }).toEqual({ ended: null, outcome: 'unknown' })
    }
  })

  it('writes the stage received before the handler runs', async () => {
    const server = await startServerWritingTo('stdout to a pipe', env)
    await fetch(`${server.url}/kill`).catch(() => {})
    const exit = await server.waitForExit()
    expect(exit.signal).toBe('SIGKILL')
    expect(parseRecords(exit.output)).toMatchObject([
      {
        stage: 'received',
        http_request: { method: 'GET', url: `${server.url}/kill` },
        user: { ip: '127.0.0.1' },
        seq: 1,
      },
    ])
  })

  it('writes two records of the same id for a completed exchange, and for one that process.exit ended', async () => {
    const server = await startServerWritingTo('stdout to a file', env)
    for (let i = 0; i < 3; i++) await (await fetch(`${server.url}/answered`)).text()
    await openRequests(server, '/never', 2)
    await fetch(`${server.url}/exit`).catch(() => {})
    const records = parseRecords((await server.waitForExit()).output)
    const stages = stagesById(records)
    expect([...stages.values()]).toEqual(Array(stages.size).fill(['received', 'completed']))
    expect([...stages.keys()]).toEqual(
      Array.from({ length: stages.size }, (_, index) => `${records[0]?.run}-${index + 1}`),
    )
    const endings = records.filter(({ stage }) => stage === 'completed').map(({ ended }) => ended)
    expect(endings.filter((ended) => ended === 'crashed')).toHaveLength(3)
    expect(endings.filter((ended) => ended === 'completed')).toHaveLength(endings.length - 3)
    expect(records.filter(({ stage }) => stage === 'received').map(({ ended }) => ended)).toEqual(
      endings.map(() => null),
    )
  })
})

it('writes one record without a stage per exchange without the option stages', async () => {
  const server = await startServerWritingTo('stdout to a pipe')
  await (await fetch(`${server.url}/answered`)).text()
  await fetch(`${server.url}/exit`).catch(() => {})
  const records = parseRecords((await server.waitForExit()).output)
  expect(records.map(({ ended }) => ended)).toEqual(['completed', 'crashed'])
  for (const record of records) expect(record).not.toHaveProperty('stage')
})
