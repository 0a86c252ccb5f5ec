// The hazard server in a process of its own, and all that is left of it when it has died.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { AuditRecord } from 'http-audit-log'
import { readAll } from './child.js'
import { compiledProgram } from './compile-programs.js'

/** Where the server's records go. */
export type Destination =
  | 'stdout to a pipe'
  | 'stdout to a pipe that nobody reads'
  | 'stdout to a file'
  | 'file()'
  | 'file() with fsync'

/** What is there when the server has died. */
export interface Remains {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  /** All that was written where the records go. Of a pipe that nobody read: what it held. */
  readonly output: string
}

export interface DoomedServer {
  readonly process: ChildProcess
  readonly port: number
  readonly url: string
  /** Waits until it has said something on stderr. */
  hasSaid(pattern: RegExp): Promise<void>
  /** Waits until it has died. */
  remains(): Promise<Remains>
}

const PATIENCE_MS = 20_000
const alive = new Set<ChildProcess>()
const folders = new Set<string>()

/** Starts `test/programs/hazard-server.ts`. {@link killDoomed} ends it where the test did not. */
export async function startDoomed(
  destination: Destination,
  env: Record<string, string> = {},
): Promise<DoomedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-doomed-'))
  folders.add(folder)
  const path = join(folder, 'audit.log')
  const isStdout = destination.startsWith('stdout')
  const isPipe = destination.startsWith('stdout to a pipe')
  if (isPipe) execFileSync('mkfifo', [path])
  const outputOfPipe = isPipe ? openReader(path, destination === 'stdout to a pipe') : undefined

  // The shell becomes the server: process id, exit code and signal are the server's.
  const become = ['-c', 'exec "$@" > "$0"', isStdout ? path : '/dev/null']
  const child = spawn('sh', [...become, process.execPath, compiledProgram('hazard-server')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      ...(!isStdout && { AUDIT_FILE: path }),
      ...(destination === 'file() with fsync' && { FSYNC: '1' }),
      ...env,
    },
  })
  alive.add(child)
  const closed = once(child, 'close')
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })

  async function hasSaid(pattern: RegExp): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const found = pattern.exec(stderr)
      if (found) return found
      await once(child.stderr, 'data', { signal }).catch(() => {
        throw new Error(`The server did not say ${pattern}: ${stderr}`)
      })
    }
  }

  const [, url = ''] = await hasSaid(/Listening on (http:\S+)/)
  return {
    process: child,
    url,
    port: Number(new URL(url).port),
    hasSaid: async (pattern) => void (await hasSaid(pattern)),
    async remains() {
      await withinPatience(closed, 'did not die')
      alive.delete(child)
      const output = outputOfPipe ? await withinPatience(outputOfPipe(), 'left the pipe open') : read(path)
      return { code: child.exitCode, signal: child.signalCode, stderr, output }
    },
  }
}

/** Ends the servers that still run, and removes what all of them wrote. */
export async function killDoomed(): Promise<void> {
  for (const child of alive) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
  alive.clear()
  for (const folder of folders) rmSync(folder, { recursive: true })
  folders.clear()
}

/** The records among what was written. Throws at a line that is not whole. */
export function recordsIn({ output }: Pick<Remains, 'output'>): AuditRecord[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).audit)
}

function openReader(fifo: string, isReading: boolean): () => Promise<string> {
  if (isReading) {
    const reader = spawn('cat', [fifo], { stdio: ['ignore', 'pipe', 'ignore'] })
    alive.add(reader)
    const output = readAll(reader.stdout)
    return () => output
  }
  // Opened so, it waits for no writer.
  const descriptor = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  return async () => {
    const chunk = Buffer.alloc(64 * 1024)
    let output = ''
    // Its writer is dead: the end comes without waiting.
    for (let size = readSync(descriptor, chunk); size > 0; size = readSync(descriptor, chunk)) {
      output += chunk.toString('utf8', 0, size)
    }
    closeSync(descriptor)
    return output
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

async function withinPatience<Value>(promise: Promise<Value>, complaint: string): Promise<Value> {
  const cancel = new AbortController()
  const tooLate = pause(PATIENCE_MS, undefined, { signal: cancel.signal }).then(() => {
    throw new Error(`The server ${complaint} within ${PATIENCE_MS} ms`)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    cancel.abort()
    tooLate.catch(() => {})
  }
}
