/** Every code this package uses; they are stable across releases. */
export type AuditErrorCode =
  /** An option is wrong. Thrown at start-up, or by the first request of an app that has the other framework's middleware. */
  | 'ERR_AUDIT_OPTIONS'
  /** A sink takes no records. Told on stderr once when it begins and once when it is over. */
  | 'ERR_AUDIT_SINK'
  /** A `format` function threw or gave no object. Told on stderr; the record leaves in the default format. */
  | 'ERR_AUDIT_FORMAT'
  /** A `user`, `exempt` or `failClosed` function of the options threw, or one of the framework. Told on stderr. */
  | 'ERR_AUDIT_CALLBACK'
  /** Two middlewares with different sinks or formats see the same request. Told on stderr; the first one records it. */
  | 'ERR_AUDIT_DUPLICATE_MIDDLEWARE'
  /** `currentAudit()` or `audited()` has no record to speak to. Told on stderr. */
  | 'ERR_AUDIT_CONTEXT'

/** What this package throws, and what it tells on stderr where it must not throw. */
export class AuditLogError extends Error {
  readonly code: AuditErrorCode

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AuditLogError'
    this.code = code
  }
}
