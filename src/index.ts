export {
  type AuditedRequest,
  type AuditMiddleware,
  auditErrors,
  auditLog,
} from './adapters/express.js'
export { audited } from './adapters/express-audited.js'
export * from './exports.js'
