import { emptyDraft } from '../record/record.js'
import type { Redactor } from '../redact/redactor.js'
import { AuditLogger, type Sender } from './audit-logger.js'

/** Does not look at what it is given, as nothing of it is going to leave. */
const INDIFFERENT: Redactor = {
  redactValue: () => ({ content: null, isCut: false }),
  redactRecord: (record) => record,
}

const NOWHERE: Sender = { send() {} }

/** A logger that can be called like any other, and writes nothing. */
export function createNoopLogger(): AuditLogger {
  return new AuditLogger(emptyDraft(Date.now()), INDIFFERENT, NOWHERE, '')
}
