import type { LineTemplate } from '../evidence/sealed-line.js'

/**
 * One serialized record on its way to the sink. With `mergeWorkers`, any number of whole lines that a worker printed,
 * which are written together.
 */
export interface Line {
  /** Ends in `\n`; with `mergeWorkers`, not if a worker printed more than 1 MiB without one. */
  readonly text: string
  /** Its number in the sequence of this process; lines are written in this order. */
  readonly seq: number
  /** Only in a sealed log: the line gets its place and its hash when it is written. `text` is the line without them. */
  readonly template?: LineTemplate
}

export function lineBytes({ text }: Line): number {
  return Buffer.byteLength(text)
}

/** How many removed lines stay in the array before they are spliced off together. */
const MAX_REMOVED = 1024

/**
 * The bounded buffer of an outage: lines in the order of `seq`, oldest first. Removing the first takes the same time
 * however many there are.
 */
export class LineQueue {
  readonly #maxBytes: number
  readonly #lines: Line[] = []
  /** The first so many of `#lines` were removed already. */
  #removed = 0
  #bytes = 0
  /** Lines from this `seq` on are refused. */
  #refusedFromSeq = Number.POSITIVE_INFINITY

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get length(): number {
    return this.#lines.length - this.#removed
  }

  get first(): Line | undefined {
    return this.#lines[this.#removed]
  }

  /**
   * Adds a line. Once one line was refused for want of space, later ones are refused too until the queue is empty, so that
   * the lost lines are one contiguous range. An empty queue takes a line of any size, since a retry needs a line to try.
   *
   * @returns false when the line was refused
   */
  add(line: Line): boolean {
    const bytes = lineBytes(line)
    if (this.#bytes === 0) this.#refusedFromSeq = Number.POSITIVE_INFINITY
    else if (this.#bytes + bytes > this.#maxBytes) {
      this.#refusedFromSeq = Math.min(this.#refusedFromSeq, line.seq)
    }
    if (line.seq >= this.#refusedFromSeq) return false
    this.#bytes += bytes
    this.#insert(line)
    return true
  }

  /** Removes the first line. Its space stays reserved until `putBack` or `release`, as the sink may still reject the line. */
  takeFirst(): void {
    this.#removed += 1
    if (this.#removed < MAX_REMOVED && this.#removed < this.#lines.length) return
    this.#lines.splice(0, this.#removed)
    this.#removed = 0
  }

  /** Returns a line that was taken to its place. */
  putBack(line: Line): void {
    this.#insert(line)
  }

  /** Frees the space of a line that was taken. */
  release(line: Line): void {
    this.#bytes -= lineBytes(line)
  }

  /** Inserts by `seq`, which is nearly always at the end. */
  #insert(line: Line): void {
    let index = this.#lines.length
    while (index > this.#removed && (this.#lines[index - 1] as Line).seq > line.seq) index -= 1
    this.#lines.splice(index, 0, line)
  }
}
