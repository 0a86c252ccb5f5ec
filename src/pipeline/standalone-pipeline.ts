import type { ResolvedLoggerOptions } from '../options/resolve.js'
import { findLevel } from '../record/outcome.js'
import { AUDIT_LEVELS } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import { createPipeline, type Pipeline } from './pipeline.js'

/** The pipeline of loggers without a request. */
export interface StandalonePipeline extends Pick<Pipeline, 'redactor' | 'reporter'> {
  /** As in Python, the last call of a level method is the message. */
  readonly lastMessageWins: true
  /** Writes a record, unless its level is below the option `level`. */
  send(draft: RecordDraft): void
}

/** Only these records are subject to the option `level`: one call of `debug()` must not delete the record of a request. */
export function createStandalonePipeline(options: ResolvedLoggerOptions): StandalonePipeline {
  const { level, followsPython } = options
  const minLevel = AUDIT_LEVELS.indexOf(level)
  const { redactor, reporter, send } = createPipeline(options)
  return {
    redactor,
    reporter,
    lastMessageWins: true,
    send(draft) {
      // In Python the level does not depend on the status. `setError` does not exist there.
      if (followsPython && draft.error === null) draft.type ??= 'INFO'
      if (AUDIT_LEVELS.indexOf(findLevel(draft)) >= minLevel) void send(draft)
    },
  }
}
