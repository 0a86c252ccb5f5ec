export {
  auditLog,
  type KoaAuditMiddleware,
  type KoaContext,
} from './adapters/koa.js'
export { audited, type KoaAuditedContext } from './adapters/koa-audited.js'
export { auditErrors } from './adapters/koa-errors.js'
export * from './exports.js'
