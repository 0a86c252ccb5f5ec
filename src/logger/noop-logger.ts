import { createDraft } from '../record/record-draft.js'
import { type AuditLogger, createLogger } from './audit-logger.js'
import { RecordBuilder } from './record-builder.js'

const noopRedactor = { redactValue: () => ({ content: null, isTruncated: false, secrets: [] }) }
const noopSender = { lastMessageWins: true, send() {} }

/** Creates a logger that accepts every call and records nothing. */
export function createNoopLogger(): AuditLogger {
  return createLogger(new RecordBuilder(createDraft(Date.now()), noopRedactor, noopSender, ''))
}
