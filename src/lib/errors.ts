import { isInstanceOfAnyCopy } from './instance-of.js'

/** All error codes of this package. They are stable across releases. */
export type AuditErrorCode =
  /** An option or an argument is invalid. Thrown at start-up, or by the first request if the app uses the other framework; reported on stderr if `auditErrors` is not called. */
  | 'ERR_AUDIT_OPTIONS'
  /** The sink does not accept records. Reported on stderr at start-up if it cannot be opened, when an outage begins, at exit if records remain, and when `close()` fails. */
  | 'ERR_AUDIT_SINK'
  /**
   * The `format` function threw, did not return an object, or returned too much: the record uses the default format. Or
   * a record cannot be redacted: it is written without its content. Reported on stderr.
   */
  | 'ERR_AUDIT_FORMAT'
  /**
   * A `user`, `exempt`, `failClosed` or `requestId` function, or a function of the framework, threw or returned a promise; or
   * `requestId` returned no request id. Reported on stderr.
   */
  | 'ERR_AUDIT_CALLBACK'
  /**
   * The runtime lacks what an option needs: thrown at start-up. Or a part of what `recordClientErrors` records cannot be
   * seen in it, or the package on-headers is not installed: reported on stderr.
   */
  | 'ERR_AUDIT_RUNTIME'
  /** A key of `seal` or of the verifier is no key, or not of the expected kind. Thrown. The message never has a part of it. */
  | 'ERR_AUDIT_KEY'
  /** The state file of a seal cannot be used: thrown at start-up, reported on stderr later. */
  | 'ERR_AUDIT_SEAL'
  /** `verify` or `prove` could not read its input. */
  | 'ERR_AUDIT_VERIFY'
  /** It is not known who sent a request, although something was found where authentication leaves a user. Reported on stderr. */
  | 'ERR_AUDIT_USER'
  /** A setter or the option `user` got a property that records do not have, or a user without `authenticated`. Reported on stderr. */
  | 'ERR_AUDIT_PROPERTY'
  /**
   * `failClosed` could not hold a response, so it was sent without waiting for its record: reported on stderr. Or it has
   * reset an HTTP/2 stream whose record the sink did not accept: the stream emits it as `error`.
   */
  | 'ERR_AUDIT_FAIL_CLOSED'
  /** Two middlewares with different options see the same request. Reported on stderr; the first one records it. */
  | 'ERR_AUDIT_DUPLICATE_MIDDLEWARE'
  /** Too many loggers of `child()` wait to be sent, so that not all are recorded, or the oldest without what follows. Reported on stderr. */
  | 'ERR_AUDIT_CHILDREN'
  /** It is not known which response a client received: the record has `http_response: null`. Reported on stderr. */
  | 'ERR_AUDIT_UNKNOWN_RESPONSE'
  /** `currentAudit()` or `audited()` has no record to fill. Reported on stderr only: without a middleware there is no `onError`. */
  | 'ERR_AUDIT_CONTEXT'

/** Marks the errors of every copy of this package. */
const errorKey = Symbol.for('http-audit-log/error@1')

/**
 * Thrown for invalid options; reported on stderr, and passed to `onError`, for everything that fails later. `instanceof` is
 * true for the errors of every copy of this package, such as the CommonJS build beside the ES module.
 */
export class AuditLogError extends Error {
  readonly code: AuditErrorCode

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AuditLogError'
    this.code = code
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass inherits this method
    return isInstanceOfAnyCopy(value, this, AuditLogError, errorKey)
  }
}

// Not enumerable, and on the prototype: users do not see it when they print an error.
Object.defineProperty(AuditLogError.prototype, errorKey, { value: true })
