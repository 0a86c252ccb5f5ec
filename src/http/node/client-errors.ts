import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { emptyDraft, type RecordDraft } from '../../record/record.js'
import { describeError } from '../../serialize/error.js'
import { normalizeIp } from '../request.js'
import { createAnonymousUser } from '../user.js'
import { clientErrorResponse, isUnreadableRequest, serializeResponse } from './client-error-responses.js'

type ClientError = Error & { readonly code?: string }

/** Node keeps these on the socket of a connection, undocumented; hence the `?`. */
interface Connection extends Socket {
  /** The response whose turn it is. */
  readonly _httpMessage?: { readonly _headerSent?: boolean } | null
  /** Has the request that was begun last. */
  readonly parser?: { readonly incoming?: { readonly complete: boolean } | null } | null
}

/**
 * Records what no middleware sees: requests that Node cannot read and answers by itself. Whoever listens to
 * 'clientError' has to answer, so this answers as Node would, unless the application listens as well.
 */
export function recordClientErrors(server: Server, send: (draft: RecordDraft) => void): void {
  server.on('clientError', (error: ClientError, socket: Connection) => {
    const isOurs = server.listenerCount('clientError') === 1
    const inFlight = socket._httpMessage
    const answer = clientErrorResponse(error)
    const canAnswer = socket.writable && !inFlight?._headerSent
    const ip = normalizeIp(socket.remoteAddress)

    if (isOurs && canAnswer) socket.write(serializeResponse(answer))
    if (isOurs) socket.destroy(error)
    if (!isUnreadableRequest(error) || hasAskedNothing(socket) || isOfKnownRequest(socket)) return
    // Where a request is in flight, its client takes the answer for that one's.
    const isAnswered = isOurs && canAnswer && !inFlight
    send({
      ...emptyDraft(Date.now()),
      http_response: isAnswered ? answer : null,
      user: createAnonymousUser(ip),
      type: 'WARNING',
      message: 'A request could not be read',
      ended: isAnswered ? 'completed' : 'aborted',
      error: { ...describeError(error), name: error.code ?? error.name },
    })
  })
}

/** A browser may open a connection in advance, and a load balancer to see whether we are there. */
function hasAskedNothing({ bytesRead }: Connection): boolean {
  return bytesRead === 0
}

/** What cannot be read is the rest of a request that has reached the application, and has its own record. */
function isOfKnownRequest({ parser, _httpMessage }: Connection): boolean {
  return parser ? parser.incoming?.complete === false : Boolean(_httpMessage)
}
