import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { isIncreasing, missingSeqs, parseRecords, reportedLosses, seqsOf } from '../helpers/audit-lines.js'
import {
  type PipedServerProcess,
  type Stats,
  startServerBehindPipe,
  startServerProcess,
  stopServerProcesses,
} from '../helpers/hazard-process.js'
import { requestMany } from '../helpers/load.js'

jest.setTimeout(60_000)
afterEach(stopServerProcesses)

const MAX_WAITING = 16 * 1024

/** The reader has gone, and the server has noticed. */
async function startBroken(env: Record<string, string> = {}): Promise<PipedServerProcess> {
  const server = await startServerBehindPipe({ MAX_WAITING: String(MAX_WAITING), ...env })
  expect(await server.getStatus()).toBe(200)
  process.kill(server.readerPid, 'SIGKILL')
  return server
}

describe('the reader of stdout goes', () => {
  it('answers as ever, tells it once, keeps lines up to the bound and counts the rest', async () => {
    const server = await startBroken()
    await server.requestUntil(({ waiting }) => waiting > 0)
    const before = await server.stats()
    const requests = requestMany(server.url, 2000, { path: '/?size=1000' })
    await requests.done
    expect(requests.statuses).toEqual({ 200: 2000 })

    const after = await server.stats()
    expect(after.written).toBe(before.written)
    expect(after.waiting).toBeGreaterThan(before.waiting)
    expect(after.waiting * 500).toBeLessThan(MAX_WAITING)
    // Each of them, and the first of the two questions for the counts, is either kept, lost or not over.
    const all = ({ waiting, lost, inFlight }: Stats) => waiting + lost + inFlight
    expect(all(after)).toBe(all(before) + 2001)
    expect(server.auditMessages()).toEqual([
      expect.stringMatching(/ERR_AUDIT_SINK.*failed to write a record.*EPIPE/),
    ])
  })

  it('tells at exit how many records were not written', async () => {
    const server = await startBroken()
    const { waiting, lost, inFlight } = await server.requestUntil((stats) => stats.lost > 0)
    await server.exit()
    // One more was in flight at the exit: the one that asked for it.
    const unwritten = waiting + lost + inFlight + 1
    expect(server.auditMessages().slice(1)).toEqual([
      expect.stringContaining(`The process exits and ${unwritten} records were not written`),
    ])
  })

  it('does not grow, however much is lost', async () => {
    const server = await startBroken()
    const path = '/?size=15000'
    const warmUp = requestMany(server.url, 2000, { path })
    await warmUp.done
    const before = await server.stats()
    const requests = requestMany(server.url, 8000, { path })
    await requests.done
    const after = await server.stats()
    expect(after.lost - before.lost).toBeGreaterThanOrEqual(8000)
    // What was lost would be 120 MB.
    expect(after.memory - before.memory).toBeLessThan(60 * 1024 * 1024)
  })

  it('with failClosed refuses with 503 and Retry-After, and lives', async () => {
    const server = await startBroken({ FAIL_CLOSED: '1' })
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

describe('the reader of a named pipe goes, and another comes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-fifo-'))
  afterEach(() => rmSync(folder, { recursive: true }))

  it('hands what waited to the new reader, whole and in order, and tells what was lost', async () => {
    const fifo = join(folder, 'stdout')
    execFileSync('mkfifo', [fifo])
    const first = openReader(fifo)
    const writer = openSync(fifo, constants.O_WRONLY)
    const server = await startServerProcess({ stdout: writer, env: { MAX_WAITING: '8192' } })
    closeSync(writer)
    for (let i = 0; i < 3; i++) expect(await server.getStatus()).toBe(200)
    const gotFirst = first.close()

    const down = await server.requestUntil(({ lost }) => lost >= 10)
    const second = openReader(fifo)
    await server.waitForStderr(/The sink recovered after/)
    expect(await server.getStatus()).toBe(200)
    await server.exit()
    const records = parseRecords(gotFirst + second.close())

    expect(isIncreasing(seqsOf(records))).toBe(true)
    expect(records[0]?.seq).toBe(1)
    expect(missingSeqs(records)).toEqual(reportedLosses(records))
    expect(reportedLosses(records).length).toBeGreaterThanOrEqual(down.lost)
    expect(records.find(({ lost }) => lost !== undefined)).toMatchObject({
      type: 'CRITICAL',
      http_request: null,
    })
    expect(server.auditMessages()).toHaveLength(2)
  })
})

/** Opened so, it waits for no writer. What a pipe holds is enough for these tests: it is read when it is closed. */
function openReader(fifo: string): { close(): string } {
  const descriptor = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  return {
    close() {
      const held = Buffer.alloc(128 * 1024)
      let size = 0
      try {
        for (let got = -1; got !== 0; size += got)
          got = readSync(descriptor, held, size, held.length - size, null)
      } catch (error) {
        // EAGAIN: the pipe is empty, and somebody may still write to it.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      } finally {
        closeSync(descriptor)
      }
      return held.toString('utf8', 0, size)
    },
  }
}
