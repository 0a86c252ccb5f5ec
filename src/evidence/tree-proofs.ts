// Proofs about a Merkle tree (RFC 6962 section 2.1.1 and 2.1.2), checked by the steps of RFC 9162 section 2.1.3.2 and 2.1.4.2.
import { EMPTY_ROOT, HASH_BYTES, hashNode } from './merkle-tree.js'

/**
 * The whole tree of some entries, for proofs. Has about twice as many hashes in memory as there are entries.
 *
 * @example
 * const tree = new CompleteTree(leaves)
 * isIncluded({ index: 2, size: 5, leaf: leaves[2], proof: tree.proveInclusion(2, 5), root: tree.rootOf(5) })   // true
 */
export class CompleteTree {
  /** The hashes of the nodes that have a whole subtree below them, by their height. The leaves have the height 0. */
  readonly #levels: readonly Buffer[]

  constructor(leaves: readonly Buffer[]) {
    const levels = [Buffer.concat(leaves)]
    for (let level = levels[0] as Buffer; level.length > HASH_BYTES; ) {
      const next = Buffer.allocUnsafe(Math.floor(level.length / (2 * HASH_BYTES)) * HASH_BYTES)
      for (let index = 0; index < next.length / HASH_BYTES; index++)
        hashNode(readHash(level, 2 * index), readHash(level, 2 * index + 1)).copy(next, index * HASH_BYTES)
      levels.push(next)
      level = next
    }
    this.#levels = levels
  }

  /** The root when the tree had its first `size` entries. */
  rootOf(size: number): Buffer {
    return size === 0 ? EMPTY_ROOT : this.#hash(0, size)
  }

  /** The hashes by which the leaf at `index` leads to the root of the first `size` entries. */
  proveInclusion(index: number, size: number): Buffer[] {
    return this.#path(index, 0, size)
  }

  /** The hashes that show that a tree of `size` entries begins with the first `oldSize` ones. */
  proveConsistency(oldSize: number, size: number): Buffer[] {
    return oldSize === 0 || oldSize === size ? [] : this.#subproof(oldSize, 0, size, true)
  }

  /** The hash of the entries from `start` to `end`. */
  #hash(start: number, end: number): Buffer {
    const size = end - start
    const height = Math.log2(size)
    if (Number.isInteger(height)) return readHash(this.#levels[height] as Buffer, start / size)
    const middle = start + largestPowerBelow(size)
    return hashNode(this.#hash(start, middle), this.#hash(middle, end))
  }

  #path(index: number, start: number, end: number): Buffer[] {
    if (end - start === 1) return []
    const middle = start + largestPowerBelow(end - start)
    return index < middle
      ? [...this.#path(index, start, middle), this.#hash(middle, end)]
      : [...this.#path(index, middle, end), this.#hash(start, middle)]
  }

  /** @param isOld whether the entries from `start` to `end` are the whole old tree, whose root the verifier has */
  #subproof(oldSize: number, start: number, end: number, isOld: boolean): Buffer[] {
    if (oldSize === end) return isOld ? [] : [this.#hash(start, end)]
    const middle = start + largestPowerBelow(end - start)
    return oldSize <= middle
      ? [...this.#subproof(oldSize, start, middle, isOld), this.#hash(middle, end)]
      : [...this.#subproof(oldSize, middle, end, false), this.#hash(start, middle)]
  }
}

function readHash(level: Buffer, index: number): Buffer {
  return level.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
}

/** The largest power of two below a number above 1. */
function largestPowerBelow(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

/** Whether a proof leads from a leaf to a root. */
export function isIncluded({
  index,
  size,
  leaf,
  proof,
  root,
}: {
  readonly index: number
  readonly size: number
  readonly leaf: Buffer
  readonly proof: readonly Buffer[]
  readonly root: Buffer
}): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false
  let node = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      hash = hashNode(sibling, hash)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else hash = hashNode(hash, sibling)
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && hash.equals(root)
}

/** Whether a proof shows that the tree of `size` entries begins with the tree of `oldSize` entries. */
export function isConsistent({
  oldSize,
  size,
  oldRoot,
  root,
  proof,
}: {
  readonly oldSize: number
  readonly size: number
  readonly oldRoot: Buffer
  readonly root: Buffer
  readonly proof: readonly Buffer[]
}): boolean {
  if (oldSize > size) return false
  if (oldSize === size) return proof.length === 0 && oldRoot.equals(root)
  if (oldSize === 0) return proof.length === 0 && oldRoot.equals(EMPTY_ROOT)
  let node = oldSize - 1
  let last = size - 1
  while (isOdd(node)) [node, last] = [half(node), half(last)]
  // The root of a whole old tree is known, so the proof does not have it.
  const [first, ...rest] = node === 0 ? [oldRoot, ...proof] : proof
  if (first === undefined) return false
  let oldHash = first
  let hash = first
  for (const sibling of rest) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      oldHash = hashNode(sibling, oldHash)
      hash = hashNode(sibling, hash)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else hash = hashNode(hash, sibling)
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && oldHash.equals(oldRoot) && hash.equals(root)
}

// Not by bits: JavaScript's have 32.
function isOdd(number: number): boolean {
  return number % 2 === 1
}

function half(number: number): number {
  return Math.floor(number / 2)
}
