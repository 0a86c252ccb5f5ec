import { fdatasync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'

const syncData = promisify(fdatasync)

/**
 * Group commit: all writes of one turn of the event loop, and those that arrive while an earlier fdatasync(2) is running,
 * share the next fdatasync(2).
 */
export class GroupCommit {
  readonly #descriptor: number
  /** The next commit, which further callers may join until it starts. */
  #next: Promise<void> | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  /**
   * Waits until everything written so far is on the disk.
   *
   * @throws the error of fdatasync(2); then nothing that was written since the last success is known to be on the disk
   */
  commit(): Promise<void> {
    this.#next ??= this.#syncAfter(this.#running)
    return this.#next
  }

  /** Waits until no fdatasync(2) uses the descriptor, so that it can be closed. */
  async waitUntilIdle(): Promise<void> {
    await this.#next?.catch(() => {})
    await this.#running.catch(() => {})
  }

  async #syncAfter(previous: Promise<void>): Promise<void> {
    await previous.catch(() => {})
    await nextTurn()
    this.#next = undefined
    this.#running = syncData(this.#descriptor)
    await this.#running
  }
}
