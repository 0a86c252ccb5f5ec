import { EMPTY_ROOT, GrowingTree } from '../evidence/merkle-tree.js'
import type { SignedCheckpoint } from './checkpoint-notes.js'
import type { IndexRange, LeafStore } from './leaf-store.js'

/** The records from the first to the last one that a checkpoint covers, with the hashes that stand for them. */
export interface ProvenTree {
  readonly checkpoint: SignedCheckpoint
  readonly peaks: readonly Buffer[]
  /** The hashes of all these records but the last one. */
  readonly peaksBefore: readonly Buffer[]
}

export interface RootComparison {
  /** So many records are proven. */
  readonly size: number
  /** By the largest checkpoint that agrees with the records; `undefined` without one. */
  readonly newest: ProvenTree | undefined
  /** The records that do not have the root of the next checkpoint. */
  readonly differing: IndexRange | undefined
}

/**
 * Compares the root of each checkpoint with that of the records, up to the first record that is missing.
 *
 * @param start the records that are known to be proven
 */
export function compareRoots(
  leaves: LeafStore,
  checkpoints: Iterable<SignedCheckpoint>,
  start: { readonly size: number; readonly peaks: readonly Buffer[] },
): RootComparison {
  const tree = new GrowingTree(start.size, start.peaks)
  let size = tree.size
  let newest: ProvenTree | undefined
  for (const checkpoint of sortCheckpoints(checkpoints, size)) {
    if (!extend(tree, leaves, checkpoint.size - 1)) break
    const peaksBefore = [...tree.peaks]
    if (!extend(tree, leaves, checkpoint.size)) break
    if (!tree.root().equals(checkpoint.root))
      return { size, newest, differing: { first: size, last: checkpoint.size - 1 } }
    size = checkpoint.size
    if (size > start.size) newest = { checkpoint, peaks: [...tree.peaks], peaksBefore }
  }
  return { size, newest, differing: undefined }
}

/** @returns whether all records up to `size` are there */
function extend(tree: GrowingTree, leaves: LeafStore, size: number): boolean {
  while (tree.size < size) {
    const leaf = leaves.get(tree.size)
    if (leaf === undefined) return false
    tree.append(leaf)
  }
  return true
}

function sortCheckpoints(checkpoints: Iterable<SignedCheckpoint>, minSize: number): SignedCheckpoint[] {
  return [...checkpoints]
    .filter(({ size, root }) => size >= minSize && !(size === 0 && root.equals(EMPTY_ROOT)))
    .sort((first, second) => first.size - second.size)
}
