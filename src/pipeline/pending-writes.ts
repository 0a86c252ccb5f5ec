import { type Line, lineBytes } from './line-queue.js'

/**
 * Decides about a line that is overdue: `keep` waits for a late answer of the sink; `forget` drops the line here, because the
 * caller disposes of it.
 */
export type TimeoutAction = 'keep' | 'forget'

interface PendingWritesOptions {
  /** The most bytes of lines for which the sink may owe an answer at a time. */
  readonly maxBytes: number
  /** After so many milliseconds without an answer a write is overdue. */
  readonly timeoutMs: number
  readonly onAccept: (wasOverdue: boolean) => void
  readonly onReject: (line: Line, error: unknown, wasOverdue: boolean) => void
  readonly onTimeout: (line: Line) => void
}

/**
 * Lines that were written to an asynchronous sink, which has not answered yet. A line that is overdue stays here: the sink
 * may still write it, so that another attempt could write it twice.
 */
export class PendingWrites {
  readonly #options: PendingWritesOptions
  /** Each with whether the sink accepts it in time. */
  readonly #acceptances = new Map<Line, Promise<boolean>>()
  readonly #overdue = new Set<Line>()
  #bytes = 0

  constructor(options: PendingWritesOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#acceptances.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get hasOverdue(): boolean {
    return this.#overdue.size > 0
  }

  has(line: Line): boolean {
    return this.#acceptances.has(line)
  }

  /** A first line always has room: without a write there is no sign that the sink has recovered. */
  hasRoomFor(line: Line): boolean {
    return this.#acceptances.size === 0 || this.#bytes + lineBytes(line) <= this.#options.maxBytes
  }

  /**
   * Follows a write until the sink accepts or rejects it, or the timeout passes.
   *
   * @returns whether the sink accepts the line in time
   */
  add(line: Line, write: Promise<unknown>, timeoutAction: TimeoutAction): Promise<boolean> {
    const { timeoutMs, onAccept, onReject, onTimeout } = this.#options
    const acceptance = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        if (timeoutAction === 'forget') this.#remove(line)
        else this.#overdue.add(line)
        onTimeout(line)
        resolve(false)
      }, timeoutMs).unref()
      const settle = (isAccepted: boolean, error?: unknown) => {
        clearTimeout(timer)
        const wasOverdue = this.#overdue.delete(line)
        if (!this.#remove(line)) return
        if (isAccepted) onAccept(wasOverdue)
        else onReject(line, error, wasOverdue)
        resolve(isAccepted)
      }
      write.then(
        () => settle(true),
        (error) => settle(false, error),
      )
    })
    this.#acceptances.set(line, acceptance)
    this.#bytes += lineBytes(line)
    return acceptance
  }

  /** Removes the line that has been overdue for the longest time. What the sink answers for it later is ignored. */
  takeOldestOverdue(): Line | undefined {
    const [line] = this.#overdue
    if (line === undefined) return undefined
    this.#overdue.delete(line)
    this.#remove(line)
    return line
  }

  /** Waits for the writes that are pending now: under steady traffic there are always more. */
  waitUntilSettled(): Promise<unknown> {
    return Promise.all(this.#acceptances.values())
  }

  #remove(line: Line): boolean {
    if (!this.#acceptances.delete(line)) return false
    this.#bytes -= lineBytes(line)
    return true
  }
}
