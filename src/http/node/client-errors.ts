import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getCurrentResponse, isHeaderFlushed, isRequestIncomplete } from '../../lib/node-internals.js'
import { createDraft, type RecordDraft } from '../../record/record-draft.js'
import { describeError } from '../../serialize/error.js'
import { normalizeIp } from '../ip-address.js'
import { createAnonymousUser } from '../user.js'
import {
  type ClientError,
  clientErrorResponse,
  isUnreadableRequest,
  respondsAsNode,
  serializeResponse,
} from './client-error-responses.js'

/**
 * Records requests that Node's parser rejects, which reach no middleware. A listener for 'clientError' is responsible
 * for the response, so this one sends the response that Node would, unless the application has a listener of its own.
 */
export function recordClientErrors(server: Server, send: (draft: RecordDraft) => void): void {
  const onClientError = respondsAsNode((error: ClientError, socket: Socket) => {
    const isOnlyListener = server.listenerCount('clientError') === 1
    const responseInFlight = getCurrentResponse(socket)
    const response = clientErrorResponse(error)
    const canRespond = socket.writable && !(responseInFlight && hasBegun(responseInFlight))
    const ip = normalizeIp(socket.remoteAddress)

    if (isOnlyListener && canRespond) socket.write(serializeResponse(response))
    if (isOnlyListener) socket.destroy(error)
    if (!isUnreadableRequest(error) || isUnusedConnection(socket, error) || hasOwnRecord(socket)) return
    // While another request is in flight, the client takes this response for the answer to that request.
    const isAnswered = isOnlyListener && canRespond && !responseInFlight
    send({
      ...createDraft(Date.now()),
      http_response: isAnswered ? response : null,
      user: createAnonymousUser(ip),
      type: 'WARNING',
      message: 'A request could not be read',
      ended: isAnswered ? 'completed' : 'aborted',
      error: { ...describeError(error), name: error.code ?? error.name },
    })
  })
  server.on('clientError', onClientError)
}

function hasBegun(response: ServerResponse): boolean {
  return isHeaderFlushed(response) ?? response.headersSent
}

/**
 * Browsers open connections in advance and load balancers to check that the port is open, without a request. An error of
 * the parser proves that there were bytes, also where `bytesRead` does not count them.
 */
function isUnusedConnection({ bytesRead }: Socket, { code = '' }: ClientError): boolean {
  return bytesRead === 0 && !code.startsWith('HPE_')
}

/** The malformed bytes are the body of a request whose header was fine: the middleware records that request. */
function hasOwnRecord(socket: Socket): boolean {
  return isRequestIncomplete(socket) ?? getCurrentResponse(socket)?.req?.complete === false
}
