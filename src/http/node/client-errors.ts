import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getCurrentResponse, isHeaderFlushed, isRequestIncomplete } from '../../lib/node-internals.js'
import { createDraft, type RecordDraft, resend } from '../../record/record-draft.js'
import { describeError } from '../../serialize/error.js'
import { normalizeIp } from '../ip-address.js'
import {
  type ClientError,
  clientErrorResponse,
  isUnreadableRequest,
  respondsAsNode,
  serializeResponse,
} from '../response/client-error-responses.js'
import { createAnonymousUser } from '../user/user.js'
import type { NodeResponseRecording } from './node-response-recording.js'

/**
 * Records requests that Node's parser rejects, which reach no middleware. A listener for 'clientError' is responsible
 * for the response, so this one sends the response that Node would, unless the application has a listener of its own.
 */
export function recordClientErrors(server: Server, recording: NodeResponseRecording): void {
  /** While a response is held, what the client sends after the malformed bytes is another error. */
  const heldSockets = new WeakSet<Socket>()
  const onClientError = respondsAsNode((error: ClientError, socket: Socket) => {
    if (heldSockets.has(socket)) return
    const isOnlyListener = server.listenerCount('clientError') === 1
    const responseInFlight = getCurrentResponse(socket)
    const response = clientErrorResponse(error)
    const canRespond = isOnlyListener && socket.writable && !(responseInFlight && hasBegun(responseInFlight))
    const isRecorded =
      isUnreadableRequest(error) && !isUnusedConnection(socket, error) && !hasOwnRecord(socket)
    // While another request is in flight, the client takes this response for the answer to that request.
    const isAnswered = canRespond && !responseInFlight
    const respond = () => {
      if (canRespond) socket.write(serializeResponse(response))
      if (isOnlyListener) socket.destroy(error)
    }
    const draft: RecordDraft = {
      ...createDraft(Date.now()),
      http_response: isAnswered ? response : null,
      user: createAnonymousUser(normalizeIp(socket.remoteAddress)),
      type: 'WARNING',
      message: 'A request could not be read',
      ended: isAnswered ? 'completed' : 'aborted',
      error: { ...describeError(error), name: error.code ?? error.name },
    }
    if (!recording.isFailClosed || !canRespond) {
      respond()
      if (isRecorded) recording.send(draft)
    } else if (isRecorded) {
      heldSockets.add(socket)
      respondWhenRecorded(recording, draft, socket, respond)
    } else if (recording.isUp()) {
      respond()
    } else {
      socket.destroy(error)
    }
  })
  server.on('clientError', onClientError)
}

/** Responds when the sink has accepted the record. If it does not, the connection is closed without a response. */
function respondWhenRecorded(
  recording: NodeResponseRecording,
  draft: RecordDraft,
  socket: Socket,
  respond: () => void,
): void {
  const decide = (isAccepted: boolean) => {
    const isSent = isAccepted && socket.writable
    if (isSent) respond()
    else socket.destroy()
    if (isSent || (isAccepted && draft.ended === 'aborted')) return
    draft.http_response = null
    draft.ended = 'aborted'
    resend(recording, draft)
  }
  const acceptance = recording.trySend(draft)
  if (typeof acceptance === 'boolean') decide(acceptance)
  else void acceptance.then(decide)
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
