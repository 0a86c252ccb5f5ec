import { memoizeLast } from '../lib/bounded-cache.js'
import { createIsoTime, parseIsoTime } from '../lib/iso-time.js'
import type { AuditRecord, ResponseRecord, UserRecord } from '../record/record.js'
import type { JsonValue } from '../serialize/json-value.js'
import { type Activity, activityOf, operationOf } from './activity.js'
import { isAddress } from './address.js'
import type { ServiceFormat } from './format.js'
import { ifAny, ifKnown, ifSaid } from './omit.js'
import type { ServiceOptions } from './service.js'
import { urlParts } from './url-parts.js'
import { roleNames } from './values.js'

const ECS_VERSION = '9.4.0'
const NS_PER_MS = 1_000_000
/** The values of `event.type` that the categories `web` and `api` expect. */
const EVENT_TYPES: Record<Activity, string> = {
  read: 'access',
  create: 'creation',
  update: 'change',
  delete: 'deletion',
  other: 'info',
}
const PSEUDONYM = /^hmac-sha256:[\w.-]+:[0-9a-f]{64}$/

/**
 * The record in fields of the Elastic Common Schema 9.4, and nothing under a name of ECS that ECS does not know.
 *
 * The four fields that ECS logging requires come first and have dots in their names, as its specification asks; all
 * others are objects, so no name stands for both. What ECS has no field for is in `Audit`: it advises a capital letter
 * for what is one's own, as its names have none. Names that a client or a handler can choose are found in
 * `Audit.filter.kwargs`, `Audit.response.headers` and `Audit.user.roles` alone, each an object to be mapped as
 * `flattened`, and in `Audit.results`, to be mapped with `enabled: false`, as it may be anything.
 */
export function formatEcs(record: AuditRecord, service: ServiceOptions) {
  const { http_request: request, http_response: response, user, error } = record
  const client = describeClient(user)
  const status_code = response?.status_code
  const url = describeUrl(request?.url)
  return {
    '@timestamp': record.time,
    'log.level': record.type.toLowerCase(),
    message: record.message,
    'ecs.version': ECS_VERSION,
    event: describeEvent(record, service),
    service: describeService(service),
    http: ifKnown({
      request: ifKnown({ id: ifSaid(record.request_id), method: ifSaid(request?.method) }),
      response: status_code == null ? undefined : { status_code },
    }),
    url,
    user_agent: request?.user_agent ? { original: request.user_agent } : undefined,
    user: ifKnown({
      id: ifSaid(user?.id),
      email: ifSaid(user?.email),
      domain: ifSaid(user?.realm),
      roles: ifAny(roleNames(user?.roles ?? null) ?? []),
    }),
    client,
    // "You should still ensure that source and destination are filled appropriately", ECS says of `client`.
    source: client,
    related: describeRelated(user, client?.ip, url?.domain),
    trace: record.trace_id ? { id: record.trace_id } : undefined,
    span: record.span_id === undefined ? undefined : { id: record.span_id },
    error: error && { type: error.name, message: error.message },
    Audit: describeOwn(record),
  }
}
formatEcs satisfies ServiceFormat

/** The options of a logger are the same object for each of its records. */
const describeService = memoizeLast(({ name, version, environment, nodeName }: ServiceOptions) =>
  ifKnown({ name, version, environment, node: ifKnown({ name: nodeName }) }),
)

/** In whole milliseconds, as a Date has them. */
const endTime = createIsoTime()

function describeEvent(record: AuditRecord, service: ServiceOptions) {
  const { duration_ms, http_request } = record
  return {
    kind: 'event',
    category: http_request ? ['web', 'api'] : undefined,
    type: eventTypes(record),
    action: operationOf(record),
    outcome: record.outcome,
    id: record.id,
    sequence: record.seq,
    // By the specification of ECS logging; Kibana's anomaly detection asks for it.
    dataset: service.name && `${service.name}.audit`,
    start: record.time,
    end: duration_ms === null ? undefined : endTime(Math.trunc(parseIsoTime(record.time) + duration_ms)),
    duration: duration_ms === null ? undefined : Math.round(duration_ms * NS_PER_MS),
  }
}

function eventTypes({ http_request, http_response, error, stage }: AuditRecord): string[] {
  const status = http_response?.status_code ?? 0
  const types = [http_request ? EVENT_TYPES[activityOf(http_request.method)] : 'info']
  if (stage !== undefined) types.push(stage === 'received' ? 'start' : 'end')
  if (status === 401 || status === 403) types.push('denied')
  if (error !== undefined || status >= 500) types.push('error')
  return types
}

/** A text that is no address, such as a pseudonym, is an `address` and no `ip`: Elasticsearch refuses it there. */
function describeClient(user: UserRecord | null) {
  const address = ifSaid(user?.ip)
  return address === undefined ? undefined : { address, ip: isAddress(address) ? address : undefined }
}

/** `url.original` is "as seen in the event source": for what is no absolute URL that is all there is to say. */
function describeUrl(url: string | undefined) {
  if (!url) return undefined
  const parts = urlParts(url)
  if (parts === undefined) return { original: url }
  const { scheme, host, port, path, query } = parts
  return { full: url, scheme, domain: ifSaid(host), port, path: ifSaid(path), query: ifSaid(query) }
}

function describeRelated(user: UserRecord | null, ip: string | undefined, domain: string | undefined) {
  const names = differing(user?.id, user?.email)
  return ifKnown({
    user: ifAny(names),
    ip: ip === undefined ? undefined : [ip],
    hash: ifAny(differing(...names, user?.ip).filter((text) => PSEUDONYM.test(text))),
    hosts: domain === undefined ? undefined : [domain],
  })
}

function differing(...texts: readonly (string | undefined)[]): string[] {
  const different: string[] = []
  for (const text of texts) if (text && !different.includes(text)) different.push(text)
  return different
}

/** What ECS has no field for. */
function describeOwn(record: AuditRecord) {
  const { http_response: response, user, filter } = record
  return {
    run: record.run,
    ended: record.ended ?? undefined,
    stage: record.stage,
    route: record.route,
    user: user ? describeOwnOfUser(user) : undefined,
    filter: filter ? { object: filter.object, kwargs: inObject(filter.kwargs) } : undefined,
    response: response ? describeOwnOfResponse(response) : undefined,
    results: record.results ?? undefined,
    truncated: record.truncated,
    lost: record.lost,
  }
}

function describeOwnOfUser({ authenticated, provider, roles }: UserRecord) {
  const otherRoles = roleNames(roles) === undefined ? inObject(roles) : undefined
  return { authenticated, provider: ifSaid(provider), roles: otherRoles }
}

function describeOwnOfResponse({ reason, headers }: ResponseRecord) {
  return ifKnown({ reason: ifSaid(reason), headers: inObject(headers) })
}

/** A `flattened` field takes an object or nothing. */
function inObject(value: JsonValue): { [key: string]: JsonValue } | undefined {
  if (value === null) return undefined
  return typeof value === 'object' && !Array.isArray(value) ? value : { value }
}
