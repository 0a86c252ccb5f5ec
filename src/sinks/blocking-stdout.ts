// What the application prints leaves through the same descriptor, by way of libuv.
import { isMainThread } from 'node:worker_threads'

/** Node keeps this on a stream over a descriptor, undocumented; hence the `?`. */
interface Printed {
  readonly _handle?: { setBlocking?(isBlocking: boolean): unknown } | null
  readonly writableLength?: number
}

/**
 * Makes `console.log` to a pipe as synchronous as Node's documentation ("A note on process I/O") says it is on Linux.
 * Without this libuv keeps what a full pipe does not take, and whatever is written next to the descriptor lands in the
 * middle of it. A thread that is not the main one prints through the main one.
 */
export function makeStdoutBlocking(): void {
  try {
    if (isMainThread) (process.stdout as Printed)._handle?.setBlocking?.(true)
  } catch {
    // No stdout: then nothing is printed either.
  }
}

/**
 * Whether a part of what was printed has still to leave: it was printed before `printSynchronously`, or another process
 * has made the pipe non-blocking again, for all who share it.
 */
export function hasBufferedOutput(): boolean {
  try {
    return isMainThread && ((process.stdout as Printed).writableLength ?? 0) > 0
  } catch {
    return false
  }
}
