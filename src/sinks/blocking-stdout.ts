// Output of `console.log` and of `stdout()` shares descriptor 1, but Node writes the former through libuv.
import { isMainThread } from 'node:worker_threads'
import { hasPendingSink, setBlocking } from '../lib/node-internals.js'
import { RUNTIME } from '../lib/runtime.js'

/**
 * Switches `process.stdout` to blocking writes, as Node's documentation ("A note on process I/O") promises for pipes on
 * Linux. Otherwise libuv buffers what a full pipe does not take, and a record written meanwhile lands in the middle of an
 * application's line. Only the main thread has the descriptor; other threads print through it.
 */
export function makeStdoutBlocking(): void {
  try {
    if (isMainThread) setBlocking(process.stdout)
  } catch {
    // Reading `process.stdout` throws when there is none, and then nothing is printed either.
  }
}

/**
 * Whether a part of what the application printed is still buffered: it was printed before `makeStdoutBlocking`, or another
 * process made the pipe non-blocking, which affects every process that shares the pipe.
 */
export function hasBufferedOutput(): boolean {
  try {
    if (!isMainThread) return false
    if (RUNTIME.name === 'bun' && hasPendingSink(process.stdout)) return true
    return (process.stdout.writableLength ?? 0) > 0
  } catch {
    return false
  }
}
