// What a record of a further action has in common with the others of its exchange, and how it names its parent.
import type { RecordDraft } from '../record/record-draft.js'
import type { SequenceAllocator } from '../record/sequence.js'

/** A record that others may name as their `parent`. */
export interface ParentRecord {
  readonly draft: RecordDraft
  /** `undefined` for the first record of an exchange, and for a record that was sent. */
  readonly parent?: ParentRecord | undefined
}

/**
 * Fills in the parts that all records of an exchange have in common. What the handler has set for this record stays, and so does
 * the time, which is that of the action. The duration of the exchange is not that of the action.
 *
 * @param facts a draft with these parts
 */
export function fillSharedParts({ draft, parent }: ParentRecord, facts: RecordDraft): void {
  draft.http_request ??= parent?.draft.http_request ?? facts.http_request
  draft.http_response = facts.http_response
  draft.user ??= parent?.draft.user ?? facts.user
  draft.ended = facts.ended
  draft.hasActionEnded = facts.hasActionEnded
  if (draft.stage === null && facts.stage === 'completed') draft.stage = 'completed'
  draft.route = facts.route
  draft.request_id = facts.request_id
  draft.trace_id = facts.trace_id
  draft.span_id = facts.span_id
  draft.detail = facts.detail
}

/**
 * Gives a record its number and the id of its parent. A parent that is sent later gets its number now, which is lower. A record
 * that the policy excludes gets no number, unless its parent has one, because then that is written all the same.
 */
export function linkToParent(record: ParentRecord, allocateSequence: SequenceAllocator): void {
  const { draft, parent } = record
  if (parent === undefined) return
  const hasNumber = parent.draft.sequence !== null
  if (draft.detail === 'none' && !hasNumber) return
  // Not a parent that was not written.
  if (hasNumber || parent.draft.detail !== 'none') draft.parent = identify(parent, allocateSequence)
  draft.sequence ??= allocateSequence()
}

function identify(record: ParentRecord, allocateSequence: SequenceAllocator): string {
  const { draft, parent } = record
  if (parent !== undefined) draft.parent ??= identify(parent, allocateSequence)
  draft.sequence ??= allocateSequence()
  return `${draft.sequence.run}-${draft.sequence.seq}`
}
