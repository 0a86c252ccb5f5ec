import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import {
  isIncreasing,
  missingSeqs,
  parseRecords,
  range,
  reportedLosses,
  seqsOf,
} from '../helpers/audit-lines.js'
import { compiledProgram, readAll } from '../helpers/child-process.js'
import { type ServerProcess, startServerProcess, stopServerProcesses } from '../helpers/hazard-process.js'
import { canMount, mountSmallDisk, type SmallDisk, unmountAll } from '../helpers/linux.js'
import { requestMany } from '../helpers/load.js'

jest.setTimeout(60_000)

const MAX_BUFFER = { MAX_BUFFER: '8192' }
/** By convention the id of the user without rights. */
const NOBODY = 65534
const isRoot = process.getuid?.() === 0

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-full-'))
})
afterEach(async () => {
  await stopServerProcesses()
  unmountAll()
  rmSync(folder, { recursive: true })
})
afterAll(unmountAll)

/** Expects that the outage is over. `requestUntil` and `getStatus` already checked that no request failed. */
async function expectRecovered(server: ServerProcess): Promise<void> {
  await server.waitForStderr(/The sink recovered after/)
  // Records that wait for their fsync count as waiting.
  await server.requestUntil(({ waiting }) => waiting === 0)
  expect(server.auditMessages()).toEqual([
    expect.stringMatching(/ERR_AUDIT_SINK.*(?:failed to write a record|could not be opened)/),
    expect.stringMatching(/The sink recovered after \d+ ms: \d+ records written, \d+ lost/),
  ])
}

/** Expects complete lines in order, each once, and a report of every missing one. */
function expectComplete(text: string): void {
  const records = parseRecords(text)
  expect(isIncreasing(seqsOf(records))).toBe(true)
  expect(records[0]?.seq).toBe(1)
  expect(missingSeqs(records)).toEqual(reportedLosses(records))
}

describe('a full pipe that another process made non-blocking', () => {
  const REQUESTS = 600
  const PATH = '/?size=4000'

  async function expectNothingLost(
    server: ServerProcess,
    startReading: () => Promise<string>,
  ): Promise<void> {
    const requests = requestMany(server.url, REQUESTS, { path: PATH })
    await waitUntilConstant(requests.answered)
    expect(requests.answered()).toBeLessThan(REQUESTS)
    const output = startReading()
    await requests.done
    expect(requests.statuses).toEqual({ 200: REQUESTS })
    await server.exit()
    const [applicationLine, ...lines] = (await output).split('\n')
    expect(applicationLine).toBe('a line of the application')
    expect(seqsOf(parseRecords(lines.join('\n')))).toEqual(range(1, REQUESTS + 1))
    expect(server.auditMessages()).toEqual([])
  }

  it('loses nothing through the socket pair that child_process makes', async () => {
    const server = await startServerProcess({ stdout: 'pipe', env: { TOUCH: '1' } })
    await expectNothingLost(server, () => readAll(server.child.stdout as NodeJS.ReadableStream))
  })

  it('loses nothing through a real pipe', async () => {
    const { writer, reader } = openFifo(folder)
    const server = await startServerProcess({ stdout: writer, env: { TOUCH: '1' } })
    closeSync(writer)
    await expectNothingLost(server, () => readFifo(reader))
  })

  const asNobody = canActAsNobody() ? it : it.skip
  // The package cannot reopen such a pipe to get a blocking file description of its own.
  asNobody('loses nothing through a real pipe that belongs to another user', async () => {
    const { writer, reader } = openFifo(folder)
    const server = await startServerProcess({ stdout: writer, env: { TOUCH: '1' }, uid: NOBODY })
    closeSync(writer)
    await expectNothingLost(server, () => readFifo(reader))
  })
})

const hasDisks = canMount()
if (!hasDisks) console.warn('No small disk could be mounted (needs root): a full disk was not tested')
const onSmallDisk = hasDisks ? describe : describe.skip

onSmallDisk('a full disk', () => {
  type Target = 'file()' | 'file() with fsync' | 'stdout >> file'

  /** Starts a server that writes to a file on the small disk. */
  async function startOn(
    disk: SmallDisk,
    target: Target,
    env: Record<string, string> = MAX_BUFFER,
  ): Promise<ServerProcess & { read(): string }> {
    const path = join(disk.path, 'audit.log')
    const read = () => readFileSync(path, 'utf8')
    if (target === 'stdout >> file') {
      const descriptor = openSync(path, 'a')
      const server = await startServerProcess({ stdout: descriptor, env })
      closeSync(descriptor)
      return { ...server, read }
    }
    const fsync = target === 'file() with fsync' ? { FSYNC: '1' } : undefined
    return { ...(await startServerProcess({ env: { ...env, AUDIT_FILE: path, ...fsync } })), read }
  }

  describe.each<Target>(['file()', 'file() with fsync', 'stdout >> file'])('under %s', (target) => {
    it('answers all requests, completes the cut line later, and reports the records that did not fit into the buffer', async () => {
      const disk = mountSmallDisk()
      const server = await startOn(disk, target)
      const { lost } = await server.requestUntil((stats) => stats.lost > 10)
      // Precondition: the disk was full in the middle of a line.
      expect(server.read()).not.toMatch(/\n$/)

      disk.makeRoom()
      await expectRecovered(server)
      const text = server.read()
      expectComplete(text)
      expect(reportedLosses(parseRecords(text)).length).toBeGreaterThanOrEqual(lost)
    })

    it('loses no record when all fit into the buffer', async () => {
      const disk = mountSmallDisk()
      const server = await startOn(disk, target)
      // With fsync some records are waiting at any time.
      await server.requestUntil(({ waiting }) => waiting > 5 && server.auditMessages().length > 0)
      disk.makeRoom()
      await expectRecovered(server)
      const records = parseRecords(server.read())
      expect(seqsOf(records)).toEqual(range(1, records.length))
    })

    it('leaves a cut line when the process is killed, and the next run begins on a new line', async () => {
      const fillDisk = async () => {
        const disk = mountSmallDisk()
        const server = await startOn(disk, target)
        await server.requestUntil(() => server.auditMessages().length > 0)
        await stopServerProcesses()
        return { disk, first: server }
      }
      let { disk, first } = await fillDisk()
      // By chance the last line that fits may end with the last page of the disk.
      for (let attempt = 0; attempt < 2 && first.read().endsWith('\n'); attempt++) {
        ;({ disk, first } = await fillDisk())
      }
      expect(first.read()).not.toMatch(/\n$/)
      const linesBefore = first.read().split('\n').length
      disk.makeRoom()

      const second = await startOn(disk, target)
      await second.requestUntil(({ written }) => written >= 3)
      const records = parseRecords(second.read().split('\n').slice(linesBefore).join('\n'))
      expect(records.length).toBeGreaterThanOrEqual(3)
      expect(seqsOf(records)).toEqual(range(1, records.length))
      expect(second.auditMessages()).toEqual([])
    })
  })

  it('reports at exit how many records were not written', async () => {
    const server = await startOn(mountSmallDisk(), 'file()')
    const { waiting, lost, inFlight } = await server.requestUntil((stats) => stats.lost > 0)
    await server.exit()
    // The request for the exit was in flight too.
    expect(server.auditMessages().slice(1)).toEqual([
      expect.stringContaining(
        `The process exits and ${waiting + lost + inFlight + 1} records were not written`,
      ),
    ])
  })

  it('under failClosed answers 503 until there is room, and the last line per id has the status that the client received', async () => {
    const disk = mountSmallDisk()
    const server = await startOn(disk, 'file()', { FAIL_CLOSED: '1', MAX_BUFFER: '8192' })
    const statuses: number[] = []
    for (let i = 0; i < 500 && statuses.filter((status) => status === 503).length < 5; i++) {
      statuses.push(await server.getStatus())
    }
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    disk.makeRoom()
    await server.waitForStderr(/The sink recovered after/)
    statuses.push(await server.getStatus())
    expect(statuses.at(-1)).toBe(200)
    const last = new Map(parseRecords(server.read()).map(({ id, http_response }) => [id, http_response]))
    expect([...last.values()].map((response) => response?.status_code)).toEqual(statuses)
  })
})

const hasDevFull = existsSync('/dev/full')
if (!hasDevFull) console.warn('No /dev/full: a device that is always full was not tested')
const onDevFull = hasDevFull ? describe : describe.skip

onDevFull('/dev/full', () => {
  it('as stdout fails no request, and is reported once and at exit', async () => {
    const full = openSync('/dev/full', 'a')
    const server = await startServerProcess({ stdout: full, env: MAX_BUFFER })
    closeSync(full)
    const { written, waiting, lost, inFlight } = await server.requestUntil((stats) => stats.lost > 10)
    expect(written).toBe(0)
    await server.exit()
    expect(server.auditMessages()).toEqual([
      expect.stringMatching(/ERR_AUDIT_SINK.*failed to write a record.*ENOSPC/),
      expect.stringContaining(`and ${waiting + lost + inFlight + 1} records were not written`),
    ])
  })

  it('under file() recovers when the path points elsewhere and the file is reopened', async () => {
    const link = join(folder, 'link')
    const real = join(folder, 'audit.log')
    symlinkSync('/dev/full', link)
    const server = await startServerProcess({ env: { ...MAX_BUFFER, AUDIT_FILE: link } })
    await server.requestUntil((stats) => stats.lost > 10)
    rmSync(link)
    symlinkSync(real, link)
    server.child.kill('SIGHUP')
    await expectRecovered(server)
    expectComplete(readFileSync(real, 'utf8'))
  })
})

describe('a file() that cannot be opened', () => {
  it('because its directory was removed: creates the file again when the directory is back', async () => {
    const directory = join(folder, 'logs')
    const path = join(directory, 'audit.log')
    mkdirSync(directory)
    const server = await startServerProcess({ env: { ...MAX_BUFFER, AUDIT_FILE: path } })
    await server.requestUntil(({ written }) => written >= 3)
    // An open descriptor can still read the removed file.
    const removed = openSync(path, 'r')

    rmSync(directory, { recursive: true })
    await server.requestUntil((stats) => stats.lost > 10)
    mkdirSync(directory)
    await expectRecovered(server)
    const before = readFileSync(removed, 'utf8')
    closeSync(removed)
    expect(parseRecords(before).length).toBeGreaterThanOrEqual(3)
    expectComplete(before + readFileSync(path, 'utf8'))
  })

  it('because its directory does not exist yet: starts when it does', async () => {
    const path = join(folder, 'later', 'audit.log')
    const server = await startServerProcess({ env: { AUDIT_FILE: path } })
    await server.requestUntil(({ waiting }) => waiting > 3)
    mkdirSync(dirname(path))
    await expectRecovered(server)
    expectComplete(readFileSync(path, 'utf8'))
  })

  const withoutRights = isRoot && !canActAsNobody() ? it.skip : it
  withoutRights('because of its permissions: starts when they allow it', async () => {
    const path = join(folder, 'audit.log')
    writeFileSync(path, '')
    chmodSync(path, 0)
    chmodSync(folder, 0o755)
    const server = await startServerProcess({
      env: { ...MAX_BUFFER, AUDIT_FILE: path },
      uid: isRoot ? NOBODY : undefined,
    })
    await server.requestUntil((stats) => stats.lost > 10)
    expect(server.auditMessages()).toEqual([expect.stringContaining('EACCES')])
    chmodSync(path, 0o666)
    await expectRecovered(server)
    expectComplete(readFileSync(path, 'utf8'))
  })
})

/** Whether programs can run as a user without rights: needs root, and source files that everybody may read. */
function canActAsNobody(): boolean {
  const program = compiledProgram('burst')
  const canRun =
    isRoot &&
    spawnSync(process.execPath, [program], { uid: NOBODY, gid: NOBODY, timeout: 20_000 }).status === 0
  if (!canRun) console.warn('No program could be run as nobody (needs root): other users were not tested')
  return canRun
}

function openFifo(folder: string): { writer: number; reader: number } {
  const path = join(folder, 'pipe')
  const { status } = spawnSync('mkfifo', ['-m', '600', path])
  expect(status).toBe(0)
  // Opening a FIFO for reading and writing does not wait for the other side.
  const both = openSync(path, 'r+')
  const reader = openSync(path, 'r')
  const writer = openSync(path, 'w')
  closeSync(both)
  return { writer, reader }
}

/** Reads with `cat`, so that blocking reads do not block this process. */
function readFifo(reader: number): Promise<string> {
  const cat = spawn('cat', { stdio: [reader, 'pipe', 'ignore'] })
  closeSync(reader)
  return readAll(cat.stdout as NodeJS.ReadableStream)
}

/** Waits until a count has not changed for half a second. */
async function waitUntilConstant(getCount: () => number): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const before = getCount()
    await pause(500)
    if (before > 0 && getCount() === before) return
  }
  throw new Error(`The count did not become constant: ${getCount()}`)
}
