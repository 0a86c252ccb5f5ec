import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { sleepSync } from '../lib/sleep.js'

/** How long the file may stay in the middle of a line before the writer of that line counts as dead, milliseconds. */
const TIMEOUT_MS = 200
const POLL_MS = 5

/**
 * Detects a file whose last line was cut by a crash. The next line must not continue such a line.
 *
 * A file can also end in the middle of a line while another process is writing that line. So the file is watched for
 * {@link TIMEOUT_MS} before the line counts as cut; this blocks only when such a file is opened.
 */
export class PartialLineDetector {
  readonly #path: string
  /** The size at which the file was found cut: while a disk is full, the file is checked again with each retry. */
  #knownSize: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** @throws the error of stat(2), open(2) or read(2) */
  endsWithPartialLine(): boolean {
    const size = sizeIfPartial(this.#path)
    if (size === undefined || size === this.#knownSize) {
      this.#knownSize = size
      return size !== undefined
    }
    for (let waited = 0; waited < TIMEOUT_MS; waited += POLL_MS) {
      sleepSync(POLL_MS)
      if (sizeIfPartial(this.#path) !== size) return false
    }
    this.#knownSize = size
    return true
  }
}

/** Returns the size of a file that does not end in a newline; `undefined` for others, and for one that we may not read. */
function sizeIfPartial(path: string): number | undefined {
  const { size } = statSync(path)
  const descriptor = size > 0 ? openForReading(path) : undefined
  if (descriptor === undefined) return undefined
  try {
    const last = Buffer.alloc(1)
    const isPartial = readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== '\n'.charCodeAt(0)
    return isPartial ? size : undefined
  } finally {
    closeSync(descriptor)
  }
}

function openForReading(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined
    throw error
  }
}
