// A sealed log whose process is killed under load, and started again with the same state file, again and again.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, jest } from '@jest/globals'
import { verify } from '#src/verify/verify.js'
import { startServerProcess, stopServerProcesses } from '../helpers/hazard-process.js'
import { startLoad } from '../helpers/load.js'
import { SIGNING_KEY, VERIFIER_KEY } from '../helpers/seal.js'
import { repetitions } from '../helpers/slow.js'

jest.setTimeout(180_000)

const KILLS = repetitions(3, 20)
const CONNECTIONS = 20
const folder = mkdtempSync(join(tmpdir(), 'audit-sealed-'))

afterEach(async () => {
  await stopServerProcesses()
  rmSync(folder, { recursive: true })
})

/** The runs that the first record of a run names. */
function readNamedRuns(path: string): string[] {
  const named: string[] = []
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line.includes('"previous_checkpoints"')) continue
    for (const note of JSON.parse(line).audit.previous_checkpoints)
      named.push(note.split('\n')[0].split('/')[1])
  }
  return named
}

it('links every run, and finds no fault, however often the process is killed', async () => {
  const path = join(folder, 'audit.log')
  const env = {
    AUDIT_FILE: path,
    SEAL_KEY: SIGNING_KEY,
    SEAL_STATE: join(folder, 'state.json'),
    SEAL_EVERY: '50',
  }
  for (let kill = 0; kill < KILLS; kill++) {
    const server = await startServerProcess({ env })
    // Another moment each time, before and after checkpoints.
    const { closed } = startLoad(server.port, CONNECTIONS, (count) => {
      if (count === 1 + kill * 37) server.child.kill('SIGKILL')
    })
    expect((await server.waitForExit()).signal).toBe('SIGKILL')
    await closed
    expect(server.auditMessages()).toEqual([])
  }
  const last = await startServerProcess({ env })
  expect(await last.getStatus()).toBe(200)
  await last.exit()

  const { runs, unreadableLines } = await verify({ keys: [VERIFIER_KEY], inputs: [path] })
  const rows = runs.map(({ run, records, signed, proven, unsealed, verdicts }) => ({
    run: run.slice(0, 8),
    records,
    signed,
    proven,
    unsealed,
    verdicts: verdicts.join(', '),
  }))
  console.info(`Verdicts after ${KILLS} SIGKILLs (lines that a kill has cut: ${unreadableLines})`)
  console.table(rows)
  expect(runs).toHaveLength(KILLS + 1)
  for (const { verdicts } of runs.slice(0, -1)) {
    expect(['unsealed tail', 'not stopped']).toEqual(expect.arrayContaining([...verdicts]))
  }
  expect(runs.at(-1)?.verdict).toBe('intact')
  expect(readNamedRuns(path)).toEqual(runs.slice(0, -1).map(({ run }) => run))
})
