import { EventEmitter, once } from 'node:events'
import type { Sink } from 'http-audit-log'

/** A record that the sink has and has not answered for. */
export interface Gate {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any depth of it.
  readonly record: any
  accept(): void
  refuse(): void
}

/** A sink whose every answer is the test's to give. */
export function gatedSink(): Sink & { next(): Promise<Gate>; readonly waiting: number } {
  const gates: Gate[] = []
  const arrivals = new EventEmitter()
  return {
    write: (line) =>
      new Promise((resolve, reject) => {
        gates.push({
          record: JSON.parse(line).audit,
          accept: resolve,
          refuse: () => reject(new Error('refused by the test')),
        })
        arrivals.emit('gate')
      }),
    async next() {
      if (gates.length === 0) await once(arrivals, 'gate', { signal: AbortSignal.timeout(10_000) })
      return gates.shift() as Gate
    },
    get waiting() {
      return gates.length
    },
  }
}
