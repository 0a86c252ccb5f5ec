import type { SealedFacts } from '../evidence/sealed-formats/sealed-format.js'
import { describeFinding } from './describe-record.js'
import type { Finding } from './findings.js'

/** How many findings of a kind are listed. All are counted. */
export const MAX_LISTED = 100
/** Bounds the memory that a log which was changed throughout takes. */
const MAX_REMEMBERED = 1_000_000

/** The findings of one kind about the records of a run. */
export class FindingList {
  readonly #listed: Finding[] = []
  readonly #indices = new Set<number>()
  /** How many there are beyond those that are remembered. */
  #others = 0

  get listed(): readonly Finding[] {
    return this.#listed
  }

  get count(): number {
    return this.#indices.size + this.#others
  }

  /** The first finding about a record counts. */
  add(index: number, facts: SealedFacts, reason: string): void {
    if (this.#indices.has(index)) return
    if (this.#indices.size < MAX_REMEMBERED) this.#indices.add(index)
    else this.#others += 1
    if (this.#listed.length < MAX_LISTED) this.#listed.push(describeFinding(index, facts, reason))
  }

  /** How many there are from `first` to below `end`. */
  countBetween(first: number, end: number): number {
    let count = 0
    for (const index of this.#indices) if (index >= first && index < end) count += 1
    return count
  }
}
