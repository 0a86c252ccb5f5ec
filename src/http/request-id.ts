// The id by which a request can be found in the logs of others.
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { detachString } from '../lib/bounded-cache.js'
import type { RecordDraft } from '../record/record.js'

const WELL_FORMED = /^[\w.~:@=+/-]{1,128}$/

/** The client's own id where it is short and well-formed. */
export function readRequestId(headers: IncomingHttpHeaders, header: string): string | null {
  const claimed = headers[header]
  return typeof claimed === 'string' && WELL_FORMED.test(claimed) ? claimed : null
}

/** Gives a request whose client has not named it an id of its own. */
export function ensureRequestId(draft: RecordDraft): void {
  draft.request_id ??= readyIds.pop() ?? makeIds()
}

/**
 * Made a hundred at a time, which takes one request in a hundred 100 µs, and each of them 1 µs less: one after the other they
 * take a third of what one takes between other things.
 */
const readyIds: string[] = []
const MADE_AT_ONCE = 100

/** One id; the others are ready for those who come next. */
function makeIds(): string {
  while (readyIds.length < MADE_AT_ONCE - 1) readyIds.push(makeId())
  return makeId()
}

/** Node puts a UUID together from 16 pieces, which take 450 bytes until they are one. */
function makeId(): string {
  return detachString(randomUUID())
}
