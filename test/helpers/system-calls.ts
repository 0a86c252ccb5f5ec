// What a process asks of the kernel, seen with strace.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PATIENCE_MS = 20_000

export function canTrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** One line for each system call that has returned, in the order in which they did, while `act` runs. */
export async function traceCalls(pid: number, calls: string, act: () => Promise<unknown>): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'audit-trace-'))
  const output = join(directory, 'calls')
  const strace = spawn('strace', ['-f', '-y', '-e', `trace=${calls}`, '-o', output, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    const exited = once(strace, 'exit')
    await once(strace.stderr, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) })
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
