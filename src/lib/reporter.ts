// Reports failures that occur after start-up: on stderr and to `onError`, never to the client of a request.
import { writeSync } from 'node:fs'
import { type AuditErrorCode, AuditLogError } from './errors.js'
import { describeCause } from './inspect.js'

export interface Reporter {
  /**
   * Reports a failure on stderr and to `onError`.
   *
   * @param cause what was thrown, if anything
   */
  report(code: AuditErrorCode, message: string, cause?: unknown): void
  /**
   * Like `report`, but only the first time for each code and message: a failure in every request must not flood stderr.
   *
   * @param message a constant, because every different message is kept in memory
   */
  reportOnce(code: AuditErrorCode, message: string, cause?: unknown): void
  /** Writes a message that is no failure, such as the end of an outage, on stderr only. */
  notify(message: string): void
}

/** Bounds the memory and the output if a message should not be a constant after all. */
const MAX_REPORTED_ONCE = 100

export function createReporter(onError?: (error: AuditLogError) => unknown): Reporter {
  const reported = new Set<string>()

  function report(code: AuditErrorCode, message: string, cause?: unknown): void {
    const error =
      cause === undefined
        ? new AuditLogError(code, message)
        : new AuditLogError(code, `${message}: ${describeCause(cause)}`, { cause })
    writeStderr(`[${error.code}] ${error.message}`)
    callOnError(onError, error)
  }

  function reportOnce(code: AuditErrorCode, message: string, cause?: unknown): void {
    const key = `${code} ${message}`
    if (reported.has(key) || reported.size >= MAX_REPORTED_ONCE) return
    reported.add(key)
    report(code, `${message} (reported once)`, cause)
  }

  return { report, reportOnce, notify: writeStderr }
}

/** Control characters and the separators U+2028 and U+2029, which readers of lines take for the end of a line. */
const LINE_BREAKING = /[\p{Cc}\u2028\u2029]+/gu

/** Synchronous, so that the message is written even while the process exits. */
function writeStderr(message: string): void {
  try {
    writeSync(2, `http-audit-log: ${message.replaceAll(LINE_BREAKING, ' ')}\n`)
  } catch {
    // stderr is closed or full, and there is no other place to report to.
  }
}

function callOnError(onError: ((error: AuditLogError) => unknown) | undefined, error: AuditLogError): void {
  try {
    Promise.resolve(onError?.(error)).catch(reportOnErrorFailure)
  } catch (thrown) {
    reportOnErrorFailure(thrown)
  }
}

function reportOnErrorFailure(thrown: unknown): void {
  writeStderr(`The onError function failed: ${describeCause(thrown)}`)
}
