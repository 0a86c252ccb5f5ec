import { fdatasync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'

const sync = promisify(fdatasync)

/**
 * Makes what was written to a descriptor durable, with one fdatasync(2) for all who ask in the same turn of the
 * event loop, or while an earlier one is still under way.
 */
export class GroupCommit {
  readonly #descriptor: number
  #joinable: Promise<void> | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  /** @throws what the kernel says; then nothing that was written since the last success can be relied on. */
  durable(): Promise<void> {
    this.#joinable ??= this.#commit(this.#running)
    return this.#joinable
  }

  /** When nothing is under way on the descriptor any more. */
  async idle(): Promise<void> {
    await this.#joinable?.catch(() => {})
    await this.#running.catch(() => {})
  }

  async #commit(previous: Promise<void>): Promise<void> {
    await previous.catch(() => {})
    await nextTurn()
    this.#joinable = undefined
    this.#running = sync(this.#descriptor)
    await this.#running
  }
}
