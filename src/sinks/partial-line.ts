import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** How long another process may be inside a line before it counts as dead, milliseconds. */
const PATIENCE_MS = 200
const LOOK_AGAIN_MS = 5
/** Files that were found so, at which size: while a disk is full they are looked at again and again. */
const known = new Map<string, number>()
const clock = new Int32Array(new SharedArrayBuffer(4))

/**
 * A process that died on a full disk may have left half a line. It must end, so that ours begins on its own.
 *
 * While another process appends a line, the file can be seen to end in the middle of it, for as long as the kernel
 * lets that process wait. Hence the patience, which only a file that was left so costs, and only when it is opened.
 */
export function endsWithPartialLine(path: string): boolean {
  const size = sizeInsideLine(path)
  if (size === undefined) {
    known.delete(path)
    return false
  }
  if (known.get(path) === size) return true
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_AGAIN_MS) {
    Atomics.wait(clock, 0, 0, LOOK_AGAIN_MS)
    if (sizeInsideLine(path) !== size) return false
  }
  known.set(path, size)
  return true
}

/** The size of a file that does not end in a newline. One that we may append to and not read cannot be asked. */
function sizeInsideLine(path: string): number | undefined {
  const { size } = statSync(path)
  const descriptor = size > 0 ? openForReading(path) : undefined
  if (descriptor === undefined) return undefined
  try {
    const last = Buffer.alloc(1)
    const isInside = readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== '\n'.charCodeAt(0)
    return isInside ? size : undefined
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
