// Lines of several processes, or threads, on one output are never torn.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { countLines, range } from '../helpers/audit-lines.js'
import { compiledProgram } from '../helpers/child-process.js'
import { repetitions } from '../helpers/slow.js'

const WORKERS = 4
const COUNT = repetitions(250, 1250)
const TIMEOUT_MS = 120_000
const directory = mkdtempSync(join(tmpdir(), 'audit-'))
const running = new Set<ChildProcess>()

afterEach(() => {
  // A group of its own, so that its workers die with it.
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL')
})
afterAll(() => rmSync(directory, { recursive: true }))

function parseSafely(line: string) {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function run(script: string, program: string, env: Record<string, string | number>): ChildProcess {
  const child = spawn('sh', ['-c', script, process.execPath, compiledProgram(program)], {
    detached: true,
    env: { ...process.env, ...env } as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  running.add(child)
  child.on('exit', () => running.delete(child))
  return child
}

/** What comes through one pipe of the kernel, whose reader lets it run full again and again. */
async function throughPipe(workers: string, size: number, env = {}): Promise<string> {
  // `stdio: 'pipe'` would be a pair of sockets.
  const child = run('"$0" "$1" | cat', 'torn-lines', { WORKERS: workers, COUNT, SIZE: size, ...env })
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout as NodeJS.ReadableStream) {
    chunks.push(chunk as Buffer)
    if (chunks.length % 64 === 0) await pause(2)
  }
  return Buffer.concat(chunks).toString()
}

describe('on one pipe behind a slow reader', () => {
  it.each([
    ['4 cluster workers with lines of 2 KB', 'cluster', 2000],
    ['4 cluster workers with lines of 20 KB, and mergeWorkers', 'merged', 20_000],
    ['4 worker_threads with lines of 2 KB', 'threads', 2000],
    ['4 worker_threads with lines of 20 KB', 'threads', 20_000],
  ])(
    '%s tear none and lose none',
    async (_case, workers, size) => {
      const { torn, sequences } = countLines(await throughPipe(workers, size), size)
      expect(torn).toBe(0)
      expect(sequences).toEqual(Array(WORKERS).fill(range(1, COUNT)))
    },
    TIMEOUT_MS,
  )

  it(
    'a line that a worker died in is not continued by the line of another',
    async () => {
      const { torn, sequences } = countLines(await throughPipe('merged', 2000, { DIES: '1' }), 2000)
      expect(torn).toBe(1)
      expect(sequences.map(({ length }) => length).sort((a, b) => a - b)).toEqual([1, COUNT, COUNT, COUNT])
    },
    TIMEOUT_MS,
  )

  // What this file would be worth, did it not tear without us.
  it(
    '4 cluster workers with lines of 20 KB do tear them without mergeWorkers',
    async () => {
      const { torn, sequences } = countLines(await throughPipe('cluster', 20_000), 20_000)
      const whole = sequences.flat().length
      if (torn === 0)
        console.warn(`The kernel was kind: none of ${whole} lines was torn, so nothing was shown`)
      expect(sequences.length).toBeLessThanOrEqual(WORKERS)
    },
    TIMEOUT_MS,
  )
})

describe('beside what the application prints itself, more than a pipe holds', () => {
  const PRINTED = 200_000

  /** What came, line by line: a record, a printed line, or what is neither. */
  async function kinds(script: string, env: Record<string, string>): Promise<string[]> {
    const child = run(script, 'printing', { PRINTED, ...env })
    let text = ''
    for await (const chunk of child.stdout as NodeJS.ReadableStream) text += chunk
    const isRecord = (line: string) => parseSafely(line)?.audit?.message === 'record'
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (isRecord(line) ? 'record' : line === 'y'.repeat(PRINTED) ? 'printed' : 'torn'))
  }

  const outputs = {
    'a pipe': '"$0" "$1" 2> /dev/null | cat',
    'a pair of sockets': '"$0" "$1" 2> /dev/null',
    'a pipe that somebody else makes non-blocking': 'NON_BLOCKING=1 "$0" "$1" 2> /dev/null | cat',
  }

  it.each(Object.keys(outputs) as (keyof typeof outputs)[])('no line is torn, on %s', async (output) => {
    const script = outputs[output]
    expect((await kinds(script, {})).sort()).toEqual(['printed', 'printed', 'record', 'record', 'record'])
    expect((await kinds(script, { PRINTED_FIRST: '1' })).sort()).toEqual([
      'printed',
      'printed',
      'record',
      'record',
    ])
  })

  it('none is lost at process.exit, not even what was printed', async () => {
    expect(await kinds(outputs['a pipe'], { EXIT: '1' })).toEqual([
      'record',
      'printed',
      'record',
      'printed',
      'record',
    ])
  })

  it('a printed line that process.exit cuts is not continued by a record', async () => {
    expect(await kinds(outputs['a pipe'], { PRINTED_FIRST: '1', EXIT: '1' })).toEqual([
      'torn',
      'record',
      'record',
    ])
  })
})

describe('in one file that 4 processes append to', () => {
  const appendAll = async (script: string, program: string, env: Record<string, string | number>) => {
    const children = range(1, WORKERS).map(() => run(script, program, env))
    await Promise.all(
      children.map((child) => {
        // One that does not read it may have done its work by now (EPIPE).
        child.stdin?.on('error', () => {})
        child.stdin?.end(`${COUNT}\n`)
        child.stdout?.resume()
        return once(child, 'exit')
      }),
    )
  }

  it.each([
    ['file(), lines of 2 KB', 'append', '"$0" "$1" 2> /dev/null', 2000],
    ['file(), lines of 20 KB', 'append', '"$0" "$1" 2> /dev/null', 20_000],
    ['stdout, lines of 2 KB', 'burst', '"$0" "$1" >> "$AUDIT_FILE"', 2000],
    ['stdout, lines of 20 KB', 'burst', '"$0" "$1" >> "$AUDIT_FILE"', 20_000],
  ])(
    '%s: none is torn and none lost',
    async (name, program, script, size) => {
      const path = join(directory, `${name.replaceAll(/\W+/g, '-')}.log`)
      await appendAll(script, program, { AUDIT_FILE: path, COUNT, SIZE: size })
      const { torn, sequences } = countLines(readFileSync(path, 'utf8'), size)
      expect(torn).toBe(0)
      expect(sequences).toEqual(Array(WORKERS).fill(range(1, COUNT)))
    },
    TIMEOUT_MS,
  )
})
