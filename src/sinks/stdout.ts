import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { isExiting } from '../lib/exit-hooks.js'
import { hasBufferedOutput, makeStdoutBlocking } from './blocking-stdout.js'
import { LineWriter } from './line-writer.js'
import { endsWithPartialLine } from './partial-line.js'
import type { Sink } from './sink.js'
import { withStdoutLock } from './thread-lock.js'

const STDOUT = 1

/**
 * The default sink: one record, one write(2), before anything else happens in this process. Nothing waits in
 * user space, so `process.exit()` has nothing to lose. What the application prints to a pipe becomes synchronous too,
 * or records would land in the middle of it.
 *
 * @example
 * app.use(auditLog({ sink: stdout() }))   // the same as app.use(auditLog())
 */
export function stdout(): Sink {
  makeStdoutBlocking()
  return STDOUT_SINK
}

const STDOUT_SINK: Sink = { write: writeStdout }
const stdoutWriter = new LineWriter()
let stdoutDescriptor: number | undefined
let isOnOwnLine = false

function writeStdout(line: string): void {
  if (hasBufferedOutput()) {
    if (!isExiting()) throw new Error('what the application printed has not left yet')
    // Nor will it any more.
    isOnOwnLine = false
  }
  stdoutDescriptor ??= openOwnPipe() ?? STDOUT
  const descriptor = stdoutDescriptor
  withStdoutLock(() => {
    if (!isOnOwnLine && (hasBufferedOutput() || isFileInsideLine())) stdoutWriter.write(descriptor, '\n')
    isOnOwnLine = true
    stdoutWriter.write(descriptor, line)
  })
}

/** Only a file that it was redirected to can be asked, and one that we may not read cannot. */
function isFileInsideLine(): boolean {
  try {
    return fstatSync(STDOUT).isFile() && endsWithPartialLine('/dev/stdout')
  } catch {
    return false
  }
}

/**
 * For a pipe, an open file description of our own: it stays blocking, whatever the rest of the process makes of
 * descriptor 1. Only for a pipe: a second description of a file would have an offset of its own, and what
 * `console.log` writes through descriptor 1 would overwrite our records.
 */
function openOwnPipe(): number | undefined {
  try {
    if (!fstatSync(STDOUT).isFIFO()) return undefined
    // open(2) for writing waits for a reader of a named pipe. Asked without blocking, it says ENXIO instead.
    closeSync(openSync('/dev/stdout', constants.O_WRONLY | constants.O_NONBLOCK))
    return openSync('/dev/stdout', constants.O_WRONLY)
  } catch {
    // No /dev/stdout (Windows), a pipe of another user (EACCES), or a reader that has left: descriptor 1 it is.
    return undefined
  }
}
