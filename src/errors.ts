/** Every code this package uses; they are stable across releases. */
export type AuditErrorCode =
  /** An option is wrong. Thrown at start-up. */
  | 'ERR_AUDIT_OPTIONS'
  /** A sink did not take a record. Told on stderr. */
  | 'ERR_AUDIT_SINK'
  /** A `format` function threw or gave no object. Told on stderr; the record leaves in the default format. */
  | 'ERR_AUDIT_FORMAT'
  /** A `user` or `exempt` function of the options threw. Told on stderr. */
  | 'ERR_AUDIT_CALLBACK'
  /** A record could not be described in full. Told on stderr; the record leaves with what is known. */
  | 'ERR_AUDIT_INTERNAL'

/** What this package throws (at start-up only) and what it tells on stderr later. */
export class AuditLogError extends Error {
  readonly code: AuditErrorCode

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AuditLogError'
    this.code = code
  }
}
