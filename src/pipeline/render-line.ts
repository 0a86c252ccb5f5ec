import { formatAudit } from '../formats/audit.js'
import type { ResolvedLoggerOptions } from '../options/resolve.js'
import type { WholeSizes } from '../record/bound-record.js'
import { fitRecord } from '../record/fit-record.js'
import type { AuditRecord } from '../record/record.js'
import { stringifyJson } from '../serialize/stringify.js'

/**
 * Returns a function that formats and serializes a record as a line of at most `maxRecordBytes`. Where the format fails
 * or is too long, the line has the default format.
 */
export function createLineRenderer({
  format,
  maxRecordBytes,
  reporter,
}: Pick<ResolvedLoggerOptions, 'format' | 'maxRecordBytes' | 'reporter'>): (
  record: AuditRecord,
  wholeSizes?: WholeSizes,
) => string {
  function render(record: AuditRecord): string {
    try {
      return `${stringifyJson(format(record))}\n`
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
      `The format's output exceeds maxRecordBytes (${maxRecordBytes}); writing the record in the default format instead. ` +
        "Shorten the format's output or raise maxRecordBytes",
      new Error(`the shortest output still exceeds ${maxRecordBytes} bytes`),
    )
    return fitRecord(record, maxRecordBytes, renderDefault, wholeSizes) ?? renderDefault(record)
  }

  return (record, wholeSizes) =>
    fitRecord(record, maxRecordBytes, render, wholeSizes) ?? fitDefault(record, wholeSizes)
}

function renderDefault(record: AuditRecord): string {
  return `${stringifyJson(formatAudit(record))}\n`
}
