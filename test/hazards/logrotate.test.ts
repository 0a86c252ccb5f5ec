// logrotate renames the file and sends SIGHUP.
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { isIncreasing, parseRecords, range, seqsOf } from '../helpers/audit-lines.js'
import { startServerProcess, stopServerProcesses } from '../helpers/hazard-process.js'
import { requestMany } from '../helpers/load.js'
import { repetitions } from '../helpers/slow.js'

const COUNT = repetitions(1000, 4000)
const ROTATIONS = 4
const TIMEOUT_MS = 60_000
const directories: string[] = []

afterEach(async () => {
  await stopServerProcesses()
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true })
})

describe('a file that is rotated under load', () => {
  it.each([
    ['file()', {}],
    ['file() with fsync, under failClosed', { FSYNC: '1', FAIL_CLOSED: '1' }],
  ])(
    'has every record exactly once: %s',
    async (_case, env) => {
      const directory = mkdtempSync(join(tmpdir(), 'audit-'))
      directories.push(directory)
      const path = join(directory, 'audit.log')
      const { child, url, stats } = await startServerProcess({ env: { AUDIT_FILE: path, ...env } })
      const load = requestMany(url, COUNT, { connections: 16 })

      for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
        while (load.answered() < (rotation * COUNT) / (ROTATIONS + 1)) await stats()
        renameSync(path, `${path}.${rotation}`)
        child.kill('SIGHUP')
        // Each request for the statistics adds a record: the last request of the load may come before the signal.
        for (let i = 0; i < 2000 && !exists(path); i++) await stats()
        expect(exists(path)).toBe(true)
      }
      await load.done
      // The client may have its response a moment before the record is made.
      while ((await stats()).inFlight > 1);
      child.kill('SIGTERM')

      const files = readdirSync(directory).map((name) =>
        parseRecords(readFileSync(join(directory, name), 'utf8')),
      )
      expect(files).toHaveLength(ROTATIONS + 1)
      for (const records of files) {
        expect(records.length).toBeGreaterThan(0)
        expect(isIncreasing(seqsOf(records))).toBe(true)
      }
      const seqs = files.flatMap(seqsOf).sort((a, b) => a - b)
      expect(seqs.length).toBeGreaterThanOrEqual(COUNT)
      expect(seqs).toEqual(range(1, seqs.length))
      expect(load.statuses).toEqual({ 200: COUNT })
    },
    TIMEOUT_MS,
  )
})

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
