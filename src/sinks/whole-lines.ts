import { writeSync } from 'node:fs'

/** How long to stand still before a full non-blocking pipe is tried again, milliseconds. */
const RETRY_MS = 1
const clock = new Int32Array(new SharedArrayBuffer(4))

/**
 * Writes one line to a descriptor: one write(2) where the kernel takes it whole, and until its last byte is
 * taken where it does not.
 *
 * Standing still is deliberate: a reader that is too slow slows the server down, instead of growing its memory
 * by lines that a `process.exit` would lose.
 *
 * @throws what the kernel says: EPIPE, ENOSPC, ... (never EAGAIN)
 */
export function writeWholeLine(descriptor: number, line: string): void {
  const bytes = Buffer.from(line)
  let offset = 0
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset)
    } catch (error) {
      // EAGAIN: the pipe is full, and somebody made its open file description non-blocking (libuv does,
      // for every holder of it, as soon as anything touches process.stdout).
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(clock, 0, 0, RETRY_MS)
    }
  }
}
