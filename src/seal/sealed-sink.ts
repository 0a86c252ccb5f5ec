// The last step before the sink: gives each line its place in the tree.
import { type LineTemplate, type SealedLine, sealLine } from '../evidence/sealed-line.js'
import { isLineBegun, type Sink, writesAtOnce } from '../sinks/sink.js'
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
  /** The last of the writes that wait for each other; `undefined` when the sink owes no answer. */
  #lastWrite: Promise<void> | undefined

  constructor(sink: Sink, tree: RunTree) {
    this.#sink = sink
    this.#tree = tree
  }

  open(): void {
    this.#sink.open?.()
  }

  write(unsealed: UnsealedLine): void | Promise<void> {
    const written = this.#unaccepted.get(unsealed)
    if (written !== undefined) return this.#writeAgain(unsealed, written)
    if (writesAtOnce(this.#sink)) return this.#writeAtOnce(unsealed)
    // Until the sink has answered it is not known whether it has taken the place.
    if (this.#lastWrite !== undefined)
      return this.#follow(this.#lastWrite.then(() => this.#writeNext(unsealed)))
    const result = this.#writeNext(unsealed)
    return result === undefined ? undefined : this.#follow(result)
  }

  close(): void | Promise<void> {
    return this.#sink.close?.()
  }

  /** @throws what the sink throws */
  #writeNext(unsealed: UnsealedLine): void | Promise<void> {
    const sealed = sealLine(unsealed.template as LineTemplate, this.#tree.size)
    const result = this.#hand(unsealed, sealed)
    if (result === undefined) {
      this.#tree.append(sealed.hash)
      return
    }
    return Promise.resolve(result).then(() => this.#tree.append(sealed.hash))
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

  #follow(write: Promise<void>): Promise<void> {
    const settled = write
      .catch(() => {})
      .then(() => {
        if (this.#lastWrite === settled) this.#lastWrite = undefined
      })
    this.#lastWrite = settled
    return write
  }
}
