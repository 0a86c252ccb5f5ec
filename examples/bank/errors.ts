// What the bank throws if it does not do what was asked, and how that gets into the record of the request.
import type { AuditLogger } from 'http-audit-log'

/** An error whose message may be shown to the user. */
export class BankError extends Error {
  /** The status of the response. */
  readonly status: number
  /** Why, for auditors alone, if it says more than users may know. */
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

/** The user may not do it. */
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

/** It is impossible at the moment. */
export class Conflict extends BankError {
  constructor(message: string) {
    super(409, message)
  }
}

/** What was sent is not valid. */
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
