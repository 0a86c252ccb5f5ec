import { formatAudit } from './formats/audit.js'
import type { ResolvedLoggerOptions } from './options.js'
import { nextPlace } from './process-run.js'
import { type AuditRecord, completeRecord, LEVELS, type RecordDraft } from './record.js'

/** The way of a record, from what was said to the line that leaves. */
export interface Pipeline {
  /** Never throws. */
  send(draft: RecordDraft): void
}

/** Of requests that are exempt: nothing leaves, and no place in the sequence is taken. */
export const silentPipeline: Pipeline = { send() {} }

export function createPipeline({ level, format, sink, report }: ResolvedLoggerOptions): Pipeline {
  const threshold = LEVELS.indexOf(level)

  function send(draft: RecordDraft): void {
    if (LEVELS.indexOf(draft.type) < threshold) return
    const { run, seq } = nextPlace()
    const record = completeRecord(draft, run, seq)
    const line = `${serialize(record)}\n`
    write(line)
  }

  function serialize(record: AuditRecord): string {
    try {
      return JSON.stringify(format(record))
    } catch (error) {
      report('ERR_AUDIT_FORMAT', 'The format function failed, records leave in the default format', error)
      return JSON.stringify(formatAudit(record))
    }
  }

  function write(line: string): void {
    try {
      const accepted = sink.write(line)
      if (accepted !== undefined) Promise.resolve(accepted).catch(refused)
    } catch (error) {
      refused(error)
    }
  }

  function refused(error: unknown): void {
    report('ERR_AUDIT_SINK', 'The sink did not take a record', error)
  }

  return { send }
}
