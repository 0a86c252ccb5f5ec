// A lock that processes share: a file that exists while one of them has the lock. Node has no flock(2).
import { closeSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { sleepSync } from '../lib/sleep.js'
import { isObject } from '../lib/validate.js'
import { hasEnded, markProcess, type ProcessMark } from './ended-process.js'

const RETRY_MS = 5
/** A lock that is older was left behind, also where the id of its process tells nothing, milliseconds. Writing takes far less. */
const STALE_MS = 10_000
/** Its process was killed between creating the lock and writing its id to it, milliseconds. */
const UNMARKED_STALE_MS = 1000

/**
 * Waits for the lock at most so long, blocking the thread.
 *
 * @returns whether this process has it now
 * @throws an error of open(2), such as ENOENT if the folder does not exist
 */
export function acquireLock(path: string, patienceMs: number): boolean {
  const deadline = Date.now() + patienceMs
  for (;;) {
    if (createLock(path)) return true
    if (isStale(path)) releaseLock(path)
    else if (Date.now() >= deadline) return false
    else sleepSync(RETRY_MS)
  }
}

export function releaseLock(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Another process was faster.
  }
}

function createLock(path: string): boolean {
  let descriptor: number
  try {
    descriptor = openSync(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    writeSync(descriptor, JSON.stringify(markProcess()))
  } finally {
    closeSync(descriptor)
  }
  return true
}

/** Whether the process that has the lock was killed. */
function isStale(path: string): boolean {
  try {
    const age = Date.now() - statSync(path).mtimeMs
    if (age > STALE_MS) return true
    const mark = parseMark(readFileSync(path, 'utf8'))
    return mark === undefined ? age > UNMARKED_STALE_MS : hasEnded(mark)
  } catch {
    // It was released.
    return false
  }
}

function parseMark(text: string): ProcessMark | undefined {
  try {
    const mark: unknown = JSON.parse(text)
    return isObject(mark) && Number.isSafeInteger(mark.pid) && typeof mark.time === 'number'
      ? { pid: mark.pid as number, time: mark.time }
      : undefined
  } catch {
    return undefined
  }
}
