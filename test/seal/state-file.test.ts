// The state file links runs: of one process after another, of several at once, of a cluster, and of worker threads.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { verify } from '#src/verify/verify.js'
import { compiledProgram } from '../helpers/child-process.js'
import { ControllableSink } from '../helpers/controllable-sink.js'
import {
  createSealedPipeline,
  parseSealed,
  SIGNING_KEY,
  sendMessages,
  summarizeSealed,
  VERIFIER_KEY,
  verifyLines,
} from '../helpers/seal.js'

let folder: string
let state: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-seal-'))
  state = join(folder, 'state.json')
  log = join(folder, 'audit.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

function spawnSealed(env: Record<string, string> = {}): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [compiledProgram('sealed')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, AUDIT_FILE: log, SEAL_STATE: state, SEAL_KEY: SIGNING_KEY, ...env },
  })
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  return { child, ended: once(child, 'close').then(([code]) => ({ code, stderr })) }
}

async function runSealed(env?: Record<string, string>): Promise<void> {
  expect(await spawnSealed(env).ended).toEqual({ code: 0, stderr: '' })
}

const verifyLog = () => verify({ keys: [VERIFIER_KEY], inputs: [log] })
const recordsOf = () => parseSealed(readFileSync(log, 'utf8').trimEnd().split('\n'))
/** The runs that the first records of the others name. */
const namedRuns = () =>
  recordsOf().flatMap(({ previous_checkpoints }) =>
    (previous_checkpoints ?? []).map((note) => note.split('\n')[0]?.split('/')[1]),
  )

describe('a run', () => {
  it.each(['idle', 'exit'])(
    'names the last checkpoint of the one before, after a clean end: %s',
    async (END) => {
      for (let i = 0; i < 3; i++) await runSealed({ END })
      const { verdict, runs } = await verifyLog()
      expect({ verdict, records: runs.map(({ records }) => records) }).toEqual({
        verdict: 'intact',
        records: [6, 6, 6],
      })
      expect(namedRuns()).toEqual([runs[0]?.run, runs[1]?.run])
      const notes = recordsOf().flatMap(({ previous_checkpoints }) => previous_checkpoints ?? [])
      expect(notes.map((note) => note.split('\n')[1])).toEqual(['5', '5'])
    },
  )

  it('that was deleted whole is missed', async () => {
    for (let i = 0; i < 3; i++) await runSealed()
    const { runs } = await verifyLog()
    const lines = readFileSync(log, 'utf8')
      .split(/(?<=\n)/)
      .filter((line) => !line.includes(`"run":"${runs[1]?.run}"`))
    const found = await verifyLines(lines)
    expect(found.verdict).toBe('run missing')
    expect(found.runs.find(({ verdict }) => verdict === 'run missing')).toMatchObject({
      run: runs[1]?.run,
      namedBy: [runs[2]?.run],
    })
  })

  it('names what a process that was killed has left', async () => {
    const { child, ended } = spawnSealed({ END: 'wait' })
    await once(child.stderr as NodeJS.ReadableStream, 'data')
    child.kill('SIGKILL')
    await ended
    await runSealed()
    const { runs } = await verifyLog()
    expect(namedRuns()).toEqual([runs[0]?.run])
    expect(runs.map(({ verdict }) => verdict)).toEqual(['unsealed tail', 'intact'])
  })
})

describe('several runs at once', () => {
  it('do not name the same ones: two processes that start together, again and again', async () => {
    for (let i = 0; i < 3; i++) await Promise.all([runSealed(), runSealed()])
    const { verdict, runs } = await verifyLog()
    expect({ verdict, runs: runs.length }).toEqual({ verdict: 'intact', runs: 6 })
    // A run may be named twice: while it ran, and at its end. The same checkpoint may not.
    const notes = recordsOf().flatMap(({ previous_checkpoints }) => previous_checkpoints ?? [])
    expect(new Set(notes).size).toBe(notes.length)
  })

  it.each([
    ['a cluster', { WORKERS: '3' }],
    ['worker threads', { THREADS: '3' }],
  ])('are one for each worker, all linked: %s', async (_case, env) => {
    await runSealed(env)
    await runSealed(env)
    const { verdict, runs } = await verifyLog()
    expect({ verdict, records: runs.map(({ records }) => records) }).toEqual({
      verdict: 'intact',
      records: Array(6).fill(6),
    })
    await runSealed()
    // Every run but the last was named, at its end or while it ran.
    const last = (await verifyLog()).runs.map(({ run }) => run).filter((run) => !namedRuns().includes(run))
    expect(last).toHaveLength(1)
    expect((await verifyLog()).verdict).toBe('intact')
  })

  it('do not name the same ones while the first record of one waits for its sink', () => {
    const before = memory()
    createSealedPipeline({ sink: before }, { state })
    const down = new ControllableSink('throw')
    createSealedPipeline({ sink: down }, { state })
    const third = memory()
    createSealedPipeline({ sink: third }, { state })
    const named = parseSealed(down.received)[0]?.previous_checkpoints
    expect(named).toHaveLength(1)
    expect(parseSealed(third.lines)[0]).not.toHaveProperty('previous_checkpoints')
  })
})

describe('a state file', () => {
  it('that was restored makes a fork, which is found', async () => {
    await runSealed()
    copyFileSync(state, `${state}.old`)
    await runSealed()
    copyFileSync(`${state}.old`, state)
    await runSealed()
    const { verdict, runs } = await verifyLog()
    expect(verdict).toBe('forked')
    expect(runs.map((run) => run.verdict)).toEqual(['intact', 'forked', 'forked'])
  })

  it('that cannot be written any more is reported once, and records are sealed all the same', async () => {
    const sink = memory()
    const { pipeline, errors } = createSealedPipeline({ sink }, { state, every: { records: 1 } })
    rmSync(state)
    writeFileSync(state, 'damaged')
    sendMessages(pipeline, 'a', 'b')
    await pipeline.close()
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/state file of the seal could not be written.*reported once/),
    ])
    expect((await verifyLines(sink.lines)).verdict).toBe('intact')
  })

  it('has the last checkpoint after close()', async () => {
    const sink = memory()
    const { pipeline } = createSealedPipeline({ sink }, { state })
    sendMessages(pipeline, 'a')
    await pipeline.close()
    const { note } = parseSealed(sink.lines).at(-1)?.checkpoint ?? {}
    expect(summarizeSealed(sink.lines).at(-1)).toBe('checkpoint 3')
    expect(JSON.parse(readFileSync(state, 'utf8')).runs).toEqual([expect.objectContaining({ size: 3, note })])
  })

  it('that names more runs than the first record has room for leaves them to later ones', async () => {
    for (let i = 0; i < 12; i++) {
      const { pipeline } = createSealedPipeline({ sink: memory() }, { state: `${state}.${i}` })
      await pipeline.close()
    }
    const runs = Array.from(
      { length: 12 },
      (_, i) => JSON.parse(readFileSync(`${state}.${i}`, 'utf8')).runs[0],
    )
    writeFileSync(state, JSON.stringify({ version: 1, log: 'audit.example.org', runs, starting: [] }))
    const name = 'n'.repeat(128)
    const service = { name, version: name, environment: name, nodeName: name }
    const named: string[] = []
    for (let i = 0; i < 6; i++) {
      const sink = memory()
      const { pipeline, errors } = createSealedPipeline(
        { sink, service, maxRecordBytes: 4096, format: 'audit' },
        { state },
      )
      await pipeline.close()
      expect(errors).toEqual([])
      for (const line of sink.lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096)
      named.push(...(parseSealed(sink.lines)[0]?.previous_checkpoints ?? []))
    }
    expect(new Set(named).size).toBe(named.length)
    expect(named).toEqual(expect.arrayContaining(runs.map(({ note }) => note)))
  })
})

describe('the lock of the state file', () => {
  const start = () => createSealedPipeline({ sink: memory() }, { state })

  it.each([
    ['of a process that was killed', () => writeLock({ pid: 2 ** 22 - 1, time: Date.now() })],
    ['of a process before this one with the same id', () => writeLock({ pid: process.pid, time: 0 })],
    ['without a word, and old', () => writeLock(undefined, Date.now() / 1000 - 60)],
  ])('is taken over: %s', (_case, leave) => {
    leave()
    const before = performance.now()
    start()
    expect(performance.now() - before).toBeLessThan(2000)
    expect(existsSync(`${state}.lock`)).toBe(false)
  })

  it('of a process that runs is waited for, and then an error at start-up', () => {
    writeLock({ pid: process.pid, time: Date.now() })
    expect(start).toThrow(
      /state\.json of the seal is locked by another process\. Remove .*state\.json\.lock if there is none/,
    )
    expect(existsSync(`${state}.lock`)).toBe(true)
  })

  function writeLock(mark: object | undefined, seconds?: number): void {
    writeFileSync(`${state}.lock`, mark === undefined ? '' : JSON.stringify(mark))
    if (seconds !== undefined) utimesSync(`${state}.lock`, seconds, seconds)
  }
})
