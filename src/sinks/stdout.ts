import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { requireCapability } from '../lib/capabilities.js'
import { isExiting } from '../lib/exit-hooks.js'
import { isOutputReplaced, writeToReplacement } from '../lib/replaced-output.js'
import { hasBufferedOutput, makeStdoutBlocking } from './blocking-stdout.js'
import { LineWriter } from './line-writer.js'
import { PartialLineDetector } from './partial-line.js'
import type { Sink } from './sink.js'
import { warnIfDiscarded, warnOfReplacement } from './stdout-warnings.js'
import { withStdoutLock } from './thread-lock.js'

const STDOUT = 1

/**
 * The default sink: writes each record to stdout with a synchronous write(2). Nothing is buffered in user space, so that
 * `process.exit()` loses no record. What the application prints to a pipe becomes synchronous too, since records would
 * otherwise land in the middle of its lines.
 *
 * @throws AuditLogError `ERR_AUDIT_RUNTIME` if this runtime has no synchronous writes
 * @example
 * app.use(auditLog({ sink: stdout() }))   // the same as app.use(auditLog())
 */
export function stdout(): Sink {
  const need = 'stdout() writes each record before it goes on, so that none is lost at exit'
  requireCapability('synchronousWrites', need, 'Use a sink of your own')
  makeStdoutBlocking()
  if (isOutputReplaced('stdout')) warnOfReplacement()
  else warnIfDiscarded()
  return STDOUT_SINK
}

/** Writes to stdout: to a descriptor of its own if that is a pipe, otherwise to descriptor 1. */
class StdoutWriter {
  readonly #writer = new LineWriter()
  readonly #redirectedFile = new PartialLineDetector('/dev/stdout')
  #descriptor: number | undefined
  /** Whether the output so far is known to end in a newline. */
  #isAtLineStart = false

  write(line: string): void {
    if (hasBufferedOutput()) {
      if (!isExiting()) throw new Error('output that the application printed before is still buffered')
      // At exit Node no longer writes the buffered output, which may end in the middle of a line.
      this.#isAtLineStart = false
    }
    this.#descriptor ??= openOwnPipe() ?? STDOUT
    const descriptor = this.#descriptor
    withStdoutLock(() => {
      if (!this.#isAtLineStart && (hasBufferedOutput() || this.#endsFileWithPartialLine())) {
        this.#writer.write(descriptor, '\n')
      }
      this.#isAtLineStart = true
      this.#writer.write(descriptor, line)
    })
  }

  /** Only a regular file can be read back, and only if its permissions allow that. */
  #endsFileWithPartialLine(): boolean {
    try {
      return fstatSync(STDOUT).isFile() && this.#redirectedFile.endsWithPartialLine()
    } catch {
      return false
    }
  }
}

/** One per process: two writers of the same descriptor could cut each other's lines. */
const writer = new StdoutWriter()
const STDOUT_SINK: Sink = {
  write(line) {
    if (!isOutputReplaced('stdout')) return writer.write(line)
    warnOfReplacement()
    return writeToReplacement('stdout', line)
  },
}

/**
 * Opens the pipe under stdout once more. The second open file description stays blocking, even if the rest of the process
 * makes descriptor 1 non-blocking. Not for files: a second description has an offset of its own, so that records and
 * what `console.log` writes would overwrite each other.
 */
function openOwnPipe(): number | undefined {
  try {
    if (!fstatSync(STDOUT).isFIFO()) return undefined
    // open(2) of a named pipe for writing blocks until there is a reader; with O_NONBLOCK it fails with ENXIO instead.
    closeSync(openSync('/dev/stdout', constants.O_WRONLY | constants.O_NONBLOCK))
    return openSync('/dev/stdout', constants.O_WRONLY)
  } catch {
    // No /dev/stdout (Windows), a pipe of another user (EACCES) or without a reader: the caller uses descriptor 1.
    return undefined
  }
}
