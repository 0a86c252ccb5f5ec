import type { AuditRecord } from '../record/record.js'
import type { ServiceOptions } from './service.js'

/**
 * The contract of a format: from the record to the object whose JSON is the line. Pure; the record is not kept.
 *
 * @example
 * const flat: Format = (record) => ({ '@timestamp': record.time, message: record.message, 'event.id': record.id })
 */
export type Format = (record: AuditRecord) => object

/** A format that also shows which application speaks. */
export type ServiceFormat = (record: AuditRecord, service: ServiceOptions) => object
