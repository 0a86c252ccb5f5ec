import type { Writable } from 'node:stream'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { isObject } from '../lib/validate.js'
import type { Sink } from './sink.js'

/**
 * Writes to a stream of the application. A record counts as accepted when the stream calls back that it was written, not
 * when the stream has buffered it.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` if `writable` is not a writable stream
 * @example
 * app.use(auditLog({ sink: stream(createWriteStream('audit.log', { flags: 'a' })) }))
 */
export function stream(writable: Writable): Sink {
  if (!isObject(writable) || typeof writable.write !== 'function' || typeof writable.on !== 'function') {
    throw new AuditLogError('ERR_AUDIT_OPTIONS', `Expected a writable stream, got ${describeValue(writable)}`)
  }
  // An 'error' event without a listener ends the process. The callback of the failed write gets the same error.
  writable.on('error', () => {})
  return {
    write: (line) =>
      new Promise((resolve, reject) => {
        // `errored` is the error that broke the stream; the callback may only get ERR_STREAM_DESTROYED.
        writable.write(line, (error) => (error ? reject(writable.errored ?? error) : resolve()))
      }),
  }
}
