// A file with the newest proven state of each run: `verify --write-checkpoint` writes it, and `--since` goes on from there.
import { GrowingTree } from '../evidence/merkle-tree.js'
import type { VerifierKey } from '../evidence/note-keys.js'
import { isJsonObject, membersOf } from '../evidence/sealed-formats/sealed-format.js'
import { AuditLogError } from '../lib/errors.js'
import { isObject } from '../lib/validate.js'
import { isSigned, openCheckpoint, type SignedCheckpoint } from './checkpoint-notes.js'
import { decodeHashes, encodeHashes } from './hashes.js'
import { findFault, readParsed } from './read-record.js'
import type { VerifiedState } from './run-evidence.js'

const VERSION = 1

/** The content of the file: JSON. */
export function formatPinned(states: readonly VerifiedState[]): string {
  const runs = states.map(({ checkpoint, peaks, stop }) => ({
    note: checkpoint.note,
    peaks: encodeHashes(peaks),
    ...(stop && { stop: { record: stop.record.parsed, peaks: encodeHashes(stop.peaks) } }),
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
  if (!isObject(state)) throw invalid('is damaged')
  const checkpoint = openCheckpoint(state.note, keys)
  if (!isSigned(checkpoint)) throw invalid(`has a checkpoint that is not valid: ${checkpoint.fault}`)
  const tree = readTree(checkpoint.size, state.peaks)
  // The signed root proves the hashes below it.
  if (!tree?.root().equals(checkpoint.root)) throw invalid('has hashes that do not match its checkpoint')
  const stop = state.stop === undefined ? undefined : readStop(state.stop, checkpoint)
  return { checkpoint, peaks: tree.peaks, stop }
}

/** The record of the stop is not signed, but the root of the checkpoint proves that it is the last one. */
function readStop(stop: unknown, { run, size, root }: SignedCheckpoint): VerifiedState['stop'] {
  const { record, peaks } = membersOf(stop)
  const [read] = isJsonObject(record) ? readParsed(record) : []
  const tree = readTree(size - 1, peaks)
  if (read?.kind !== 'sealed' || tree === undefined) throw invalid('is damaged')
  tree.append(Buffer.from(read.leaf, 'base64url'))
  const { place, facts } = read
  const isProven = tree.root().equals(root) && findFault(read) === undefined
  if (!isProven || place.run !== run || place.index !== size - 1 || facts.run_event !== 'stopped')
    throw invalid('has a record of the end that is not the last one of its checkpoint')
  return { record: read, peaks: readTree(size - 1, peaks)?.peaks ?? [] }
}

function readTree(size: number, peaks: unknown): GrowingTree | undefined {
  const hashes = decodeHashes(peaks)
  return hashes?.length === countOnes(size) ? new GrowingTree(size, hashes) : undefined
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
