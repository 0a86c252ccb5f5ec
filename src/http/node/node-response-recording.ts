import type { RecordDraft } from '../../record/record-draft.js'

/** How the records of requests are written that reach no middleware. */
export interface NodeResponseRecording {
  readonly requestIdHeader: string
  /** Whether their responses wait for their records, see `failClosed`. */
  readonly isFailClosed: boolean
  /** Writes a record, or buffers it while the sink is down. */
  send(draft: RecordDraft): void
  /** Writes a record if the sink is up. Otherwise it may be sent again. */
  trySend(draft: RecordDraft): boolean | Promise<boolean>
  /** Whether the sink is up. */
  isUp(): boolean
}
