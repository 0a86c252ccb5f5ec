// One run and one sequence per process (per thread, where workers are used), also when both builds of this
// package, ES module and CommonJS, are loaded side by side: hence the key that the whole process shares.
import { randomUUID } from 'node:crypto'

interface ProcessRun {
  readonly run: string
  seq: number
}

const key = Symbol.for('http-audit-log/run')
const shared = globalThis as { [key]?: ProcessRun }

function processRun(): ProcessRun {
  shared[key] ??= { run: randomUUID(), seq: 0 }
  return shared[key]
}

/** The place of the next record: `seq` counts from 1 without a gap. */
export function nextSequence(): { run: string; seq: number } {
  const current = processRun()
  current.seq += 1
  return { run: current.run, seq: current.seq }
}
