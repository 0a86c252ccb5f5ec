// Trouble after start-up goes to stderr, never into a request.
import { writeSync } from 'node:fs'
import { type AuditErrorCode, AuditLogError } from './errors.js'
import { text } from './protect/text.js'

/** Tells of one kind of trouble. */
export type Report = (code: AuditErrorCode, message: string, cause: unknown) => void

/** Each code is told once by each reporter: a fault that strikes every request must not flood stderr. */
export function createReporter(write: (line: string) => void = writeStderr): Report {
  const told = new Set<AuditErrorCode>()
  return (code, message, cause) => {
    if (told.has(code)) return
    told.add(code)
    const error = new AuditLogError(code, `${message}: ${text(cause)} (told once)`, { cause })
    write(`http-audit-log: [${error.code}] ${error.message.replaceAll(/\p{Cc}+/gu, ' ')}\n`)
  }
}

/** Synchronous, so that it is said even while the process is going down. */
function writeStderr(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // stderr is closed or full, and there is nobody else to tell.
  }
}
