import { parseIsoTime } from '../lib/iso-time.js'
import { headerToText } from '../record/header-names.js'
import type {
  AuditLevel,
  AuditRecord,
  Outcome,
  ResponseRecord,
  ServiceRecord,
  UserRecord,
} from '../record/record.js'
import type { JsonValue } from '../serialize/json-value.js'
import { type Activity, classifyActivity, describeOperation } from './activity.js'
import type { Format } from './format.js'
import { splitUrl, type UrlParts } from './url-parts.js'
import {
  isIpAddress,
  omitEmptyList,
  omitEmptyObject,
  omitEmptyText,
  toRoleNames,
  unwrapSummary,
} from './values.js'

const OCSF_VERSION = '1.9.0'
/** The category Application Activity. */
const CATEGORY_UID = 6
/** The class API Activity. */
const CLASS_UID = 6003
/** OCSF's value for a required attribute that is not known. */
const UNKNOWN = 'Unknown'

const ACTIVITIES: Record<Activity, { readonly id: number; readonly name: string }> = {
  create: { id: 1, name: 'Create' },
  read: { id: 2, name: 'Read' },
  update: { id: 3, name: 'Update' },
  delete: { id: 4, name: 'Delete' },
  other: { id: 99, name: 'Other' },
}
const SEVERITIES: Record<AuditLevel, { readonly id: number; readonly name: string }> = {
  DEBUG: { id: 1, name: 'Informational' },
  INFO: { id: 1, name: 'Informational' },
  WARNING: { id: 3, name: 'Medium' },
  ERROR: { id: 4, name: 'High' },
  CRITICAL: { id: 5, name: 'Critical' },
}
const STATUSES: Record<Outcome, { readonly id: number; readonly name: string }> = {
  unknown: { id: 0, name: UNKNOWN },
  success: { id: 1, name: 'Success' },
  failure: { id: 2, name: 'Failure' },
  denied: { id: 2, name: 'Failure' },
}
/** The values that OCSF allows for `http_method`: the methods in IANA's HTTP Method Registry. */
const METHODS = new Set(
  (
    'ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY ' +
    'MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT QUERY ' +
    'REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL'
  ).split(' '),
)
/** Maximum length of the schema's type `ip_t`. */
const MAX_ADDRESS_LENGTH = 40
/** Pattern of the schema's type `email_t`. */
const EMAIL = /^[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/

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
  const url = request?.url ? splitUrl(request.url) : undefined
  const severity = SEVERITIES[record.type]
  const status = STATUSES[record.outcome]
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
    status_detail: omitEmptyText(response?.reason),
    time,
    timezone_offset: 0,
    start_time: time,
    end_time: duration === undefined ? undefined : time + duration,
    duration,
    message: record.message,
    metadata: describeMetadata(record),
    actor: describeActor(user),
    api: {
      operation: describeOperation(record) ?? UNKNOWN,
      service: service?.name === undefined ? undefined : { name: service.name, version: service.version },
      response: omitEmptyObject({
        code: response?.status_code ?? undefined,
        error: record.error?.name,
        error_message: record.error?.message,
      }),
    },
    resources: record.filter?.object ? [{ name: record.filter.object }] : undefined,
    src_endpoint: describeSourceEndpoint(user?.ip ?? ''),
    dst_endpoint: describeDestination(url, service),
    http_request: request
      ? omitEmptyObject({
          http_method: METHODS.has(request.method) ? request.method : undefined,
          url: describeUrl(request.url, url),
          user_agent: omitEmptyText(request.user_agent),
        })
      : undefined,
    http_response: response ? describeResponse(response, duration) : undefined,
    // Part of the profile `trace`. Without its `span`, which requires a start and an end time: these are unknown
    // if the span is the client's.
    trace: record.trace_id === null ? undefined : { uid: record.trace_id },
    unmapped: describeUnmapped(record),
  }
}
// Not an annotation of the function: that would widen the type of its output to `object`.
formatOcsf satisfies Format

/** For activity 99 (Other) the schema requires the source's own name of the activity, which is the method. */
function describeActivity(record: AuditRecord) {
  const activity = classifyActivity(record)
  if (activity === undefined) return { id: 0, name: UNKNOWN }
  const method = record.http_request?.method
  return activity === 'other' && method ? { ...ACTIVITIES.other, name: method } : ACTIVITIES[activity]
}

function describeMetadata(record: AuditRecord) {
  return {
    version: OCSF_VERSION,
    product: { name: 'http-audit-log' },
    profiles: record.trace_id === null ? undefined : ['trace'],
    uid: record.id,
    sequence: record.seq,
    correlation_uid: omitEmptyText(record.request_id),
    log_level: record.type,
    is_truncated: record.truncated && true,
  }
}

/** The schema requires a name or a uid. The email address serves as the name, as it does in most login forms. */
function describeActor(user: UserRecord | null) {
  const uid = omitEmptyText(user?.id)
  const email = omitEmptyText(user?.email)
  const roles = toRoleNames(user?.roles ?? null) ?? []
  return {
    user: {
      uid,
      name: email ?? (uid === undefined ? UNKNOWN : undefined),
      // 1 is `User`, 0 is `Unknown`.
      type_id: user?.authenticated ? 1 : 0,
      email_addr: email !== undefined && EMAIL.test(email) ? email : undefined,
      domain: omitEmptyText(user?.realm),
      groups: omitEmptyList(roles.filter(Boolean).map((name) => ({ name, type: 'role' }))),
    },
    idp: user?.provider ? { name: user.provider } : undefined,
  }
}

/** The schema requires an address or a name. Texts that are not an IP address, such as pseudonyms, become the name. */
function describeSourceEndpoint(ip: string) {
  if (isIpAddress(ip) && ip.length <= MAX_ADDRESS_LENGTH) return { ip }
  return { name: omitEmptyText(ip) ?? UNKNOWN }
}

function describeDestination(url: UrlParts | undefined, service: ServiceRecord = {}) {
  const hostname = omitEmptyText(url?.host)
  const { name: svc_name, node_name: name } = service
  if (hostname === undefined && svc_name === undefined && name === undefined) return undefined
  return { hostname, svc_name, name, port: url?.port }
}

function describeUrl(url: string, parts: Partial<UrlParts> = {}) {
  if (url === '') return undefined
  const { scheme, host, port, path, query } = parts
  return {
    url_string: url,
    scheme,
    hostname: omitEmptyText(host),
    port,
    path: omitEmptyText(path),
    query_string: omitEmptyText(query),
  }
}

/** Omitted if no status was sent, because the schema requires one. */
function describeResponse({ status_code: code, headers }: ResponseRecord, latency: number | undefined) {
  if (code === null) return undefined
  const http_headers = describeHeaders(headers)
  const content_type = http_headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value
  return { code, latency, content_type, http_headers: omitEmptyList(http_headers) }
}

interface HttpHeader {
  readonly name: string
  readonly value: string
}

/** One item for each header line, so a header that was sent twice has two. */
function describeHeaders(headers: JsonValue): HttpHeader[] {
  const sent = unwrapSummary(headers)
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return []
  const lines: HttpHeader[] = []
  for (const name of Object.keys(sent)) {
    const values = sent[name] as JsonValue
    if (Array.isArray(values)) for (const value of values) lines.push({ name, value: headerToText(value) })
    else lines.push({ name, value: headerToText(values) })
  }
  return lines
}

/** The data for which the class has no attribute. */
function describeUnmapped(record: AuditRecord) {
  const { user, http_response: response, service } = record
  return {
    authenticated: user?.authenticated,
    roles: user && toRoleNames(user.roles) === undefined ? user.roles : undefined,
    // OCSF has no attribute for the user whose rights are used: `actor.user` is the one who acts.
    on_behalf_of: user?.on_behalf_of,
    filter: record.filter?.kwargs ?? undefined,
    results: record.results ?? undefined,
    headers: response && hasUnmappedHeaders(response) ? response.headers : undefined,
    ended: record.ended ?? undefined,
    stage: record.stage,
    route: record.route,
    action: record.action,
    notes: record.notes,
    truncated: record.truncated,
    lost: record.lost,
    span_id: record.span_id,
    run: record.run,
    environment: service?.environment,
    version: service?.name === undefined ? service?.version : undefined,
  }
}

/** Whether `http_headers` cannot hold the headers: no status was sent, or a handler set something other than an object. */
function hasUnmappedHeaders({ status_code, headers }: ResponseRecord): boolean {
  return (
    headers !== null &&
    (status_code === null ||
      typeof unwrapSummary(headers) !== 'object' ||
      Array.isArray(unwrapSummary(headers)))
  )
}
