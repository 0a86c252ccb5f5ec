import { randomUUID } from 'node:crypto'
import { formatCheckpoint } from '../evidence/checkpoint.js'
import type { SignerKey } from '../evidence/note-keys.js'
import { SEALED_FORMATS } from '../evidence/sealed-formats/index.js'
import { draftTemplate, finishTemplate, type LineTemplate } from '../evidence/sealed-line.js'
import { signNote } from '../evidence/signed-note.js'
import type { CheckpointRecord } from '../record/record.js'
import type { Sink } from '../sinks/sink.js'
import { RunTree } from './run-tree.js'
import type { SealContext, SealedRun, SealStats, WitnessDelivery } from './seal.js'
import { SealedSink } from './sealed-sink.js'
import { StateFile } from './state-file.js'

export interface RunOptions {
  readonly signer: SignerKey
  readonly records: number
  readonly seconds: number
  readonly state: string | undefined
  readonly witness: Sink | undefined
}

/** The state file is on a disk, for which a request would wait: it is written at most so often, milliseconds. */
const STATE_INTERVAL_MS = 1000

/** @throws AuditLogError `ERR_AUDIT_SEAL` if the state file cannot be used */
export function beginRun(options: RunOptions, context: SealContext): SealedRun {
  return new Run(options, context)
}

class Run implements SealedRun {
  readonly run = randomUUID()
  readonly sink: SealedSink
  readonly #options: RunOptions
  readonly #context: SealContext
  readonly origin: string
  readonly #tree = new RunTree()
  readonly #state: StateFile | undefined
  readonly #witness: WitnessDelivery | undefined
  /** The checkpoints that the first record names. */
  readonly #named: readonly string[]
  /** The size at the last checkpoint; -1 before the first one. */
  #signedSize = -1
  /** The newest checkpoint that is not in the state file yet. */
  #unsaved: { readonly size: number; readonly note: string } | undefined
  #savedAt = 0
  #isAnnounced = false
  #timer: NodeJS.Timeout | undefined
  /** Records after `close()` go on with the run. */
  isStopped = false

  constructor(options: RunOptions, context: SealContext) {
    const { signer, state, witness } = options
    this.#options = options
    this.#context = context
    this.origin = `${signer.name}/${this.run}`
    this.sink = new SealedSink(context.sink, this.#tree, context.sinkTimeoutMs)
    this.#state = state === undefined ? undefined : new StateFile(state, signer, this.run)
    const maxBytes = context.maxRecordBytes / 2
    this.#named = this.#state?.takePrevious((notes) => selectNotes(notes, maxBytes)) ?? []
    this.#witness = witness && context.createWitness(witness)
  }

  draftTemplate(formatted: object, format = this.#context.format): string {
    return draftTemplate(formatted, SEALED_FORMATS[format], this.run)
  }

  finishTemplate(draft: string): LineTemplate {
    return finishTemplate(draft)
  }

  start(): void {
    const previous = this.#named.length === 0 ? {} : { previous_checkpoints: [...this.#named] }
    this.#context.write({ run_event: 'started', ...previous }, 'Audit log started', 'start')
  }

  afterRecord(isOwn: boolean): void {
    if (!isOwn) this.isStopped = false
    const { records, seconds } = this.#options
    const { size } = this.#tree
    if (size === 0) return
    if (!this.#isAnnounced) this.#announce(size)
    // The last checkpoint follows, and covers all records.
    if (this.isStopped) return
    if (size - Math.max(this.#signedSize, 0) >= records) this.writeCheckpoint()
    else this.#timer ??= setTimeout(() => this.writeCheckpoint(), seconds * 1000).unref()
    this.#saveUnsaved()
  }

  /** The run is in the state file and at the witness as soon as it has a record, so that it is missed if it is deleted. */
  #announce(size: number): void {
    this.#isAnnounced = true
    if (this.#state === undefined && this.#witness === undefined) return
    const { note } = this.#sign(size)
    // A checkpoint follows at once if one is due.
    if (size < this.#options.records) this.#witness?.send(note)
    this.#save(size, { note }, true)
  }

  writeCheckpoint(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { size } = this.#tree
    // One record is new: that of the last checkpoint itself.
    if (size - this.#signedSize <= 1) return
    this.#signedSize = size
    const checkpoint = this.#sign(size)
    this.#witness?.send(checkpoint.note)
    this.#unsaved = { size, note: checkpoint.note }
    this.#context.write({ checkpoint }, `Checkpoint of ${size} records`, 'sign')
  }

  stop(): void {
    if (this.isStopped) return
    this.isStopped = true
    this.#context.write({ run_event: 'stopped' }, 'Audit log stopped', 'stop')
  }

  finish(): void {
    this.writeCheckpoint()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#saveUnsaved(true)
  }

  async closeWitness(): Promise<void> {
    await this.#witness?.close()
  }

  stats(): SealStats {
    return {
      run: this.run,
      size: this.#tree.size,
      signed: Math.max(this.#signedSize, 0),
      witness: this.#witness?.counts(),
    }
  }

  #sign(size: number): CheckpointRecord {
    const root = this.#tree.root()
    const note = signNote(formatCheckpoint({ origin: this.origin, size, root }), this.#options.signer)
    return { origin: this.origin, size, root: root.toString('base64'), note }
  }

  #saveUnsaved(isLast = false): void {
    const unsaved = this.#unsaved
    if (unsaved === undefined) return
    if (isLast || performance.now() - this.#savedAt >= STATE_INTERVAL_MS)
      this.#save(unsaved.size, unsaved, isLast)
  }

  #save(size: number, { note }: { readonly note: string }, isPatient = false): void {
    this.#unsaved = undefined
    this.#savedAt = performance.now()
    try {
      this.#state?.save(size, note, isPatient)
    } catch (error) {
      // Tried again with one of the next records.
      this.#unsaved ??= { size, note }
      this.#context.reporter.reportOnce(
        'ERR_AUDIT_SEAL',
        'The state file of the seal could not be written. Records are sealed all the same, but the next run may be linked to an ' +
          'older checkpoint of this one, or to none',
        error,
      )
    }
  }
}

/** The first record must fit into `maxRecordBytes`. The checkpoints that have no room are named by the next run. */
function selectNotes(notes: readonly string[], maxBytes: number): readonly string[] {
  const selected: string[] = []
  let bytes = 0
  for (const note of notes) {
    bytes += Buffer.byteLength(JSON.stringify(note)) + 1
    if (bytes > maxBytes) break
    selected.push(note)
  }
  return selected
}
