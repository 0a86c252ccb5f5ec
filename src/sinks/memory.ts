import { EventEmitter, once } from 'node:events'
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
   * @param timeoutMs how long to wait, milliseconds; 5000 by default
   * @throws Error with the number of records there were, after the timeout
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  waitFor<Parsed = any>(count: number, timeoutMs?: number): Promise<Parsed[]>
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
  const emitter = new EventEmitter()
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
    async waitFor(count, timeoutMs = 5000) {
      const signal = AbortSignal.timeout(timeoutMs)
      while (lines.length < count) {
        await once(emitter, 'line', { signal }).catch((cause) => {
          throw new Error(`Expected ${count} audit records within ${timeoutMs} ms, got ${lines.length}`, {
            cause,
          })
        })
      }
      return records()
    },
  }
}
