// The fields `event.*` of ECS (https://www.elastic.co/docs/reference/ecs/ecs-event).
import { createIsoTime, parseIsoTime } from '../../lib/iso-time.js'
import type { AuditRecord, Stage } from '../../record/record.js'
import { type Activity, classifyActivity } from '../activity.js'
import { omitEmptyText } from '../values.js'

const NS_PER_MS = 1_000_000
/** The values of `event.type` that stand for an activity. */
const EVENT_TYPES: Record<Activity, string> = {
  read: 'access',
  create: 'creation',
  update: 'change',
  delete: 'deletion',
  other: 'info',
}
/** The values of `event.type` that stand for a stage. ECS has none for the moment in which a response begins. */
const STAGE_TYPES: Record<Stage, string> = {
  received: 'start',
  started: 'info',
  completed: 'end',
  corrected: 'end',
}
/**
 * The categories of an HTTP exchange, and those of our values of `event.type` that ECS expects with each: a creation belongs
 * to `api` alone, and `error` to `web`.
 */
const CATEGORIES: readonly (readonly [name: string, types: readonly string[]])[] = [
  ['web', ['access', 'info', 'error']],
  ['api', ['access', 'info', 'creation', 'change', 'deletion', 'denied', 'start', 'end']],
]

const formatEndTime = createIsoTime()

/** @param operation the name of the operation, which is the action if no other is known */
export function describeEvent(record: AuditRecord, operation: string | undefined) {
  const { duration_ms, http_request, service } = record
  const types = describeEventTypes(record)
  return {
    kind: 'event',
    category: http_request ? findCategories(types) : undefined,
    type: types,
    action: omitEmptyText(record.action) ?? operation,
    outcome: describeOutcome(record),
    reason: record.reason,
    id: record.id,
    sequence: record.seq,
    // Recommended by the ECS logging specification; Kibana's log anomaly detection uses it.
    dataset: service?.name && `${service.name}.audit`,
    start: record.time,
    end:
      duration_ms === null ? undefined : formatEndTime(Math.trunc(parseIsoTime(record.time) + duration_ms)),
    duration: duration_ms === null ? undefined : Math.round(duration_ms * NS_PER_MS),
  }
}

/** ECS allows `success`, `failure` and `unknown`. A denied request is a failure of the type `denied`. */
function describeOutcome({ outcome, http_request }: AuditRecord) {
  if (outcome === 'denied') return 'failure'
  // ECS on `event.outcome`: it "is generally not populated for" events that only inform.
  return http_request === null && outcome === 'unknown' ? undefined : outcome
}

function describeEventTypes(record: AuditRecord): string[] {
  const { http_response, error, stage, outcome } = record
  const types = [EVENT_TYPES[classifyActivity(record) ?? 'other']]
  if (stage !== undefined && STAGE_TYPES[stage] !== types[0]) types.push(STAGE_TYPES[stage])
  if (outcome === 'denied') types.push('denied')
  if (error !== undefined || (http_response?.status_code ?? 0) >= 500) types.push('error')
  return types
}

/** ECS expects at least one value of `event.type` for each category, and a category for each value. */
function findCategories(types: readonly string[]): string[] {
  const categories: string[] = []
  for (const [name, expected] of CATEGORIES) {
    if (types.some((type) => expected.includes(type))) categories.push(name)
  }
  return categories
}
