export {
  audited,
  auditLog,
  type KoaAuditedContext,
  type KoaAuditMiddleware,
  type KoaContext,
} from './adapters/koa.js'
export * from './exports.js'
