import { EventEmitter, once } from 'node:events'
import type { Sink } from './sink.js'

/** A sink that keeps what it is given, for tests. */
export interface MemorySink extends Sink {
  /** The lines as they would have left, each with its `\n`. */
  readonly lines: string[]
  /** The lines, parsed. The type is yours to name: it follows from the `format` you chose. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any depth of it; `records<T>()` is there for more.
  records<Parsed = any>(): Parsed[]
  /** The newest record, parsed; `undefined` where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  last<Parsed = any>(): Parsed | undefined
  /**
   * The records as soon as there are at least `count`: a client may have its response a moment before the record
   * is written.
   *
   * @param timeoutMs how long to wait, milliseconds
   * @throws an error that says how many there were, when the time is up
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  waitFor<Parsed = any>(count: number, timeoutMs?: number): Promise<Parsed[]>
}

/**
 * Keeps every line in memory. It grows without bound: for tests only.
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
  const arrivals = new EventEmitter()
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
      arrivals.emit('line')
    },
    async waitFor(count, timeoutMs = 5000) {
      const signal = AbortSignal.timeout(timeoutMs)
      while (lines.length < count) {
        await once(arrivals, 'line', { signal }).catch((cause) => {
          throw new Error(`Expected ${count} audit records within ${timeoutMs} ms, got ${lines.length}`, {
            cause,
          })
        })
      }
      return records()
    },
  }
}
