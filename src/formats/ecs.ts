import { memoizeLast } from '../lib/bounded-cache.js'
import type { AuditRecord, ServiceRecord } from '../record/record.js'
import { describeOperation } from './activity.js'
import { describeAuditFields } from './ecs/audit-fields.js'
import { describeEvent } from './ecs/event.js'
import { describeClient, describeRelated, describeUser } from './ecs/user.js'
import type { Format } from './format.js'
import { splitUrl } from './url-parts.js'
import { omitEmptyObject, omitEmptyText } from './values.js'

const ECS_VERSION = '9.4.0'

/**
 * Formats a record with the fields of the Elastic Common Schema 9.4 (https://www.elastic.co/docs/reference/ecs).
 *
 * The four fields that the ECS logging specification requires come first and have dots in their names, as it prescribes
 * (https://github.com/elastic/ecs-logging/tree/main/spec); all other fields are nested objects.
 *
 * Data without an ECS field is in `Audit`. ECS advises a capital letter for custom fields, because no ECS name has one.
 * Clients and handlers can choose key names only inside `Audit.filter.kwargs`, `Audit.response.headers`, `Audit.attributes`,
 * `Audit.request_body`, `Audit.changes`, `Audit.user.roles` and `Audit.user.on_behalf_of.roles` (objects, to be mapped as
 * `flattened`), and inside `Audit.results` (any JSON, to be mapped with `enabled: false`). With these mappings no request can
 * add a field to the index.
 */
export function formatEcs(record: AuditRecord) {
  const { http_request: request, http_response: response, error } = record
  const operation = describeOperation(record)
  const user = describeUser(record)
  const client = describeClient(record.user)
  const status_code = response?.status_code
  const url = describeUrl(request?.url)
  return {
    '@timestamp': record.time,
    'log.level': record.type.toLowerCase(),
    message: record.message,
    'ecs.version': ECS_VERSION,
    event: describeEvent(record, operation),
    service: formatService(record.service),
    host: record.host?.name ? { name: record.host.name } : undefined,
    http: omitEmptyObject({
      request: omitEmptyObject({
        id: omitEmptyText(record.request_id),
        method: omitEmptyText(request?.method),
      }),
      response: status_code == null ? undefined : { status_code },
    }),
    url,
    user_agent: request?.user_agent ? { original: request.user_agent } : undefined,
    user,
    organization: record.user?.tenant ? { id: record.user.tenant } : undefined,
    client,
    // ECS on `client`: "You should still ensure that source and destination are filled appropriately".
    source: client,
    related: describeRelated(record, user, client, url?.domain),
    trace: record.trace_id ? { id: record.trace_id } : undefined,
    span: record.span_id === undefined ? undefined : { id: record.span_id },
    error: error && { type: error.name, message: error.message },
    Audit: describeAuditFields(record, operation),
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
