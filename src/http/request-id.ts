// The identifier that links a record to the logs of other services.
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { RecordDraft } from '../record/record-draft.js'

const WELL_FORMED = /^[\w.~:@=+/-]{1,128}$/

/** The request id that the client sent, or `null` if it is missing, malformed or longer than 128 characters. */
export function readRequestId(headers: IncomingHttpHeaders, header: string): string | null {
  const value = headers[header]
  return typeof value === 'string' && WELL_FORMED.test(value) ? value : null
}

/** Sets a new UUID as the request id, unless the client sent a usable one. */
export function ensureRequestId(draft: RecordDraft): void {
  draft.request_id ??= randomUUID()
}
