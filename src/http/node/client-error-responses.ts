import type { ResponseRecord } from '../../record/record.js'

type ClientError = Error & { readonly code?: string }

const BAD_REQUEST = [400, 'Bad Request'] as const
const ANSWERS: Record<string, readonly [status: number, reason: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

/** What Node answers where nobody listens to 'clientError' (Node documentation, Event: 'clientError'). */
export function clientErrorResponse({ code = '' }: ClientError) {
  const [status_code, reason] = ANSWERS[code] ?? BAD_REQUEST
  return { status_code, reason, headers: { connection: 'close' } } satisfies ResponseRecord
}

/** The bytes of such an answer. */
export function serializeResponse({ status_code, reason }: ReturnType<typeof clientErrorResponse>): string {
  return `HTTP/1.1 ${status_code} ${reason}\r\nConnection: close\r\n\r\n`
}

/** Whether a request could not be read, or not in time; and not that its connection broke off. */
export function isUnreadableRequest({ code = '' }: ClientError): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT'
}
