import type { AuditRecord } from '../record/record.js'

/** What a request does, as its method says (RFC 9110 section 9.3). A search by POST is told as a creation. */
export type Activity = 'read' | 'create' | 'update' | 'delete' | 'other'

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

export function activityOf(method: string): Activity {
  return ACTIVITIES.get(method.toUpperCase()) ?? 'other'
}

/**
 * What was asked for, in few different texts, so that it can be counted: `GET /persons/:id`. Where no route is known
 * it is the method; `undefined` without HTTP.
 */
export function operationOf({ http_request, route }: AuditRecord): string | undefined {
  const method = http_request?.method
  return method && route ? `${method} ${route}` : method || route || undefined
}
