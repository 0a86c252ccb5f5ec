// Signed notes (https://github.com/C2SP/C2SP/blob/main/signed-note.md): a text, an empty line, and a line for each signature.
import { sign, verify } from 'node:crypto'
import type { SignerKey, VerifierKey } from './note-keys.js'

const SIGNATURE_PREFIX = '— '
const ID_BYTES = 4
/** A note with more signatures is not read: each takes time to check. */
const MAX_SIGNATURES = 100
/** A longer text is no note of a checkpoint. */
const MAX_NOTE_LENGTH = 1_000_000

/** Signs a text, which ends in a line break. */
export function signNote(text: string, { name, id, privateKey }: SignerKey): string {
  const signature = sign(null, Buffer.from(text), privateKey)
  return `${text}\n${SIGNATURE_PREFIX}${name} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

/** A note whose signatures were checked. */
export interface OpenedNote {
  readonly text: string
  /** The keys that have signed it. */
  readonly signers: readonly VerifierKey[]
  /** Signatures of keys that are not known, by the name of the key. */
  readonly unknownNames: readonly string[]
}

/** Why a note cannot be relied on. */
export type NoteFault =
  /** It has not the form of a note. */
  | 'malformed'
  /** A key that is known has not made the signature that bears its name and id. */
  | 'wrong signature'
  /** No key that is known has signed it. */
  | 'unknown key'

/** Checks the signatures of a note. Those of unknown keys do not count; a wrong one of a known key makes the note invalid. */
export function openNote(note: string, keys: readonly VerifierKey[]): OpenedNote | NoteFault {
  const parts = splitNote(note)
  if (parts === undefined) return 'malformed'
  const { text, signatures } = parts
  const signers: VerifierKey[] = []
  const unknownNames: string[] = []
  for (const { name, data } of signatures) {
    const id = data.subarray(0, ID_BYTES)
    const key = keys.find((candidate) => candidate.name === name && candidate.id.equals(id))
    if (key === undefined) unknownNames.push(name)
    else if (!verify(null, Buffer.from(text), key.key, data.subarray(ID_BYTES))) return 'wrong signature'
    else if (!signers.includes(key)) signers.push(key)
  }
  return signers.length === 0 ? 'unknown key' : { text, signers, unknownNames }
}

function splitNote(
  note: string,
): { text: string; signatures: readonly { name: string; data: Buffer }[] } | undefined {
  // The last empty line: the text may have others.
  const end = note.lastIndexOf('\n\n')
  if (end === -1 || note.length > MAX_NOTE_LENGTH || !note.endsWith('\n') || hasControlCharacter(note))
    return undefined
  const lines = note.slice(end + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) return undefined
  const signatures = lines.map(parseSignature)
  if (!signatures.every((signature) => signature !== undefined)) return undefined
  return { text: note.slice(0, end + 1), signatures }
}

function parseSignature(line: string): { name: string; data: Buffer } | undefined {
  const [, name, base64] = /^— ([^\s+]+) ([A-Za-z\d+/]+=*)$/.exec(line) ?? []
  if (name === undefined || base64 === undefined) return undefined
  const data = Buffer.from(base64, 'base64')
  // Another spelling of the same bytes is not accepted.
  return data.length > ID_BYTES && data.toString('base64') === base64 ? { name, data } : undefined
}

/** A note has no character of ASCII that does not print, except line breaks. */
function hasControlCharacter(note: string): boolean {
  for (let index = 0; index < note.length; index++) {
    const code = note.charCodeAt(index)
    if (code < 0x20 && code !== LINE_FEED) return true
  }
  return false
}

const LINE_FEED = 0x0a
