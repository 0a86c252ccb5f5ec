import { EventEmitter } from 'node:events'
import { addExitHook } from '../lib/exit-hooks.js'

export interface InFlightExchange {
  /** Its index in the collection, which alone writes it. An exchange can be in one collection only. */
  index: number
  /** Sends the record, because the process exits. */
  endAtExit(): void
}

/** The exchanges in flight: `close()` waits for them, and at process exit they send their records. */
export class InFlightExchanges {
  /** An array rather than a Set, which grows and shrinks its table all the time (hot path). */
  readonly #exchanges: InFlightExchange[] = []
  readonly #emitter = new EventEmitter()
  #hasExitHook = false

  add(exchange: InFlightExchange): void {
    this.#addExitHook()
    exchange.index = this.#exchanges.push(exchange) - 1
  }

  /** The last exchange takes the place of the deleted one. */
  delete(exchange: InFlightExchange): void {
    if (this.#exchanges[exchange.index] !== exchange) return
    const last = this.#exchanges.pop() as InFlightExchange
    if (last !== exchange) {
      this.#exchanges[exchange.index] = last
      last.index = exchange.index
    }
    if (this.#exchanges.length === 0) this.#emitter.emit('empty')
  }

  get size(): number {
    return this.#exchanges.length
  }

  /** Resolves when no exchange is in flight, or after `timeoutMs`. The process stays alive meanwhile. */
  whenEmpty(timeoutMs: number): Promise<void> {
    if (this.#exchanges.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#emitter.off('empty', end)
        resolve()
      }
      const timer = setTimeout(end, timeoutMs)
      this.#emitter.once('empty', end)
    })
  }

  /** A method of its own, because a closure created in `add` would keep the first exchange in memory. */
  #addExitHook(): void {
    if (!this.#hasExitHook) addExitHook('end exchanges', () => this.#endAll())
    this.#hasExitHook = true
  }

  #endAll(): void {
    // A copy, because an exchange that ends may end others.
    for (const exchange of [...this.#exchanges]) exchange.endAtExit()
  }
}
