import { GrowingTree } from '../evidence/merkle-tree.js'

/** How many leaves wait for their place in the tree. */
const MAX_WAITING = 256

/**
 * The tree of a run. Hot path: leaves are added to it many at a time, when the code for it is in the processor's cache, and not one
 * within each request.
 */
export class RunTree {
  readonly #tree = new GrowingTree()
  /** In base64url. */
  readonly #waiting: string[] = []

  /** The number of entries. */
  get size(): number {
    return this.#tree.size + this.#waiting.length
  }

  /** @param hash of the leaf, in base64url */
  append(hash: string): void {
    this.#waiting.push(hash)
    if (this.#waiting.length >= MAX_WAITING) this.#addWaiting()
  }

  root(): Buffer {
    this.#addWaiting()
    return this.#tree.root()
  }

  #addWaiting(): void {
    for (const hash of this.#waiting) this.#tree.append(Buffer.from(hash, 'base64url'))
    this.#waiting.length = 0
  }
}
