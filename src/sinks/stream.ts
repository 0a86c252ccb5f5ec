import type { Writable } from 'node:stream'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { isObject } from '../lib/validate.js'
import type { Sink } from './sink.js'

/**
 * Writes to a stream of yours. A record counts as accepted when the stream says that it was written, and not
 * when it was merely buffered; whether your stream loses what it buffers is up to it.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 * @example
 * app.use(auditLog({ sink: stream(createWriteStream('audit.log', { flags: 'a' })) }))
 */
export function stream(writable: Writable): Sink {
  if (!isObject(writable) || typeof writable.write !== 'function' || typeof writable.on !== 'function') {
    throw new AuditLogError('ERR_AUDIT_OPTIONS', `Expected a writable stream, got ${describeValue(writable)}`)
  }
  // Without a listener an 'error' event would end the process. The failed write reports the same error.
  writable.on('error', () => {})
  return {
    write: (line) =>
      new Promise((resolve, reject) => {
        // What broke the stream says more than that it is broken.
        writable.write(line, (error) => (error ? reject(writable.errored ?? error) : resolve()))
      }),
  }
}
