// The data for which the class API Activity has no attribute.
import type { AuditRecord } from '../../record/record.js'
import { toRoleNames } from '../values.js'
import { hasUnmappedHeaders } from './http.js'

/** Under the names of the default format. */
export function describeUnmapped(record: AuditRecord, operation: string | undefined) {
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
    operation,
    route: record.route,
    changes: record.changes,
    attributes: record.attributes,
    request_body: record.request_body,
    parent: record.parent,
    children: record.children,
    children_dropped: record.children_dropped,
    notes: record.notes,
    truncated: record.truncated,
    lost: record.lost,
    run_event: record.run_event,
    checkpoint: record.checkpoint,
    previous_checkpoints: record.previous_checkpoints,
    span_id: record.span_id,
    run: record.run,
    environment: service?.environment,
    version: service?.name === undefined ? service?.version : undefined,
  }
}
