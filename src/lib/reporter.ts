// Reports failures that occur after start-up: on stderr and to `onError`, never to the client of a request.
import { writeSync } from 'node:fs'
import { type AuditErrorCode, AuditLogError } from './errors.js'
import { describeCause } from './inspect.js'

export interface Reporter {
  /** Reports a failure on stderr and to `onError`. */
  report(code: AuditErrorCode, message: string, cause: unknown): void
  /** Like `report`, but only the first time for each code: a failure in every request must not flood stderr. */
  reportOnce(code: AuditErrorCode, message: string, cause: unknown): void
  /** Writes a message that is no failure, such as the end of an outage, on stderr only. */
  notify(message: string): void
}

export function createReporter(onError?: (error: AuditLogError) => unknown): Reporter {
  const reported = new Set<AuditErrorCode>()

  function report(code: AuditErrorCode, message: string, cause: unknown): void {
    const error = new AuditLogError(code, `${message}: ${describeCause(cause)}`, { cause })
    writeStderr(`[${error.code}] ${error.message}`)
    callOnError(onError, error)
  }

  function reportOnce(code: AuditErrorCode, message: string, cause: unknown): void {
    if (reported.has(code)) return
    reported.add(code)
    report(code, `${message} (reported once)`, cause)
  }

  return { report, reportOnce, notify: writeStderr }
}

/** Synchronous, so that the message is written even while the process exits. */
function writeStderr(message: string): void {
  try {
    writeSync(2, `http-audit-log: ${message.replaceAll(/\p{Cc}+/gu, ' ')}\n`)
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
