import { EventEmitter, once } from 'node:events'
import { addExitHook } from '../lib/exit-hooks.js'

export interface InFlightExchange {
  /** Where it stands among them; of nobody else's concern, so an exchange can be in one such collection. */
  slot: number
  /** Sends its record, because the process is going down. */
  endNow(): void
}

/** What is in flight, so that it can be recorded when the process goes down, and waited for before it does. */
export class InFlightExchanges {
  /** Not a Set: that grows, shrinks and is made anew all the time, which took 1 us a request. */
  readonly #open: InFlightExchange[] = []
  readonly #emptied = new EventEmitter()
  #isWatching = false

  add(exchange: InFlightExchange): void {
    this.#watch()
    exchange.slot = this.#open.push(exchange) - 1
  }

  delete(exchange: InFlightExchange): void {
    if (this.#open[exchange.slot] !== exchange) return
    const last = this.#open.pop() as InFlightExchange
    if (last !== exchange) {
      this.#open[exchange.slot] = last
      last.slot = exchange.slot
    }
    if (this.#open.length === 0) this.#emptied.emit('empty')
  }

  get size(): number {
    return this.#open.length
  }

  /** Waits until nothing is in flight, but no longer than this. */
  async whenEmpty(timeoutMs: number): Promise<void> {
    if (this.#open.length === 0) return
    await once(this.#emptied, 'empty', { signal: AbortSignal.timeout(timeoutMs) }).catch(() => {})
  }

  /** In a function of its own: what is called at the exit would keep alive what `add` was given first. */
  #watch(): void {
    if (!this.#isWatching) addExitHook('end exchanges', () => this.#endAll())
    this.#isWatching = true
  }

  #endAll(): void {
    // A copy, as one that ends may end others.
    for (const exchange of [...this.#open]) exchange.endNow()
  }
}
