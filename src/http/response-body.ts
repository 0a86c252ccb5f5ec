import type { Ending } from '../record/record.js'
import { hasNoContent } from './header-block.js'
import type { ResponseWatcher } from './response-end.js'

interface SentResponse {
  readonly watcher: ResponseWatcher
  /** The method on the wire. */
  readonly method: string | undefined
  /** The status that was sent; `null` if none was. */
  readonly status: number | null
  readonly ending: Ending | null
}

/**
 * Whether the client may have received a part of the body. `true` also if that is not known: of HTTP/2, and where the
 * runtime does not show the header block or count bytes.
 */
export function mayHaveSentBody({ watcher, method, status, ending }: SentResponse): boolean {
  if (method === 'HEAD' || status === null || hasNoContent(status)) return false
  return ending === 'completed' || !watcher.isOnlyHeaderSent
}
