// The variants of the middleware that the injection mounts, by name.
import type { Sink } from '../../src/index.js'

/** Taken before the tests of an application may replace it by a fake. */
const { setTimeout: realSetTimeout } = globalThis
const LATE_MS = 10

export interface Variant {
  readonly options: Readonly<Record<string, unknown>>
  /** How long the sink takes to accept a line; 0 if it accepts it at once. */
  readonly sinkDelayMs: number
}

/** `null`: an empty middleware is mounted in the same places. The other variants are compared with this control. */
export const VARIANTS: Readonly<Record<string, Variant | null>> = {
  control: null,
  default: { options: {}, sinkDelayMs: 0 },
  'fail-closed': { options: { failClosed: true }, sinkDelayMs: 0 },
  'fail-closed-late': { options: { failClosed: true }, sinkDelayMs: LATE_MS },
  context: { options: { context: true }, sinkDelayMs: 0 },
  stages: { options: { stages: ['received', 'started'] }, sinkDelayMs: 0 },
  'stages-fail-closed': {
    options: { stages: ['received', 'started'], failClosed: true },
    sinkDelayMs: LATE_MS,
  },
}

/** Calls `onLine` for each line, and accepts it after `delayMs`. */
export function createSink(delayMs: number, onLine: (line: string) => void): Sink {
  return {
    write(line) {
      onLine(line)
      return delayMs === 0 ? undefined : new Promise((resolve) => realSetTimeout(resolve, delayMs))
    },
  }
}
