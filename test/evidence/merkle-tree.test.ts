import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { EMPTY_ROOT, GrowingTree, hashLeaf } from '#src/evidence/merkle-tree.js'
import { CompleteTree, isConsistent, isIncluded } from '#src/evidence/tree-proofs.js'

/** The test vectors of Certificate Transparency (merkletree/merkle\_tree\_test.cc of google/certificate-transparency): entries and roots. */
const ENTRIES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

function leavesOf(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => hashLeaf(Buffer.from(`entry ${index}`)))
}

describe('a growing tree', () => {
  it('has the root of RFC 6962 without entries', () => {
    expect(new GrowingTree().root()).toEqual(EMPTY_ROOT)
    expect(EMPTY_ROOT.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
  })

  it('has the roots of the test vectors', () => {
    const tree = new GrowingTree()
    const roots = ENTRIES.map((entry) => {
      tree.append(hashLeaf(Buffer.from(entry, 'hex')))
      return tree.root().toString('hex')
    })
    expect(roots).toEqual(ROOTS)
    expect(tree.size).toBe(8)
  })

  it('has the root of the complete tree at each size', () => {
    const leaves = leavesOf(130)
    const complete = new CompleteTree(leaves)
    const growing = new GrowingTree()
    for (const [index, leaf] of leaves.entries()) {
      growing.append(leaf)
      expect(growing.root()).toEqual(complete.rootOf(index + 1))
    }
  })
})

const sizes = fc
  .integer({ min: 1, max: 70 })
  .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })))

describe('an inclusion proof', () => {
  it('leads from the leaf to the root, for each index and size', () => {
    const leaves = leavesOf(70)
    const tree = new CompleteTree(leaves)
    for (let size = 1; size <= 70; size++) {
      for (let index = 0; index < size; index++) {
        const proof = tree.proveInclusion(index, size)
        const leaf = leaves[index] as Buffer
        expect(isIncluded({ index, size, leaf, proof, root: tree.rootOf(size) })).toBe(true)
      }
    }
  })

  it('fails for another index, size, leaf, root or proof', () => {
    const leaves = leavesOf(70)
    const tree = new CompleteTree(leaves)
    fc.assert(
      fc.property(sizes, fc.nat(), ([size, index], seed) => {
        const proof = tree.proveInclusion(index, size)
        const right = { index, size, leaf: leaves[index] as Buffer, proof, root: tree.rootOf(size) }
        const other = hashLeaf(Buffer.from(`another ${seed}`))
        expect(isIncluded({ ...right, leaf: other })).toBe(false)
        expect(isIncluded({ ...right, root: other })).toBe(false)
        expect(isIncluded({ ...right, proof: [...proof, other] })).toBe(false)
        expect(isIncluded({ ...right, index: size })).toBe(false)
        expect(isIncluded({ ...right, index: -1 })).toBe(false)
        if (size > 1) {
          expect(isIncluded({ ...right, index: (index + 1) % size })).toBe(false)
          expect(isIncluded({ ...right, proof: proof.slice(1) })).toBe(false)
        }
      }),
    )
  })
})

describe('a consistency proof', () => {
  it('shows that a tree begins with each smaller one', () => {
    const tree = new CompleteTree(leavesOf(70))
    for (let size = 0; size <= 70; size++) {
      for (let oldSize = 0; oldSize <= size; oldSize++) {
        const proof = tree.proveConsistency(oldSize, size)
        const [oldRoot, root] = [tree.rootOf(oldSize), tree.rootOf(size)]
        expect(isConsistent({ oldSize, size, oldRoot, root, proof })).toBe(true)
      }
    }
  })

  it('fails for a tree of other entries', () => {
    const tree = new CompleteTree(leavesOf(70))
    const others = new CompleteTree(leavesOf(70).reverse())
    fc.assert(
      fc.property(sizes, ([size, index]) => {
        const oldSize = Math.max(1, index)
        const proof = tree.proveConsistency(oldSize, size)
        const [oldRoot, root] = [tree.rootOf(oldSize), tree.rootOf(size)]
        expect(isConsistent({ oldSize, size, oldRoot: others.rootOf(oldSize), root, proof })).toBe(false)
        expect(isConsistent({ oldSize, size, oldRoot, root: others.rootOf(size), proof })).toBe(false)
        expect(isConsistent({ oldSize: size + 1, size, oldRoot, root, proof })).toBe(false)
      }),
    )
  })
})
