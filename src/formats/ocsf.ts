import { parseIsoTime } from '../lib/iso-time.js'
import type { AuditRecord } from '../record/record.js'
import { describeOperation } from './activity.js'
import type { Format } from './format.js'
import { DENIAL, describeActivity, findSeverity, findStatus } from './ocsf/classification.js'
import {
  describeActor,
  describeDestination,
  describeDevice,
  describeResources,
  describeSourceEndpoint,
} from './ocsf/entities.js'
import { describeRequest, describeResponse } from './ocsf/http.js'
import { UNKNOWN } from './ocsf/unknown.js'
import { describeUnmapped } from './ocsf/unmapped.js'
import { splitUrl } from './url-parts.js'
import { omitEmptyList, omitEmptyObject, omitEmptyText } from './values.js'

const OCSF_VERSION = '1.9.0'
/** The category Application Activity. */
const CATEGORY_UID = 6
/** The class API Activity. */
const CLASS_UID = 6003

/**
 * Formats a record as an event of the Open Cybersecurity Schema Framework 1.9, class API Activity
 * (https://schema.ocsf.io/1.9.0/classes/api_activity). Data without an attribute in that class is in `unmapped`, under
 * the names of the default format.
 */
export function formatOcsf(record: AuditRecord) {
  const { http_request: request, http_response: response, duration_ms, user, service } = record
  const time = parseIsoTime(record.time)
  const duration = duration_ms === null ? undefined : Math.round(duration_ms)
  const activity = describeActivity(record)
  const operation = describeOperation(record)
  const url = request?.url ? splitUrl(request.url) : undefined
  const severity = findSeverity(record.type)
  const status = findStatus(record.outcome)
  return {
    activity_id: activity.id,
    activity_name: activity.name,
    category_uid: CATEGORY_UID,
    class_uid: CLASS_UID,
    type_uid: CLASS_UID * 100 + activity.id,
    severity_id: severity.id,
    severity: severity.name,
    status_id: status.id,
    status: status.name,
    status_code: response?.status_code?.toString(),
    status_detail: record.reason ?? omitEmptyText(response?.reason),
    ...(record.outcome === 'denied' ? DENIAL : undefined),
    time,
    timezone_offset: 0,
    start_time: time,
    end_time: duration === undefined ? undefined : time + duration,
    duration,
    message: record.message,
    metadata: describeMetadata(record),
    actor: describeActor(user),
    device: describeDevice(record),
    api: {
      operation: omitEmptyText(record.action) ?? operation ?? UNKNOWN,
      service: service?.name === undefined ? undefined : { name: service.name, version: service.version },
      response: describeApiResponse(record),
    },
    resources: describeResources(record),
    src_endpoint: describeSourceEndpoint(user?.ip ?? ''),
    dst_endpoint: describeDestination(url, service),
    http_request: request ? describeRequest(request, url) : undefined,
    http_response: response ? describeResponse(response, duration) : undefined,
    // Part of the profile `trace`. Without its `span`, which requires a start and an end time: these are unknown
    // if the span is the client's.
    trace: record.trace_id === null ? undefined : { uid: record.trace_id },
    unmapped: describeUnmapped(record, operation),
  }
}
// Not an annotation of the function: that would widen the type of its output to `object`.
formatOcsf satisfies Format

function describeMetadata(record: AuditRecord) {
  return {
    version: OCSF_VERSION,
    product: { name: 'http-audit-log' },
    profiles: listProfiles(record),
    uid: record.id,
    sequence: record.seq,
    correlation_uid: omitEmptyText(record.request_id),
    log_level: record.type,
    is_truncated: record.truncated && true,
  }
}

/** The profiles whose attributes the event has. */
function listProfiles({ trace_id, host, outcome }: AuditRecord): string[] | undefined {
  const profiles: string[] = []
  if (trace_id !== null) profiles.push('trace')
  if (host?.name) profiles.push('host')
  if (outcome === 'denied') profiles.push('security_control')
  return omitEmptyList(profiles)
}

/** With the reason phrase, if another reason is in `status_detail`. */
function describeApiResponse({ http_response, error, reason }: AuditRecord) {
  return omitEmptyObject({
    code: http_response?.status_code ?? undefined,
    message: reason === undefined ? undefined : omitEmptyText(http_response?.reason),
    error: error?.name,
    error_message: error?.message,
  })
}
