// Exports chosen records, each with a proof that it is in the log, for readers who may not see the others.
import { parseVerifierKey } from '../evidence/note-keys.js'
import type { JsonObject } from '../evidence/sealed-formats/sealed-format.js'
import { CompleteTree } from '../evidence/tree-proofs.js'
import { type Checks, checkFunction, checkOptions } from '../lib/validate.js'
import type { Verification } from './findings.js'
import { encodeHashes } from './hashes.js'
import { LogEvidence } from './log-evidence.js'
import type { SealedInput } from './read-record.js'
import type { VerifiedState } from './run-evidence.js'

export interface ProveOptions {
  /** The verifier keys of the log. */
  readonly keys: readonly string[]
  /** Paths of files that have the whole log. They are read twice. */
  readonly files: readonly string[]
  /** Chooses the records. Gets the parsed line, such as `{ audit: { ... } }`. */
  readonly where: (record: JsonObject) => boolean
  /** Called with each line of the bundle: a record with its proof. */
  readonly write: (line: string) => void
}

export interface ProveResult {
  /** Records in the bundle. */
  readonly exported: number
  /** Chosen records that cannot be proven: after the last checkpoint, or in a log that is not intact. */
  readonly unproven: number
  /** The runs of the records, and the size of the log that their proofs speak of. */
  readonly runs: readonly { readonly run: string; readonly size: number; readonly records: number }[]
  /** What `verify()` says of the files. */
  readonly verification: Verification
}

const CHECKS: Checks<ProveOptions> = {
  keys: {
    expected: 'an array of one or more verifier keys',
    accepts: (value) => Array.isArray(value) && value.length > 0,
    items: { expected: 'a verifier key', accepts: (value) => typeof value === 'string', isSecret: true },
    isRequired: true,
  },
  files: {
    expected: 'an array of one or more paths',
    accepts: (value) => Array.isArray(value) && value.length > 0,
    items: { expected: 'a path', accepts: (value) => typeof value === 'string' && value !== '' },
    isRequired: true,
  },
  where: { ...checkFunction, isRequired: true },
  write: { ...checkFunction, isRequired: true },
}

/**
 * Exports chosen records of a sealed log as a bundle: one record in each line, with a signed checkpoint and the hashes that lead to it
 * (RFC 6962 section 2.1.1). `verify()` checks it by the public key alone. A bundle does not show what was left out.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`, `ERR_AUDIT_KEY`
 * @example
 * const lines = []
 * await prove({ keys, files: ['audit.log'], where: ({ audit }) => audit.user?.id === 'jane', write: (line) => lines.push(line) })
 */
export async function prove(options: ProveOptions): Promise<ProveResult> {
  const { keys, files, where, write } = checkOptions<ProveOptions>(options, CHECKS)
  const parsedKeys = keys.map(parseVerifierKey)
  const log = new LogEvidence(parsedKeys)
  await log.read(files)
  const verification = log.judge(false)
  const provers = new Map<string, RunProver | undefined>()
  const exported = new Set<string>()
  let unproven = 0

  function exportRecord(record: SealedInput): void {
    const { run, index } = record.place
    if (!where(record.parsed) || exported.has(`${run}/${index}`)) return
    if (!provers.has(run)) provers.set(run, createProver(log, run))
    const line = provers.get(run)?.proveRecord(record)
    if (line === undefined) {
      unproven += 1
      return
    }
    exported.add(`${run}/${index}`)
    write(line)
  }

  await new LogEvidence(parsedKeys).read(files, undefined, exportRecord)
  const runs = [...provers].flatMap(([run, prover]) =>
    prover === undefined || prover.records === 0 ? [] : { run, size: prover.size, records: prover.records },
  )
  return { exported: exported.size, unproven, runs, verification }
}

function createProver(log: LogEvidence, run: string): RunProver | undefined {
  const evidence = log.find(run)
  const state = evidence?.findVerifiedState()
  if (evidence === undefined || state === undefined) return undefined
  const leaves = Array.from(
    { length: state.checkpoint.size },
    (_, index) => evidence.leaves.get(index) as Buffer,
  )
  return new RunProver(state, leaves)
}

class RunProver {
  readonly #state: VerifiedState
  readonly #leaves: readonly Buffer[]
  readonly #tree: CompleteTree
  records = 0

  constructor(state: VerifiedState, leaves: readonly Buffer[]) {
    this.#state = state
    this.#leaves = leaves
    this.#tree = new CompleteTree(leaves)
  }

  get size(): number {
    return this.#state.checkpoint.size
  }

  /** The line of a record in a bundle; `undefined` if it cannot be proven. */
  proveRecord({ place: { index }, leaf, parsed }: SealedInput): string | undefined {
    if (this.#leaves[index]?.equals(Buffer.from(leaf, 'base64url')) !== true) return undefined
    this.records += 1
    const path = encodeHashes(this.#tree.proveInclusion(index, this.size))
    return `${JSON.stringify({ ...parsed, proof: { note: this.#state.checkpoint.note, path } })}\n`
  }
}
