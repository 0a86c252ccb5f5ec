import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file atomically: after a crash, or on a full disk, it has the old content or the new one. Callers see to it that one of
 * them writes at a time.
 *
 * @throws the error of open(2), write(2) or rename(2)
 */
export function replaceFile(path: string, content: string, mode: number): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeSynced(temporary, content, mode)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncFolder(dirname(path))
}

function writeSynced(path: string, content: string, mode: number): void {
  const descriptor = openSync(path, 'w', mode)
  try {
    writeFileSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** The new name is on the disk only after fsync(2) of its folder. Windows cannot open one. */
function syncFolder(path: string): void {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(descriptor)
  } catch {
    // Some file systems refuse it. The file is whole all the same.
  } finally {
    closeSync(descriptor)
  }
}
