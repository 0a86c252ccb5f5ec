import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { describeError } from '../protect/describe-error.js'
import { emptyDraft, type RecordDraft } from '../record.js'
import { describeIp } from './request.js'
import { describeUser } from './user.js'

type ClientError = Error & { readonly code?: string }

/** What Node answers where nobody listens to 'clientError' (Node documentation, Event: 'clientError'). */
const ANSWERS: Record<string, readonly [status: number, reason: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}
const BAD_REQUEST = [400, 'Bad Request'] as const

/**
 * Records what no middleware sees: requests that Node cannot read and answers by itself. Whoever listens to
 * 'clientError' has to answer, so this answers as Node would, unless the application listens as well.
 */
export function recordClientErrors(server: Server, send: (draft: RecordDraft) => void): void {
  server.on(
    'clientError',
    (error: ClientError, socket: Socket & { _httpMessage?: { _headerSent?: boolean } | null }) => {
      const isOurs = server.listenerCount('clientError') === 1
      const inFlight = socket._httpMessage
      const [status, reason] = ANSWERS[error.code ?? ''] ?? BAD_REQUEST
      const canAnswer = socket.writable && !inFlight?._headerSent
      const ip = describeIp(socket.remoteAddress)

      if (isOurs && canAnswer) socket.write(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\n\r\n`)
      if (isOurs) socket.destroy(error)
      // A request in flight has its own record; a connection that breaks off between two has asked for nothing.
      if (inFlight || !isUnreadable(error)) return
      const isAnswered = isOurs && canAnswer
      send({
        ...emptyDraft(new Date()),
        http_response: isAnswered ? { status_code: status, reason, headers: { connection: 'close' } } : null,
        user: describeUser({ authenticated: false }, ip),
        type: 'WARNING',
        message: 'A request could not be read',
        ended: isAnswered ? 'completed' : 'aborted',
        error: { ...describeError(error), name: error.code ?? error.name },
      })
    },
  )
}

function isUnreadable({ code = '' }: ClientError): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT'
}
