// The results of `verify()`.
import type { IndexRange } from './leaf-store.js'
import type { MissingRange } from './missing-ids.js'

/**
 * What was found about a run, and about all of them:
 * - `equivocation`: two signed checkpoints of the same size differ, so somebody with the private key has written two versions of the log.
 * - `conflicting`: two records with different content have the same index.
 * - `modified`: a record was changed after it had been sealed.
 * - `missing`: the run had records that are not in the input.
 * - `run missing`: a signed checkpoint proves that a run had records, and none of them is in the input.
 * - `forked`: the link to the run before cannot be relied on: two runs claim to follow the same one (the state file was restored from a
 *   copy, or a process was killed while it started), or the state file was damaged. A run in between may be missing.
 * - `unknown key`: checkpoints are signed with a key that was not given.
 * - `not sealed`: records have no seal, or no signed checkpoint covers them.
 * - `unreadable`: lines begin like a record and cannot be read: they are damaged, cut off or too long.
 * - `unsealed tail`: records come after the last checkpoint. This is normal while the process runs, and after it was killed.
 * - `not stopped`: the end of the run is not proven: the process still runs, was killed, or the end of the log was cut off.
 * - `partial`: records that were not asked for are not in the input, so that those that are cannot be compared with the checkpoints.
 * - `included`: the input has selected records only, each with a proof that it is in the log (a bundle of `prove`).
 * - `declared lost`: the log itself reports that records were lost in an outage of its sink.
 * - `intact`: every record from the start of the run to its end is present and unchanged.
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
  'unreadable',
  'unsealed tail',
  'not stopped',
  'partial',
  'included',
  'declared lost',
  'intact',
] as const

/** Verdicts that show a fault. The others show only what is not proven. */
const FAULTS: ReadonlySet<Verdict> = new Set([
  'equivocation',
  'conflicting',
  'modified',
  'missing',
  'run missing',
])

/** A record that was changed, or one of two records with the same index. */
export interface Finding {
  readonly index: number
  /** What the record has now, which may have been changed; `undefined` if it has none. */
  readonly id: string | undefined
  readonly time: string | undefined
  /** What is wrong with it, in words. */
  readonly reason: string
}

/** A range in which records were changed and their hashes calculated again, so that it is not known which. */
export interface ModifiedRange extends IndexRange {
  readonly reason: string
}

export interface RunResult {
  /** UUID of the run. */
  readonly run: string
  /** The name of the key that signed its checkpoints; `undefined` if none is signed with a given key. */
  readonly log: string | undefined
  /** The gravest of `verdicts`. */
  readonly verdict: Verdict
  readonly verdicts: readonly Verdict[]
  /** Different records of the run in the input. */
  readonly records: number
  /** The size of the largest checkpoint; 0 without one. */
  readonly signed: number
  /** How many records are proven, counted from the first one. */
  readonly proven: number
  /** Records after the last checkpoint. */
  readonly unsealed: number
  /** The earliest and the latest `time` of the records. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly modified: readonly Finding[]
  readonly modifiedRanges: readonly ModifiedRange[]
  readonly conflicting: readonly Finding[]
  readonly missing: readonly MissingRange[]
  /** How many there are; the lists above have the first hundred. */
  readonly counts: { readonly modified: number; readonly conflicting: number; readonly missing: number }
  /** The sizes of which there are two different checkpoints. */
  readonly equivocations: readonly number[]
  /** Records with a proof of their own, by the size of the checkpoint that proves them. */
  readonly included: readonly { readonly size: number; readonly records: number }[]
  /** How many records the log says were lost. */
  readonly declaredLost: number
  /** The names of keys that were not given. */
  readonly unknownKeys: readonly string[]
  /** Why the link to the run before cannot be relied on. */
  readonly brokenLinks: readonly string[]
  /** If no record of the run is in the input: the runs that name it. With `forked`: the other runs. */
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
  /** Lines that begin like a record and are no JSON: cut off by a crash, or damaged. Or nested deeper than any record. */
  readonly unreadableLines: number
  /** Lines that are too long to be records. */
  readonly tooLongLines: number
  /** Inputs that could not be read, or not to their end. */
  readonly problems: readonly string[]
}

export interface Verification extends VerifyResult {
  /** What is proven of each run: for `since` of a later verification. */
  readonly verified: string
}

/** The gravest of some verdicts. */
export function findGravest(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? 'not sealed'
}

/**
 * The exit code of the command: 0 for intact, 1 if something is wrong, 2 if the input could not be read, 3 if nothing wrong was found
 * but not everything is proven.
 *
 * @param options `acceptsBundle`: whether chosen records with proofs are enough. A log that was replaced by a bundle of its harmless
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
