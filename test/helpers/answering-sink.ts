import { EventEmitter, once } from 'node:events'
import type { Sink } from 'http-audit-log'

export interface AnsweringSink extends Sink {
  /** Lines that it was given, in that order. */
  readonly lines: string[]
  /** Waits until it was given so many lines. */
  arrival(count: number): Promise<void>
  /** Says of the oldest line without an answer that it was written. Waits until there is one. */
  accept(): Promise<void>
}

/** A sink that says that it has written a line only when a test tells it to. */
export function answeringSink(): AnsweringSink {
  const lines: string[] = []
  const waiting: (() => void)[] = []
  const arrivals = new EventEmitter()
  async function arrival(count: number) {
    while (lines.length < count) await once(arrivals, 'line', { signal: AbortSignal.timeout(5000) })
  }
  return {
    lines,
    write: (line) =>
      new Promise((resolve) => {
        lines.push(line)
        waiting.push(resolve)
        arrivals.emit('line')
      }),
    arrival,
    async accept() {
      if (waiting.length === 0) await arrival(lines.length + 1)
      waiting.shift()?.()
    },
  }
}
