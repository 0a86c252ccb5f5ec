import type { ResolvedLoggerOptions } from '../options/resolve.js'
import { findLevel } from '../record/outcome.js'
import { AUDIT_LEVELS } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import { createPipeline, type Pipeline } from './pipeline.js'

/** The pipeline of loggers without a request. */
export interface StandalonePipeline extends Pick<Pipeline, 'redactor' | 'reporter' | 'send'> {
  /** How many records of the largest size the sink may owe an answer for. */
  readonly maxBatch: number
  /** Whether the level of a record is not below the option `level`. Call it when the record is complete. */
  isWritten(draft: RecordDraft): boolean
}

/** Only records without a request are subject to the option `level`: one call of `debug()` must not delete the record of one. */
export function createStandalonePipeline(
  options: ResolvedLoggerOptions,
  pipeline: Pipeline = createPipeline(options),
): StandalonePipeline {
  const { level, followsPython } = options
  const minLevel = AUDIT_LEVELS.indexOf(level)
  const { redactor, reporter, send, maxBatch } = pipeline
  return {
    redactor,
    reporter,
    maxBatch,
    send,
    isWritten(draft) {
      // In Python the level does not depend on the status. `setError` does not exist there.
      if (followsPython && draft.error === null) draft.type ??= 'INFO'
      // Other records name a record with a number, or with children, as their parent.
      const isNamed = draft.sequence !== null || draft.children > 0
      return isNamed || AUDIT_LEVELS.indexOf(findLevel(draft, followsPython)) >= minLevel
    },
  }
}
