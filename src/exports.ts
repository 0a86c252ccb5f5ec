// The exports that all entry points share.

export { currentAudit } from './exchange/async-context.js'
export type { AuditedOptions } from './exchange/audited/options.js'
export type { AuditControls, AuditStats, StandaloneLoggerOptions } from './exchange/controls.js'
export type { Format } from './formats/format.js'
export type { ServiceOptions } from './formats/service.js'
export type { Exemption } from './http/exempt.js'
export type { PolicyRule, StatusClass } from './http/policy.js'
export type { AuditUser, ExactUser, OnBehalfOf } from './http/user/user.js'
export { type AuditErrorCode, AuditLogError } from './lib/errors.js'
export type { Exact } from './lib/exact.js'
export type { AttributeName, AttributeValue, AuditAttributes } from './logger/attributes.js'
export { AuditLogger } from './logger/audit-logger.js'
export type { HttpRequestDescription, HttpResponseDescription } from './logger/http-descriptions.js'
export type { AuditTarget } from './logger/target.js'
export type { AuditLoggerOptions, AuditOptions } from './options/options.js'
export { mergeWorkers } from './pipeline/merge-workers.js'
export type {
  AuditedAction,
  AuditLevel,
  AuditRecord,
  ChangeRecord,
  CheckpointRecord,
  EarlyStage,
  Ending,
  ErrorRecord,
  FilterRecord,
  HostRecord,
  IntegrityRecord,
  LossRecord,
  NoteRecord,
  OnBehalfOfRecord,
  Outcome,
  RequestRecord,
  ResponseRecord,
  RunEvent,
  SealRecord,
  ServiceRecord,
  Stage,
  TargetRecord,
  UserRecord,
  UserType,
} from './record/record.js'
export type { PolicyLevel } from './record/record-draft.js'
export { pseudonym } from './redact/rules/pseudonym.js'
export type { PseudonymizeOptions, RedactOptions } from './redact/rules/rules.js'
export type { Seal, SealStats } from './seal/seal.js'
export type { JsonValue } from './serialize/json-value.js'
export { type FileOptions, type FileSink, file } from './sinks/file.js'
export type { RecordMatch } from './sinks/match-record.js'
export { type MemorySink, memory } from './sinks/memory.js'
export { normalizeRecord } from './sinks/normalize-record.js'
export type { Sink } from './sinks/sink.js'
export { stdout } from './sinks/stdout.js'
export { stream } from './sinks/stream.js'
