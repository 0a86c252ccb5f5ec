// The threads of a process share its stdout, and the kernel keeps only lines of up to PIPE_BUF bytes whole (pipe(7)).
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

const KEY = 'http-audit-log/stdout-lock'
const FREE = 0
const TAKEN = 1
/** Taken, and others may wait for it. Without that nobody has to be woken up, which would take longer than the rest. */
const CONTENDED = 2
/** A thread that was terminated while it wrote never gives the lock back. Then a torn line is better than none. */
const PATIENCE_MS = 10_000

const lock = new Int32Array(sharedBuffer())

/**
 * The main thread makes the lock, and threads that it starts afterwards inherit it. So the main thread must have
 * loaded this package before: without that, each thread has a lock of its own.
 */
function sharedBuffer(): SharedArrayBuffer {
  const inherited = getEnvironmentData(KEY)
  if (inherited instanceof SharedArrayBuffer) return inherited
  const made = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  if (isMainThread) setEnvironmentData(KEY, made)
  return made
}

/** Lets one thread at a time write to stdout. (Drepper, "Futexes Are Tricky", section 5.) */
export function withStdoutLock(write: () => void): void {
  const isOurs = Atomics.compareExchange(lock, 0, FREE, TAKEN) === FREE || takeInTime()
  try {
    write()
  } finally {
    // One that was given up on may still be in use.
    if (isOurs) release()
  }
}

function takeInTime(): boolean {
  const giveUpAt = performance.now() + PATIENCE_MS
  // Tried once more after the last wait: it may have been the only one that was woken up.
  while (Atomics.exchange(lock, 0, CONTENDED) !== FREE) {
    const leftMs = giveUpAt - performance.now()
    if (leftMs <= 0) return false
    Atomics.wait(lock, 0, CONTENDED, leftMs)
  }
  return true
}

function release(): void {
  if (Atomics.exchange(lock, 0, FREE) === CONTENDED) Atomics.notify(lock, 0, 1)
}
