import type { AuditRecord } from '../record/record.js'

/**
 * Converts a record to the object that is written as one line of JSON. A format is a pure function and does not keep a
 * reference to the record.
 *
 * @example
 * const flat: Format = (record) => ({ '@timestamp': record.time, message: record.message, 'event.id': record.id })
 */
export type Format = (record: AuditRecord) => object
