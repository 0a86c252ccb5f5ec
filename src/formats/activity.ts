import type { AuditRecord } from '../record/record.js'

/** The effect of a request on a resource, derived from its method. */
export type Activity = 'read' | 'create' | 'update' | 'delete' | 'other'

/** From RFC 9110 section 9.3. A POST counts as `create` even if the handler only searches. */
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

/** @param method in any case */
export function classifyMethod(method: string): Activity {
  return ACTIVITIES.get(method.toUpperCase()) ?? 'other'
}

/**
 * The name of the operation, such as `GET /persons/:id`. The route has placeholders instead of ids, so there are few
 * different names and they can be counted. Only the method if no route is known; `undefined` without HTTP.
 */
export function describeOperation({ http_request, route }: AuditRecord): string | undefined {
  const method = http_request?.method
  return method && route ? `${method} ${route}` : method || route || undefined
}
