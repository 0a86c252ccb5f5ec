// Facilities of Linux: a file system that a test can fill (needs root), and the system calls of a process (needs strace).
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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

/** Runs `act` and returns one line per system call that returned meanwhile, in the order of their return. */
export async function traceCalls(pid: number, calls: string, act: () => Promise<unknown>): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'audit-trace-'))
  const output = join(directory, 'calls')
  const strace = spawn('strace', ['-f', '-y', '-e', `trace=${calls}`, '-o', output, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    const exited = once(strace, 'exit')
    await once(strace.stderr, 'data', { signal: AbortSignal.timeout(TRACE_TIMEOUT_MS) })
    await act()
    strace.kill('SIGINT')
    await exited
    return readFileSync(output, 'utf8')
      .split('\n')
      .filter((line) => / = -?\d+/.test(line))
  } finally {
    strace.kill('SIGKILL')
    rmSync(directory, { recursive: true })
  }
}
