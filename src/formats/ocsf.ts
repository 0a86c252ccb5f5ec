import { parseIsoTime } from '../lib/iso-time.js'
import { headerToText } from '../record/header-names.js'
import type { AuditLevel, AuditRecord, Outcome, ResponseRecord, UserRecord } from '../record/record.js'
import type { JsonValue } from '../serialize/json-value.js'
import { type Activity, activityOf, operationOf } from './activity.js'
import { isAddress } from './address.js'
import type { ServiceFormat } from './format.js'
import { ifAny, ifKnown, ifSaid } from './omit.js'
import type { ServiceOptions } from './service.js'
import { type UrlParts, urlParts } from './url-parts.js'
import { roleNames, unwrapSummary } from './values.js'

const OCSF_VERSION = '1.9.0'
/** Application Activity, and in it API Activity. */
const CATEGORY_UID = 6
const CLASS_UID = 6003
/** What OCSF says where nothing is known of something that it requires. */
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
}
/** The values that `http_method` may have, those of the HTTP Method Registry of IANA. */
const METHODS = new Set(
  (
    'ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY ' +
    'MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT QUERY ' +
    'REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL'
  ).split(' '),
)
/** `ip_t` and `email_t` of the schema. */
const MAX_ADDRESS_LENGTH = 40
const EMAIL = /^[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/

/**
 * The record as an event of the Open Cybersecurity Schema Framework 1.9, class API Activity (6003). What the class has
 * no attribute for is in `unmapped`, under the names of the default format.
 */
export function formatOcsf(record: AuditRecord, service: ServiceOptions) {
  const { http_request: request, http_response: response, duration_ms, user } = record
  const time = parseIsoTime(record.time)
  const duration = duration_ms === null ? undefined : Math.round(duration_ms)
  const activity = describeActivity(record)
  const url = request?.url ? urlParts(request.url) : undefined
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
    status_detail: ifSaid(response?.reason),
    time,
    timezone_offset: 0,
    start_time: time,
    end_time: duration === undefined ? undefined : time + duration,
    duration,
    message: record.message,
    metadata: describeMetadata(record),
    actor: describeActor(user),
    api: {
      operation: operationOf(record) ?? UNKNOWN,
      service: ifKnown({ name: service.name, version: service.name && service.version }),
      response: ifKnown({
        code: response?.status_code ?? undefined,
        error: record.error?.name,
        error_message: record.error?.message,
      }),
    },
    resources: record.filter?.object ? [{ name: record.filter.object }] : undefined,
    src_endpoint: describeSource(user?.ip ?? ''),
    dst_endpoint: describeDestination(url, service),
    http_request: request
      ? ifKnown({
          http_method: METHODS.has(request.method) ? request.method : undefined,
          url: describeUrl(request.url, url),
          user_agent: ifSaid(request.user_agent),
        })
      : undefined,
    http_response: response ? describeResponse(response, duration) : undefined,
    // An object of the profile `trace`. It has a place for a span, but asks when that began and ended; the span may
    // be the client's, of which we do not know.
    trace: record.trace_id === null ? undefined : { uid: record.trace_id },
    unmapped: describeRest(record, service),
  }
}
formatOcsf satisfies ServiceFormat

/** Of what is another activity the schema asks for the name that its source has for it. */
function describeActivity({ http_request: request }: AuditRecord) {
  if (request === null) return { id: 0, name: UNKNOWN }
  const activity = ACTIVITIES[activityOf(request.method)]
  return activity.id === 99 && request.method !== '' ? { ...activity, name: request.method } : activity
}

function describeMetadata(record: AuditRecord) {
  return {
    version: OCSF_VERSION,
    product: { name: 'http-audit-log' },
    profiles: record.trace_id === null ? undefined : ['trace'],
    uid: record.id,
    sequence: record.seq,
    correlation_uid: ifSaid(record.request_id),
    log_level: record.type,
    is_truncated: record.truncated && true,
  }
}

/** A user has to have a name or a uid. An email address is what most logins call a name. */
function describeActor(user: UserRecord | null) {
  const uid = ifSaid(user?.id)
  const email = ifSaid(user?.email)
  const roles = roleNames(user?.roles ?? null) ?? []
  return {
    user: {
      uid,
      name: email ?? (uid === undefined ? UNKNOWN : undefined),
      // `User`, or not known to be one.
      type_id: user?.authenticated ? 1 : 0,
      email_addr: email !== undefined && EMAIL.test(email) ? email : undefined,
      domain: ifSaid(user?.realm),
      groups: ifAny(roles.filter(Boolean).map((name) => ({ name, type: 'role' }))),
    },
    idp: user?.provider ? { name: user.provider } : undefined,
  }
}

/** An endpoint has to have an address or a name: a pseudonym is no address. */
function describeSource(ip: string) {
  if (isAddress(ip) && ip.length <= MAX_ADDRESS_LENGTH) return { ip }
  return { name: ifSaid(ip) ?? UNKNOWN }
}

function describeDestination(url: UrlParts | undefined, service: ServiceOptions) {
  const hostname = ifSaid(url?.host)
  const { name: svc_name, nodeName: name } = service
  if (hostname === undefined && svc_name === undefined && name === undefined) return undefined
  return { hostname, svc_name, name, port: url?.port }
}

function describeUrl(url: string, parts: Partial<UrlParts> = {}) {
  if (url === '') return undefined
  const { scheme, host, port, path, query } = parts
  return {
    url_string: url,
    scheme,
    hostname: ifSaid(host),
    port,
    path: ifSaid(path),
    query_string: ifSaid(query),
  }
}

/** The schema knows of no response without a status. */
function describeResponse({ status_code: code, headers }: ResponseRecord, latency: number | undefined) {
  if (code === null) return undefined
  const http_headers = describeHeaders(headers)
  const content_type = http_headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value
  return { code, latency, content_type, http_headers: ifAny(http_headers) }
}

interface SentHeader {
  readonly name: string
  readonly value: string
}

/** One for each line that left. */
function describeHeaders(headers: JsonValue): SentHeader[] {
  const sent = unwrapSummary(headers)
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return []
  const lines: SentHeader[] = []
  for (const name of Object.keys(sent)) {
    const values = sent[name] as JsonValue
    if (Array.isArray(values)) for (const value of values) lines.push({ name, value: headerToText(value) })
    else lines.push({ name, value: headerToText(values) })
  }
  return lines
}

function describeRest(record: AuditRecord, service: ServiceOptions) {
  const { user, http_response: response } = record
  return {
    authenticated: user?.authenticated,
    roles: user && roleNames(user.roles) === undefined ? user.roles : undefined,
    filter: record.filter?.kwargs ?? undefined,
    results: record.results ?? undefined,
    headers: response && hasOtherHeaders(response) ? response.headers : undefined,
    ended: record.ended ?? undefined,
    stage: record.stage,
    route: record.route,
    truncated: record.truncated,
    lost: record.lost,
    span_id: record.span_id,
    run: record.run,
    environment: service.environment,
    version: service.name === undefined ? service.version : undefined,
  }
}

/** What `http_headers` cannot say: the status is unknown, or a handler gave something else than headers. */
function hasOtherHeaders({ status_code, headers }: ResponseRecord): boolean {
  return (
    headers !== null &&
    (status_code === null ||
      typeof unwrapSummary(headers) !== 'object' ||
      Array.isArray(unwrapSummary(headers)))
  )
}
