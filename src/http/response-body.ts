import type { Ending } from '../record/record.js'
import type { ResponseWatcher } from './response-end.js'

interface SentResponse {
  readonly watcher: ResponseWatcher
  /** The method on the wire. */
  readonly method: string | undefined
  /** The status that was sent; `null` if none was. */
  readonly status: number | null
  readonly ending: Ending | null
}

/** Responses without content (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5). */
const STATUSES_WITHOUT_BODY = new Set<number | null>([204, 205, 304])

/**
 * Whether the client may have received a part of the body. `true` also if that is not known: of HTTP/2, and where the
 * runtime does not show the header block or count bytes.
 */
export function mayHaveSentBody({ watcher, method, status, ending }: SentResponse): boolean {
  if (method === 'HEAD' || status === null || STATUSES_WITHOUT_BODY.has(status)) return false
  return ending === 'completed' || !watcher.isOnlyHeaderSent
}
