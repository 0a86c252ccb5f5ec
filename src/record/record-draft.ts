// A record while it is being filled, by the setters of AuditLogger and by the middleware.
import { performance } from '../lib/clock.js'
import { createIsoTime } from '../lib/iso-time.js'
import type { JsonValue } from '../serialize/json-value.js'
import type { AttributeList } from './attributes.js'
import type {
  AuditLevel,
  ChangeRecord,
  Ending,
  ErrorRecord,
  FilterRecord,
  LossRecord,
  NoteRecord,
  RequestRecord,
  ResponseRecord,
  SealRecord,
  Stage,
  TargetRecord,
  UserRecord,
} from './record.js'
import type { SequenceNumber } from './sequence.js'

/** How much of a request the policy records, in ascending order. */
export const POLICY_LEVELS = ['none', 'metadata', 'full'] as const

/** `none`: no record. `metadata`: a record without filter, results, changes, custom fields, notes, request body and response headers. `full`: a complete record. */
export type PolicyLevel = (typeof POLICY_LEVELS)[number]

/** A value that redaction has replaced in a part of the record. */
export interface FoundSecret {
  readonly value: string
  /** The key or parameter that made the value a secret; empty if it was found without one. */
  readonly name: string
  /** Stands in place of the value, if it was pseudonymized. */
  readonly pseudonym?: string
  /** The value is a route parameter, so it stands in the path of the URL. */
  readonly isPathSegment?: true
  /** Only the beginning of the value is known. */
  readonly isBeginning?: true
  /** The application set or sent it, or it is a capability in the path. Otherwise a client may have named the value so. */
  readonly isIssued?: true
}

/** Who named the target of a record: the handler, by `setAction()`, or `audited()`, which finds an id in the exchange. */
export type TargetSource = 'handler' | 'suggestion'

/** The outcome that a handler states, whatever the status is. */
export interface Verdict {
  readonly outcome: 'success' | 'denied' | 'failure'
  /** Empty if the handler gave none. */
  readonly reason: string
}

/** The fields are those of an `AuditRecord`, where optional ones are absent instead of `null`. */
export interface RecordDraft {
  http_request: RequestRecord | null
  http_response: ResponseRecord | null
  user: UserRecord | null
  filter: FilterRecord | null
  results: JsonValue
  /** `null` if no level method was called. */
  type: AuditLevel | null
  message: string
  time: string
  duration_ms: number | null
  ended: Ending | null
  stage: Stage | null
  action: string | null
  targets: readonly TargetRecord[]
  targetSource: TargetSource
  /** What the handler stated by `succeed()`, `deny()` or `fail()`; `null` if it stated nothing. */
  verdict: Verdict | null
  /** Whether the application called `sendLog()` when the action had ended, which shows it where the end of no exchange does. */
  hasActionEnded: boolean
  /** `null` if nothing was compared; empty if nothing has changed. */
  changes: readonly ChangeRecord[] | null
  attributes: AttributeList | null
  request_body: JsonValue
  parent: string | null
  children: number
  children_dropped: number
  notes: readonly NoteRecord[]
  error: ErrorRecord | null
  lost: LossRecord | null
  /** Only in the records of a seal. */
  seal: SealRecord | null
  /** The parts that were shortened when they were set, apart from the attributes. */
  truncated: readonly string[]
  route: string | null
  request_id: string | null
  trace_id: string | null
  span_id: string | null
  detail: PolicyLevel
  /** The values that were replaced when parts were set. They are hidden in all other parts of the record. */
  secrets: readonly FoundSecret[]
  /** Allocated when the draft is sent for the first time; later stages of the record have the same. */
  sequence: SequenceNumber | null
}

const formatTime = createIsoTime()

const NO_NOTES: readonly NoteRecord[] = Object.freeze([])
const NO_TARGETS: readonly TargetRecord[] = Object.freeze([])
const NOTHING_TRUNCATED: readonly string[] = Object.freeze([])
export const NO_SECRETS: readonly FoundSecret[] = Object.freeze([])

/**
 * Creates a draft without content.
 *
 * @param time when the request arrived or the logger was created, in milliseconds since 1970
 */
export function createDraft(time: number): RecordDraft {
  return {
    http_request: null,
    http_response: null,
    user: null,
    filter: null,
    results: null,
    type: null,
    message: '',
    time: formatTime(time),
    duration_ms: null,
    ended: null,
    stage: null,
    action: null,
    targets: NO_TARGETS,
    targetSource: 'handler',
    verdict: null,
    hasActionEnded: false,
    changes: null,
    attributes: null,
    request_body: null,
    parent: null,
    children: 0,
    children_dropped: 0,
    notes: NO_NOTES,
    error: null,
    lost: null,
    seal: null,
    truncated: NOTHING_TRUNCATED,
    route: null,
    request_id: null,
    trace_id: null,
    span_id: null,
    detail: 'full',
    secrets: NO_SECRETS,
    sequence: null,
  }
}

/**
 * Returns the milliseconds since a time of `performance.now()`, rounded to microseconds.
 *
 * @example record.duration_ms = getElapsedMs(startedAt)   // 12.345
 */
export function getElapsedMs(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1000) / 1000
}

/** Sends a draft again that no longer matches the response. Without a sequence number no line was written before. */
export function resend(destination: { send(draft: RecordDraft): unknown }, draft: RecordDraft): void {
  if (draft.sequence !== null) draft.stage = 'corrected'
  destination.send(draft)
}
