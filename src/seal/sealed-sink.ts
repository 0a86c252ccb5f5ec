// The last step before the sink: gives each line its place in the tree.
import { type LineTemplate, type SealedLine, sealLine } from '../evidence/sealed-line.js'
import { isLineBegun, type Sink, writesAtOnce } from '../sinks/sink.js'
import { repeatUntilAnswered } from './repeat-until-answered.js'
import type { RunTree } from './run-tree.js'

/** Lines with a place that were not accepted, and that nobody writes again. */
const MAX_UNACCEPTED = 10_000

/** A line that has no place yet. It is written again as the same object. */
export interface UnsealedLine {
  readonly template?: LineTemplate | undefined
}

/**
 * Writes templates to a sink, as lines. A line takes the next place when the sink has it; a line that the
 * sink refuses leaves its place to the next one.
 */
export class SealedSink {
  readonly #sink: Sink
  readonly #tree: RunTree
  /**
   * The lines whose place is taken though they were not accepted: the sink has begun them, or has yet to confirm
   * that they are on the disk. When they are written again, they must be the same lines.
   */
  readonly #unaccepted = new Map<UnsealedLine, string>()
  readonly #timeoutMs: number
  /** Whether the sink owes an answer, without which it is not known whether it has taken the place. */
  #isUnanswered = false
  /** Settles when the sink has answered for the line that it was given last, or is overdue; then `undefined`. */
  #answeredOrOverdue: Promise<void> | undefined
  /** Settles when the last of the lines that wait for each other is answered or overdue; `undefined` when none waits. */
  #turn: Promise<void> | undefined

  /** @param timeoutMs after which a line that the sink has not answered for is written again */
  constructor(sink: Sink, tree: RunTree, timeoutMs: number) {
    this.#sink = sink
    this.#tree = tree
    this.#timeoutMs = timeoutMs
  }

  open(): void {
    this.#sink.open?.()
  }

  write(unsealed: UnsealedLine): void | Promise<void> {
    const written = this.#unaccepted.get(unsealed)
    if (written !== undefined) return this.#writeAgain(unsealed, written)
    if (writesAtOnce(this.#sink)) return this.#writeAtOnce(unsealed)
    if (this.#turn !== undefined) return this.#writeInTurn(this.#turn, unsealed)
    const result = this.#writeNext(unsealed)
    if (this.#answeredOrOverdue !== undefined) this.#setTurn(this.#answeredOrOverdue)
    return result
  }

  #writeInTurn(turn: Promise<void>, unsealed: UnsealedLine): Promise<void> {
    const write = turn.then(() => this.#writeNext(unsealed))
    // Runs after the step above, which has begun a write or failed.
    this.#setTurn(turn.then(() => this.#answeredOrOverdue))
    return write
  }

  /** @throws what the sink throws, or an error while it is overdue with an earlier line */
  #writeNext(unsealed: UnsealedLine): void | Promise<void> {
    if (this.#isUnanswered)
      throw new Error(`the sink has not answered for an earlier record in ${this.#timeoutMs} ms`)
    const sealed = sealLine(unsealed.template as LineTemplate, this.#tree.size)
    const result = this.#hand(unsealed, sealed)
    if (result !== undefined) return this.#awaitAnswer(sealed, result)
    this.#tree.append(sealed.hash)
  }

  #awaitAnswer({ line, hash }: SealedLine, firstWrite: Promise<void>): Promise<void> {
    const [sink, timeoutMs] = [this.#sink, this.#timeoutMs]
    this.#isUnanswered = true
    let endTurn = () => {}
    this.#answeredOrOverdue = new Promise((resolve) => {
      endTurn = () => {
        this.#answeredOrOverdue = undefined
        resolve()
      }
    })
    const acceptance = repeatUntilAnswered({ sink, line, firstWrite, timeoutMs, onOverdue: endTurn })
    return acceptance
      .then(() => this.#tree.append(hash))
      .finally(() => {
        this.#isUnanswered = false
        endTurn()
      })
  }

  /** The line is in the log when `write` returns. What the sink answers later is whether it is on the disk. */
  #writeAtOnce(unsealed: UnsealedLine): void | Promise<void> {
    const sealed = sealLine(unsealed.template as LineTemplate, this.#tree.size)
    const result = this.#hand(unsealed, sealed)
    this.#tree.append(sealed.hash)
    return result === undefined ? undefined : this.#keepUntil(result, unsealed, sealed.line)
  }

  #hand(unsealed: UnsealedLine, { line, hash }: SealedLine): void | Promise<void> {
    try {
      return this.#sink.write(line)
    } catch (error) {
      // It will be finished before any other line.
      if (isLineBegun(error)) {
        this.#keep(unsealed, line)
        this.#tree.append(hash)
      }
      throw error
    }
  }

  #writeAgain(unsealed: UnsealedLine, line: string): void | Promise<void> {
    const result = this.#sink.write(line)
    if (result !== undefined) return this.#keepUntil(result, unsealed, line)
    this.#unaccepted.delete(unsealed)
  }

  #keepUntil(result: Promise<void>, unsealed: UnsealedLine, line: string): Promise<void> {
    this.#keep(unsealed, line)
    return result.then(() => void this.#unaccepted.delete(unsealed))
  }

  /** A caller that does not write its line again (`failClosed`) would leave it here. */
  #keep(unsealed: UnsealedLine, line: string): void {
    this.#unaccepted.set(unsealed, line)
    if (this.#unaccepted.size <= MAX_UNACCEPTED) return
    const [oldest] = this.#unaccepted.keys()
    if (oldest !== undefined) this.#unaccepted.delete(oldest)
  }

  #setTurn(turn: Promise<void>): void {
    this.#turn = turn
    void turn.then(() => {
      if (this.#turn === turn) this.#turn = undefined
    })
  }
}
