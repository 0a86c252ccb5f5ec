export {
  type AuditedRequest,
  type AuditMiddleware,
  auditErrors,
  audited,
  auditLog,
} from './adapters/express.js'
export * from './exports.js'
