// What SIGKILL leaves: nothing of ours runs any more, so only what the kernel has counts.
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { parseRecords } from '../helpers/audit-lines.js'
import {
  type Destination,
  type RecordedExit,
  startServerWritingTo,
  stopServerProcesses,
} from '../helpers/hazard-process.js'
import { loadUntilBlocked, startLoad } from '../helpers/load.js'
import { repetitions } from '../helpers/slow.js'

jest.setTimeout(120_000)
afterEach(stopServerProcesses)

/** Without holding back a response, 7 rounds in 10 miss a record: 8 rounds see it, 20 measure it. */
const ROUNDS = repetitions(1, 20)
const CONNECTIONS = 50
const RESPONSES = 1000

interface Toll {
  /** Responses that clients received whole, and that have no record. */
  readonly missing: number
  /** Bytes of a last line that is not whole. */
  readonly cut: number
}

function tollOf(answered: readonly string[], remains: RecordedExit): Toll {
  const end = remains.output.lastIndexOf('\n') + 1
  const recorded = new Set(parseRecords(remains.output.slice(0, end)).map(({ request_id }) => request_id))
  return {
    missing: answered.filter((id) => !recorded.has(id)).length,
    cut: remains.output.length - end,
  }
}

/** Kills a server in the moment in which its clients have received 1,000 responses, while more are on their way. */
async function killUnderLoad(destination: Destination, env: Record<string, string>): Promise<Toll> {
  const server = await startServerWritingTo(destination, env)
  const { answered, closed } = startLoad(server.port, CONNECTIONS, (count) => {
    if (count === RESPONSES) server.child.kill('SIGKILL')
  })
  const remains = await server.waitForExit()
  await closed
  expect(remains.signal).toBe('SIGKILL')
  expect(answered.length).toBeGreaterThanOrEqual(RESPONSES)
  const toll = tollOf(answered, remains)
  // A pipe takes lines of up to 4,096 bytes whole or not at all. A write(2) to a file SIGKILL can stop between two pages.
  if (toll.cut > 0) expect(destination).toMatch(/file/)
  return toll
}

async function killRepeatedly(destination: Destination, env: Record<string, string> = {}) {
  const tolls: Toll[] = []
  for (let round = 0; round < ROUNDS; round++) {
    tolls.push(await killUnderLoad(destination, env))
    await stopServerProcesses()
  }
  const missing = tolls.map((toll) => toll.missing)
  const cut = tolls.filter((toll) => toll.cut > 0).length
  const rounds = `${ROUNDS} rounds of ${RESPONSES} responses, ${destination}${env.FAIL_CLOSED ? ', failClosed' : ''}`
  console.info(`SIGKILL, ${rounds}: records missing ${missing.join(' ')}; last line cut in ${cut} rounds`)
  return missing
}

describe('by default', () => {
  it.each(['stdout to a file', 'stdout to a pipe'] as const)(
    'a SIGKILL loses next to none of the records of 1,000 responses: %s',
    async (destination) => {
      const missing = await killRepeatedly(destination)
      expect(Math.max(...missing)).toBeLessThanOrEqual(3)
    },
  )

  it('a SIGKILL behind a pipe that nobody reads loses the one record that waits for room', async () => {
    const server = await startServerWritingTo('stdout to a pipe that nobody reads')
    const { answered, closed } = await loadUntilBlocked(server.port)
    server.child.kill('SIGKILL')
    const remains = await server.waitForExit()
    await closed
    expect(answered.length).toBeGreaterThan(CONNECTIONS)
    expect(tollOf(answered, remains).missing).toBeLessThanOrEqual(1)
  })
})

describe('with failClosed', () => {
  it.each(['stdout to a pipe', 'file()', 'file() with fsync'] as const)(
    'a SIGKILL never leaves a response without its record: %s',
    async (destination) => {
      const missing = await killRepeatedly(destination, { FAIL_CLOSED: '1' })
      expect(missing).toEqual(Array(ROUNDS).fill(0))
    },
  )

  it('a SIGKILL behind a pipe that nobody reads leaves no response without its record', async () => {
    const server = await startServerWritingTo('stdout to a pipe that nobody reads', { FAIL_CLOSED: '1' })
    const { answered, closed } = await loadUntilBlocked(server.port)
    server.child.kill('SIGKILL')
    const remains = await server.waitForExit()
    await closed
    expect(answered.length).toBeGreaterThan(CONNECTIONS)
    expect(tollOf(answered, remains).missing).toBe(0)
  })
})
