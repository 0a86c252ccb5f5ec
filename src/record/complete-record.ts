import { describeOutcome, findLevel, findReason } from './outcome.js'
import type { AuditRecord, RequestRecord, ResponseRecord } from './record.js'
import type { RecordDraft } from './record-draft.js'
import type { SequenceNumber } from './sequence.js'

/**
 * Turns a draft into a record, whose keys have the order of the output: first the seven of datapunt-audit-log, then the
 * others, and last those that only some records have. Hot path: optional keys in between would give V8 a hidden class for
 * each combination of them.
 */
export function completeRecord(
  draft: RecordDraft,
  { run, seq }: SequenceNumber,
  followsPython = false,
): AuditRecord {
  // `none` counts as `metadata`: a record that has its `seq` already is written all the same.
  const isFull = draft.detail === 'full'
  const outcome = describeOutcome(draft)
  const record: AuditRecord = {
    http_request: draft.http_request && copyRequest(draft.http_request),
    http_response: draft.http_response && copyResponse(draft.http_response, isFull),
    user: draft.user,
    filter: isFull ? draft.filter : null,
    results: isFull ? draft.results : null,
    type: findLevel(draft, followsPython),
    message: draft.message,
    time: draft.time,
    duration_ms: draft.duration_ms,
    outcome,
    ended: draft.ended,
    request_id: draft.request_id,
    trace_id: draft.trace_id,
    run,
    seq,
    id: `${run}-${seq}`,
  }
  if (draft.span_id !== null) record.span_id = draft.span_id
  if (draft.route !== null) record.route = draft.route
  if (draft.stage) record.stage = draft.stage
  if (draft.action !== null) record.action = draft.action
  if (draft.targets.length > 0) record.target = [...draft.targets]
  const reason = findReason(draft, outcome)
  if (reason !== '') record.reason = reason
  if (isFull && draft.changes !== null) record.changes = [...draft.changes]
  const attributes = isFull ? draft.attributes?.toRecord() : undefined
  if (attributes !== undefined) record.attributes = attributes
  if (isFull && draft.request_body !== null) record.request_body = draft.request_body
  if (draft.parent !== null) record.parent = draft.parent
  if (draft.children > 0) record.children = draft.children
  if (draft.children_dropped > 0) record.children_dropped = draft.children_dropped
  if (isFull && draft.notes.length > 0) record.notes = [...draft.notes]
  if (draft.error) record.error = draft.error
  if (draft.lost) record.lost = draft.lost
  if (draft.seal) Object.assign(record, draft.seal)
  // Hot path: nearly no part is too long.
  if (draft.truncated.length > 0 || attributes !== undefined) {
    const truncated = listTruncated(draft)
    if (truncated.length > 0) record.truncated = truncated
  }
  return record
}

/** The parts that may be truncated, and are recorded at the level `metadata` too. */
const METADATA_PARTS = new Set(['action', 'target', 'reason'])

function listTruncated({ attributes, detail, truncated }: RecordDraft): string[] {
  if (detail !== 'full') return truncated.filter((part) => METADATA_PARTS.has(part))
  return attributes?.isTruncated ? [...truncated, 'attributes'] : [...truncated]
}

/** A copy, because the URL of a request that was received is read by a getter. */
function copyRequest({ method, url, user_agent }: RequestRecord): RequestRecord {
  return { method, url, user_agent }
}

/** A copy, because the headers of a response that was sent are read by a getter. */
function copyResponse(response: ResponseRecord, hasHeaders: boolean): ResponseRecord {
  const { status_code, reason } = response
  return { status_code, reason, headers: hasHeaders ? response.headers : null }
}
