import { writeSync } from 'node:fs'

/** How long to stand still before a full non-blocking pipe is tried again, milliseconds. */
const RETRY_MS = 1
const clock = new Int32Array(new SharedArrayBuffer(4))

/**
 * Writes whole lines to a descriptor: one write(2) where the kernel takes a line whole, and more until its last
 * byte is taken where it does not. A line that a full disk cut is finished before any other is begun.
 *
 * Standing still is deliberate: a reader that is too slow slows the server down, instead of growing its memory
 * by lines that a `process.exit` would lose.
 */
export class LineWriter {
  /** What is left of a line that was begun and could not be finished. */
  #rest: { readonly line: string; readonly bytes: Buffer } | undefined

  /**
   * @throws what the kernel says: EPIPE, ENOSPC, ... (never EAGAIN). The line is to be given again then.
   */
  write(descriptor: number, line: string): void {
    const rest = this.#rest
    if (rest !== undefined) {
      this.#finish(descriptor, rest.line, rest.bytes)
      if (rest.line === line) return
    }
    // As a text: to make a Buffer of it first takes 1 µs more.
    const written = writeSome(descriptor, line)
    if (written < Buffer.byteLength(line)) this.#finish(descriptor, line, Buffer.from(line).subarray(written))
  }

  #finish(descriptor: number, line: string, bytes: Buffer): void {
    let left = bytes
    try {
      while (left.length > 0) left = left.subarray(writeSome(descriptor, left))
    } finally {
      this.#rest =
        left.length > 0 && left.length < Buffer.byteLength(line) ? { line, bytes: left } : undefined
    }
  }
}

function writeSome(descriptor: number, line: string | Buffer): number {
  try {
    // One overload of it takes a text and one takes bytes, and neither takes both.
    return writeSync(descriptor, line as string)
  } catch (error) {
    // EAGAIN: the pipe is full, and somebody made its open file description non-blocking (libuv does, for
    // every holder of it, as soon as anything touches process.stdout).
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    Atomics.wait(clock, 0, 0, RETRY_MS)
    return 0
  }
}
