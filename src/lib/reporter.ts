// Trouble after start-up goes to stderr and to `onError`, never into a request.
import { writeSync } from 'node:fs'
import { toText } from '../serialize/to-text.js'
import { type AuditErrorCode, AuditLogError } from './errors.js'
import { describeValue } from './validate.js'

export interface Reporter {
  /** Tells that something failed. */
  fail(code: AuditErrorCode, message: string, cause: unknown): void
  /** The same, once for each code: a fault that strikes every request must not flood stderr. */
  failOnce(code: AuditErrorCode, message: string, cause: unknown): void
  /** Tells on stderr alone, for what is no failure. */
  say(message: string): void
}

export function createReporter(onError?: (error: AuditLogError) => unknown): Reporter {
  const told = new Set<AuditErrorCode>()

  function fail(code: AuditErrorCode, message: string, cause: unknown): void {
    const error = new AuditLogError(code, `${message}: ${toText(cause) || describeValue(cause)}`, { cause })
    writeStderr(`[${error.code}] ${error.message}`)
    callSafely(onError, error)
  }

  function failOnce(code: AuditErrorCode, message: string, cause: unknown): void {
    if (told.has(code)) return
    told.add(code)
    fail(code, `${message} (told once)`, cause)
  }

  return { fail, failOnce, say: writeStderr }
}

/** Synchronous, so that it is said even while the process is going down. */
function writeStderr(message: string): void {
  try {
    writeSync(2, `http-audit-log: ${message.replaceAll(/\p{Cc}+/gu, ' ')}\n`)
  } catch {
    // stderr is closed or full, and there is nobody else to tell.
  }
}

function callSafely(onError: ((error: AuditLogError) => unknown) | undefined, error: AuditLogError): void {
  try {
    Promise.resolve(onError?.(error)).catch(complain)
  } catch (thrown) {
    complain(thrown)
  }
}

function complain(thrown: unknown): void {
  writeStderr(`onError failed: ${toText(thrown)}`)
}
