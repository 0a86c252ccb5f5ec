import { loadBuiltin } from './lazy-dependencies.cjs'

/** The module node:http, without importing it: that would slow down the start of a process that uses only `AuditLogger`. */
export function getHttpModule(): typeof import('node:http') {
  return loadBuiltin('node:http') as typeof import('node:http')
}

/** The reason phrase that Node writes if the application has not set `statusMessage` (Node, lib/_http_server.js). */
export function getDefaultReason(status: number): string {
  return getHttpModule().STATUS_CODES[status] ?? 'unknown'
}
