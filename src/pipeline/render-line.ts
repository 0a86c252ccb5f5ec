import type { LineTemplate } from '../evidence/sealed-line.js'
import { formatAudit } from '../formats/audit.js'
import type { ResolvedLoggerOptions } from '../options/resolve.js'
import type { WholeSizes } from '../record/bound-record.js'
import { fitRecord } from '../record/fit-record.js'
import type { AuditRecord } from '../record/record.js'
import type { SealedRun } from '../seal/seal.js'
import { stringifyJson } from '../serialize/stringify.js'
import { NO_ORIGIN, type Origin } from './origin.js'

/**
 * Returns a function that formats and serializes a record as a line of at most `maxRecordBytes`. Where the format fails
 * or is too long, the line has the default format.
 *
 * @param origin what each line has as `service` and `host`
 * @param sealed makes templates (src/evidence/sealed-line.ts) of the records, instead of lines
 */
export function createLineRenderer(
  options: Pick<ResolvedLoggerOptions, 'format' | 'maxRecordBytes' | 'reporter'>,
  origin: Origin = NO_ORIGIN,
  sealed?: SealedRun,
): (record: AuditRecord, wholeSizes?: WholeSizes) => string | LineTemplate {
  const { format, reporter } = options
  const maxRecordBytes = options.maxRecordBytes - (sealed === undefined ? 0 : SEAL_BYTES)
  const { service, host } = origin
  const hasOrigin = origin !== NO_ORIGIN
  const renderDefault = sealed === undefined ? createDefaultRenderer(origin) : renderDefaultTemplate
  const render = format === formatAudit ? renderDefault : renderFormat

  function withOrigin(record: AuditRecord): AuditRecord {
    return hasOrigin ? { ...record, service, host } : record
  }

  function renderDefaultTemplate(record: AuditRecord): string {
    return (sealed as SealedRun).draftTemplate(formatAudit(withOrigin(record)), 'audit')
  }

  function renderFormat(record: AuditRecord): string {
    try {
      const formatted = format(withOrigin(record))
      return sealed?.draftTemplate(formatted) ?? `${stringifyJson(formatted)}\n`
    } catch (error) {
      reporter.reportOnce(
        'ERR_AUDIT_FORMAT',
        'The format function failed; writing records in the default format instead. Fix the function given as `format`',
        error,
      )
      return renderDefault(record)
    }
  }

  function fitDefault(record: AuditRecord, wholeSizes?: WholeSizes): string {
    reporter.reportOnce(
      'ERR_AUDIT_FORMAT',
      `The format's output exceeds maxRecordBytes (${options.maxRecordBytes}); writing the record in the default format instead. ` +
        "Shorten the format's output or raise maxRecordBytes",
      new Error(`the shortest output still exceeds ${options.maxRecordBytes} bytes`),
    )
    return fitRecord(record, maxRecordBytes, renderDefault, wholeSizes) ?? renderDefault(record)
  }

  return (record, wholeSizes) => {
    const line = fitRecord(record, maxRecordBytes, render, wholeSizes) ?? fitDefault(record, wholeSizes)
    return sealed === undefined ? line : sealed.finishTemplate(line)
  }
}

/** A line is so much longer than its template: a hash has 43 characters, an index up to 15. */
export const SEAL_BYTES = 64

/** Hot path: what is the same in each line is serialized once, and stands at the end of it. */
export function serializeEnd(origin: Origin): string {
  const members = stringifyJson(origin).slice(1, -1)
  return members === '' ? '}}\n' : `,${members}}}\n`
}

function createDefaultRenderer(origin: Origin): (record: AuditRecord) => string {
  const end = serializeEnd(origin)
  return (record) => `${stringifyJson(formatAudit(record)).slice(0, -2)}${end}`
}
