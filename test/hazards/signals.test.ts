// Signals belong to the application: the package handles none.
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { parseRecords } from '../helpers/audit-lines.js'
import { openRequests, startServerWritingTo, stopServerProcesses } from '../helpers/hazard-process.js'
import { loadUntilBlocked } from '../helpers/load.js'

jest.setTimeout(60_000)
afterEach(stopServerProcesses)

const IN_FLIGHT = 50
const ONE_BYTE_MISSING = 'Connection: close\r\nContent-Length: 1\r\n'

describe.each(['node:http', 'express', 'koa'])('%s', (framework) => {
  it('adds no listener for a signal or an error of the process', async () => {
    const server = await startServerWritingTo('file() with fsync', {
      FRAMEWORK: framework,
      START_RECORDS: '1',
      FAIL_CLOSED: '1',
    })
    await openRequests(server, '/never', 1)
    const counts = (await (await fetch(`${server.url}/listeners`)).json()) as Record<string, number>
    expect(counts).toEqual({
      SIGTERM: 0,
      SIGINT: 0,
      SIGQUIT: 0,
      SIGPIPE: 0,
      uncaughtException: 0,
      uncaughtExceptionMonitor: 0,
      unhandledRejection: 0,
      beforeExit: 0,
      exit: 1,
    })
  })
})

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it.each(['stdout to a pipe', 'stdout to a file', 'file()'] as const)(
    'ends the process by the signal, with a record of each finished request: %s',
    async (destination) => {
      const server = await startServerWritingTo(destination)
      for (let i = 0; i < 20; i++) await (await fetch(`${server.url}/answered`)).text()
      await openRequests(server, '/never', IN_FLIGHT)
      server.child.kill(signal)
      const exit = await server.waitForExit()
      expect([exit.code, exit.signal]).toEqual([null, signal])
      const records = parseRecords(exit.output)
      expect(records.filter(({ http_request }) => http_request?.url.endsWith('/answered'))).toHaveLength(20)
      expect(records.filter(({ ended }) => ended !== 'completed')).toEqual([])
      expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1))
    },
  )

  it('loses at most the one record that waits for room in a full pipe', async () => {
    const server = await startServerWritingTo('stdout to a pipe that nobody reads')
    const { answered, closed } = await loadUntilBlocked(server.port)
    server.child.kill(signal)
    const exit = await server.waitForExit()
    await closed
    expect(exit.signal).toBe(signal)
    const recorded = new Set(parseRecords(exit.output).map(({ request_id }) => request_id))
    expect(answered.length).toBeGreaterThan(50)
    expect(answered.filter((id) => !recorded.has(id)).length).toBeLessThanOrEqual(1)
  })

  describe.each(['node:http', 'express', 'koa'])('%s', (framework) => {
    it.each([
      ['closes its server and then the audit log', '1', 'file() with fsync'],
      ['exits as soon as the audit log is closed', 'exit', 'file()'],
    ] as const)('records every request of an application that %s', async (_case, how, destination) => {
      const server = await startServerWritingTo(destination, { FRAMEWORK: framework, GRACEFUL: how })
      const clients = await openRequests(server, '/when-sent', IN_FLIGHT, ONE_BYTE_MISSING)
      server.child.kill(signal)
      await server.waitForStderr(/Stopping/)
      const responses = clients.map((client) => client.untilClosed())
      for (const client of clients) client.send('.')
      expect((await Promise.all(responses)).map((response) => response.slice(0, 12))).toEqual(
        Array(IN_FLIGHT).fill('HTTP/1.1 200'),
      )
      const exit = await server.waitForExit()
      expect([exit.code, exit.signal]).toEqual([0, null])
      const records = parseRecords(exit.output).filter(({ http_request }) =>
        http_request?.url.endsWith('/when-sent'),
      )
      expect(records).toMatchObject(
        Array(IN_FLIGHT).fill({
          ended: 'completed',
          outcome: 'success',
          http_response: { status_code: 200 },
        }),
      )
    })
  })
})
