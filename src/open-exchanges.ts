import { EventEmitter, once } from 'node:events'
import { runAtExit } from './at-exit.js'

export interface InFlight {
  /** Sends its record, because the process is going down. */
  endNow(): void
}

/** What is in flight, so that it can be recorded when the process goes down, and waited for before it does. */
export class OpenExchanges {
  readonly #open = new Set<InFlight>()
  readonly #emptied = new EventEmitter()
  #isWatching = false

  add(exchange: InFlight): void {
    this.#watch()
    this.#open.add(exchange)
  }

  delete(exchange: InFlight): void {
    if (this.#open.delete(exchange) && this.#open.size === 0) this.#emptied.emit('empty')
  }

  get size(): number {
    return this.#open.size
  }

  /** Waits until nothing is in flight, but no longer than this. */
  async whenEmpty(timeoutMs: number): Promise<void> {
    if (this.#open.size === 0) return
    await once(this.#emptied, 'empty', { signal: AbortSignal.timeout(timeoutMs) }).catch(() => {})
  }

  /** In a function of its own: what is called at the exit would keep alive what `add` was given first. */
  #watch(): void {
    if (!this.#isWatching) runAtExit('end exchanges', () => this.#endAll())
    this.#isWatching = true
  }

  #endAll(): void {
    for (const exchange of this.#open) exchange.endNow()
  }
}
