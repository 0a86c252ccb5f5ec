// The Merkle tree of RFC 6962 section 2.1. Its root, 32 bytes, changes with any change, removal or move of an entry.
import { hashText, sha256 } from './sha256.js'

/** Tells an entry from the hashes of two nodes (RFC 6962 section 2.1). */
export const LEAF_PREFIX = '\u0000'
const LEAF_PREFIX_BYTES = Buffer.from(LEAF_PREFIX)

/** The bytes of a hash. */
export const HASH_BYTES = 32

/** The hash of an entry: SHA-256 of a byte 0 and the entry. The byte tells leaves from the nodes above them. */
export function hashLeaf(entry: Uint8Array): Buffer {
  return sha256(Buffer.concat([LEAF_PREFIX_BYTES, entry]))
}

/** The hash of a node: SHA-256 of a byte 1 and the two hashes below it. */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + HASH_BYTES)
  // `Buffer.from` takes memory from Node's pool. A separate buffer for each node uses memory outside the heap, which is freed late.
  return Buffer.from(hashText(nodeInput), 'base64url')
}

/** Hot path: one buffer for all nodes, whose first byte is their prefix. */
const nodeInput = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES))

/** The root of a tree without entries. */
export const EMPTY_ROOT: Buffer = sha256(Buffer.alloc(0))

/**
 * A tree to which entries are appended. In memory it has only the roots of its whole subtrees, at most one for each bit of its size.
 *
 * @example
 * const tree = new GrowingTree()
 * tree.append(hashLeaf(Buffer.from('first')))
 * tree.root()   // the hash of the only leaf
 */
export class GrowingTree {
  /** The roots of the whole subtrees, whose sizes are the powers of two that the size of the tree is the sum of; the largest first. */
  readonly #peaks: Buffer[]
  #size: number

  /** @param peaks with `size`, to go on with a tree of so many entries */
  constructor(size = 0, peaks: readonly Buffer[] = []) {
    this.#size = size
    this.#peaks = [...peaks]
  }

  /** The number of entries. */
  get size(): number {
    return this.#size
  }

  append(leaf: Buffer): void {
    let peak = leaf
    // Two whole subtrees of one size are one of twice the size.
    for (let size = this.#size; size % 2 === 1; size = Math.floor(size / 2))
      peak = hashNode(this.#peaks.pop() as Buffer, peak)
    this.#peaks.push(peak)
    this.#size += 1
  }

  /** The roots of the whole subtrees, the largest first: all that is needed to go on. */
  get peaks(): readonly Buffer[] {
    return this.#peaks
  }

  root(): Buffer {
    const [last, ...others] = [...this.#peaks].reverse()
    if (last === undefined) return EMPTY_ROOT
    return others.reduce((right, left) => hashNode(left, right), last)
  }
}
