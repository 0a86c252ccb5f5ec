// The response that Node writes for a 'clientError', a request that its parser rejects (Node documentation,
// Event: 'clientError'). node-responses.ts has the other requests that Node answers by itself.
import type { ResponseRecord } from '../../record/record.js'

/** The error of a 'clientError' event. */
export type ClientError = Error & { readonly code?: string }

const BAD_REQUEST = [400, 'Bad Request'] as const
const RESPONSES: Record<string, readonly [status: number, reason: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

/** The response that Node writes if nobody listens to 'clientError'. */
export function clientErrorResponse({ code = '' }: ClientError) {
  const [status_code, reason] = RESPONSES[code] ?? BAD_REQUEST
  return { status_code, reason, headers: { connection: 'close' } } satisfies ResponseRecord
}

/** The bytes of such a response, exactly as Node writes them. */
export function serializeResponse({ status_code, reason }: ReturnType<typeof clientErrorResponse>): string {
  return `HTTP/1.1 ${status_code} ${reason}\r\nConnection: close\r\n\r\n`
}

/** Whether the request was malformed or timed out. `false` for a connection that broke, such as ECONNRESET. */
export function isUnreadableRequest({ code = '' }: ClientError): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT'
}
