// A server in a process of its own that a test can kill, starve of disk space, or stop reading from.
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
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
import { setTimeout as delay } from 'node:timers/promises'
import { compiledProgram, readAll } from './child-process.js'
import { RawClient } from './raw-client.js'

export interface Stats {
  readonly written: number
  readonly waiting: number
  readonly lost: number
  /** Includes the request for these numbers. A client may have its response a moment before the record is made. */
  readonly inFlight: number
  /** Resident set size, bytes. */
  readonly memory: number
}

export interface ServerProcess {
  /** The server, or the shell around it. */
  readonly child: ChildProcess
  readonly port: number
  readonly url: string
  /** The lines that this package wrote to stderr. */
  auditMessages(): string[]
  /** Waits until the text on stderr matches. */
  waitForStderr(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends a GET request and returns the status code of the response. */
  getStatus(path?: string): Promise<number>
  stats(): Promise<Stats>
  /** Sends requests until the server's statistics match; each request must be answered with 200. */
  requestUntil(isReached: (stats: Stats) => boolean, path?: string): Promise<Stats>
  /** Makes the server call `process.exit`, and waits until its process and its output have ended. */
  exit(): Promise<void>
  /** Waits until the process has ended. */
  waitForExit(): Promise<ProcessExit>
}

export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

const TIMEOUT_MS = 20_000
const MAX_REQUESTS = 2000
/** A shell with further processes leads a process group, so that all of them are killed together. */
const running = new Map<ChildProcess, 'process' | 'group'>()
const folders = new Set<string>()
const openClients = new Set<RawClient>()

interface StartOptions {
  /** A file descriptor, or `pipe` for the socket pair that child_process makes. */
  readonly stdout?: number | 'pipe' | 'ignore'
  readonly env?: Record<string, string>
  readonly uid?: number | undefined
  /** The name of a program in `test/programs`. */
  readonly program?: string
}

/** Starts a server of `test/programs`. {@link stopServerProcesses} ends it. */
export function startServerProcess({
  stdout = 'ignore',
  env = {},
  uid,
  program = 'hazard-server',
}: StartOptions = {}): Promise<ServerProcess> {
  return follow(process.execPath, [compiledProgram(program)], {
    stdio: ['ignore', stdout, 'pipe'],
    env: { ...process.env, ...env },
    ...(uid !== undefined && { uid, gid: uid }),
  })
}

export interface PipedServerProcess extends ServerProcess {
  readonly writerPid: number
  readonly readerPid: number
}

/** Starts the hazard server with `| cat` behind it, in a shell: a real pipe, which child_process does not make. */
export async function startServerBehindPipe(env: Record<string, string> = {}): Promise<PipedServerProcess> {
  const writer = `sh -c 'echo "Writer $$" >&2; exec "$0" "$1"' "$0" "$1"`
  const reader = `sh -c 'echo "Reader $$" >&2; exec cat'`
  const server = await follow(
    'sh',
    ['-c', `${writer} | ${reader}`, process.execPath, compiledProgram('hazard-server')],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, detached: true },
  )
  const [, writerPid] = await server.waitForStderr(/Writer (\d+)/)
  const [, readerPid] = await server.waitForStderr(/Reader (\d+)/)
  return { ...server, writerPid: Number(writerPid), readerPid: Number(readerPid) }
}

/** Where the server's records go. */
export type Destination =
  | 'stdout to a pipe'
  | 'stdout to a pipe that nobody reads'
  | 'stdout to a file'
  | 'file()'
  | 'file() with fsync'

export interface RecordedExit extends ProcessExit {
  /** Everything at the destination, also what a full pipe holds. */
  readonly output: string
}

export interface RecordedServerProcess extends ServerProcess {
  waitForExit(): Promise<RecordedExit>
}

/** Starts the hazard server with its records going to a destination that can be read after the process has died. */
export async function startServerWritingTo(
  destination: Destination,
  env: Record<string, string> = {},
): Promise<RecordedServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-hazard-'))
  folders.add(folder)
  const path = join(folder, 'audit.log')
  const isStdout = destination.startsWith('stdout')
  const isPipe = destination.startsWith('stdout to a pipe')
  if (isPipe) execFileSync('mkfifo', [path])
  const readPipe = isPipe ? openPipeReader(path, destination === 'stdout to a pipe') : undefined

  // `exec` makes the shell become the server: process id, exit code and signal are the server's.
  const script = ['-c', 'exec "$@" > "$0"', isStdout ? path : '/dev/null']
  const server = await follow('sh', [...script, process.execPath, compiledProgram('hazard-server')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      ...(!isStdout && { AUDIT_FILE: path }),
      ...(destination === 'file() with fsync' && { FSYNC: '1' }),
      ...env,
    },
  })
  return {
    ...server,
    async waitForExit() {
      const exit = await server.waitForExit()
      const output = readPipe ? await withTimeout(readPipe(), 'The pipe was not closed') : readIfExists(path)
      return { ...exit, output }
    },
  }
}

/** Kills the servers that still run, closes open requests, and removes what the servers wrote. */
export async function stopServerProcesses(): Promise<void> {
  for (const client of openClients) client.destroy()
  openClients.clear()
  for (const [child, kind] of running) {
    const closed = once(child, 'close')
    child.stdout?.resume()
    if (kind === 'group') process.kill(-(child.pid as number), 'SIGKILL')
    else child.kill('SIGKILL')
    await closed
  }
  for (const folder of folders) rmSync(folder, { recursive: true })
  folders.clear()
}

/** Sends POST requests over connections of their own, and waits until all of them are in their handlers. */
export async function openRequests(
  { port, stats }: Pick<ServerProcess, 'port' | 'stats'>,
  path: string,
  count: number,
  headers = '',
): Promise<RawClient[]> {
  const { inFlight: before } = await stats()
  const clients = Array.from({ length: count }, () =>
    new RawClient(port).request(path, { method: 'POST', headers }),
  )
  for (const client of clients) openClients.add(client)
  const giveUpAt = performance.now() + TIMEOUT_MS
  while ((await stats()).inFlight < before + count) {
    if (performance.now() > giveUpAt) throw new Error(`Not all of ${count} requests reached their handler`)
  }
  return clients
}

/** Opens a named pipe for reading without waiting for a writer. `close` returns what the pipe holds at that time. */
export function openFifoReader(path: string): { close(): string } {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return {
    close() {
      const chunks: Buffer[] = []
      const chunk = Buffer.alloc(64 * 1024)
      try {
        for (let size = readSync(descriptor, chunk); size > 0; size = readSync(descriptor, chunk)) {
          chunks.push(Buffer.from(chunk.subarray(0, size)))
        }
      } catch (error) {
        // EAGAIN: the pipe is empty, and a writer still has it open.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      } finally {
        closeSync(descriptor)
      }
      return Buffer.concat(chunks).toString()
    },
  }
}

async function follow(file: string, args: string[], options: SpawnOptions): Promise<ServerProcess> {
  const child = spawn(file, args, options)
  running.set(child, options.detached ? 'group' : 'process')
  const closed = once(child, 'close')
  child.on('close', () => running.delete(child))
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })

  async function waitForStderr(pattern: RegExp): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    for (;;) {
      const found = pattern.exec(stderr)
      if (found) return found
      await once(child.stderr as NodeJS.ReadableStream, 'data', { signal }).catch(() => {
        throw new Error(`stderr of the server does not match ${pattern}: ${stderr}`)
      })
    }
  }

  const [, url = ''] = await waitForStderr(/Listening on (http:\S+)/)
  const get = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  const getStatus = async (path = '/') => {
    const response = await get(path)
    await response.text()
    return response.status
  }
  const stats = async () => (await (await get('/stats')).json()) as Stats
  const waitForExit = async () => {
    await withTimeout(closed, 'The server did not end')
    return { code: child.exitCode, signal: child.signalCode, stderr }
  }
  return {
    child,
    port: Number(new URL(url).port),
    url,
    auditMessages: () => stderr.split('\n').filter((line) => line.startsWith('http-audit-log')),
    waitForStderr,
    getStatus,
    stats,
    async requestUntil(isReached, path) {
      for (let i = 0; i < MAX_REQUESTS; i++) {
        const status = await getStatus(path)
        if (status !== 200) throw new Error(`Expected 200, got ${status}`)
        const current = await stats()
        if (isReached(current)) return current
      }
      throw new Error(`Not reached after ${MAX_REQUESTS} requests: ${JSON.stringify(await stats())}`)
    },
    async exit() {
      child.stdout?.resume()
      await get('/exit').catch(() => {})
      await waitForExit()
    },
    waitForExit,
  }
}

function openPipeReader(fifo: string, isReading: boolean): () => Promise<string> {
  if (!isReading) {
    const reader = openFifoReader(fifo)
    return async () => reader.close()
  }
  const reader = spawn('cat', [fifo], { stdio: ['ignore', 'pipe', 'ignore'] })
  running.set(reader, 'process')
  reader.on('close', () => running.delete(reader))
  const output = readAll(reader.stdout)
  return () => output
}

function readIfExists(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

async function withTimeout<Value>(promise: Promise<Value>, message: string): Promise<Value> {
  const timer = new AbortController()
  const timeout = delay(TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${message} within ${TIMEOUT_MS} ms`)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    timer.abort()
    timeout.catch(() => {})
  }
}
