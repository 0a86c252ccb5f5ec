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

/** The actions of `audited()`, and the words of CRUD for those that a handler sets. Other words are the application's own. */
const ACTIVITIES_BY_ACTION: Readonly<Record<AuditedAction | 'read' | 'delete', Activity>> = {
  list: 'read',
  retrieve: 'read',
  read: 'read',
  create: 'create',
  update: 'update',
  partial_update: 'update',
  destroy: 'delete',
  delete: 'delete',
}
const activitiesByAction = new Map<string, Activity>(Object.entries(ACTIVITIES_BY_ACTION))

/**
 * By the action if its name shows it, otherwise by the method in any case. A POST with an action of the application, such as
 * `transfer`, is `other`: the method does not tell what such an action does. `undefined` without HTTP and action.
 */
export function classifyActivity({ action, http_request }: AuditRecord): Activity | undefined {
  if (action !== undefined) {
    const activity = activitiesByAction.get(action.toLowerCase())
    if (activity !== undefined) return activity
  }
  if (http_request === null) return action === undefined ? undefined : 'other'
  const activity = ACTIVITIES.get(http_request.method.toUpperCase()) ?? 'other'
  return activity === 'create' && action !== undefined ? 'other' : activity
}

/**
 * The name of the operation, such as `GET /persons/:id`. The route has placeholders instead of ids, so there are few
 * different names and they can be counted. Only the method if no route is known; `undefined` without HTTP.
 */
export function describeOperation({ http_request, route }: AuditRecord): string | undefined {
  const method = http_request?.method
  return method && route ? `${method} ${route}` : method || route || undefined
}
