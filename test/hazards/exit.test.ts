// How a process that ends itself leaves its records.
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { parseRecords } from '../helpers/audit-lines.js'
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

/** Answers 5 requests, leaves 10 in flight, and sends one more that ends the process. */
async function endBy(path: string, destination: Destination, env: Record<string, string> = {}) {
  const server = await startServerWritingTo(destination, env)
  for (let i = 0; i < 5; i++) await (await fetch(`${server.url}/answered`)).text()
  await openRequests(server, '/never', IN_FLIGHT)
  const received = await fetch(`${server.url}${path}`).then(
    async (response) => ({ status: response.status, body: await response.text().catch(() => null) }),
    () => null,
  )
  const remains = await server.waitForExit()
  const records = parseRecords(remains.output)
  const recordsFor = (wanted: string) =>
    records.filter(({ http_request }) => new URL(http_request?.url ?? '').pathname === wanted)
  return { ...remains, received, records, recordsFor }
}

const crashed = { ended: 'crashed', outcome: 'unknown', http_response: { status_code: null } }
const completed = { ended: 'completed', outcome: 'success', http_response: { status_code: 200 } }
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe.each(combinations)('%s, %s', (framework, destination) => {
  const env = { FRAMEWORK: framework }

  it('has a record of every finished response, and of all in flight, after process.exit in a handler', async () => {
    const { code, signal, received, records, recordsFor } = await endBy('/exit', destination, env)
    expect([code, signal, received]).toEqual([0, null, null])
    expect(recordsFor('/answered')).toMatchObject(Array(5).fill(completed))
    expect(recordsFor('/never')).toMatchObject(Array(IN_FLIGHT).fill(crashed))
    expect(recordsFor('/exit')).toMatchObject([crashed])
    expect(records.map(({ seq }) => seq)).toEqual(oneTo(records.length))
  })

  it('says that nothing left of a response whose first piece process.exit kept back', async () => {
    const { received, recordsFor } = await endBy('/exit-corked', destination, env)
    expect(received).toBeNull()
    expect(recordsFor('/exit-corked')).toMatchObject([crashed])
  })

  it('says that the response before a process.exit had left, as its client received it', async () => {
    const { code, received, records, recordsFor } = await endBy('/exit-after?code=7', destination, env)
    expect(code).toBe(7)
    expect(received).toEqual({ status: 200, body: 'bye' })
    expect(recordsFor('/exit-after')).toMatchObject([completed])
    expect(recordsFor('/never')).toMatchObject(Array(IN_FLIGHT).fill(crashed))
    expect(records.map(({ seq }) => seq)).toEqual(oneTo(records.length))
  })
})

describe.each(FRAMEWORKS)('%s', (framework) => {
  const env = { FRAMEWORK: framework }

  it('does not say that a response had left of which process.exit cut the end', async () => {
    const { received, recordsFor } = await endBy(`/exit-after?size=${16 * 1024 * 1024}`, 'file()', env)
    expect(received).toEqual({ status: 200, body: null })
    expect(recordsFor('/exit-after')).toMatchObject([
      { ended: 'crashed', outcome: 'unknown', http_response: { status_code: 200 } },
    ])
  })

  it('records what is in flight when the process ends because there is nothing left to do', async () => {
    const { code, signal, received, recordsFor } = await endBy('/leave', 'stdout to a pipe', env)
    expect([code, signal]).toEqual([0, null])
    expect(received).toEqual({ status: 200, body: 'bye' })
    expect(recordsFor('/leave')).toMatchObject([completed])
    expect(recordsFor('/never')).toMatchObject(Array(IN_FLIGHT).fill(crashed))
  })
})
