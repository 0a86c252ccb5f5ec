// What is known of a log while the input is read: of each of its runs, and of lines that are no records.
import type { VerifierKey } from '../evidence/note-keys.js'
import { isJsonObject, membersOf } from '../evidence/sealed-formats/sealed-format.js'
import { isIncluded } from '../evidence/tree-proofs.js'
import { AuditLogError } from '../lib/errors.js'
import { isSigned, type NoteProblem, openCheckpoint, splitNotes } from './checkpoint-notes.js'
import { findGravest, type RunResult, type Verification } from './findings.js'
import { decodeHashes } from './hashes.js'
import { formatPinned, parsePinned } from './pinned.js'
import { describeProblem, readInput, type VerifyInput } from './read-input.js'
import { findFault, type InputRecord, type SealedInput } from './read-record.js'
import { RunEvidence } from './run-evidence.js'

/** Everything that is known of a log, by run. */
export class LogEvidence {
  readonly #keys: readonly VerifierKey[]
  readonly #runs = new Map<string, RunEvidence>()
  /** The run that names a checkpoint as that of its predecessor, by run and size of the checkpoint. */
  readonly #successors = new Map<string, string>()
  readonly #problems: string[] = []
  #unsealedRecords = 0
  #foreignLines = 0
  #unreadableLines = 0
  #tooLongLines = 0

  constructor(keys: readonly VerifierKey[]) {
    this.#keys = keys
  }

  /** @throws AuditLogError `ERR_AUDIT_VERIFY` */
  startFrom(pinned: string): void {
    for (const state of parsePinned(pinned, this.#keys)) this.#find(state.checkpoint.run).startFrom(state)
  }

  addWitness(text: string): void {
    const notes = splitNotes(text)
    if (notes.length === 0) this.#problems.push('a file of a witness has no checkpoint')
    const faults = new Set<string>()
    for (const note of notes) {
      const opened = this.#addNote(note, 'the witness')
      if (!isSigned(opened)) faults.add(describeNoteProblem(opened))
    }
    for (const fault of faults) this.#problems.push(`a witness has checkpoints that are not valid: ${fault}`)
  }

  /** @param onRecord called with each record that has a place */
  async read(
    inputs: readonly VerifyInput[],
    onProgress?: (bytes: number) => void,
    onRecord?: (record: SealedInput) => void,
  ): Promise<void> {
    for (const input of inputs) {
      try {
        for await (const { records, tooLongLines, bytes } of readInput(input)) {
          for (const record of records) {
            this.#add(record)
            if (record.kind === 'sealed') onRecord?.(record)
          }
          this.#tooLongLines += tooLongLines
          onProgress?.(bytes)
        }
      } catch (error) {
        this.#problems.push(describeProblem(input, error))
      }
    }
  }

  /** What is known of a run; `undefined` if nothing is. */
  find(run: string): RunEvidence | undefined {
    return this.#runs.get(run)
  }

  judge(isPartial: boolean): Verification {
    const evidence = [...this.#runs.values()]
    const runs = evidence.map((run) => run.judge(isPartial)).sort(compareRuns)
    const verdicts = runs.map(({ verdict }) => verdict)
    // What was verified earlier does not show that anything is there now.
    const hasRecords = runs.some(({ records, included }) => records > 0 || included.length > 0)
    if (this.#unsealedRecords > 0 || !hasRecords) verdicts.push('not sealed')
    if (this.#unreadableLines + this.#tooLongLines > 0) verdicts.push('unreadable')
    const states = evidence.flatMap((run) => run.findStateToPin() ?? [])
    return {
      verdict: findGravest(verdicts),
      runs,
      records: runs.reduce((count, { records }) => count + records, 0),
      unsealedRecords: this.#unsealedRecords,
      foreignLines: this.#foreignLines,
      unreadableLines: this.#unreadableLines,
      tooLongLines: this.#tooLongLines,
      problems: this.#problems,
      verified: formatPinned(states),
    }
  }

  #find(run: string): RunEvidence {
    let evidence = this.#runs.get(run)
    if (evidence === undefined) {
      if (this.#runs.size >= MAX_RUNS)
        throw new AuditLogError('ERR_AUDIT_VERIFY', `There are more than ${MAX_RUNS} runs`)
      evidence = new RunEvidence(run)
      this.#runs.set(run, evidence)
    }
    return evidence
  }

  #add(record: InputRecord): void {
    if (record.kind === 'sealed') this.#addSealed(record)
    else if (record.kind === 'unsealed') this.#unsealedRecords += 1
    else if (record.kind === 'foreign') this.#foreignLines += 1
    else this.#unreadableLines += 1
  }

  #addSealed(record: SealedInput): void {
    const { place, facts } = record
    const evidence = this.#find(place.run)
    if (record.proof !== undefined) {
      this.#addIncluded(record, evidence)
      return
    }
    if (!evidence.addRecord(record)) return
    if (isJsonObject(facts.checkpoint)) this.#addCheckpointRecord(record, evidence)
    if (Array.isArray(facts.previous_checkpoints))
      for (const note of facts.previous_checkpoints.slice(0, MAX_PREVIOUS))
        this.#addPredecessor(note, record, evidence)
  }

  #addIncluded(record: SealedInput, evidence: RunEvidence): void {
    const { place, facts } = record
    evidence.isBundle = true
    const { note, path } = membersOf(record.proof)
    const checkpoint = openCheckpoint(note, this.#keys)
    if (!isSigned(checkpoint)) {
      if (checkpoint.fault === 'unknown key') evidence.addUnknownKeys(checkpoint.unknownKeys)
      else
        evidence.addModified(
          place.index,
          facts,
          `the checkpoint of its proof is not valid: ${checkpoint.fault}`,
        )
      return
    }
    const { size, root } = checkpoint
    const proof = decodeHashes(path)
    const isProven =
      checkpoint.run === place.run &&
      proof !== undefined &&
      isIncluded({ index: place.index, size, leaf: Buffer.from(record.leaf, 'base64url'), proof, root })
    const fault = isProven ? findFault(record) : 'its proof does not match the signed checkpoint'
    if (fault === undefined) evidence.addIncluded(place, checkpoint)
    else evidence.addModified(place.index, facts, fault)
  }

  #addCheckpointRecord(record: SealedInput, evidence: RunEvidence): void {
    const { place, facts } = record
    const { origin, size, root, note } = facts.checkpoint as Record<string, unknown>
    const opened = openCheckpoint(note, this.#keys)
    if (!isSigned(opened)) {
      evidence.addUnknownKeys(opened.unknownKeys)
      if (opened.fault !== 'unknown key') {
        evidence.addModified(place.index, facts, `its checkpoint is not valid: ${opened.fault}`)
      }
      return
    }
    const isOwn =
      opened.run === place.run &&
      opened.origin === origin &&
      opened.size === size &&
      opened.root.toString('base64') === root
    if (!isOwn) evidence.addModified(place.index, facts, 'its fields and its signed checkpoint do not agree')
    this.#find(opened.run).addCheckpoint(opened, isOwn ? record : undefined)
  }

  #addPredecessor(note: unknown, { place }: SealedInput, evidence: RunEvidence): void {
    const successor = place.run
    const checkpoint = this.#addNote(note, successor)
    if (!isSigned(checkpoint)) {
      evidence.addUnknownKeys(checkpoint.unknownKeys)
      if (checkpoint.fault !== 'unknown key')
        evidence.addBrokenLink(`it names a checkpoint that is not valid: ${checkpoint.fault}`)
      return
    }
    const key = `${checkpoint.run}/${checkpoint.size}`
    const other = this.#successors.get(key)
    if (other === undefined) this.#successors.set(key, successor)
    else if (other !== successor) {
      this.#find(other).addFork(successor)
      this.#find(successor).addFork(other)
    }
  }

  #addNote(note: unknown, namedBy: string) {
    const opened = openCheckpoint(note, this.#keys)
    if (!isSigned(opened)) return opened
    const evidence = this.#find(opened.run)
    evidence.addCheckpoint(opened)
    evidence.addName(namedBy)
    return opened
  }
}

function describeNoteProblem({ fault, unknownKeys }: NoteProblem): string {
  return unknownKeys.length === 0 ? fault : `${fault} (${unknownKeys.join(', ')})`
}

/** More than a first record has room for. */
const MAX_PREVIOUS = 5000
/** Each takes some memory, and a hostile input may name another one in each line. */
const MAX_RUNS = 100_000

/** By the time of their first record; runs without one come last. */
function compareRuns(first: RunResult, second: RunResult): number {
  return (first.from ?? '\uffff') < (second.from ?? '\uffff') ? -1 : 1
}
