import { type AuditLogger, createLogger } from './audit-logger.js'
import { createNoopBuilder } from './record-builder.js'

/** Creates a logger that accepts every call and records nothing. */
export function createNoopLogger(): AuditLogger {
  return createLogger(createNoopBuilder())
}
