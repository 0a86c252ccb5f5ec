import { EventEmitter, once } from 'node:events'
import { runAtExit } from './at-exit.js'

/** What is in flight, so that it can be recorded when the process goes down, and waited for before it does. */
export class OpenExchanges {
  readonly #endings = new Set<() => void>()
  readonly #emptied = new EventEmitter()
  #isWatching = false

  /**
   * @param endNow sends the record of the exchange, because the process is going down
   * @returns to be called when the exchange has ended
   */
  add(endNow: () => void): () => void {
    this.#watch()
    this.#endings.add(endNow)
    return () => {
      if (this.#endings.delete(endNow) && this.#endings.size === 0) this.#emptied.emit('empty')
    }
  }

  get size(): number {
    return this.#endings.size
  }

  /** Waits until nothing is in flight, but no longer than this. */
  async whenEmpty(timeoutMs: number): Promise<void> {
    if (this.#endings.size === 0) return
    await once(this.#emptied, 'empty', { signal: AbortSignal.timeout(timeoutMs) }).catch(() => {})
  }

  /** In a function of its own: what is called at the exit would keep alive what `add` was given first. */
  #watch(): void {
    if (!this.#isWatching) runAtExit('end exchanges', () => this.#endAll())
    this.#isWatching = true
  }

  #endAll(): void {
    for (const endNow of this.#endings) endNow()
  }
}
