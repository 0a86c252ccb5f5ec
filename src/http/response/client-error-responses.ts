// The response that Node writes for a 'clientError', a request that its parser rejects (Node documentation,
// Event: 'clientError'). node-responses.ts has the other requests that Node answers by itself.
import type { Server } from 'node:http'
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

/**
 * Marks a listener of this package. A symbol of the process, because the listener may come from the other build (ESM, CommonJS).
 */
const listenerKey = Symbol.for('http-audit-log/client-error-listener@1')

/** Marks a listener for 'clientError' that responds as Node does if it is the only one. */
export function respondsAsNode<Listener extends object>(listener: Listener): Listener {
  return Object.assign(listener, { [listenerKey]: true })
}

function isMarked(listener: object): boolean {
  return (listener as { [listenerKey]?: true })[listenerKey] === true
}

/**
 * The error response that Node, or {@link respondsAsNode}, has written, by its length. `undefined` if it is another one, or
 * if the application may have written it.
 */
export function findClientErrorResponse(
  server: Server | undefined,
  bytes: number,
): ResponseRecord | undefined {
  const listeners = server?.listeners('clientError') ?? []
  if (listeners.length > 1 || !listeners.every(isMarked)) return undefined
  return [BAD_REQUEST, ...Object.values(RESPONSES)]
    .map(([status_code, reason]) => ({ status_code, reason, headers: { connection: 'close' } }))
    .find((response) => serializeResponse(response).length === bytes)
}
