// The fields `Audit.*`, which ECS does not define.
import type { AuditRecord, OnBehalfOfRecord, ResponseRecord, UserRecord } from '../../record/record.js'
import type { JsonValue } from '../../serialize/json-value.js'
import { omitEmptyObject, omitEmptyText, toRoleNames } from '../values.js'

/** The data for which ECS has no field. */
export function describeAuditFields(record: AuditRecord, operation: string | undefined) {
  const { http_response: response, user, filter } = record
  return {
    run: record.run,
    ended: record.ended ?? undefined,
    stage: record.stage,
    // `event.outcome` has no value for it.
    outcome: record.outcome === 'denied' ? record.outcome : undefined,
    operation,
    route: record.route,
    target: record.target,
    changes: record.changes,
    attributes: record.attributes,
    request_body: record.request_body === undefined ? undefined : wrapInObject(record.request_body),
    parent: record.parent,
    children: record.children,
    children_dropped: record.children_dropped,
    notes: record.notes,
    user: user ? describeAuditUser(user) : undefined,
    filter: filter ? { object: filter.object, kwargs: wrapInObject(filter.kwargs) } : undefined,
    response: response ? describeAuditResponse(response) : undefined,
    results: record.results ?? undefined,
    truncated: record.truncated,
    lost: record.lost,
    run_event: record.run_event,
    checkpoint: record.checkpoint,
    previous_checkpoints: record.previous_checkpoints,
  }
}

function describeAuditUser({ authenticated, provider, type, roles, on_behalf_of }: UserRecord) {
  return omitEmptyObject({
    authenticated: authenticated ?? undefined,
    provider: omitEmptyText(provider),
    type,
    roles: describeOtherRoles(roles),
    on_behalf_of: on_behalf_of && describePrincipal(on_behalf_of),
  })
}

/** The data of the principal for which `user.effective` has no field. */
function describePrincipal({ provider, type, tenant, roles, via }: OnBehalfOfRecord) {
  return omitEmptyObject({
    provider: omitEmptyText(provider),
    type,
    // `organization` is that of the one who acts.
    tenant: omitEmptyText(tenant),
    roles: describeOtherRoles(roles),
    via,
  })
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
