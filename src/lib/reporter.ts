// Reports failures that occur after start-up: on stderr and to `onError`, never to the client of a request.
import { writeSync } from 'node:fs'
import { type AuditErrorCode, AuditLogError } from './errors.js'
import { describeCause } from './inspect.js'
import { isOutputReplaced, writeToReplacement } from './replaced-output.js'
import { sleepSync } from './sleep.js'

export interface Reporter {
  /**
   * Reports a failure on stderr and to `onError`.
   *
   * @param cause what was thrown, if anything
   */
  report(code: AuditErrorCode, message: string, cause?: unknown): void
  /**
   * Like `report`, but only the first time for each message: a failure in every request must not flood stderr.
   *
   * @param place separates the messages that count together, by default those of a code. A message that varies with input
   * needs a place of its own, because only a limited number is reported for each place. The place itself is a constant
   */
  reportOnce(code: AuditErrorCode, message: string, cause?: unknown, place?: string): void
  /** Writes a message that is no failure, such as the end of an outage, on stderr only. */
  notify(message: string): void
}

/** Bounds memory and output where a message varies with input. */
const MAX_MESSAGES_PER_PLACE = 20

/** How often and how soon to write to a full stderr again, before the message is given up. */
const MAX_ATTEMPTS = 100
const RETRY_MS = 1

export function createReporter(onError?: (error: AuditLogError) => unknown): Reporter {
  const messagesByPlace = new Map<string, Set<string>>()

  function report(code: AuditErrorCode, message: string, cause?: unknown): void {
    const error =
      cause === undefined
        ? new AuditLogError(code, message)
        : new AuditLogError(code, insertCause(message, cause), { cause })
    writeStderr(`[${error.code}] ${error.message}`)
    callOnError(onError, error)
  }

  function reportOnce(code: AuditErrorCode, message: string, cause?: unknown, place: string = code): void {
    const reported = messagesByPlace.get(place) ?? new Set()
    if (reported.has(message) || reported.size >= MAX_MESSAGES_PER_PLACE) return
    messagesByPlace.set(place, reported.add(message))
    report(code, `${message} (reported once)`, cause)
  }

  return { report, reportOnce, notify: writeStderr }
}

/** Control characters and the separators U+2028 and U+2029, which readers of lines take for the end of a line. */
const LINE_BREAKING = /[\p{Cc}\u2028\u2029]+/gu

/** The first sentence of a message is what happened, and the cause belongs to it. What it means and what to do follow. */
function insertCause(message: string, cause: unknown): string {
  const end = message.indexOf('. ')
  if (end === -1) return `${message}: ${describeCause(cause)}`
  return `${message.slice(0, end)}: ${describeCause(cause).replace(/\.$/, '')}${message.slice(end)}`
}

/** Whether a message is being written: a function that has replaced `process.stderr.write` may cause another one. */
let isWriting = false

/** Written at once, so that the message is there even while the process exits. */
function writeStderr(message: string): void {
  const line = `http-audit-log: ${message.replaceAll(LINE_BREAKING, ' ')}\n`
  if (!isWriting && isOutputReplaced('stderr')) {
    isWriting = true
    try {
      writeToReplacement('stderr', line)?.catch(() => {})
      return
    } catch {
      // The replacement failed. The descriptor is the next best place.
    } finally {
      isWriting = false
    }
  }
  writeAllSync(line)
}

function writeAllSync(line: string): void {
  let rest: Buffer = Buffer.from(line)
  for (let attempt = 0; attempt < MAX_ATTEMPTS && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(2, rest))
    } catch (error) {
      // EAGAIN: the pipe is full, and non-blocking since something has used `process.stderr`. After any other error there is
      // no other place to report to.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      sleepSync(RETRY_MS)
    }
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
