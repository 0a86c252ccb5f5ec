import type { Writable } from 'node:stream'
import type { Sink } from './sink.js'

/**
 * Writes to a stream of yours. A record counts as accepted when the stream says that it was written, and not
 * when it was merely buffered; whether your stream loses what it buffers is up to it.
 *
 * @example
 * app.use(auditLog({ sink: stream(createWriteStream('audit.log', { flags: 'a' })) }))
 */
export function stream(writable: Writable): Sink {
  // Without a listener an 'error' event would end the process. The failed write reports the same error.
  writable.on('error', () => {})
  return {
    write: (line) =>
      new Promise((resolve, reject) => {
        writable.write(line, (error) => (error ? reject(error) : resolve()))
      }),
  }
}
