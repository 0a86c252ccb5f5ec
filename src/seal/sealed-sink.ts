// The last step before the sink: gives each line its place in the tree.
import type { GrowingTree } from '../evidence/merkle-tree.js'
import { type SealedLine, sealLine } from '../evidence/sealed-line.js'
import { isLineBegun, type Sink, writesAtOnce } from '../sinks/sink.js'

/** Lines with a place that were not accepted, and that nobody writes again. */
const MAX_UNACCEPTED = 10_000

/**
 * Writes templates (src/evidence/sealed-line.ts) to a sink, as lines. A line takes the next place when the sink has it; a line that the
 * sink refuses leaves its place to the next one.
 */
export class SealedSink implements Sink {
  readonly #sink: Sink
  readonly #tree: GrowingTree
  /**
   * The lines whose place is taken though they were not accepted, by their template: the sink has begun them, or has yet to confirm
   * that they are on the disk. When they are written again, they must be the same lines.
   */
  readonly #unaccepted = new Map<string, string>()
  /** The last of the writes that wait for each other; `undefined` when the sink owes no answer. */
  #lastWrite: Promise<void> | undefined

  constructor(sink: Sink, tree: GrowingTree) {
    this.#sink = sink
    this.#tree = tree
  }

  open(): void {
    this.#sink.open?.()
  }

  write(template: string): void | Promise<void> {
    const written = this.#unaccepted.get(template)
    if (written !== undefined) return this.#writeAgain(template, written)
    if (writesAtOnce(this.#sink)) return this.#writeAtOnce(template)
    // Until the sink has answered it is not known whether it has taken the place.
    if (this.#lastWrite !== undefined)
      return this.#follow(this.#lastWrite.then(() => this.#writeNext(template)))
    const result = this.#writeNext(template)
    return result === undefined ? undefined : this.#follow(result)
  }

  close(): void | Promise<void> {
    return this.#sink.close?.()
  }

  /** @throws what the sink throws */
  #writeNext(template: string): void | Promise<void> {
    const sealed = sealLine(template, this.#tree.size)
    const result = this.#hand(template, sealed)
    if (result === undefined) {
      this.#tree.append(sealed.leaf)
      return
    }
    return Promise.resolve(result).then(() => this.#tree.append(sealed.leaf))
  }

  /** The line is in the log when `write` returns. What the sink answers later is whether it is on the disk. */
  #writeAtOnce(template: string): void | Promise<void> {
    const sealed = sealLine(template, this.#tree.size)
    const result = this.#hand(template, sealed)
    this.#tree.append(sealed.leaf)
    return result === undefined ? undefined : this.#keepUntil(result, template, sealed.line)
  }

  #hand(template: string, { line, leaf }: SealedLine): void | Promise<void> {
    try {
      return this.#sink.write(line)
    } catch (error) {
      // It will be finished before any other line.
      if (isLineBegun(error)) {
        this.#keep(template, line)
        this.#tree.append(leaf)
      }
      throw error
    }
  }

  #writeAgain(template: string, line: string): void | Promise<void> {
    const result = this.#sink.write(line)
    if (result !== undefined) return this.#keepUntil(result, template, line)
    this.#unaccepted.delete(template)
  }

  #keepUntil(result: Promise<void>, template: string, line: string): Promise<void> {
    this.#keep(template, line)
    return result.then(() => void this.#unaccepted.delete(template))
  }

  /** A caller that does not write its line again (`failClosed`) would leave it here. */
  #keep(template: string, line: string): void {
    this.#unaccepted.set(template, line)
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
