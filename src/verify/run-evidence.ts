// What is known of one run while the input is read, and the verdict about it at the end.
import { EMPTY_ROOT, GrowingTree } from '../evidence/merkle-tree.js'
import { isJsonObject, membersOf, type StatedPlace } from '../evidence/sealed-formats/sealed-format.js'
import type { SignedCheckpoint } from './checkpoint-notes.js'
import { type Finding, findGravest, type ModifiedRange, type RunResult, type Verdict } from './findings.js'
import { type IndexRange, LeafStore } from './leaf-store.js'
import type { SealedInput } from './read-record.js'

/** How many findings of a kind are listed. All are counted. */
const MAX_LISTED = 100

/** A state that was verified earlier, from which on a run is verified. */
export interface VerifiedState {
  readonly checkpoint: SignedCheckpoint
  readonly peaks: readonly Buffer[]
  /** Whether the log had been stopped then. */
  readonly isStopped: boolean
}

export class RunEvidence {
  readonly run: string
  readonly leaves = new LeafStore()
  readonly #modified: Finding[] = []
  readonly #conflicting: Finding[] = []
  readonly #modifiedIndices = new Set<number>()
  readonly #conflictingIndices = new Set<number>()
  /** Roots by size. */
  readonly #checkpoints = new Map<number, SignedCheckpoint>()
  /** The largest of them. */
  #signed = 0
  /** The sizes whose checkpoints differ. */
  readonly #equivocations = new Set<number>()
  /** Checkpoints in records of this run: the index of the record by the size. */
  readonly #checkpointRecords = new Map<number, number>()
  readonly #unknownKeys = new Set<string>()
  readonly #namedBy = new Set<string>()
  readonly #forkedWith = new Set<string>()
  #verified: VerifiedState | undefined
  #hasStart = false
  #lastStop = -1
  /** The last record that is not one of the seal. */
  #lastOrdinary = -1
  /** The records with a proof of their own, by the size of the log that it speaks of. */
  readonly #included = new Map<
    number,
    { readonly checkpoint: SignedCheckpoint; readonly indices: Set<number> }
  >()
  #declaredLost = 0
  #from: string | undefined
  #to: string | undefined

  constructor(run: string) {
    this.run = run
  }

  /** @returns whether the record was not known yet */
  addRecord({ place, facts, leaf, hasDuplicateKeys }: SealedInput): boolean {
    const { index, hash } = place
    const known = this.leaves.get(index)
    const stated = Buffer.from(hash, 'base64url')
    const isAsSealed = leaf.toString('base64url') === hash
    // The hash that a changed record states may still be that of the record that was sealed: then all others can be proven.
    const kept = isAsSealed || stated.length !== leaf.length ? leaf : stated
    this.#checkRecord({ isAsSealed, hasDuplicateKeys }, { place, facts })
    if (known !== undefined) {
      if (!known.equals(kept)) this.#addConflict({ place, facts })
      return false
    }
    this.leaves.add(index, kept)
    this.#readFacts(index, facts)
    return true
  }

  #checkRecord(
    { isAsSealed, hasDuplicateKeys }: { readonly isAsSealed: boolean; readonly hasDuplicateKeys: boolean },
    { place: { run, index }, facts }: Pick<SealedInput, 'place' | 'facts'>,
  ): void {
    if (!isAsSealed) this.addModified(index, facts, 'its content does not match its hash')
    else if (hasDuplicateKeys)
      this.addModified(index, facts, 'it has the same key twice, so that readers see different values')
    // Not sealed, because shippers move it.
    else if (facts.id !== undefined && facts.id !== `${run}-${facts.seq}`)
      this.addModified(index, facts, 'its id does not match its run and seq')
  }

  addModified(index: number, facts: SealedInput['facts'], reason: string): void {
    if (this.#modifiedIndices.has(index)) return
    this.#modifiedIndices.add(index)
    if (this.#modified.length < MAX_LISTED) this.#modified.push(describeFinding(index, facts, reason))
  }

  #addConflict({ place: { index }, facts }: Pick<SealedInput, 'place' | 'facts'>): void {
    if (this.#conflictingIndices.has(index)) return
    this.#conflictingIndices.add(index)
    const reason = 'another record has the same index and a different content'
    if (this.#conflicting.length < MAX_LISTED) this.#conflicting.push(describeFinding(index, facts, reason))
  }

  #readFacts(index: number, { run_event, checkpoint, lost, time }: SealedInput['facts']): void {
    if (run_event === 'started' && index === 0) this.#hasStart = true
    if (run_event === 'stopped') this.#lastStop = Math.max(this.#lastStop, index)
    else if (!isJsonObject(checkpoint)) this.#lastOrdinary = Math.max(this.#lastOrdinary, index)
    const { count } = membersOf(lost)
    if (typeof count === 'number' && count > 0) this.#declaredLost += count
    const text = describeTime(time)
    if (text === undefined) return
    if (this.#from === undefined || text < this.#from) this.#from = text
    if (this.#to === undefined || text > this.#to) this.#to = text
  }

  /** @param index of the record that has it, if it is one of this run */
  addCheckpoint(checkpoint: SignedCheckpoint, index?: number): void {
    const { size, root } = checkpoint
    this.#signed = Math.max(this.#signed, size)
    const known = this.#checkpoints.get(size)
    if (known === undefined) this.#checkpoints.set(size, checkpoint)
    else if (!known.root.equals(root)) this.#equivocations.add(size)
    if (index !== undefined && !this.#checkpointRecords.has(size)) this.#checkpointRecords.set(size, index)
  }

  /** A record that its proof has led to the checkpoint. */
  addIncluded({ index }: StatedPlace, checkpoint: SignedCheckpoint): void {
    const known = this.#included.get(checkpoint.size)
    if (known === undefined) this.#included.set(checkpoint.size, { checkpoint, indices: new Set([index]) })
    else known.indices.add(index)
  }

  addUnknownKeys(names: readonly string[]): void {
    for (const name of names) if (this.#unknownKeys.size < MAX_LISTED) this.#unknownKeys.add(name)
  }

  addName(run: string): void {
    this.#namedBy.add(run)
  }

  addFork(run: string): void {
    this.#forkedWith.add(run)
  }

  /** Verifies from this state on, instead of from the first record. */
  startFrom(verified: VerifiedState): void {
    if (this.#verified !== undefined && this.#verified.checkpoint.size >= verified.checkpoint.size) return
    this.#verified = verified
    this.addCheckpoint(verified.checkpoint)
  }

  /** @param isPartial whether records before the first and after the last one were not asked for */
  judge(isPartial: boolean): RunResult {
    const { leaves } = this
    if (leaves.count > 0) for (const { checkpoint } of this.#included.values()) this.addCheckpoint(checkpoint)
    const verified = this.#verified?.checkpoint.size ?? 0
    const signed = this.#signed
    const missing = this.#findMissing(verified, signed, isPartial)
    const { proven, ranges } = this.#compareRoots(missing)
    const unsealed = this.#countUnsealed(signed)
    const log = this.#checkpoints.get(signed)?.log
    const verdicts: Verdict[] = []
    if (this.#equivocations.size > 0) verdicts.push('equivocation')
    if (this.#conflictingIndices.size > 0) verdicts.push('conflicting')
    if (this.#modifiedIndices.size > 0 || ranges.length > 0) verdicts.push('modified')
    const hasNone = leaves.count === 0 && this.#verified === undefined
    const isBundle = hasNone && (this.#included.size > 0 || this.#modifiedIndices.size > 0)
    if (isBundle && this.#signed === 0) verdicts.push('included')
    else if (hasNone) verdicts.push('run missing')
    else if (missing.length > 0) verdicts.push('missing')
    if (this.#forkedWith.size > 0) verdicts.push('forked')
    if (this.#unknownKeys.size > 0) verdicts.push('unknown key')
    else if (signed === 0 && !isBundle) verdicts.push('not sealed')
    if (isPartial && proven < signed) verdicts.push('partial')
    if (unsealed > 0 && signed > 0) verdicts.push('unsealed tail')
    if (!this.isStopped && !hasNone) verdicts.push('not stopped')
    if (this.#declaredLost > 0) verdicts.push('declared lost')
    if (verdicts.length === 0) verdicts.push(this.#hasBeginning ? 'intact' : 'not stopped')
    return {
      run: this.run,
      log,
      verdict: findGravest(verdicts),
      verdicts,
      records: leaves.count,
      signed,
      proven,
      unsealed,
      from: this.#from,
      to: this.#to,
      modified: this.#modified,
      modifiedRanges: ranges,
      conflicting: this.#conflicting,
      missing: missing.slice(0, MAX_LISTED),
      counts: {
        modified: this.#modifiedIndices.size,
        conflicting: this.#conflictingIndices.size,
        missing: missing.reduce((count, { first, last }) => count + last - first + 1, 0),
      },
      equivocations: [...this.#equivocations].slice(0, MAX_LISTED),
      included: [...this.#included].map(([size, { indices }]) => ({ size, records: indices.size })),
      declaredLost: this.#declaredLost,
      unknownKeys: [...this.#unknownKeys],
      namedBy: [...(leaves.count === 0 ? this.#namedBy : this.#forkedWith)].slice(0, MAX_LISTED),
    }
  }

  /** The newest state of the run that is proven; `undefined` if nothing is. */
  findVerifiedState(): VerifiedState | undefined {
    const tree = this.#startTree()
    let newest: VerifiedState | undefined = this.#verified
    for (const checkpoint of this.#sortCheckpoints(tree.size)) {
      if (!this.#extend(tree, checkpoint.size)) break
      if (!tree.root().equals(checkpoint.root)) break
      newest = {
        checkpoint,
        peaks: [...tree.peaks],
        isStopped: this.isStopped && this.#lastStop < checkpoint.size,
      }
    }
    return newest
  }

  /**
   * Whether the last record that is not a checkpoint is that of the end. Only if a checkpoint covers it: whoever cuts off the end of a
   * log can write another one.
   */
  get isStopped(): boolean {
    if (this.#lastOrdinary === -1 && this.#lastStop === -1) return this.#verified?.isStopped === true
    return this.#lastStop > this.#lastOrdinary && this.#lastStop < this.#signed
  }

  get #hasBeginning(): boolean {
    return this.#hasStart || this.#verified !== undefined
  }

  #findMissing(verified: number, signed: number, isPartial: boolean): IndexRange[] {
    const { leaves } = this
    if (!isPartial) return leaves.missingBetween(verified, Math.max(signed, leaves.end))
    const [first] = leaves.missingBetween(0, leaves.end)
    const start = first?.first === 0 ? first.last + 1 : 0
    return leaves.missingBetween(Math.max(start, verified), leaves.end)
  }

  /** Compares the root of each checkpoint with that of the records, up to the first one that is missing. */
  #compareRoots(missing: readonly IndexRange[]): { proven: number; ranges: ModifiedRange[] } {
    const tree = this.#startTree()
    let proven = tree.size
    const firstMissing = missing[0]?.first ?? Number.POSITIVE_INFINITY
    for (const { size, root } of this.#sortCheckpoints(tree.size)) {
      if (size > firstMissing || !this.#extend(tree, size)) break
      if (tree.root().equals(root)) {
        proven = size
        continue
      }
      // A record that is known to be changed, or a place with two contents, explains it.
      const isExplained = [...this.#modifiedIndices, ...this.#conflictingIndices].some(
        (index) => index >= proven && index < size,
      )
      const reason =
        'the signed checkpoint does not match these records: some were changed, and their hashes calculated again'
      return { proven, ranges: isExplained ? [] : [{ first: proven, last: size - 1, reason }] }
    }
    return { proven: this.#countProven(proven), ranges: [] }
  }

  /** A record that is not as it was sealed is not proven, though those around it are. */
  #countProven(proven: number): number {
    let count = proven
    for (const index of this.#modifiedIndices) if (index < proven) count -= 1
    return count
  }

  #startTree(): GrowingTree {
    if (this.#verified === undefined) return new GrowingTree()
    return new GrowingTree(this.#verified.checkpoint.size, this.#verified.peaks)
  }

  /** @returns whether all records up to `size` are there */
  #extend(tree: GrowingTree, size: number): boolean {
    while (tree.size < size) {
      const leaf = this.leaves.get(tree.size)
      if (leaf === undefined) return false
      tree.append(leaf)
    }
    return true
  }

  #sortCheckpoints(minSize: number): SignedCheckpoint[] {
    return [...this.#checkpoints.values()]
      .filter(({ size, root }) => size >= minSize && !(size === 0 && root.equals(EMPTY_ROOT)))
      .sort((first, second) => first.size - second.size)
  }

  /** The record of the last checkpoint is proven by its signature. */
  #countUnsealed(signed: number): number {
    const index = this.#checkpointRecords.get(signed)
    const isProven = index !== undefined && index >= signed
    return this.leaves.countFrom(signed) - (isProven ? 1 : 0)
  }
}

function describeFinding(index: number, { id, time }: SealedInput['facts'], reason: string): Finding {
  return {
    index,
    id: typeof id === 'string' ? id.slice(0, MAX_TEXT) : undefined,
    time: describeTime(time),
    reason,
  }
}

const MAX_TEXT = 200
const MAX_TIME = 8.64e15

/** OCSF has milliseconds. */
function describeTime(time: unknown): string | undefined {
  if (typeof time === 'string') return time.slice(0, MAX_TEXT)
  if (typeof time !== 'number' || !(Math.abs(time) <= MAX_TIME)) return undefined
  return new Date(time).toISOString()
}
