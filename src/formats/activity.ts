import type { AuditedAction, AuditRecord } from '../record/record.js'

/** The effect of a request on a resource. */
export type Activity = 'read' | 'create' | 'update' | 'delete' | 'other'

/** From RFC 9110 section 9.3. A POST counts as `create` unless an action tells otherwise. */
const ACTIVITIES = new Map<string, Activity>([
  ['GET', 'read'],
  ['HEAD', 'read'],
  ['OPTIONS', 'read'],
  ['TRACE', 'read'],
  ['QUERY', 'read'],
  ['SEARCH', 'read'],
  ['PROPFIND', 'read'],
  ['REPORT', 'read'],
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'update'],
  ['DELETE', 'delete'],
])

const ACTIVITIES_BY_ACTION: Readonly<Record<AuditedAction, Activity>> = {
  list: 'read',
  retrieve: 'read',
  create: 'create',
  update: 'update',
  partial_update: 'update',
  destroy: 'delete',
}
const activitiesByAction = new Map<string | undefined, Activity>(Object.entries(ACTIVITIES_BY_ACTION))

/** By the action if there is one, otherwise by the method in any case; `undefined` without HTTP. */
export function classifyActivity({ action, http_request }: AuditRecord): Activity | undefined {
  const activity = activitiesByAction.get(action)
  if (activity !== undefined || http_request === null) return activity
  return ACTIVITIES.get(http_request.method.toUpperCase()) ?? 'other'
}

/**
 * The name of the operation, such as `GET /persons/:id`. The route has placeholders instead of ids, so there are few
 * different names and they can be counted. Only the method if no route is known; `undefined` without HTTP.
 */
export function describeOperation({ http_request, route }: AuditRecord): string | undefined {
  const method = http_request?.method
  return method && route ? `${method} ${route}` : method || route || undefined
}
