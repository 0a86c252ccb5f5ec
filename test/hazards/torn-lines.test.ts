// Several processes or threads write to one output without tearing each other's lines.
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
  // Each program leads a process group, so that its workers are killed with it.
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

/** Runs the workers in front of a pipe of the kernel whose reader lets it fill up again and again; returns the text. */
async function readThroughPipe(workers: string, size: number, env = {}): Promise<string> {
  // `stdio: 'pipe'` would create a pair of sockets.
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
    'no line is torn or lost by %s',
    async (_case, workers, size) => {
      const { torn, sequences } = countLines(await readThroughPipe(workers, size), size)
      expect(torn).toBe(0)
      expect(sequences).toEqual(Array(WORKERS).fill(range(1, COUNT)))
    },
    TIMEOUT_MS,
  )

  it(
    'the line that a worker died in is not continued by the line of another worker',
    async () => {
      const { torn, sequences } = countLines(await readThroughPipe('merged', 2000, { DIES: '1' }), 2000)
      expect(torn).toBe(1)
      expect(sequences.map(({ length }) => length).sort((a, b) => a - b)).toEqual([1, COUNT, COUNT, COUNT])
    },
    TIMEOUT_MS,
  )

  // A control: the other tests prove something only if lines are torn without the package's protection.
  it(
    'control: 4 cluster workers with lines of 20 KB tear lines without mergeWorkers',
    async () => {
      const { torn, sequences } = countLines(await readThroughPipe('cluster', 20_000), 20_000)
      const intact = sequences.flat().length
      if (torn === 0)
        console.warn(`None of ${intact} lines was torn, so the control shows nothing in this run`)
      expect(sequences.length).toBeLessThanOrEqual(WORKERS)
    },
    TIMEOUT_MS,
  )
})

describe('next to lines of the application that are larger than a pipe holds', () => {
  const PRINTED = 200_000

  /** The kind of each received line: a record, a printed line, or neither. */
  async function lineKinds(script: string, env: Record<string, string>): Promise<string[]> {
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
    'a pipe that another process makes non-blocking': 'NON_BLOCKING=1 "$0" "$1" 2> /dev/null | cat',
  }

  it.each(Object.keys(outputs) as (keyof typeof outputs)[])('no line is torn, on %s', async (output) => {
    const script = outputs[output]
    expect((await lineKinds(script, {})).sort()).toEqual(['printed', 'printed', 'record', 'record', 'record'])
    expect((await lineKinds(script, { PRINTED_FIRST: '1' })).sort()).toEqual([
      'printed',
      'printed',
      'record',
      'record',
    ])
  })

  it('no record and no printed line is lost at process.exit', async () => {
    expect(await lineKinds(outputs['a pipe'], { EXIT: '1' })).toEqual([
      'record',
      'printed',
      'record',
      'printed',
      'record',
    ])
  })

  it('a record does not continue a printed line that process.exit cut', async () => {
    expect(await lineKinds(outputs['a pipe'], { PRINTED_FIRST: '1', EXIT: '1' })).toEqual([
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
        // A program that does not read stdin may have ended already (EPIPE).
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
    'no line is torn or lost: %s',
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
