import type { KeyObject } from 'node:crypto'
import type { LineTemplate } from '../evidence/sealed-line.js'
import type { Reporter } from '../lib/reporter.js'
import type { SealRecord } from '../record/record.js'
import type { Sink } from '../sinks/sink.js'
import type { SealedSink } from './sealed-sink.js'

export interface SealOptions {
  /**
   * The key that signs checkpoints: the text that `http-audit-log keygen` prints, or a private key of Ed25519 with a name. Keep it
   * apart from the log: who has it can write another log.
   */
  readonly key: string | { readonly name: string; readonly privateKey: KeyObject }
  /**
   * When a checkpoint is written: after so many lines, or so many seconds after the first line that has none, whichever is first.
   * @default { records: 1000, seconds: 60 }
   */
  readonly every?:
    | { readonly records?: number | undefined; readonly seconds?: number | undefined }
    | undefined
  /**
   * A file that links the runs of this log, so that a run which was deleted whole is missed. It may be shared by the processes of one
   * machine. Its folder must exist.
   * @default undefined: runs are not linked
   * @example '/var/lib/app/audit-seal.json'
   */
  readonly state?: string | undefined
  /**
   * Gets each checkpoint as well, as a signed note without a record. Put it under other control than the log: what it has cannot be
   * denied later.
   * @default undefined
   * @example file('/mnt/worm/checkpoints')
   */
  readonly witness?: Sink | undefined
}

/** The counts of a seal. */
export interface SealStats {
  /** UUID of the run: `run` of its records. */
  readonly run: string
  /** Lines in the tree of this run. */
  readonly size: number
  /** Lines that a checkpoint proves. */
  readonly signed: number
  /** Checkpoints by what became of them at the witness; `undefined` without one. */
  readonly witness: { readonly written: number; readonly waiting: number; readonly lost: number } | undefined
}

/** A sink with memory for outages. */
export interface WitnessDelivery {
  send(note: string): void
  close(): Promise<void>
  counts(): { readonly written: number; readonly waiting: number; readonly lost: number }
}

/** What a pipeline gives its seal. */
export interface SealContext {
  readonly sink: Sink
  readonly format: 'audit' | 'ecs' | 'ocsf'
  readonly maxRecordBytes: number
  readonly sinkTimeoutMs: number
  readonly reporter: Reporter
  /** Writes a record of the seal itself. */
  readonly write: (record: SealRecord, message: string, action: string) => void
  readonly createWitness: (sink: Sink) => WitnessDelivery
}

/** One run of a sealed pipeline, from its first record to its last. */
export interface SealedRun {
  /** UUID. */
  readonly run: string
  /** The name of the log and the run, as checkpoints have it. */
  readonly origin: string
  /** Seals the lines that it is given, and writes them to the sink of the log. */
  readonly sink: SealedSink
  /** Returns a draft of the template of a formatted record, by which its length is found. */
  draftTemplate(formatted: object, format?: 'audit'): string
  /** Turns a draft into the template. */
  finishTemplate(draft: string): LineTemplate
  /** Writes the record that the log was started. */
  start(): void
  /**
   * To be called after each record. Writes a checkpoint when one is due.
   *
   * @param isOwn whether it is a record of the seal itself
   */
  afterRecord(isOwn: boolean): void
  /** Writes a checkpoint, unless there is nothing new to prove. */
  writeCheckpoint(): void
  /** Whether the last record, apart from checkpoints, is that of the stop. */
  readonly isStopped: boolean
  /** Writes the record that the log was stopped. */
  stop(): void
  /** Writes the last checkpoint. To be called when the sink has accepted all records. */
  finish(): void
  closeWitness(): Promise<void>
  stats(): SealStats
}

/** What `seal()` returns, for the option `seal`. */
export interface Seal {
  /** The name of the key, which is that of the log. */
  readonly logName: string
  /** @internal Begins a run. Each pipeline has its own. */
  begin(context: SealContext): SealedRun
}
