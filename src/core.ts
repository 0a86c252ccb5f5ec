// The names that both entry points share.
export { AuditLogger, type HttpRequestDescription, type HttpResponseDescription } from './audit-logger.js'
export type { AuditedAction, AuditedOptions } from './audited.js'
export { currentAudit } from './context.js'
export { type AuditErrorCode, AuditLogError } from './errors.js'
export type { AuditControls, AuditStats } from './exchange.js'
export type { Format } from './formats/format.js'
export type { ServiceOptions } from './formats/service.js'
export type { Exemption } from './http/exempt.js'
export type { PolicyLevel, PolicyRule, StatusClass } from './http/policy.js'
export type { AuditUser } from './http/user.js'
export { mergeWorkers } from './merge-workers.js'
export type { AuditLoggerOptions, AuditOptions } from './options.js'
export { pseudonym } from './protect/pseudonym.js'
export type { PseudonymizeOptions, RedactOptions } from './protect/rules.js'
export type {
  AuditLevel,
  AuditRecord,
  Ending,
  ErrorRecord,
  FilterRecord,
  LossRecord,
  Outcome,
  PlainJson,
  RequestRecord,
  ResponseRecord,
  Stage,
  UserRecord,
} from './record.js'
export { type FileOptions, type FileSink, file } from './sinks/file.js'
export { type MemorySink, memory } from './sinks/memory.js'
export type { Sink } from './sinks/sink.js'
export { stdout } from './sinks/stdout.js'
export { stream } from './sinks/stream.js'
