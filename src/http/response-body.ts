import type { ServerResponse } from 'node:http'
import { getBytesFlushed, getHeaderBlock } from '../lib/node-internals.js'
import type { Ending } from '../record/record.js'
import type { ResponseStart } from './response.js'

interface SentResponse {
  readonly response: ServerResponse
  readonly start: ResponseStart
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
export function mayHaveSentBody({ response, start, method, status, ending }: SentResponse): boolean {
  if (method === 'HEAD' || status === null || STATUSES_WITHOUT_BODY.has(status)) return false
  if (ending === 'completed') return true
  const block = getHeaderBlock(response)
  if (block === undefined) return true
  // Any comparison with NaN is false: the number of bytes is not known.
  const isOnlyHeader =
    getBytesFlushed(start.connection) - start.bytesWrittenBefore <= Buffer.byteLength(block)
  return !isOnlyHeader
}
