// Checkpoints as signed notes: whether they can be relied on, and of which run they speak.
import { type Checkpoint, parseCheckpoint } from '../evidence/checkpoint.js'
import type { VerifierKey } from '../evidence/note-keys.js'
import { type NoteFault, openNote } from '../evidence/signed-note.js'

/** A checkpoint whose signature is right. */
export interface SignedCheckpoint extends Checkpoint {
  readonly run: string
  /** The name of the key. */
  readonly log: string
  readonly note: string
}

export interface NoteProblem {
  readonly fault: NoteFault | 'no checkpoint' | 'wrong origin'
  /** The names of the keys that were not given. */
  readonly unknownKeys: readonly string[]
}

export function isSigned(opened: SignedCheckpoint | NoteProblem): opened is SignedCheckpoint {
  return 'root' in opened
}

/** @param note anything: it comes from a file */
export function openCheckpoint(note: unknown, keys: readonly VerifierKey[]): SignedCheckpoint | NoteProblem {
  if (typeof note !== 'string') return { fault: 'malformed', unknownKeys: [] }
  const opened = openNote(note, keys)
  if (typeof opened === 'string')
    return { fault: opened, unknownKeys: opened === 'unknown key' ? readSigners(note) : [] }
  const checkpoint = parseCheckpoint(opened.text)
  if (checkpoint === undefined) return { fault: 'no checkpoint', unknownKeys: [] }
  // A key signs checkpoints of its own log only.
  const signer = opened.signers.find(({ name }) => checkpoint.origin.startsWith(`${name}/`))
  if (signer === undefined) return { fault: 'wrong origin', unknownKeys: [] }
  return { ...checkpoint, run: checkpoint.origin.slice(signer.name.length + 1), log: signer.name, note }
}

/** The names in the signatures of a note that was not opened. */
function readSigners(note: string): string[] {
  return [...note.matchAll(/^— (\S{1,200}) /gm)].map(([, name]) => name as string).slice(0, MAX_NAMES)
}

const MAX_NAMES = 10

/** A note within a text of several: three lines, an empty one, and signatures. */
const NOTES = /^[^\n]+\n\d+\n[^\n]+\n\n(?:— [^\n]+\n)+/gm

/** The notes of a file that a witness has, one after the other. */
export function splitNotes(text: string): string[] {
  return text.match(NOTES) ?? []
}
