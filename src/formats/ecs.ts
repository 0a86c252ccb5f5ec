import { memoizeLast } from '../lib/bounded-cache.js'
import { createIsoTime, parseIsoTime } from '../lib/iso-time.js'
import type {
  AuditRecord,
  OnBehalfOfRecord,
  ResponseRecord,
  ServiceRecord,
  UserRecord,
} from '../record/record.js'
import type { JsonValue } from '../serialize/json-value.js'
import { type Activity, classifyActivity, describeOperation } from './activity.js'
import type { Format } from './format.js'
import { splitUrl } from './url-parts.js'
import {
  isIpAddress,
  omitEmptyList,
  omitEmptyObject,
  omitEmptyText,
  toRoleNames,
  uniqueTexts,
} from './values.js'

const ECS_VERSION = '9.4.0'
const NS_PER_MS = 1_000_000
/** The values of `event.type` that stand for an activity. */
const EVENT_TYPES: Record<Activity, string> = {
  read: 'access',
  create: 'creation',
  update: 'change',
  delete: 'deletion',
  other: 'info',
}
/**
 * The categories of an HTTP exchange, and those of our values of `event.type` that ECS expects with each: a creation belongs
 * to `api` alone, and `error` to `web`.
 */
const CATEGORIES: readonly (readonly [name: string, types: readonly string[]])[] = [
  ['web', ['access', 'info', 'error']],
  ['api', ['access', 'info', 'creation', 'change', 'deletion', 'denied', 'start', 'end']],
]
/** A text that the option `pseudonymize` has replaced. */
const PSEUDONYM = /^hmac-sha256:[\w.-]+:[0-9a-f]{64}$/

/**
 * Formats a record with the fields of the Elastic Common Schema 9.4 (https://www.elastic.co/docs/reference/ecs).
 *
 * The four fields that the ECS logging specification requires come first and have dots in their names, as it prescribes
 * (https://github.com/elastic/ecs-logging/tree/main/spec); all other fields are nested objects.
 *
 * Data without an ECS field is in `Audit`. ECS advises a capital letter for custom fields, because no ECS name has one.
 * Clients and handlers can choose key names only inside `Audit.filter.kwargs`, `Audit.response.headers` and
 * `Audit.user.roles` and `Audit.user.on_behalf_of.roles` (objects, to be mapped as `flattened`), and inside `Audit.results` (any JSON, to be mapped with
 * `enabled: false`). With these mappings no request can add a field to the index.
 */
export function formatEcs(record: AuditRecord) {
  const { http_request: request, http_response: response, user, error } = record
  const client = describeClient(user)
  const status_code = response?.status_code
  const url = describeUrl(request?.url)
  return {
    '@timestamp': record.time,
    'log.level': record.type.toLowerCase(),
    message: record.message,
    'ecs.version': ECS_VERSION,
    event: describeEvent(record),
    service: formatService(record.service),
    http: omitEmptyObject({
      request: omitEmptyObject({
        id: omitEmptyText(record.request_id),
        method: omitEmptyText(request?.method),
      }),
      response: status_code == null ? undefined : { status_code },
    }),
    url,
    user_agent: request?.user_agent ? { original: request.user_agent } : undefined,
    user: omitEmptyObject({
      id: omitEmptyText(user?.id),
      email: omitEmptyText(user?.email),
      domain: omitEmptyText(user?.realm),
      roles: omitEmptyList(toRoleNames(user?.roles ?? null) ?? []),
      effective: describeEffectiveUser(user?.on_behalf_of),
    }),
    client,
    // ECS on `client`: "You should still ensure that source and destination are filled appropriately".
    source: client,
    related: describeRelated(user, client?.ip, url?.domain),
    trace: record.trace_id ? { id: record.trace_id } : undefined,
    span: record.span_id === undefined ? undefined : { id: record.span_id },
    error: error && { type: error.name, message: error.message },
    Audit: describeAuditFields(record),
  }
}
// Not an annotation of the function: that would widen the type of its output to `object`.
formatEcs satisfies Format

/** Memoized: all records of a logger share one object. */
const formatService = memoizeLast((service: ServiceRecord | undefined) => {
  if (service === undefined) return undefined
  const { name, version, environment, node_name } = service
  return omitEmptyObject({ name, version, environment, node: omitEmptyObject({ name: node_name }) })
})

const formatEndTime = createIsoTime()

function describeEvent(record: AuditRecord) {
  const { duration_ms, http_request, outcome, service } = record
  const types = describeEventTypes(record)
  return {
    kind: 'event',
    category: http_request ? findCategories(types) : undefined,
    type: types,
    action: describeOperation(record),
    // ECS on `event.outcome`: it "is generally not populated for" events that only inform.
    outcome: http_request === null && outcome === 'unknown' ? undefined : outcome,
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

/** ECS expects at least one value of `event.type` for each category, and a category for each value. */
function findCategories(types: readonly string[]): string[] {
  const categories: string[] = []
  for (const [name, expected] of CATEGORIES) {
    if (types.some((type) => expected.includes(type))) categories.push(name)
  }
  return categories
}

function describeEventTypes(record: AuditRecord): string[] {
  const { http_response, error, stage } = record
  const status = http_response?.status_code ?? 0
  const types = [EVENT_TYPES[classifyActivity(record) ?? 'other']]
  if (stage !== undefined) types.push(stage === 'received' ? 'start' : 'end')
  if (status === 401 || status === 403) types.push('denied')
  if (error !== undefined || status >= 500) types.push('error')
  return types
}

/** A text that is not an IP address, such as a pseudonym, is only in `address`: Elasticsearch rejects it in `ip`. */
function describeClient(user: UserRecord | null) {
  const address = omitEmptyText(user?.ip)
  return address === undefined ? undefined : { address, ip: isIpAddress(address) ? address : undefined }
}

/** A URL that is not absolute cannot be split: it is in `url.original`, which ECS defines as the unmodified URL. */
function describeUrl(url: string | undefined) {
  if (!url) return undefined
  const parts = splitUrl(url)
  if (parts === undefined) return { original: url }
  const { scheme, host, port, path, query } = parts
  return {
    full: url,
    scheme,
    domain: omitEmptyText(host),
    port,
    path: omitEmptyText(path),
    query: omitEmptyText(query),
  }
}

/** ECS, "User fields usage": `user` is the one who acts, and `user.effective` the one whose rights are used. */
function describeEffectiveUser(onBehalfOf: OnBehalfOfRecord | undefined) {
  if (onBehalfOf === undefined) return undefined
  return omitEmptyObject({
    id: omitEmptyText(onBehalfOf.id),
    email: omitEmptyText(onBehalfOf.email),
    domain: omitEmptyText(onBehalfOf.realm),
    roles: omitEmptyList(toRoleNames(onBehalfOf.roles) ?? []),
  })
}

function describeRelated(user: UserRecord | null, ip: string | undefined, domain: string | undefined) {
  const onBehalfOf = user?.on_behalf_of
  const names = uniqueTexts(user?.id, user?.email, onBehalfOf?.id, onBehalfOf?.email)
  return omitEmptyObject({
    user: omitEmptyList(names),
    ip: ip === undefined ? undefined : [ip],
    hash: omitEmptyList(uniqueTexts(...names, user?.ip).filter((text) => PSEUDONYM.test(text))),
    hosts: domain === undefined ? undefined : [domain],
  })
}

/** The data for which ECS has no field. */
function describeAuditFields(record: AuditRecord) {
  const { http_response: response, user, filter } = record
  return {
    run: record.run,
    ended: record.ended ?? undefined,
    stage: record.stage,
    route: record.route,
    action: record.action,
    notes: record.notes,
    user: user ? describeAuditUser(user) : undefined,
    filter: filter ? { object: filter.object, kwargs: wrapInObject(filter.kwargs) } : undefined,
    response: response ? describeAuditResponse(response) : undefined,
    results: record.results ?? undefined,
    truncated: record.truncated,
    lost: record.lost,
  }
}

function describeAuditUser({ authenticated, provider, roles, on_behalf_of }: UserRecord) {
  return omitEmptyObject({
    authenticated: authenticated ?? undefined,
    provider: omitEmptyText(provider),
    roles: describeOtherRoles(roles),
    on_behalf_of: on_behalf_of && describePrincipal(on_behalf_of),
  })
}

/** The data of the principal for which `user.effective` has no field. */
function describePrincipal({ provider, roles, via }: OnBehalfOfRecord) {
  return omitEmptyObject({ provider: omitEmptyText(provider), roles: describeOtherRoles(roles), via })
}

/** Roles that are not a list of names. */
function describeOtherRoles(roles: JsonValue) {
  return toRoleNames(roles) === undefined ? wrapInObject(roles) : undefined
}

function describeAuditResponse({ reason, headers }: ResponseRecord) {
  return omitEmptyObject({ reason: omitEmptyText(reason), headers: wrapInObject(headers) })
}

/** A `flattened` field accepts only objects, so any other value is wrapped in one. */
function wrapInObject(value: JsonValue): { [key: string]: JsonValue } | undefined {
  if (value === null) return undefined
  return typeof value === 'object' && !Array.isArray(value) ? value : { value }
}
