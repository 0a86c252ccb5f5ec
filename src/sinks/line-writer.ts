import { writeSync } from 'node:fs'
import { sleepSync } from '../lib/sleep.js'

/** How long to wait before writing to a full non-blocking pipe again, milliseconds. */
const RETRY_MS = 1

/**
 * Writes whole lines to a descriptor, with as many calls of write(2) as the kernel needs to take the line. After an error
 * in the middle of a line (a full disk), the rest of that line is written before any other.
 *
 * Blocking is deliberate: a slow reader slows the server down, instead of growing a buffer that `process.exit` would lose.
 */
export class LineWriter {
  /** The rest of a line that an error has cut. */
  #rest: { readonly line: string; readonly bytes: Buffer } | undefined

  /**
   * @throws the error of write(2), such as EPIPE or ENOSPC, but never EAGAIN. The caller writes the same line again later.
   */
  write(descriptor: number, line: string): void {
    const rest = this.#rest
    if (rest !== undefined) {
      this.#writeRest(descriptor, rest.line, rest.bytes)
      if (rest.line === line) return
    }
    // Hot path: writing a string avoids a Buffer.
    const written = writeSome(descriptor, line)
    if (written < Buffer.byteLength(line)) {
      this.#writeRest(descriptor, line, Buffer.from(line).subarray(written))
    }
  }

  #writeRest(descriptor: number, line: string, bytes: Buffer): void {
    let rest = bytes
    try {
      while (rest.length > 0) rest = rest.subarray(writeSome(descriptor, rest))
    } finally {
      const isPartial = rest.length > 0 && rest.length < Buffer.byteLength(line)
      this.#rest = isPartial ? { line, bytes: rest } : undefined
    }
  }
}

/** @returns the number of bytes that the kernel has taken, 0 when the pipe is full */
function writeSome(descriptor: number, data: string | Buffer): number {
  try {
    // The types of writeSync have one overload for strings and one for bytes, but none for both.
    return writeSync(descriptor, data as string)
  } catch (error) {
    // EAGAIN: the pipe is full and its open file description is non-blocking. libuv makes it so, for every process that
    // shares the pipe, as soon as anything uses process.stdout.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    sleepSync(RETRY_MS)
    return 0
  }
}
