// Sealed logs in a file: on a disk that is full in the middle of a line, and rotated by logrotate.
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { verify } from '#src/verify/verify.js'
import { startServerProcess, stopServerProcesses } from '../helpers/hazard-process.js'
import { canMount, mountSmallDisk, unmountAll } from '../helpers/linux.js'
import { requestMany } from '../helpers/load.js'
import { SIGNING_KEY, VERIFIER_KEY } from '../helpers/seal.js'
import { repetitions } from '../helpers/slow.js'

jest.setTimeout(120_000)

let folder: string
let env: Record<string, string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-sealed-'))
  env = { SEAL_KEY: SIGNING_KEY, SEAL_STATE: join(folder, 'state.json'), SEAL_EVERY: '10' }
})
afterEach(async () => {
  await stopServerProcesses()
  unmountAll()
  rmSync(folder, { recursive: true })
})
afterAll(unmountAll)

async function judge(...inputs: string[]) {
  const { runs, ...result } = await verify({ keys: [VERIFIER_KEY], inputs })
  return { ...result, verdicts: runs.flatMap(({ verdicts }) => verdicts), lost: runs[0]?.declaredLost }
}

const isMountable = canMount()
if (!isMountable)
  console.warn('No tmpfs could be mounted (needs root): a sealed log on a full disk was not tested')

describe('a disk that is full in the middle of a line, and then has room again', () => {
  const onSmallDisk = isMountable ? it : it.skip
  onSmallDisk.each([
    ['file()', {}],
    ['file() with fsync', { FSYNC: '1' }],
  ])('leaves a log that is intact if all records fit into the buffer: %s', async (_case, more) => {
    const disk = mountSmallDisk()
    const path = join(disk.path, 'audit.log')
    const server = await startServerProcess({ env: { ...env, ...more, AUDIT_FILE: path } })
    await server.requestUntil(({ waiting }) => waiting > 5 && server.auditMessages().length > 0)
    disk.makeRoom()
    await server.waitForStderr(/The sink recovered after .* 0 lost/)
    await server.requestUntil(({ waiting }) => waiting === 0)
    await server.exit()
    expect(await judge(path)).toMatchObject({ verdicts: ['intact'], unreadableLines: 0 })
  })

  onSmallDisk.each([
    ['file()', {}],
    ['file() with fsync', { FSYNC: '1' }],
    ['file(), under failClosed', { FAIL_CLOSED: '1' }],
  ])('leaves a log that declares what did not fit: %s', async (_case, more: Record<string, string>) => {
    const disk = mountSmallDisk()
    const path = join(disk.path, 'audit.log')
    const server = await startServerProcess({
      env: { ...env, ...more, AUDIT_FILE: path, MAX_BUFFER: '8192' },
    })
    if (more.FAIL_CLOSED) {
      for (let i = 0; i < 500 && (await server.getStatus()) === 200; i++);
      expect(await server.getStatus()).toBe(503)
    } else await server.requestUntil((stats) => stats.lost > 10)
    // Precondition: the disk was full in the middle of a line.
    expect(readFileSync(path, 'utf8')).not.toMatch(/\n$/)
    disk.makeRoom()
    await server.waitForStderr(/The sink recovered after/)
    await server.requestUntil(({ waiting }) => waiting === 0)
    await server.exit()
    const { verdicts, lost } = await judge(path)
    expect(verdicts).toEqual([more.FAIL_CLOSED && lost === 0 ? 'intact' : 'declared lost'])
  })
})

describe('a log that logrotate rotates under load', () => {
  it('is intact over all files, in any order, and not without one of them', async () => {
    const path = join(folder, 'audit.log')
    const count = repetitions(400, 4000)
    const server = await startServerProcess({ env: { ...env, AUDIT_FILE: path } })
    const load = requestMany(server.url, count, { connections: 8 })
    for (let rotation = 1; rotation <= 4; rotation++) {
      while (load.answered() < (rotation * count) / 5) await server.stats()
      renameSync(path, `${path}.${rotation}`)
      server.child.kill('SIGHUP')
      for (let i = 0; i < 2000 && !exists(path); i++) await server.stats()
      expect(exists(path)).toBe(true)
    }
    await load.done
    await server.exit()
    const files = readdirSync(folder)
      .filter((name) => name.startsWith('audit.log'))
      .map((name) => join(folder, name))
    expect(files).toHaveLength(5)
    expect(await judge(...files.toReversed())).toMatchObject({ verdict: 'intact', unreadableLines: 0 })
    expect((await judge(...files.filter((name) => !name.endsWith('.2')))).verdict).toBe('missing')
  })
})

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
