// The leaves of one run by index, in about 34 bytes each: a million records fit in memory many times.
import { HASH_BYTES } from '../evidence/merkle-tree.js'

/** Small, because lines come from a stranger: each may name an index far from all others. */
const PAGE_ENTRIES = 64

interface Page {
  readonly hashes: Buffer
  /** 1 for an index that was seen. */
  readonly seen: Uint8Array
}

/** Both ends belong to it. */
export interface IndexRange {
  readonly first: number
  readonly last: number
}

/** Indices come in any order, so pages are allocated when they are needed. */
export class LeafStore {
  readonly #pages = new Map<number, Page>()
  #count = 0
  #end = 0

  /** The number of indices that were seen. */
  get count(): number {
    return this.#count
  }

  /** The index behind the last one that was seen. */
  get end(): number {
    return this.#end
  }

  get(index: number): Buffer | undefined {
    const page = this.#pages.get(Math.floor(index / PAGE_ENTRIES))
    const place = index % PAGE_ENTRIES
    if (page?.seen[place] !== 1) return undefined
    return page.hashes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES)
  }

  /** Keeps the first leaf of an index. */
  add(index: number, leaf: Buffer): void {
    const number = Math.floor(index / PAGE_ENTRIES)
    let page = this.#pages.get(number)
    if (page === undefined) {
      page = { hashes: Buffer.alloc(PAGE_ENTRIES * HASH_BYTES), seen: new Uint8Array(PAGE_ENTRIES) }
      this.#pages.set(number, page)
    }
    const place = index % PAGE_ENTRIES
    if (page.seen[place] === 1) return
    leaf.copy(page.hashes, place * HASH_BYTES)
    page.seen[place] = 1
    this.#count += 1
    if (index >= this.#end) this.#end = index + 1
  }

  /** The ranges from `start` to below `end` that were not seen. Takes time by what was seen, not by how far away `end` is. */
  missingBetween(start: number, end: number): IndexRange[] {
    const ranges: IndexRange[] = []
    let next = start
    for (const index of this.#indices()) {
      if (index >= end) break
      if (index < next) continue
      if (index > next) ranges.push({ first: next, last: index - 1 })
      next = index + 1
    }
    if (next < end) ranges.push({ first: next, last: end - 1 })
    return ranges
  }

  /** The number of indices from `start` on. */
  countFrom(start: number): number {
    let count = 0
    for (const index of this.#indices()) if (index >= start) count += 1
    return count
  }

  /** In ascending order. */
  *#indices(): Generator<number> {
    const numbers = [...this.#pages.keys()].sort((first, second) => first - second)
    for (const number of numbers) {
      const { seen } = this.#pages.get(number) as Page
      for (let place = 0; place < PAGE_ENTRIES; place++)
        if (seen[place] === 1) yield number * PAGE_ENTRIES + place
    }
  }
}
