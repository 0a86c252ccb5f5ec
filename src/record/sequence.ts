// One run and one sequence per process (per thread, with worker threads). They are stored under a key of the process,
// because the ES module and the CommonJS build of this package may be loaded side by side.
import { randomUUID } from 'node:crypto'

/** The position of a record in the sequence of its process. */
export interface SequenceNumber {
  /** UUID of this run of the process. */
  readonly run: string
  /** Starts at 1, without gaps within a run. */
  readonly seq: number
}

interface ProcessRun {
  readonly run: string
  lastSeq: number
}

const key = Symbol.for('http-audit-log/run@1')
const shared = globalThis as { [key]?: ProcessRun }

/** Returns the next number of a sequence. Call it only for a record that is sent, so that the sequence has no gap. */
export type SequenceAllocator = () => SequenceNumber

/** A sequence of its own, for a sealed log: all of its records go to one sink. */
export function createSequence(run: string): SequenceAllocator {
  let lastSeq = 0
  return () => {
    lastSeq += 1
    return { run, seq: lastSeq }
  }
}

/** Returns the next number of the sequence of this process. Call it only for a record that is sent, so that the sequence has no gap. */
export function allocateSequenceNumber(): SequenceNumber {
  shared[key] ??= { run: randomUUID(), lastSeq: 0 }
  const current = shared[key]
  current.lastSeq += 1
  return { run: current.run, seq: current.lastSeq }
}
