import { EventEmitter } from 'node:events'
import { type Checks, checkInteger, checkOptions } from '../lib/validate.js'
import type { Sink } from './sink.js'

/** A sink for tests, see {@link memory}. */
export interface MemorySink extends Sink {
  /** The lines as they were written, each with its `\n`. `lines.length = 0` removes them. */
  readonly lines: string[]
  /** Returns all lines, parsed. Name the type yourself, since it follows from your `format`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read any depth of a record; `records<T>()` types it.
  records<Parsed = any>(): Parsed[]
  /** Returns the newest line, parsed; `undefined` if there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  last<Parsed = any>(): Parsed | undefined
  /**
   * Waits until there are at least `count` records, and returns them all. Use it after a request, because a client may
   * have its response a moment before the record is written.
   *
   * @param timeoutMs how long to wait, milliseconds; 5000 by default. The process stays alive meanwhile
   * @returns a promise, which is rejected after the timeout with an Error that has the number of records there were
   * @throws AuditLogError `ERR_AUDIT_OPTIONS` if an argument is missing or wrong
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  waitFor<Parsed = any>(count: number, timeoutMs?: number): Promise<Parsed[]>
}

const DEFAULT_TIMEOUT_MS = 5000
const WAIT_CHECKS: Checks<{ count: number; timeoutMs: number }> = {
  count: { ...checkInteger(0, 2 ** 32), isRequired: true },
  timeoutMs: checkInteger(0, 2 ** 31 - 1),
}

/**
 * Stores every line in memory, without a limit. For tests only.
 *
 * @example
 * const sink = memory()
 * app.use(auditLog({ sink }))
 * await request(app).get('/persons')
 * const [record] = await sink.waitFor(1)
 * expect(record.audit.http_response.status_code).toBe(200)
 */
export function memory(): MemorySink {
  const lines: string[] = []
  // Any number of callers may wait.
  const emitter = new EventEmitter().setMaxListeners(0)
  const records = () => lines.map((line) => JSON.parse(line))
  return {
    lines,
    records,
    last: () => {
      const line = lines.at(-1)
      return line === undefined ? undefined : JSON.parse(line)
    },
    write(line) {
      lines.push(line)
      emitter.emit('line')
    },
    waitFor(count, timeoutMs = DEFAULT_TIMEOUT_MS) {
      checkOptions({ count, timeoutMs }, WAIT_CHECKS)
      return new Promise((resolve, reject) => {
        // Keeps the process alive until then: otherwise a script would end in the middle of an `await`, without a word.
        const timer = setTimeout(() => {
          emitter.off('line', check)
          reject(new Error(`Expected ${count} audit records within ${timeoutMs} ms, got ${lines.length}`))
        }, timeoutMs)
        function check(): void {
          if (lines.length < count) return
          clearTimeout(timer)
          emitter.off('line', check)
          resolve(records())
        }
        emitter.on('line', check)
        check()
      })
    },
  }
}
