import { findMostSevere, markDroppedNotes, shortenNote } from '../record/notes.js'
import type { AuditLevel, NoteRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'

/** How many messages are kept before the last one. A handler may call level methods in a loop. */
const MAX_EARLIER = 19

/**
 * The calls of level methods in one request, in order: the first one, those after it up to a bound, and the last one. Created
 * only if one of them may become a note, because most handlers call one method once.
 */
export class MessageLog {
  readonly #firstMessage: string
  readonly #first: NoteRecord
  /** The calls between the first and the last one. */
  readonly #earlier: NoteRecord[] = []
  #last: NoteRecord | undefined
  #droppedCount = 0
  #droppedType: AuditLevel = 'DEBUG'
  #isShortened = false

  constructor(type: AuditLevel, message: string) {
    this.#firstMessage = message
    this.#first = shortenNote({ type, message })
  }

  add(type: AuditLevel, message: string): void {
    if (this.#last !== undefined) this.#keep(this.#last)
    this.#last = shortenNote({ type, message })
    if (this.#last.message !== message) this.#isShortened = true
  }

  /** All calls but those that were dropped. */
  get all(): readonly NoteRecord[] {
    const calls = [this.#first, ...this.#earlier]
    return this.#last === undefined ? calls : [...calls, this.#last]
  }

  /**
   * Fills message, notes and type of a record.
   *
   * @param isFirstNote whether the first message is a note too, because the record has that of an action
   * @returns whether notes were shortened or dropped
   */
  fill(draft: RecordDraft, isFirstNote: boolean): boolean {
    const notes = isFirstNote ? [this.#first, ...this.#earlier] : [...this.#earlier]
    if (this.#droppedCount > 0) notes.push(markDroppedNotes(this.#droppedCount, this.#droppedType))
    if (this.#last !== undefined) notes.push(this.#last)
    draft.message = this.#firstMessage
    draft.notes = notes
    draft.type = findMostSevere([this.#first.type, ...notes.map((note) => note.type)])
    const isFirstShortened = isFirstNote && this.#first.message !== this.#firstMessage
    return this.#droppedCount > 0 || this.#isShortened || isFirstShortened
  }

  #keep(note: NoteRecord): void {
    if (this.#earlier.length < MAX_EARLIER - 1) {
      this.#earlier.push(note)
      return
    }
    this.#droppedCount += 1
    this.#droppedType = findMostSevere([this.#droppedType, note.type])
  }
}
