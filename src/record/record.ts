import { createIsoTime } from '../lib/iso-time.js'
import type { JsonValue } from '../serialize/json-value.js'

/** Severity of a record, from the least to the most severe. Names as in Python's `logging`. */
export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type AuditLevel = (typeof LEVELS)[number]

/** How an exchange ended: its last byte was handed to the kernel, somebody cut it, or the process was going down. */
export type Ending = 'completed' | 'aborted' | 'crashed'

/** Response headers as they left, names in lower case; a header that left more than once is an array. */
export type SentHeaders = Record<string, string | string[]>

export interface RequestRecord {
  method: string
  /** The absolute URL the client asked for. */
  url: string
  user_agent: string
}

export interface ResponseRecord {
  /** `null` where no status line ever left. */
  status_code: number | null
  reason: string | null
  headers: JsonValue
}

export interface UserRecord {
  authenticated: boolean
  provider: string
  realm: string
  email: string
  roles: JsonValue
  ip: string
  /** Only where the login gave one: the `sub` of a token, the `id` of a Passport user. */
  id?: string
}

export interface FilterRecord {
  object: string
  kwargs: JsonValue
}

export interface ErrorRecord {
  name: string
  message: string
}

/** Records that a sink did not take and that did not fit in memory. */
export interface LossRecord {
  count: number
  from_seq: number
  to_seq: number
}

/**
 * Tells lines of one `id` apart: with `startRecords` there are two for an exchange, and with `failClosed` one more where a
 * response did not leave as the record that was written before it says.
 */
export type Stage = 'received' | 'completed' | 'corrected'

/** How much of a draft is recorded; of `none` nothing is. */
export type Detail = 'none' | 'metadata' | 'full'

/** What the setters of {@link AuditLogger} and the middleware have said so far. */
export interface RecordDraft {
  http_request: RequestRecord | null
  http_response: ResponseRecord | null
  user: UserRecord | null
  filter: FilterRecord | null
  results: JsonValue
  type: AuditLevel
  message: string
  /** When the exchange began (without HTTP: when the logger was made), ISO 8601, UTC, milliseconds. */
  time: string
  /** From the start of the exchange to its end, milliseconds; `null` without HTTP. */
  duration_ms: number | null
  /** `null` without HTTP, and where `sendLog()` was called before the exchange had ended. */
  ended: Ending | null
  stage: Stage | null
  /** What the handler threw, where the framework showed it to us. Never a stack. */
  error: ErrorRecord | null
  lost: LossRecord | null
  /** The parts that were cut, because the record was too long. */
  truncated: readonly string[]
  /** The pattern by which the framework chose the handler, where it tells: `/persons/:id`. */
  route: string | null
  request_id: string | null
  trace_id: string | null
  span_id: string | null
  detail: Detail
  /** Its place in the sequence of this process, once it has one. */
  sequence: { readonly run: string; readonly seq: number } | null
}

export type Outcome = 'success' | 'failure' | 'unknown'

/** One audit record, as a `format` function gets it. Names are those of the wire. */
export interface AuditRecord {
  http_request: RequestRecord | null
  http_response: ResponseRecord | null
  user: UserRecord | null
  filter: FilterRecord | null
  results: JsonValue
  type: AuditLevel
  message: string
  time: string
  duration_ms: number | null
  outcome: Outcome
  ended: Ending | null
  /** Only there with `startRecords`, and in a line that corrects an earlier one. */
  stage?: Stage
  /** Only there when an error was seen. */
  error?: ErrorRecord
  /** Only there in the record that tells of lost ones. */
  lost?: LossRecord
  /** Only there where something was cut to keep the record within its limit: the parts, such as `results`. */
  truncated?: string[]
  /** Only there where the framework tells by which pattern it chose the handler: `/persons/:id`. */
  route?: string
  request_id: string | null
  trace_id: string | null
  /** Only there with a `trace_id`: the span of this request, or the one of the client that it belongs to. */
  span_id?: string
  /** UUID of this run of the process. */
  run: string
  /** Counts from 1 without a gap within a run. */
  seq: number
  /** `<run>-<seq>`: unique, and what Elasticsearch should use as `_id`. */
  id: string
}

const startTime = createIsoTime()

const NOTHING_CUT: readonly string[] = Object.freeze([])

/** A draft of which nothing is known yet but when it began, in milliseconds since 1970. */
export function emptyDraft(time: number): RecordDraft {
  return {
    http_request: null,
    http_response: null,
    user: null,
    filter: null,
    results: null,
    type: 'INFO',
    message: '',
    time: startTime(time),
    duration_ms: null,
    ended: null,
    stage: null,
    error: null,
    lost: null,
    truncated: NOTHING_CUT,
    route: null,
    request_id: null,
    trace_id: null,
    span_id: null,
    detail: 'full',
    sequence: null,
  }
}

/** By `performance.now()`, to the microsecond. */
export function millisecondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1000) / 1000
}

/**
 * Key order is the wire's: the seed's seven first, then ours, and last those that not each record has. (Among the others
 * V8 would not know the shape of the record: 1 µs.)
 */
export function completeRecord(draft: RecordDraft, run: string, seq: number): AuditRecord {
  // Also of one that was not to be recorded, and is because its place in the sequence was given away before.
  const isFull = draft.detail === 'full'
  const record: AuditRecord = {
    http_request: draft.http_request,
    http_response: isFull ? draft.http_response : withoutHeaders(draft.http_response),
    user: draft.user,
    filter: isFull ? draft.filter : null,
    results: isFull ? draft.results : null,
    type: draft.type,
    message: draft.message,
    time: draft.time,
    duration_ms: draft.duration_ms,
    outcome: describeOutcome(draft),
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
  if (draft.error) record.error = draft.error
  if (draft.lost) record.lost = draft.lost
  if (isFull && draft.truncated.length > 0) record.truncated = [...draft.truncated]
  return record
}

function withoutHeaders(response: ResponseRecord | null): ResponseRecord | null {
  return response && { ...response, headers: null }
}

/**
 * A failure is a thrown error or a status of 400 and up. A success is a lower status whose response left whole;
 * one that was cut may or may not have done its work, and we do not guess.
 */
function describeOutcome({ error, http_response, ended }: RecordDraft): Outcome {
  const status = http_response?.status_code ?? null
  if (error !== null || (status !== null && status >= 400)) return 'failure'
  if (status === null || ended === 'aborted' || ended === 'crashed') return 'unknown'
  return 'success'
}
