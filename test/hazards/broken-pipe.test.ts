import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { isIncreasing, missingSeqs, parseRecords, reportedLosses, seqsOf } from '../helpers/audit-lines.js'
import {
  openFifoReader,
  type PipedServerProcess,
  type Stats,
  startServerBehindPipe,
  startServerProcess,
  stopServerProcesses,
} from '../helpers/hazard-process.js'
import { requestMany } from '../helpers/load.js'

jest.setTimeout(60_000)
afterEach(stopServerProcesses)

const MAX_BUFFER = 16 * 1024

/** Starts a server whose stdout is a pipe without a reader. */
async function startWithBrokenPipe(env: Record<string, string> = {}): Promise<PipedServerProcess> {
  const server = await startServerBehindPipe({ MAX_BUFFER: String(MAX_BUFFER), ...env })
  expect(await server.getStatus()).toBe(200)
  process.kill(server.readerPid, 'SIGKILL')
  return server
}

describe('stdout is a pipe whose reader was killed', () => {
  it('answers requests, reports the outage once, buffers up to maxBufferBytes and counts the rest as lost', async () => {
    const server = await startWithBrokenPipe()
    await server.requestUntil(({ waiting }) => waiting > 0)
    const before = await server.stats()
    const requests = requestMany(server.url, 2000, { path: '/?size=1000' })
    await requests.done
    expect(requests.statuses).toEqual({ 200: 2000 })

    const after = await server.stats()
    expect(after.written).toBe(before.written)
    expect(after.waiting).toBeGreaterThan(before.waiting)
    expect(after.waiting * 500).toBeLessThan(MAX_BUFFER)
    // Each of the 2,000 requests, and the first request for the statistics, is buffered, lost or in flight.
    const all = ({ waiting, lost, inFlight }: Stats) => waiting + lost + inFlight
    expect(all(after)).toBe(all(before) + 2001)
    expect(server.auditMessages()).toEqual([
      expect.stringMatching(/ERR_AUDIT_SINK.*failed to write a record.*EPIPE/),
    ])
  })

  it('reports at exit how many records were not written', async () => {
    const server = await startWithBrokenPipe()
    const { waiting, lost, inFlight } = await server.requestUntil((stats) => stats.lost > 0)
    await server.exit()
    // The request for the exit was in flight too.
    const unwritten = waiting + lost + inFlight + 1
    expect(server.auditMessages().slice(1)).toEqual([
      expect.stringContaining(`The process exits and ${unwritten} records were not written`),
    ])
  })

  it('does not use more memory when more records are lost', async () => {
    const server = await startWithBrokenPipe()
    const path = '/?size=15000'
    const warmUp = requestMany(server.url, 2000, { path })
    await warmUp.done
    const before = await server.stats()
    const requests = requestMany(server.url, 8000, { path })
    await requests.done
    const after = await server.stats()
    expect(after.lost - before.lost).toBeGreaterThanOrEqual(8000)
    // The lost records were 120 MB.
    expect(after.memory - before.memory).toBeLessThan(60 * 1024 * 1024)
  })

  it('answers 503 with Retry-After under failClosed, and the process survives', async () => {
    const server = await startWithBrokenPipe({ FAIL_CLOSED: '1' })
    const statuses: number[] = []
    for (let i = 0; i < 50; i++) statuses.push(await server.getStatus())
    // The kernel may take a moment to kill the reader.
    expect(statuses.slice(10)).toEqual(Array(40).fill(503))
    const refused = await fetch(server.url)
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(server.auditMessages()).toHaveLength(1)
  })
})

describe('a named pipe whose reader is replaced by another', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-fifo-'))
  afterEach(() => rmSync(folder, { recursive: true }))

  it('writes the buffered lines to the new reader, complete and in order, and reports the lost ones', async () => {
    const fifo = join(folder, 'stdout')
    execFileSync('mkfifo', [fifo])
    const first = openFifoReader(fifo)
    const writer = openSync(fifo, constants.O_WRONLY)
    const server = await startServerProcess({ stdout: writer, env: { MAX_BUFFER: '8192' } })
    closeSync(writer)
    for (let i = 0; i < 3; i++) expect(await server.getStatus()).toBe(200)
    const firstOutput = first.close()

    const outage = await server.requestUntil(({ lost }) => lost >= 10)
    const second = openFifoReader(fifo)
    await server.waitForStderr(/The sink recovered after/)
    expect(await server.getStatus()).toBe(200)
    await server.exit()
    const records = parseRecords(firstOutput + second.close())

    expect(isIncreasing(seqsOf(records))).toBe(true)
    expect(records[0]?.seq).toBe(1)
    expect(missingSeqs(records)).toEqual(reportedLosses(records))
    expect(reportedLosses(records).length).toBeGreaterThanOrEqual(outage.lost)
    expect(records.find(({ lost }) => lost !== undefined)).toMatchObject({
      type: 'CRITICAL',
      http_request: null,
    })
    expect(server.auditMessages()).toHaveLength(2)
  })
})
