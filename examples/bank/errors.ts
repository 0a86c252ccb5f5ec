// The errors that the bank throws when it refuses a request, and how they get into the record of the request.
import type { AuditLogger } from 'http-audit-log'

/** An error whose message may be shown to the user. */
export class BankError extends Error {
  /** The status of the response. */
  readonly status: number
  /** The reason in the audit record. It may say more than the message, which users see. */
  readonly reason: string

  constructor(status: number, message: string, reason = message) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

export class NotSignedIn extends BankError {
  constructor() {
    super(401, 'sign in first')
  }
}

/** The user does not have the right. */
export class Denied extends BankError {
  constructor(message: string) {
    super(403, message)
  }
}

export class NotFound extends BankError {
  constructor(message: string) {
    super(404, message)
  }
}

/** The state of the bank does not allow it, such as a balance that is too low. */
export class Conflict extends BankError {
  constructor(message: string) {
    super(409, message)
  }
}

/** The request body is not valid. */
export class Invalid extends BankError {
  constructor(message: string) {
    super(422, message)
  }
}

/** Call it for each expected error. Unexpected ones are recorded by `auditErrors()`, in Koa by `auditLog()`. */
export function recordRefusal(audit: AuditLogger, error: BankError): void {
  if (error.status === 401 || error.status === 403) audit.deny(error.reason)
  else audit.fail(error.reason)
}
