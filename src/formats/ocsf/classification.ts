// What an event is and how it ended, in the numbers and captions of OCSF.
import type { AuditLevel, AuditRecord, Outcome } from '../../record/record.js'
import { type Activity, classifyActivity } from '../activity.js'
import { omitEmptyText } from '../values.js'
import { UNKNOWN } from './unknown.js'

interface Enumerated {
  readonly id: number
  readonly name: string
}

const ACTIVITIES: Record<Activity, Enumerated> = {
  create: { id: 1, name: 'Create' },
  read: { id: 2, name: 'Read' },
  update: { id: 3, name: 'Update' },
  delete: { id: 4, name: 'Delete' },
  other: { id: 99, name: 'Other' },
}
const SEVERITIES: Record<AuditLevel, Enumerated> = {
  DEBUG: { id: 1, name: 'Informational' },
  INFO: { id: 1, name: 'Informational' },
  WARNING: { id: 3, name: 'Medium' },
  ERROR: { id: 4, name: 'High' },
  CRITICAL: { id: 5, name: 'Critical' },
}
const STATUSES: Record<Outcome, Enumerated> = {
  unknown: { id: 0, name: UNKNOWN },
  success: { id: 1, name: 'Success' },
  failure: { id: 2, name: 'Failure' },
  denied: { id: 2, name: 'Failure' },
}

export const findSeverity = (level: AuditLevel): Enumerated => SEVERITIES[level]
export const findStatus = (outcome: Outcome): Enumerated => STATUSES[outcome]

/** For activity 99 (Other) the schema requires the source's own name of the activity: the action, otherwise the method. */
export function describeActivity(record: AuditRecord): Enumerated {
  const activity = classifyActivity(record)
  if (activity === undefined) return { id: 0, name: UNKNOWN }
  if (activity !== 'other') return ACTIVITIES[activity]
  const name = omitEmptyText(record.action) ?? omitEmptyText(record.http_request?.method)
  return name === undefined ? ACTIVITIES.other : { ...ACTIVITIES.other, name }
}

/**
 * The attributes of the profile `security_control`, for a denied request: `action_id` 2 is "The attempted activity was denied",
 * and `disposition_id` 2 "Denied access or blocked the action to the protected resource". That a request was not denied
 * does not show that a control allowed it, so other events are without the profile.
 */
export const DENIAL = { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' } as const
