// The records that a seal writes itself: start, checkpoints and stop. They say where a run begins and ends.
import { hasDottedPath, isJsonObject } from '../evidence/sealed-formats/sealed-format.js'
import { hashParsedLine } from '../evidence/sealed-line.js'
import { describeTime } from './describe-record.js'
import type { SealedInput } from './read-record.js'

interface CheckpointRecord {
  readonly index: number
  readonly frame: string
}

export class SealRecords {
  #hasStart = false
  #stop: SealedInput | undefined
  #lastOrdinary = -1
  /** The first of the records, which all others of the run are compared with. */
  #first: CheckpointRecord | undefined
  /** By the size of the checkpoint. */
  readonly #checkpoints = new Map<number, CheckpointRecord>()

  /** To be called with each record of the run, once for each index. */
  add(record: SealedInput): void {
    const { index } = record.place
    const { run_event, checkpoint } = record.facts
    // A sink that has rejected the first record may have taken another one before it.
    const isStart = run_event === 'started'
    const isStop = run_event === 'stopped'
    const isCheckpoint = isJsonObject(checkpoint)
    if (isStart) this.#hasStart = true
    if (isStop && index > this.lastStop) this.#stop = record
    if (!isStop && !isCheckpoint) this.#lastOrdinary = Math.max(this.#lastOrdinary, index)
    if ((isStart || isStop || isCheckpoint) && (this.#first === undefined || index < this.#first.index))
      this.#first = { index, frame: hashFrame(record) }
  }

  /** A record whose signed checkpoint is that of its fields. */
  addCheckpoint(size: number, record: SealedInput): void {
    const { place, facts } = record
    const isUsual =
      facts.message === `Checkpoint of ${size} records` && facts.action === 'sign' && saysNothingElse(record)
    if (isUsual && !this.#checkpoints.has(size))
      this.#checkpoints.set(size, { index: place.index, frame: hashFrame(record) })
  }

  get hasStart(): boolean {
    return this.#hasStart
  }

  /** The index of the last record of a stop; -1 without one. */
  get lastStop(): number {
    return this.#stop?.place.index ?? -1
  }

  get stopRecord(): SealedInput | undefined {
    return this.#stop
  }

  /** The index of the last record that is not one of the seal, apart from the start; -1 without one. */
  get lastOrdinary(): number {
    return this.#lastOrdinary
  }

  /**
   * Whether the record of the last checkpoint, which no other one covers, is there and has nothing to say beside its signed note: in all
   * else it is like a record that is proven. Its time and its number are not compared.
   *
   * @param size of the checkpoint
   * @param proven so many records are proven
   */
  hasLastCheckpoint(size: number, proven: number): boolean {
    const record = this.#checkpoints.get(size)
    const first = this.#first
    if (record === undefined || first === undefined) return false
    return record.index === size && first.index < proven && record.frame === first.frame
  }
}

/** Its time and its number cannot be checked, but must look like those that this package writes. */
function saysNothingElse({ parsed, format, facts }: SealedInput): boolean {
  const { run_event, checkpoint, previous_checkpoints, lost, seq, time } = facts
  if (hasDottedPath(parsed, format.members) || format.hasUsualTimes?.(parsed) === false) return false
  const others = [run_event, previous_checkpoints, lost].filter((fact) => fact !== undefined && fact !== null)
  const hasUsualParts =
    Object.keys(checkpoint as object)
      .sort()
      .join() === CHECKPOINT_PARTS
  return others.length === 0 && hasUsualParts && Number.isSafeInteger(seq) && describeTime(time) !== undefined
}

const CHECKPOINT_PARTS = 'note,origin,root,size'

function hashFrame({ parsed, format }: Pick<SealedInput, 'parsed' | 'format'>): string {
  return hashParsedLine(parsed, { ...format, members: format.frame })
}
