// Checks what the Go program has made: notes, inclusion and consistency proofs, and a bundle of records.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { parseCheckpoint } from '../../src/evidence/checkpoint.js'
import { GrowingTree } from '../../src/evidence/merkle-tree.js'
import { parseVerifierKey } from '../../src/evidence/note-keys.js'
import { openNote } from '../../src/evidence/signed-note.js'
import { isConsistent, isIncluded } from '../../src/evidence/tree-proofs.js'
import { verify } from '../../src/verify.js'

interface Proof {
  readonly size: number
  readonly proof: readonly string[]
}
interface Output {
  readonly verifierKey: string
  readonly leaves: readonly string[]
  readonly notes: readonly string[]
  readonly inclusion: readonly (Proof & { readonly index: number })[]
  readonly consistency: readonly (Proof & { readonly oldSize: number })[]
}

const folder = process.argv[2] as string
const output = JSON.parse(readFileSync(join(folder, 'proofs.json'), 'utf8')) as Output
const keys = [parseVerifierKey(output.verifierKey)]
const leaves = output.leaves.map(decode)
const roots = openNotes()
checkNoteBytes()
checkInclusion()
checkConsistency()
await checkBundle()

/** The roots by size; the one of an empty tree is not used. */
function openNotes(): Buffer[] {
  const tree = new GrowingTree()
  const found = [Buffer.alloc(0)]
  for (const [index, note] of output.notes.entries()) {
    tree.append(leaves[index] as Buffer)
    const opened = openNote(note, keys)
    const checkpoint = typeof opened === 'string' ? undefined : parseCheckpoint(opened.text)
    expect(checkpoint?.size === tree.size, `the note of size ${tree.size} opens`)
    expect(checkpoint?.root.equals(tree.root()) === true, `the root of size ${tree.size} is ours`)
    found.push(tree.root())
  }
  console.log(`ok: ${output.notes.length} notes signed by Go open, with the roots that we compute`)
  return found
}

function checkNoteBytes(): void {
  const note = Buffer.from(output.notes.at(-1) as string)
  for (let index = 0; index < note.length; index++) {
    const changed = Buffer.from(note)
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
    expect(
      typeof openNote(changed.toString(), keys) === 'string',
      `a note with byte ${index} changed is refused`,
    )
  }
  console.log(`ok: a note of Go with one of its ${note.length} bytes changed is refused`)
}

function checkInclusion(): void {
  for (const { index, size, proof } of output.inclusion) {
    const facts = { index, size, leaf: leaves[index] as Buffer, root: roots[size] as Buffer }
    const hashes = proof.map(decode)
    expect(isIncluded({ ...facts, proof: hashes }), `the proof of ${index} in ${size} is accepted`)
    expect(!isIncluded({ ...facts, leaf: changed(facts.leaf), proof: hashes }), 'another leaf is refused')
    for (const other of withOneChanged(hashes))
      expect(!isIncluded({ ...facts, proof: other }), `a changed proof of ${index} in ${size} is refused`)
  }
  console.log(
    `ok: ${output.inclusion.length} inclusion proofs of Go are accepted, and none with a changed byte`,
  )
}

function checkConsistency(): void {
  for (const { oldSize, size, proof } of output.consistency) {
    const facts = { oldSize, size, oldRoot: roots[oldSize] as Buffer, root: roots[size] as Buffer }
    const hashes = proof.map(decode)
    expect(isConsistent({ ...facts, proof: hashes }), `the proof of ${oldSize} in ${size} is accepted`)
    for (const other of withOneChanged(hashes))
      expect(!isConsistent({ ...facts, proof: other }), `a changed proof of ${oldSize} in ${size} is refused`)
  }
  console.log(
    `ok: ${output.consistency.length} consistency proofs of Go are accepted, and none with a changed byte`,
  )
}

async function checkBundle(): Promise<void> {
  const bundle = readFileSync(join(folder, 'go-bundle.ndjson'), 'utf8')
  const lines = bundle.trimEnd().split('\n').length
  const { verdict } = await verifyBundle(bundle)
  expect(verdict === 'included', `the bundle of Go has the verdict ${verdict}`)
  const { verdict: other } = await verifyBundle(
    bundle.replace('"message":"Record 7"', '"message":"Record 8"'),
  )
  expect(other !== 'included' && other !== 'intact', `the changed bundle has the verdict ${other}`)
  console.log(
    `ok: a bundle of ${lines} records with proofs of Go is ${verdict}, and with a byte changed ${other}`,
  )
}

function verifyBundle(text: string) {
  return verify({ keys: [output.verifierKey], inputs: [Readable.from([Buffer.from(text)])] })
}

function decode(base64: string): Buffer {
  return Buffer.from(base64, 'base64')
}

function changed(hash: Buffer): Buffer {
  const copy = Buffer.from(hash)
  copy.writeUInt8(copy.readUInt8(0) ^ 1, 0)
  return copy
}

function withOneChanged(hashes: readonly Buffer[]): Buffer[][] {
  return hashes.map((hash, index) => hashes.toSpliced(index, 1, changed(hash)))
}

function expect(condition: boolean, description: string): void {
  if (!condition) throw new Error(`Expected that ${description}`)
}
