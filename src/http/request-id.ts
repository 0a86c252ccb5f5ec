// The identifier that links a record to the logs of other services.
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { detachString } from '../lib/bounded-cache.js'
import type { RecordDraft } from '../record/record-draft.js'

const WELL_FORMED = /^[\w.~:@=+/-]{1,128}$/

/** The request id that the client sent, or `null` if it is missing, malformed or longer than 128 characters. */
export function readRequestId(headers: IncomingHttpHeaders, header: string): string | null {
  const value = headers[header]
  return typeof value === 'string' && WELL_FORMED.test(value) ? value : null
}

/** Sets a new UUID as the request id, unless the client sent a usable one. */
export function ensureRequestId(draft: RecordDraft): void {
  draft.request_id ??= pregeneratedIds.pop() ?? pregenerateIds()
}

/** Hot path: generating UUIDs in batches is cheaper than generating one for each request. */
const pregeneratedIds: string[] = []
const BATCH_SIZE = 100

/** Fills {@link pregeneratedIds}, and returns one more for the caller. */
function pregenerateIds(): string {
  while (pregeneratedIds.length < BATCH_SIZE - 1) pregeneratedIds.push(createId())
  return createId()
}

/** `randomUUID` returns a rope of 16 small strings, which would stay in memory until it is flattened. */
function createId(): string {
  return detachString(randomUUID())
}
