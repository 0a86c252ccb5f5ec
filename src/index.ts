export { type AuditedRequest, type AuditMiddleware, auditErrors, auditLog } from './adapters/express.js'
export * from './core.js'
