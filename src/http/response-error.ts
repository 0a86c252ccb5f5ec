import type { ServerResponse } from 'node:http'
import type { AuditErrorCode } from '../lib/errors.js'
import { readSafely } from '../lib/safe-read.js'

/** The codes of errors by which streams fail when the other side is gone. */
const DISCONNECT = /^(?:ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP2_\w+|ECONNRESET|EPIPE|ETIMEDOUT|ABORT_ERR)$/

/** `failClosed` has reset an HTTP/2 stream: the application has not failed. */
const CUT_BY_FAIL_CLOSED: AuditErrorCode = 'ERR_AUDIT_FAIL_CLOSED'

/**
 * Whether an error only shows that the client has disconnected: then the record states that the response was aborted, and
 * the application has not failed. An error that the response was destroyed with is the cause of the end, not the result.
 */
export function isClientDisconnect(error: unknown, response: ServerResponse | undefined): boolean {
  const code = readSafely(() => (error as { code?: unknown }).code)
  if (typeof code !== 'string' || !DISCONNECT.test(code)) return false
  if (response === undefined || response.req?.socket?.errored === error) return true
  return response.destroyed && findDestroyError(response) !== error
}

/** The error that the application destroyed the response with: `response.destroy(error)`, or a failed `pipeline`. */
export function findResponseError(response: ServerResponse): unknown {
  const error = readSafely(() => findDestroyError(response))
  const code = readSafely(() => (error as { code?: unknown } | null | undefined)?.code)
  if (code === CUT_BY_FAIL_CLOSED) return undefined
  return typeof code === 'string' && DISCONNECT.test(code) ? undefined : error
}

/** An HTTP/2 response passes the error on to its stream. */
function findDestroyError(response: ServerResponse & { stream?: { errored?: unknown } | null }): unknown {
  return response.errored ?? response.stream?.errored
}
