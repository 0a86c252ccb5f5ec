// What is known of one run while the input is read, and the verdict about it at the end.
import { membersOf, type StatedPlace } from '../evidence/sealed-formats/sealed-format.js'
import type { SignedCheckpoint } from './checkpoint-notes.js'
import { compareRoots, type RootComparison } from './compare-roots.js'
import { describeTime } from './describe-record.js'
import { FindingList, MAX_LISTED } from './finding-list.js'
import { findGravest, type ModifiedRange, type RunResult, type Verdict } from './findings.js'
import { type IndexRange, LeafStore } from './leaf-store.js'
import { type MissingRange, SeqByIndex } from './missing-ids.js'
import { findFault, type SealedInput } from './read-record.js'
import { SealRecords } from './seal-records.js'

/** 32 bytes in base64url. */
const HASH = /^[\w-]{43}$/

/** A state that was verified earlier, from which on a run is verified. */
export interface VerifiedState {
  readonly checkpoint: SignedCheckpoint
  readonly peaks: readonly Buffer[]
  /**
   * The record of the stop, if it was the last one of these, and the hashes of the records before it: together they have the root of
   * the checkpoint.
   */
  readonly stop?: { readonly record: SealedInput; readonly peaks: readonly Buffer[] } | undefined
}

export class RunEvidence {
  readonly run: string
  readonly leaves = new LeafStore()
  /** Whether there are records with a proof of their own. */
  isBundle = false
  readonly #seqs = new SeqByIndex()
  readonly #modified = new FindingList()
  readonly #conflicting = new FindingList()
  /** Roots by size. */
  readonly #checkpoints = new Map<number, SignedCheckpoint>()
  /** The largest of them. */
  #signed = 0
  /** The sizes whose checkpoints differ. */
  readonly #equivocations = new Set<number>()
  readonly #sealRecords = new SealRecords()
  readonly #unknownKeys = new Set<string>()
  readonly #namedBy = new Set<string>()
  readonly #forkedWith = new Set<string>()
  readonly #brokenLinks = new Set<string>()
  #verified: VerifiedState | undefined
  #comparison: RootComparison | undefined
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
  addRecord(record: SealedInput): boolean {
    const { place, facts, leaf } = record
    const { index, hash } = place
    const known = this.leaves.get(index)
    // The hash that a changed record states may still be that of the record that was sealed: then all others can be proven.
    const kept = HASH.test(hash) ? hash : leaf
    const fault = findFault(record)
    if (fault !== undefined) this.addModified(index, facts, fault)
    if (known !== undefined) {
      if (!known.equals(Buffer.from(kept, 'base64url')))
        this.#conflicting.add(index, facts, 'another record has the same index and a different content')
      return false
    }
    this.leaves.add(index, kept)
    this.#seqs.add(index, facts.seq)
    this.#sealRecords.add(record)
    this.#readFacts(facts)
    return true
  }

  addModified(index: number, facts: SealedInput['facts'], reason: string): void {
    this.#modified.add(index, facts, reason)
  }

  #readFacts({ lost, time }: SealedInput['facts']): void {
    const { count } = membersOf(lost)
    if (typeof count === 'number' && count > 0) this.#declaredLost += count
    const text = describeTime(time)
    if (text === undefined) return
    if (this.#from === undefined || text < this.#from) this.#from = text
    if (this.#to === undefined || text > this.#to) this.#to = text
  }

  /** @param record that has it, if it is one of this run */
  addCheckpoint(checkpoint: SignedCheckpoint, record?: SealedInput): void {
    const { size, root } = checkpoint
    this.#signed = Math.max(this.#signed, size)
    const known = this.#checkpoints.get(size)
    if (known === undefined) this.#checkpoints.set(size, checkpoint)
    else if (!known.root.equals(root)) this.#equivocations.add(size)
    if (record !== undefined) this.#sealRecords.addCheckpoint(size, record)
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

  /** The first record names a run before it, by a checkpoint that the state file had damaged. It was sealed so. */
  addBrokenLink(reason: string): void {
    if (this.#brokenLinks.size < MAX_LISTED) this.#brokenLinks.add(reason)
  }

  addFork(run: string): void {
    this.#forkedWith.add(run)
  }

  /** Verifies from this state on, instead of from the first record. */
  startFrom(verified: VerifiedState): void {
    if (this.#verified !== undefined && this.#verified.checkpoint.size >= verified.checkpoint.size) return
    this.#verified = verified
    this.addCheckpoint(verified.checkpoint)
    if (verified.stop !== undefined) this.#sealRecords.add(verified.stop.record)
  }

  /** @param isPartial whether records before the first and after the last one were not asked for */
  judge(isPartial: boolean): RunResult {
    const { leaves } = this
    if (leaves.count > 0) for (const { checkpoint } of this.#included.values()) this.addCheckpoint(checkpoint)
    const signed = this.#signed
    const start = this.#findStart()
    const missing = this.#findMissing(start.size, isPartial)
    const comparison = this.#compareRoots()
    const proven = comparison.size
    const ranges = this.#describeRanges(comparison)
    const unsealed = this.#countUnsealed(proven)
    // Some of the records that were verified earlier are in the input, but not all, so that they cannot be verified again.
    const isPart = (isPartial && proven < signed) || leaves.count > leaves.countFrom(start.size)
    const verdicts = [
      ...this.#findFaults(ranges, missing, isPartial),
      ...this.#findUnproven(isPart, unsealed),
    ]
    if (verdicts.length === 0) verdicts.push(this.#hasBeginning ? 'intact' : 'not stopped')
    return {
      run: this.run,
      log: this.#checkpoints.get(signed)?.log,
      verdict: findGravest(verdicts),
      verdicts,
      records: leaves.count,
      signed,
      proven: this.#countProven(proven),
      unsealed,
      from: this.#from,
      to: this.#to,
      modified: this.#modified.listed,
      modifiedRanges: ranges,
      conflicting: this.#conflicting.listed,
      missing: missing.slice(0, MAX_LISTED).map((range) => this.#nameMissing(range)),
      counts: {
        modified: this.#modified.count,
        conflicting: this.#conflicting.count,
        missing: missing.reduce((count, { first, last }) => count + last - first + 1, 0),
      },
      equivocations: [...this.#equivocations].slice(0, MAX_LISTED),
      included: [...this.#included].map(([size, { indices }]) => ({ size, records: indices.size })),
      declaredLost: this.#declaredLost,
      unknownKeys: [...this.#unknownKeys],
      brokenLinks: [...this.#brokenLinks],
      namedBy: [...(leaves.count === 0 ? this.#namedBy : this.#forkedWith)].slice(0, MAX_LISTED),
    }
  }

  /** Nothing of the run is known but checkpoints or chosen records. */
  get #hasNone(): boolean {
    return this.leaves.count === 0 && this.#verified === undefined
  }

  get #isOnlyBundle(): boolean {
    return this.#hasNone && this.isBundle
  }

  /** Verdicts that something is wrong. */
  #findFaults(
    ranges: readonly ModifiedRange[],
    missing: readonly IndexRange[],
    isPartial: boolean,
  ): Verdict[] {
    const verdicts: Verdict[] = []
    if (this.#equivocations.size > 0) verdicts.push('equivocation')
    if (this.#conflicting.count > 0) verdicts.push('conflicting')
    if (this.#modified.count > 0 || ranges.length > 0) verdicts.push('modified')
    // A run that another one names may have ended before the period that was asked for.
    if (this.#hasNone && (this.#isOnlyBundle ? this.#signed > 0 : !isPartial)) verdicts.push('run missing')
    else if (!this.#hasNone && missing.length > 0) verdicts.push('missing')
    return verdicts
  }

  /** Verdicts that something is not proven. */
  #findUnproven(isPart: boolean, unsealed: number): Verdict[] {
    const signed = this.#signed
    const verdicts: Verdict[] = []
    if (this.#isOnlyBundle && signed === 0 && this.#included.size > 0) verdicts.push('included')
    if (this.#forkedWith.size + this.#brokenLinks.size > 0) verdicts.push('forked')
    if (this.#unknownKeys.size > 0) verdicts.push('unknown key')
    else if (signed === 0 && !this.#isOnlyBundle) verdicts.push('not sealed')
    if (isPart) verdicts.push('partial')
    if (unsealed > 0 && signed > 0) verdicts.push('unsealed tail')
    if (!this.isStopped && !this.#hasNone) verdicts.push('not stopped')
    if (this.#declaredLost > 0) verdicts.push('declared lost')
    return verdicts
  }

  /** The newest state of the run that is proven; `undefined` if nothing is. */
  findVerifiedState(): VerifiedState | undefined {
    const { newest } = this.#compareRoots()
    const earlier = this.#verified
    if (newest === undefined || newest.checkpoint.size <= (earlier?.checkpoint.size ?? -1)) return earlier
    const { checkpoint, peaks, peaksBefore } = newest
    const record = this.isStopped ? this.#sealRecords.stopRecord : undefined
    const isLast = record?.place.index === checkpoint.size - 1
    return { checkpoint, peaks, stop: isLast ? { record, peaks: peaksBefore } : undefined }
  }

  /** The same, or the state before if this input has a record that is not as it was sealed: it must not pass the next time. */
  findStateToPin(): VerifiedState | undefined {
    const isFaultless = this.#modified.count + this.#conflicting.count + this.#equivocations.size === 0
    return isFaultless ? this.findVerifiedState() : this.#verified
  }

  /**
   * Whether the last record that is not a checkpoint is that of the end. Only if a checkpoint covers it: whoever cuts off the end of a
   * log can write another one.
   */
  get isStopped(): boolean {
    const { lastOrdinary, lastStop } = this.#sealRecords
    return lastStop > lastOrdinary && lastStop < this.#signed
  }

  get #hasBeginning(): boolean {
    return this.#sealRecords.hasStart || this.#verified !== undefined
  }

  /** The records that were verified earlier need not be in the input. If all of them are, they are verified again. */
  #findStart(): { readonly size: number; readonly peaks: readonly Buffer[] } {
    if (this.#verified === undefined) return NOTHING
    const { checkpoint, peaks } = this.#verified
    return this.leaves.missingBetween(0, checkpoint.size).length === 0
      ? NOTHING
      : { size: checkpoint.size, peaks }
  }

  #nameMissing(range: IndexRange): MissingRange {
    return this.#seqs.nameMissing(this.run, range, (index) => this.leaves.get(index) !== undefined)
  }

  #findMissing(start: number, isPartial: boolean): IndexRange[] {
    const { leaves } = this
    if (!isPartial) return leaves.missingBetween(start, Math.max(this.#signed, leaves.end))
    const [first] = leaves.missingBetween(0, leaves.end)
    const begin = first?.first === 0 ? first.last + 1 : 0
    return leaves.missingBetween(Math.max(begin, start), leaves.end)
  }

  /** To be called when all of the input was read. */
  #compareRoots(): RootComparison {
    this.#comparison ??= compareRoots(this.leaves, this.#checkpoints.values(), this.#findStart())
    return this.#comparison
  }

  #describeRanges({ differing }: RootComparison): ModifiedRange[] {
    if (differing === undefined) return []
    const { first, last } = differing
    // A record that is known to be changed, or a place with two contents, explains it.
    const isExplained = [this.#modified, this.#conflicting].some(
      (list) => list.countBetween(first, last + 1) > 0,
    )
    if (isExplained) return []
    const reason =
      'the signed checkpoint does not match these records: some were changed, and their hashes calculated again. ' +
      'Later records could not be compared'
    return [{ first, last, reason }]
  }

  /** A record that is not as it was sealed is not proven, though those around it are. */
  #countProven(proven: number): number {
    return proven - this.#modified.countBetween(0, proven)
  }

  /** The record of the last checkpoint is proven by its signature. */
  #countUnsealed(proven: number): number {
    const signed = this.#signed
    return this.leaves.countFrom(signed) - (this.#sealRecords.hasLastCheckpoint(signed, proven) ? 1 : 0)
  }
}

const NOTHING = { size: 0, peaks: [] }
