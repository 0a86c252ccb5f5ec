import { formatAudit } from '../formats/audit.js'
import type { ResolvedLoggerOptions } from '../options/options.js'
import { fitRecord } from '../record/fit-record.js'
import { type AuditRecord, completeRecord, emptyDraft, LEVELS, type RecordDraft } from '../record/record.js'
import { nextSequence } from '../record/sequence.js'
import { createRedactor, type Redactor } from '../redact/redactor.js'
import { type Acceptance, createDelivery, type Delivery, type Loss } from './delivery.js'

/** The way of a record, from what was said to the line that leaves. Nothing here throws. */
export interface Pipeline extends Pick<Delivery, 'isUp' | 'counts'> {
  /** Sends a record. One that the sink does not accept is kept for later. */
  send(draft: RecordDraft): Acceptance
  /** Sends a record. One that the sink does not accept is the caller's again, and keeps its place in the sequence. */
  trySend(draft: RecordDraft): Acceptance
  readonly redactor: Redactor
  flush(): Promise<void>
  close(): Promise<void>
}

export function createPipeline(options: ResolvedLoggerOptions): Pipeline {
  const { level, format, service, sink, reporter, maxRecordBytes } = options
  const redactor = createRedactor(options)
  const threshold = LEVELS.indexOf(level)
  const delivery = createDelivery({ ...options, onLoss: tellLoss })

  function send(draft: RecordDraft, deliver = delivery.send): Acceptance {
    if (LEVELS.indexOf(draft.type) < threshold && draft.stage === null) return true
    // What has its place in the sequence already, as with `startRecords`, would be missed.
    if (draft.detail === 'none' && draft.sequence === null) return true
    draft.sequence ??= nextSequence()
    const { run, seq } = draft.sequence
    const record = redactor.redactRecord(completeRecord(draft, run, seq))
    const text = fitRecord(record, maxRecordBytes, serialize) ?? giveUpFormat(record)
    return deliver({ text, seq })
  }

  function serialize(record: AuditRecord): string {
    try {
      return `${JSON.stringify(format(record, service))}\n`
    } catch (error) {
      reporter.reportOnce(
        'ERR_AUDIT_FORMAT',
        'The format function failed, records leave in the default format',
        error,
      )
      return serializeAudit(record)
    }
  }

  /** Of a format that says too much of its own accord. */
  function giveUpFormat(record: AuditRecord): string {
    const cause = new Error(`its shortest record has more than ${maxRecordBytes} bytes`)
    reporter.reportOnce(
      'ERR_AUDIT_FORMAT',
      'The format says too much, records leave in the default format',
      cause,
    )
    return fitRecord(record, maxRecordBytes, serializeAudit) ?? serializeAudit(record)
  }

  /** The record that tells of those that are missing. */
  function tellLoss({ count, fromSeq, toSeq }: Loss): void {
    void send({
      ...emptyDraft(Date.now()),
      type: 'CRITICAL',
      message: `Audit records were lost while the sink was down: ${count}, from seq ${fromSeq} to ${toSeq}`,
      lost: { count, from_seq: fromSeq, to_seq: toSeq },
    })
  }

  return {
    redactor,
    send: (draft) => send(draft),
    trySend: (draft) => send(draft, delivery.offer),
    isUp: delivery.isUp,
    counts: delivery.counts,
    flush: delivery.flush,
    async close() {
      await delivery.flush()
      try {
        await sink.close?.()
      } catch (error) {
        reporter.report('ERR_AUDIT_SINK', 'The sink could not be closed', error)
      }
    },
  }
}

function serializeAudit(record: AuditRecord): string {
  return `${JSON.stringify(formatAudit(record))}\n`
}
