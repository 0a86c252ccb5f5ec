// The notes of a record: what level methods recorded beside its message.
import { truncateWithMark } from '../serialize/truncate.js'
import { countItems, createDroppedItems } from './dropped-items.js'
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
    const shortened = [...notes.slice(0, length), markDroppedOf(notes.slice(length))]
    if (fits(shortened)) return shortened
  }
  return [markDroppedOf(notes)]
}

function markDroppedOf(notes: readonly NoteRecord[]): NoteRecord {
  return markDroppedNotes(countItems(notes), findMostSevere(notes.map(({ type }) => type)))
}

/** @param type the most severe level of the notes */
export function markDroppedNotes(count: number, type: AuditLevel): NoteRecord {
  return createDroppedItems(count, { type, message: `…[+${count} notes]` })
}

export function shortenNote({ type, message }: NoteRecord): NoteRecord {
  return { type, message: truncateWithMark(message, MAX_MESSAGE_BYTES) }
}
