export { auditLog, type KoaContext } from './adapters/koa.js'
export * from './core.js'
