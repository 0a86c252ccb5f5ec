export { type AuditErrorCode, AuditLogError } from './lib/errors.js'
export { type ElasticsearchOptions, elasticsearch } from './verify/elasticsearch.js'
export {
  type Finding,
  findExitCode,
  type ModifiedRange,
  type RunResult,
  type Verdict,
  type VerifyResult,
} from './verify/findings.js'
export type { IndexRange } from './verify/leaf-store.js'
export { type ProveOptions, prove } from './verify/prove.js'
export type { DocumentSource, VerifyInput } from './verify/read-input.js'
export { type Verification, type VerifyOptions, verify } from './verify/verify.js'
