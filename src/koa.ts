export { auditLog, type KoaAuditMiddleware, type KoaContext } from './adapters/koa.js'
export * from './core.js'
