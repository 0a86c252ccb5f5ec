import { AuditLogger, type Sender } from './audit-logger.js'
import type { Protector } from './protect/protector.js'
import { emptyDraft } from './record.js'

/** Does not look at what it is given, as nothing of it is going to leave. */
const INDIFFERENT: Protector = {
  snapshot: () => ({ content: null, isCut: false }),
  protect: (record) => record,
  shortenToFit: () => undefined,
}

const NOWHERE: Sender = { send() {} }

/** A logger that can be called like any other, and writes nothing. */
export function inertLogger(): AuditLogger {
  return new AuditLogger(emptyDraft(Date.now()), INDIFFERENT, NOWHERE, '')
}
