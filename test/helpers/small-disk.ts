// A file system of 64 KiB, which a test can fill.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BALLAST_BYTES = 32 * 1024
const mounted = new Set<string>()

export interface SmallDisk {
  readonly path: string
  /** Gives back the half of the disk that was taken beforehand. */
  makeRoom(): void
}

/** Half of it is taken. Needs root; {@link unmountAll} takes it away. */
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
    // Lazily: a process that a failed test left behind must not keep it.
    execFileSync('umount', ['-l', path])
    rmSync(path, { recursive: true })
  }
}
