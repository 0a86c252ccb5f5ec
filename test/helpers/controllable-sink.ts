import { EventEmitter, once } from 'node:events'
import { type MemorySink, memory } from 'http-audit-log'

/**
 * How the sink handles a line:
 * - `accept`: takes it at once
 * - `throw`, `reject`: refuses it, synchronously or with a promise
 * - `hold`: answers when the test calls `accept()` or `reject()` of the pending write
 * - `hang`: never answers
 */
export type SinkMode = 'accept' | 'throw' | 'reject' | 'hold' | 'hang'

/** A line that the sink has received and not answered. */
export interface PendingWrite {
  readonly line: string
  /** The audit record in the line. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any depth of it.
  readonly record: any
  accept(): void
  reject(): void
}

const TIMEOUT_MS = 10_000

/** A `memory()` of the accepted lines, where the test decides which lines are accepted. */
export class ControllableSink implements MemorySink {
  mode: SinkMode
  /** Every line that was received, in order of arrival. */
  readonly received: string[] = []
  /** Held lines without an answer, oldest first. */
  readonly pending: PendingWrite[] = []
  readonly #accepted = memory()
  /** Held lines that {@link next} has not returned yet. */
  readonly #unclaimed: PendingWrite[] = []
  readonly #arrivals = new EventEmitter()

  constructor(mode: SinkMode = 'accept') {
    this.mode = mode
  }

  /** The lines that were accepted, in the order of acceptance. */
  get lines(): string[] {
    return this.#accepted.lines
  }

  records: MemorySink['records'] = () => this.#accepted.records()
  last: MemorySink['last'] = () => this.#accepted.last()
  waitFor = this.#accepted.waitFor
  find = this.#accepted.find
  findAll = this.#accepted.findAll

  /** How many held lines {@link next} has not returned yet. */
  get unclaimedCount(): number {
    return this.#unclaimed.length
  }

  write(line: string): void | Promise<void> {
    this.received.push(line)
    this.#arrivals.emit('line')
    switch (this.mode) {
      case 'accept':
        return void this.#accepted.write(line)
      case 'throw':
        throw new Error('the sink is broken')
      case 'reject':
        return Promise.reject(new Error('the sink is broken'))
      case 'hold':
        return this.#hold(line)
      case 'hang':
        return new Promise(() => {})
    }
  }

  /** Waits until `count` lines were received. */
  async waitForReceived(count: number): Promise<void> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    while (this.received.length < count) await once(this.#arrivals, 'line', { signal })
  }

  /** The oldest held line that this method has not returned yet. Waits for one. */
  async next(): Promise<PendingWrite> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    while (this.#unclaimed.length === 0) await once(this.#arrivals, 'held', { signal })
    return this.#unclaimed.shift() as PendingWrite
  }

  /** Accepts the oldest held line without an answer. Waits for one. */
  async acceptOldest(): Promise<void> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    while (this.pending.length === 0) await once(this.#arrivals, 'held', { signal })
    this.pending[0]?.accept()
  }

  #hold(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (answer: () => void) => {
        const index = this.pending.indexOf(write)
        if (index !== -1) this.pending.splice(index, 1)
        answer()
      }
      const write: PendingWrite = {
        line,
        get record() {
          return JSON.parse(line).audit
        },
        accept: () =>
          settle(() => {
            void this.#accepted.write(line)
            resolve()
          }),
        reject: () => settle(() => reject(new Error('the sink refused the line'))),
      }
      this.pending.push(write)
      this.#unclaimed.push(write)
      this.#arrivals.emit('held')
    })
  }
}
