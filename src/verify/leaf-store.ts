// The leaves of one run by index, in 33 bytes each: a million records fit in memory many times.
import { HASH_BYTES } from '../evidence/merkle-tree.js'

const PAGE_ENTRIES = 4096
const PAGE_BYTES = PAGE_ENTRIES * HASH_BYTES

interface Page {
  readonly hashes: Buffer
  /** 1 for an index that was seen. */
  readonly seen: Uint8Array
}

/** Indices come in any order, and a hostile one may be far away: pages are allocated when they are needed. */
export class LeafStore {
  readonly #pages = new Map<number, Page>()
  #count = 0

  /** The number of indices that were seen. */
  get count(): number {
    return this.#count
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
      page = { hashes: Buffer.alloc(PAGE_BYTES), seen: new Uint8Array(PAGE_ENTRIES) }
      this.#pages.set(number, page)
    }
    const place = index % PAGE_ENTRIES
    if (page.seen[place] === 1) return
    leaf.copy(page.hashes, place * HASH_BYTES)
    page.seen[place] = 1
    this.#count += 1
  }

  /** The indices below `end` that were not seen, as ranges with both ends. */
  missingBelow(end: number): (readonly [first: number, last: number])[] {
    const ranges: (readonly [number, number])[] = []
    let start: number | undefined
    for (let index = 0; index < end; index++) {
      const isSeen = this.get(index) !== undefined
      if (!isSeen) start ??= index
      else if (start !== undefined) {
        ranges.push([start, index - 1])
        start = undefined
      }
    }
    if (start !== undefined) ranges.push([start, end - 1])
    return ranges
  }

  /** The number of indices from `start` on. */
  countFrom(start: number): number {
    let count = 0
    for (const [number, { seen }] of this.#pages) {
      const first = number * PAGE_ENTRIES
      for (const [place, isSeen] of seen.entries()) if (isSeen === 1 && first + place >= start) count += 1
    }
    return count
  }
}
