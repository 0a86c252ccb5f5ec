/**
 * The module node:http, without importing it: that would slow down the start of a process that uses only `AuditLogger`.
 * `undefined` in Node before 20.16.
 */
export function getHttpModule(): typeof import('node:http') | undefined {
  const { getBuiltinModule } = process as { getBuiltinModule?(name: string): typeof import('node:http') }
  return getBuiltinModule?.('node:http')
}

/** The reason phrase that Node writes if the application has not set `statusMessage` (Node, lib/_http_server.js). */
export function getDefaultReason(status: number): string {
  const http = getHttpModule()
  return http === undefined ? '' : (http.STATUS_CODES[status] ?? 'unknown')
}
