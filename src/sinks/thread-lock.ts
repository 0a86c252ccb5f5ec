// A lock for the threads of a process, which share its stdout: without a lock the kernel keeps only lines of up to
// PIPE_BUF bytes whole (pipe(7)).
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

const KEY = 'http-audit-log/stdout-lock'
const FREE = 0
const LOCKED = 1
/** Locked, and other threads may be waiting. The separate state avoids a wake-up call when no thread is. */
const CONTENDED = 2
/** A thread that is terminated during a write never releases the lock. After this time a torn line is better than none. */
const TIMEOUT_MS = 10_000

// Hot path: a global is looked up at each use.
const { compareExchange, exchange, notify, wait } = Atomics

const lock = new Int32Array(getSharedBuffer())

/**
 * The main thread creates the lock, and the threads that it starts afterwards inherit it. If the main thread has not loaded
 * this package before it starts them, each thread has a lock of its own.
 */
function getSharedBuffer(): SharedArrayBuffer {
  const inherited = getEnvironmentData(KEY)
  if (inherited instanceof SharedArrayBuffer) return inherited
  const created = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  if (isMainThread) setEnvironmentData(KEY, created)
  return created
}

/** Lets one thread at a time write to stdout. The algorithm is from Drepper, "Futexes Are Tricky", section 5. */
export function withStdoutLock(write: () => void): void {
  const isAcquired = compareExchange(lock, 0, FREE, LOCKED) === FREE || waitForLock()
  try {
    write()
  } finally {
    // After a timeout the lock still belongs to the other thread.
    if (isAcquired) releaseLock()
  }
}

/** @returns false after a timeout */
function waitForLock(): boolean {
  const deadline = performance.now() + TIMEOUT_MS
  // The lock is tried once more after the last wait, because this thread may be the only one that was notified.
  while (exchange(lock, 0, CONTENDED) !== FREE) {
    const remainingMs = deadline - performance.now()
    if (remainingMs <= 0) return false
    wait(lock, 0, CONTENDED, remainingMs)
  }
  return true
}

function releaseLock(): void {
  if (exchange(lock, 0, FREE) === CONTENDED) notify(lock, 0, 1)
}
