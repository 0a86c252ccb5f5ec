// The leaves of one run by index, in about 40 bytes each: a million records fit in memory many times.
import { HASH_BYTES } from '../evidence/merkle-tree.js'

/** Few, because lines come from a stranger: each may name an index far from all others. */
const PAGE_ENTRIES = 4
const PAGE_BYTES = PAGE_ENTRIES * HASH_BYTES
/** Few as well: in a hostile input most runs may have one record. Each block has twice the pages of the one before. */
const FIRST_BLOCK_PAGES = 4

/** Both ends belong to it. */
export interface IndexRange {
  readonly first: number
  readonly last: number
}

interface Block {
  readonly hashes: Buffer
  /** A byte for each page, with a bit for each index that was seen. */
  readonly seen: Uint8Array
}

/** Indices come in any order, so pages are allocated when they are needed. */
export class LeafStore {
  /** Where each page is in the blocks, by its number in the order of indices. */
  readonly #pages = new Map<number, number>()
  readonly #blocks: Block[] = []
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
    const position = this.#pages.get(Math.floor(index / PAGE_ENTRIES))
    if (position === undefined) return undefined
    const number = findBlock(position)
    const { hashes, seen } = this.#blocks[number] as Block
    const page = position - startOf(number)
    const place = index % PAGE_ENTRIES
    if (((seen[page] as number) & (1 << place)) === 0) return undefined
    const start = page * PAGE_BYTES + place * HASH_BYTES
    return hashes.subarray(start, start + HASH_BYTES)
  }

  /**
   * Keeps the first leaf of an index.
   *
   * @param hash in base64url
   */
  add(index: number, hash: string): void {
    const position = this.#findPage(Math.floor(index / PAGE_ENTRIES))
    const number = findBlock(position)
    const { hashes, seen } = this.#blocks[number] as Block
    const page = position - startOf(number)
    const place = index % PAGE_ENTRIES
    const bits = seen[page] as number
    if ((bits & (1 << place)) !== 0) return
    hashes.write(hash, page * PAGE_BYTES + place * HASH_BYTES, HASH_BYTES, 'base64url')
    seen[page] = bits | (1 << place)
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

  #findPage(number: number): number {
    const known = this.#pages.get(number)
    if (known !== undefined) return known
    const position = this.#pages.size
    this.#pages.set(number, position)
    if (findBlock(position) === this.#blocks.length) {
      const pages = FIRST_BLOCK_PAGES * 2 ** this.#blocks.length
      this.#blocks.push({ hashes: Buffer.alloc(pages * PAGE_BYTES), seen: new Uint8Array(pages) })
    }
    return position
  }

  /** In ascending order. */
  *#indices(): Generator<number> {
    const numbers = Float64Array.from(this.#pages.keys()).sort()
    for (const number of numbers) {
      const position = this.#pages.get(number) as number
      const block = findBlock(position)
      const bits = (this.#blocks[block] as Block).seen[position - startOf(block)] as number
      for (let place = 0; place < PAGE_ENTRIES; place++)
        if ((bits & (1 << place)) !== 0) yield number * PAGE_ENTRIES + place
    }
  }
}

/** The number of the block that a page is in. */
function findBlock(position: number): number {
  return 31 - Math.clz32(Math.floor(position / FIRST_BLOCK_PAGES) + 1)
}

/** The position of the first page of a block. */
function startOf(block: number): number {
  return FIRST_BLOCK_PAGES * (2 ** block - 1)
}
