// A file with the newest proven state of each run: `verify --write-checkpoint` writes it, and `--since` goes on from there.
import { GrowingTree } from '../evidence/merkle-tree.js'
import type { VerifierKey } from '../evidence/note-keys.js'
import { AuditLogError } from '../lib/errors.js'
import { isObject } from '../lib/validate.js'
import { isSigned, openCheckpoint } from './checkpoint-notes.js'
import type { VerifiedState } from './run-evidence.js'

const VERSION = 1

/** The content of the file: JSON. */
export function formatPinned(states: readonly VerifiedState[]): string {
  const runs = states.map(({ checkpoint, peaks, isStopped }) => ({
    note: checkpoint.note,
    peaks: peaks.map((peak) => peak.toString('base64')),
    stopped: isStopped,
  }))
  return `${JSON.stringify({ version: VERSION, runs }, null, 2)}\n`
}

/** @throws AuditLogError `ERR_AUDIT_VERIFY` if the text is something else, or a checkpoint is not signed with a key that was given */
export function parsePinned(text: string, keys: readonly VerifierKey[]): readonly VerifiedState[] {
  const value = parse(text)
  if (!isObject(value) || value.version !== VERSION || !Array.isArray(value.runs))
    throw invalid('is not a file of `--write-checkpoint`')
  return value.runs.map((state: unknown) => readState(state, keys))
}

function readState(state: unknown, keys: readonly VerifierKey[]): VerifiedState {
  if (!isObject(state) || !Array.isArray(state.peaks)) throw invalid('is damaged')
  const checkpoint = openCheckpoint(state.note, keys)
  if (!isSigned(checkpoint)) throw invalid(`has a checkpoint that is not valid: ${checkpoint.fault}`)
  const peaks = state.peaks.map((peak) => Buffer.from(String(peak), 'base64'))
  const tree = new GrowingTree(checkpoint.size, peaks)
  // The signed root proves the hashes below it.
  if (peaks.length !== countOnes(checkpoint.size) || !tree.root().equals(checkpoint.root))
    throw invalid('has hashes that do not match its checkpoint')
  return { checkpoint, peaks, isStopped: state.stopped === true }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The number of whole subtrees of a tree. */
function countOnes(size: number): number {
  return [...size.toString(2)].filter((digit) => digit === '1').length
}

function invalid(what: string): AuditLogError {
  return new AuditLogError(
    'ERR_AUDIT_VERIFY',
    `The file of verified checkpoints ${what}. Verify without it, from the first record on`,
  )
}
