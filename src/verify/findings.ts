// The results of `verify()`.
import type { IndexRange } from './leaf-store.js'

/**
 * What was found about a run, and about all of them:
 * - `equivocation`: two signed checkpoints of one size differ, so whoever has the key has written two logs.
 * - `conflicting`: one place in the log has two contents.
 * - `modified`: a record is not as it was sealed.
 * - `missing`: a record is not in the input.
 * - `run missing`: no record of a run is in the input, although a checkpoint proves that there were some.
 * - `forked`: two runs name the same checkpoint as their predecessor. The state file was restored, so that a run between may be
 *   missing; or a process was killed when it started.
 * - `unknown key`: checkpoints are signed with a key that was not given.
 * - `not sealed`: records have no seal, or no checkpoint.
 * - `unsealed tail`: records come after the last checkpoint, which is not proof of a fault: the process was killed, or still runs.
 * - `not stopped`: the log was not ended; the process was killed, or still runs, or the end was cut off.
 * - `partial`: only a part of the run was asked for, so that checkpoints cannot be compared with it.
 * - `included`: only chosen records are in the input, each with a proof that it is in the log (a bundle of `prove`).
 * - `declared lost`: the log says itself that records were lost in an outage of its sink.
 * - `intact`: every record from the start to the stop is there, unchanged.
 */
export type Verdict = (typeof VERDICTS)[number]

/** The gravest first. */
export const VERDICTS = [
  'equivocation',
  'conflicting',
  'modified',
  'missing',
  'run missing',
  'forked',
  'unknown key',
  'not sealed',
  'unsealed tail',
  'not stopped',
  'partial',
  'included',
  'declared lost',
  'intact',
] as const

/** Those that show that something is wrong. The others show only what is not proven. */
const FAULTS: ReadonlySet<Verdict> = new Set([
  'equivocation',
  'conflicting',
  'modified',
  'missing',
  'run missing',
])

/** A record that is not as it was sealed, or a place with two contents. */
export interface Finding {
  readonly index: number
  /** As the record states them now; `undefined` if it has none. */
  readonly id: string | undefined
  readonly time: string | undefined
  /** What is wrong with it, in words. */
  readonly reason: string
}

/** Records among which some were changed, together with their hashes. */
export interface ModifiedRange extends IndexRange {
  readonly reason: string
}

export interface RunResult {
  /** UUID of the run; empty for records without a seal. */
  readonly run: string
  /** The name of the key that has signed its checkpoints; `undefined` if there is none that was given. */
  readonly log: string | undefined
  /** The gravest of `verdicts`. */
  readonly verdict: Verdict
  readonly verdicts: readonly Verdict[]
  /** Different records of the run in the input. */
  readonly records: number
  /** The size of the largest checkpoint; 0 without one. */
  readonly signed: number
  /** So many records from the first on are proven. */
  readonly proven: number
  /** Records after the last checkpoint. */
  readonly unsealed: number
  /** The times that the first and the last record state. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly modified: readonly Finding[]
  readonly modifiedRanges: readonly ModifiedRange[]
  readonly conflicting: readonly Finding[]
  readonly missing: readonly IndexRange[]
  /** How many there are; the lists above have the first hundred. */
  readonly counts: { readonly modified: number; readonly conflicting: number; readonly missing: number }
  /** The sizes of checkpoints that contradict each other. */
  readonly equivocations: readonly number[]
  /** Records with a proof of their own, by the size of the log that it speaks of. */
  readonly included: readonly { readonly size: number; readonly records: number }[]
  /** How many records the log says were lost. */
  readonly declaredLost: number
  /** The names of keys that were not given. */
  readonly unknownKeys: readonly string[]
  /** The runs that name this one, if nothing of it is in the input; or the checkpoint that another run names too. */
  readonly namedBy: readonly string[]
}

export interface VerifyResult {
  /** The gravest of all. */
  readonly verdict: Verdict
  readonly runs: readonly RunResult[]
  /** Different sealed records. */
  readonly records: number
  /** Records without a seal. */
  readonly unsealedRecords: number
  /** Lines that are no records. */
  readonly foreignLines: number
  /** Lines that begin like a record, and are no JSON: cut by a crash, or damaged. */
  readonly unreadableLines: number
  /** Lines that are too long to be records. */
  readonly tooLongLines: number
  /** Inputs that could not be read, or not to their end. */
  readonly problems: readonly string[]
}

/** The gravest of some verdicts. */
export function findGravest(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? 'not sealed'
}

/**
 * The exit code of the command: 0 for intact, 1 if something is wrong, 2 if the input could not be read, 3 if nothing wrong was found
 * but not everything is proven.
 *
 * @param options.acceptsBundle whether chosen records with proofs are enough. A log that was replaced by a bundle of its harmless
 *   records must not pass
 */
export function findExitCode(
  { verdict, problems }: Pick<VerifyResult, 'verdict' | 'problems'>,
  { acceptsBundle = false }: { readonly acceptsBundle?: boolean } = {},
): 0 | 1 | 2 | 3 {
  if (problems.length > 0) return 2
  if (FAULTS.has(verdict)) return 1
  return verdict === 'intact' || (acceptsBundle && verdict === 'included') ? 0 : 3
}
