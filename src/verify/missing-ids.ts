// The ids of records that are missing, as the records around them tell: an id is run and `seq`, and a run counts both `seq` and index.
import type { IndexRange } from './leaf-store.js'

/** Records that are not in the input. */
export interface MissingRange extends IndexRange {
  /** The ids of the first and the last one; `undefined` where the records around them do not tell. */
  readonly firstId: string | undefined
  readonly lastId: string | undefined
}

/** With `stages` and after losses index and `seq` run apart. More of such records are not remembered. */
const MAX_OTHERS = 10_000

export class SeqByIndex {
  /** `seq` less the index, of most records. */
  #offset: number | undefined
  /** The records with another one. */
  readonly #others = new Set<number>()

  add(index: number, seq: unknown): void {
    const offset = Number.isSafeInteger(seq) ? (seq as number) - index : undefined
    this.#offset ??= offset
    if (offset !== this.#offset && this.#others.size < MAX_OTHERS) this.#others.add(index)
  }

  /** If the records before and after the range count alike, so did those between them. */
  nameMissing(run: string, range: IndexRange, hasRecord: (index: number) => boolean): MissingRange {
    const isKnown = [range.first - 1, range.last + 1].every(
      (index) => hasRecord(index) && !this.#others.has(index),
    )
    const offset = isKnown && this.#others.size < MAX_OTHERS ? this.#offset : undefined
    const nameRecord = (index: number) => (offset === undefined ? undefined : `${run}-${index + offset}`)
    return { ...range, firstId: nameRecord(range.first), lastId: nameRecord(range.last) }
  }
}
