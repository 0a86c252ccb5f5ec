export type { JsonObject } from './evidence/sealed-formats/sealed-format.js'
export { type AuditErrorCode, AuditLogError } from './lib/errors.js'
export type { JsonValue } from './serialize/json-value.js'
export { type ElasticsearchOptions, elasticsearch } from './verify/elasticsearch.js'
export {
  type Finding,
  findExitCode,
  type ModifiedRange,
  type RunResult,
  type Verdict,
  type Verification,
  type VerifyResult,
} from './verify/findings.js'
export type { IndexRange } from './verify/leaf-store.js'
export type { MissingRange } from './verify/missing-ids.js'
export { type ProveOptions, type ProveResult, prove } from './verify/prove.js'
export type { DocumentSource, VerifyInput } from './verify/read-input.js'
export { type VerifyOptions, verify } from './verify/verify.js'
