import type { ResolvedLoggerOptions } from '../options/resolve.js'
import { findMostSevere } from '../record/notes.js'
import { describeOutcome, findDefaultLevel, findLevel } from '../record/outcome.js'
import { AUDIT_LEVELS, type AuditLevel } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import { createPipeline, type Pipeline } from './pipeline.js'

/** The pipeline of loggers without a request. */
export interface StandalonePipeline
  extends Pick<Pipeline, 'redactor' | 'reporter' | 'findSecrets' | 'allocateSequence' | 'send'> {
  /** How many records of the largest size the sink may owe an answer for. */
  readonly maxBatch: number
  /**
   * Whether the option `level` lets a record be written: by its level, and always if its action was denied or has failed. Call it
   * when the record is complete.
   */
  isWritten(draft: RecordDraft): boolean
}

/** Only records without a request are subject to the option `level`: one call of `debug()` must not delete the record of one. */
export function createStandalonePipeline(
  options: ResolvedLoggerOptions,
  pipeline: Pipeline = createPipeline(options),
): StandalonePipeline {
  const { level, followsPython } = options
  const minLevel = AUDIT_LEVELS.indexOf(level)
  const isSevere = (recorded: AuditLevel) => AUDIT_LEVELS.indexOf(recorded) >= minLevel
  const { redactor, reporter, findSecrets, allocateSequence, send, maxBatch } = pipeline
  return {
    redactor,
    reporter,
    findSecrets,
    allocateSequence,
    maxBatch,
    send(draft) {
      draft.type = followsPython ? findPythonLevel(draft) : findActLevel(draft)
      return send(draft)
    },
    isWritten(draft) {
      // Other records name a record with a number, or with children, as their parent.
      if (draft.sequence !== null || draft.children > 0) return true
      if (followsPython) return isSevere(findPythonLevel(draft))
      const outcome = describeOutcome(draft)
      return outcome === 'denied' || outcome === 'failure' || isSevere(findActLevel(draft))
    },
  }
}

/** In Python the level does not depend on the status. `setError` does not exist there. */
function findPythonLevel(draft: RecordDraft): AuditLevel {
  return draft.error === null ? (draft.type ?? 'INFO') : findLevel(draft, true)
}

/** A `debug()` from deep inside the application does not lower the level of an action, an error or a stated outcome. */
function findActLevel(draft: RecordDraft): AuditLevel {
  const level = findLevel(draft, false)
  const isAct = draft.action !== null || draft.error !== null || draft.verdict !== null
  return isAct ? findMostSevere([level, findDefaultLevel(draft)]) : level
}
