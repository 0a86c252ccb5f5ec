import { writeSync } from 'node:fs'
import { sleepSync } from '../lib/sleep.js'
import { markLineBegun } from './sink.js'

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
    try {
      this.#writeAfterRest(descriptor, line)
    } catch (error) {
      if (this.#rest?.line === line) markLineBegun(error)
      throw error
    }
  }

  #writeAfterRest(descriptor: number, line: string): void {
    const rest = this.#rest
    if (rest !== undefined) {
      this.#writeRest(descriptor, rest.line, rest.bytes)
      if (rest.line === line) return
    }
    const isShort = line.length * MAX_BYTES_PER_UNIT <= SHARED_BUFFER_BYTES
    const bytes = isShort ? getSharedBuffer() : Buffer.from(line)
    const length = isShort ? bytes.write(line) : bytes.length
    const written = writeSome(descriptor, bytes, length)
    // A copy, because the next line is encoded into the same buffer.
    if (written < length) this.#writeRest(descriptor, line, Buffer.from(bytes.subarray(written, length)))
  }

  #writeRest(descriptor: number, line: string, bytes: Buffer): void {
    let rest = bytes
    try {
      while (rest.length > 0) rest = rest.subarray(writeSome(descriptor, rest, rest.length))
    } finally {
      const isPartial = rest.length > 0 && rest.length < Buffer.byteLength(line)
      this.#rest = isPartial ? { line, bytes: rest } : undefined
    }
  }
}

const SHARED_BUFFER_BYTES = 64 * 1024
/** A UTF-16 unit has at most so many bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3

/**
 * Hot path: one buffer for the lines of all writers, because `writeSync` of a string takes longer if the string was put together of
 * many parts. Its content is of no use after the call that wrote it.
 */
let sharedBuffer: Buffer | undefined

function getSharedBuffer(): Buffer {
  sharedBuffer ??= Buffer.allocUnsafeSlow(SHARED_BUFFER_BYTES)
  return sharedBuffer
}

/** @returns the number of bytes that the kernel has taken, 0 when the pipe is full */
function writeSome(descriptor: number, data: Buffer, length: number): number {
  try {
    return writeSync(descriptor, data, 0, length)
  } catch (error) {
    // EAGAIN: the pipe is full and its open file description is non-blocking. libuv makes it so, for every process that
    // shares the pipe, as soon as anything uses process.stdout.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    sleepSync(RETRY_MS)
    return 0
  }
}
