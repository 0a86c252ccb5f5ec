import { findMostSevere, NoteList } from '../record/notes.js'
import { findDefaultLevel } from '../record/outcome.js'
import type { AuditLevel } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'

/** The calls of level methods of one record. Created with the first call, because many handlers make none. */
export class MessageLog {
  /** The last call. Hot path: two fields, because most handlers call one method once. */
  #level: AuditLevel
  #message: string
  /** The calls before it. */
  #earlier: NoteList | undefined

  constructor(level: AuditLevel, message: string) {
    this.#level = level
    this.#message = message
  }

  add(level: AuditLevel, message: string): void {
    this.#earlier ??= new NoteList()
    this.#earlier.add(this.#level, this.#message)
    this.#level = level
    this.#message = message
  }

  /**
   * Fills message, notes and type. With a message of the action, all calls are notes; without one, the last call is the message.
   *
   * @returns whether notes were shortened
   */
  fill(draft: RecordDraft, actionMessage: string | undefined): boolean {
    const last = { type: this.#level, message: this.#message }
    const earlier = this.#earlier ?? new NoteList()
    const { notes, isTruncated } = earlier.complete(actionMessage === undefined ? undefined : last)
    draft.message = actionMessage ?? this.#message
    draft.notes = notes
    // A `debug()` from deep inside the application does not lower the level of the action or of a failure.
    draft.type = findMostSevere([...notes.map(({ type }) => type), this.#level, findDefaultLevel(draft)])
    return isTruncated
  }
}
