// Facilities of Linux: a file system that a test can fill (needs root), and the system calls of a process (needs strace).
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const TRACE_TIMEOUT_MS = 20_000
const BALLAST_BYTES = 32 * 1024
const mounted = new Set<string>()

export interface SmallDisk {
  readonly path: string
  /** Frees the half of the disk that was occupied from the start. */
  makeRoom(): void
}

/** Mounts a file system of 64 KiB, half of it occupied. {@link unmountAll} removes it. */
export function mountSmallDisk(): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'audit-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'pipe' })
  } catch (error) {
    rmSync(path, { recursive: true })
    throw error
  }
  mounted.add(path)
  const ballast = join(path, 'ballast')
  writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES))
  return { path, makeRoom: () => rmSync(ballast) }
}

export function canMount(): boolean {
  try {
    mountSmallDisk()
    return true
  } catch {
    return false
  } finally {
    unmountAll()
  }
}

export function unmountAll(): void {
  for (const path of mounted) {
    mounted.delete(path)
    // Lazily, since a process that a failed test left behind may still use it.
    execFileSync('umount', ['-l', path])
    rmSync(path, { recursive: true })
  }
}

export function canTrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * Runs `act` and returns one line per system call that returned meanwhile, in the order of their return. A call can
 * take effect before strace has printed it, so the trace goes on until a call matches `lastCall`.
 */
export async function traceCalls(
  pid: number,
  calls: string,
  act: () => Promise<unknown>,
  lastCall: RegExp,
): Promise<string[]> {
  const strace = spawn('strace', ['-f', '-y', '-e', `trace=${calls}`, '-o', '|cat', '-p', String(pid)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  try {
    const exited = once(strace, 'exit')
    await once(strace.stderr, 'data', { signal: AbortSignal.timeout(TRACE_TIMEOUT_MS) })
    // Not drained, a full pipe would stop strace, and with it the process that it traces.
    strace.stderr.resume()
    const returned: string[] = []
    const lines = createInterface({ input: strace.stdout })
    const seen = new Promise<void>((resolve, reject) => {
      AbortSignal.timeout(TRACE_TIMEOUT_MS).onabort = () =>
        reject(new Error(`No call matched ${lastCall}: ${returned.join('\n')}`))
      lines.on('line', (line) => {
        if (!/ = -?\d+/.test(line)) return
        returned.push(line)
        if (lastCall.test(line)) resolve()
      })
    })
    await Promise.all([act(), seen])
    strace.kill('SIGINT')
    await exited
    return returned
  } finally {
    strace.kill('SIGKILL')
  }
}
