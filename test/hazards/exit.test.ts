// The records of a process that ends itself.
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { parseRecords, range } from '../helpers/audit-lines.js'
import {
  type Destination,
  openRequests,
  startServerWritingTo,
  stopServerProcesses,
} from '../helpers/hazard-process.js'

jest.setTimeout(60_000)
afterEach(stopServerProcesses)

const FRAMEWORKS = ['node:http', 'express', 'koa']
const DESTINATIONS: Destination[] = ['stdout to a pipe', 'stdout to a file', 'file()']
const combinations: [string, Destination][] = [
  ...FRAMEWORKS.flatMap((framework) =>
    DESTINATIONS.map((destination): [string, Destination] => [framework, destination]),
  ),
  ['node:http', 'file() with fsync'],
]
const IN_FLIGHT = 10

/** Sends 5 requests that are answered, 10 that stay in flight, and one that ends the process. */
async function endProcessBy(path: string, destination: Destination, env: Record<string, string> = {}) {
  const server = await startServerWritingTo(destination, env)
  for (let i = 0; i < 5; i++) await (await fetch(`${server.url}/answered`)).text()
  await openRequests(server, '/never', IN_FLIGHT)
  const received = await fetch(`${server.url}${path}`).then(
    async (response) => ({ status: response.status, body: await response.text().catch(() => null) }),
    () => null,
  )
  const exit = await server.waitForExit()
  const records = parseRecords(exit.output)
  const recordsFor = (wanted: string) =>
    records.filter(({ http_request }) => new URL(http_request?.url ?? '').pathname === wanted)
  return { ...exit, received, records, recordsFor }
}

const crashed = { ended: 'crashed', outcome: 'unknown', http_response: { status_code: null } }
const completed = { ended: 'completed', outcome: 'success', http_response: { status_code: 200 } }

describe.each(combinations)('%s, %s', (framework, destination) => {
  const env = { FRAMEWORK: framework }

  it('records every finished response and every request in flight when a handler calls process.exit', async () => {
    const { code, signal, received, records, recordsFor } = await endProcessBy('/exit', destination, env)
    expect([code, signal, received]).toEqual([0, null, null])
    expect(recordsFor('/answered')).toMatchObject(Array(5).fill(completed))
    expect(recordsFor('/never')).toMatchObject(Array(IN_FLIGHT).fill(crashed))
    expect(recordsFor('/exit')).toMatchObject([crashed])
    expect(records.map(({ seq }) => seq)).toEqual(range(1, records.length))
  })

  it('records status null for a response whose first chunk process.exit discarded', async () => {
    const { received, recordsFor } = await endProcessBy('/exit-corked', destination, env)
    expect(received).toBeNull()
    expect(recordsFor('/exit-corked')).toMatchObject([crashed])
  })

  it('records a response that was sent before process.exit as completed', async () => {
    const { code, received, records, recordsFor } = await endProcessBy('/exit-after?code=7', destination, env)
    expect(code).toBe(7)
    expect(received).toEqual({ status: 200, body: 'bye' })
    expect(recordsFor('/exit-after')).toMatchObject([completed])
    expect(recordsFor('/never')).toMatchObject(Array(IN_FLIGHT).fill(crashed))
    expect(records.map(({ seq }) => seq)).toEqual(range(1, records.length))
  })
})

describe.each(FRAMEWORKS)('%s', (framework) => {
  const env = { FRAMEWORK: framework }

  it('does not record a response as completed when process.exit cut it', async () => {
    const { received, recordsFor } = await endProcessBy(`/exit-after?size=${16 * 1024 * 1024}`, 'file()', env)
    expect(received).toEqual({ status: 200, body: null })
    expect(recordsFor('/exit-after')).toMatchObject([
      { ended: 'crashed', outcome: 'unknown', http_response: { status_code: 200 } },
    ])
  })

  it('records requests in flight when the process ends with an empty event loop', async () => {
    const { code, signal, received, recordsFor } = await endProcessBy('/unref', 'stdout to a pipe', env)
    expect([code, signal]).toEqual([0, null])
    expect(received).toEqual({ status: 200, body: 'bye' })
    expect(recordsFor('/unref')).toMatchObject([completed])
    expect(recordsFor('/never')).toMatchObject(Array(IN_FLIGHT).fill(crashed))
  })
})
