// While the reader is stopped and the pipe is full, write(2) blocks and so does the event loop: no request is read or
// answered, no timer fires, signals wait. In return memory does not grow, and `process.exit` loses no record. Clients
// see a slow server, and their requests wait in the kernel.
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, it, jest } from '@jest/globals'
import { parseRecords, range, seqsOf } from '../helpers/audit-lines.js'
import { readAll } from '../helpers/child-process.js'
import { startServerBehindPipe, stopServerProcesses } from '../helpers/hazard-process.js'
import { requestMany } from '../helpers/load.js'
import { repetitions } from '../helpers/slow.js'

jest.setTimeout(120_000)
afterEach(stopServerProcesses)

const REQUESTS = repetitions(4000, 20_000)
const STALL_MS = repetitions(2000, 5000)
const MEBIBYTE = 1024 * 1024

/** Sends all requests, while the reader may be stopped for a while. */
async function run(stallMs: number) {
  const server = await startServerBehindPipe()
  const output = readAll(server.child.stdout as NodeJS.ReadableStream)
  const requests = requestMany(server.url, REQUESTS, { path: '/?size=1000' })
  let answeredWhileStalled = 0
  if (stallMs > 0) {
    process.kill(server.readerPid, 'SIGSTOP')
    // Requests are answered until the pipe is full.
    await pause(stallMs / 2)
    const before = requests.answered()
    await pause(stallMs / 2)
    answeredWhileStalled = requests.answered() - before
    process.kill(server.readerPid, 'SIGCONT')
  }
  await requests.done
  const peak = peakMemory(server.writerPid)
  await server.exit()
  return { statuses: requests.statuses, answeredWhileStalled, peak, records: parseRecords(await output) }
}

/** The highest resident set size of a process, bytes, which includes peaks while the event loop was blocked. */
function peakMemory(pid: number): number {
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

const onLinux = process.platform === 'linux' ? it : it.skip
if (process.platform !== 'linux')
  console.warn('Not Linux: the memory used behind a slow reader was not tested')

onLinux('slows down behind a reader that stalls, loses no record, and does not use more memory', async () => {
  const fast = await run(0)
  const slow = await run(STALL_MS)
  expect(slow.statuses).toEqual({ 200: REQUESTS })
  // The last record is that of the request to exit.
  expect(seqsOf(slow.records)).toEqual(range(1, REQUESTS + 1))
  expect(slow.answeredWhileStalled).toBe(0)
  expect(slow.peak - fast.peak).toBeLessThan(16 * MEBIBYTE)
})
