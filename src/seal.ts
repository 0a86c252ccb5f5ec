export { type AuditErrorCode, AuditLogError } from './lib/errors.js'
export { seal } from './seal/create-seal.js'
export type { Seal, SealOptions, SealStats } from './seal/seal.js'
