// The notes of a record: what level methods recorded beside its message.
import { truncateToBytes, truncationMark } from '../serialize/truncate.js'
import { AUDIT_LEVELS, type AuditLevel, type NoteRecord } from './record.js'

const MAX_MESSAGE_BYTES = 1024

export function findMostSevere(levels: readonly AuditLevel[]): AuditLevel {
  return AUDIT_LEVELS[Math.max(...levels.map((level) => AUDIT_LEVELS.indexOf(level)))] ?? 'INFO'
}

/** Returns as many notes from the beginning as `fits` accepts, and a mark with the number of the others. */
export function shortenNotes(
  notes: readonly NoteRecord[],
  fits: (shortened: readonly NoteRecord[]) => boolean,
): readonly NoteRecord[] {
  for (let length = notes.length - 1; length > 0; length--) {
    const shortened = [...notes.slice(0, length), new DroppedNotes(countDropped(notes.slice(length)))]
    if (fits(shortened)) return shortened
  }
  return [new DroppedNotes(countDropped(notes))]
}

interface NoteCount {
  count: number
  /** The most severe level of the notes. */
  type: AuditLevel
}

/**
 * Stands in the list for notes that were dropped, as the mark at the end of a shortened text stands for characters. A class,
 * because `instanceof` tells it from the message of a handler that has the same text.
 */
export class DroppedNotes implements NoteRecord {
  readonly type: AuditLevel
  readonly message: string
  readonly #count: number

  constructor({ count, type }: NoteCount) {
    this.type = type
    this.message = `…[+${count} notes]`
    this.#count = count
  }

  get count(): number {
    return this.#count
  }
}

/** A mark counts as the notes that it stands for. */
function countDropped(notes: readonly NoteRecord[]): NoteCount {
  const counts = notes.map((note) => (note instanceof DroppedNotes ? note.count : 1))
  return {
    count: counts.reduce((sum, count) => sum + count, 0),
    type: findMostSevere(notes.map(({ type }) => type)),
  }
}

export function shortenNote({ type, message }: NoteRecord): NoteRecord {
  const beginning = truncateToBytes(message, MAX_MESSAGE_BYTES)
  const missing = message.length - beginning.length
  return { type, message: missing === 0 ? message : `${beginning}${truncationMark(missing)}` }
}
