export { type AuditedRequest, type AuditMiddleware, auditLog } from './adapters/express.js'
export * from './core.js'
