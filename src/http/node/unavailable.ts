// The response to a request that may not be answered, because it could not be recorded.
import type { ResponseRecord } from '../../record/record.js'

export const UNAVAILABLE_STATUS = 503
const REASON = 'Service Unavailable'

/** Without the header that only HTTP/1 has. A client may repeat the request after some seconds. */
export const UNAVAILABLE_HEADERS = { 'retry-after': '5', 'content-length': '0' }

/** HTTP/2 forbids `connection` (RFC 9113 section 8.2.2), and Node prints a warning for it. */
export const UNAVAILABLE_HTTP1_HEADERS = { ...UNAVAILABLE_HEADERS, connection: 'close' }

/** The response in the record if `refuse()` returns `written`: the response object does not show it. */
export const UNAVAILABLE_RECORD: ResponseRecord = {
  status_code: UNAVAILABLE_STATUS,
  reason: REASON,
  headers: UNAVAILABLE_HTTP1_HEADERS,
}

/** The bytes of the response on HTTP/1. */
export const UNAVAILABLE_BYTES = [
  `HTTP/1.1 ${UNAVAILABLE_STATUS} ${REASON}`,
  ...Object.entries(UNAVAILABLE_HTTP1_HEADERS).map(([name, value]) => `${name}: ${value}`),
  '\r\n',
].join('\r\n')
