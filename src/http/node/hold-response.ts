// Holds the last byte of a response until the sink has accepted the record (`failClosed`).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { readSafely } from '../../lib/safe-read.js'
import { getHttp2Stream } from '../response-end.js'
import { deferEnd } from './defer-end.js'
import type { End, OnEnd, PendingResponse } from './held-response.js'
import { holdBody } from './hold-body.js'
import { canQueueOutput, holdCurrentResponse, holdPipelinedResponse } from './hold-output.js'
import { holdStream } from './hold-stream.js'
import { UNAVAILABLE_HEADERS, UNAVAILABLE_HTTP1_HEADERS, UNAVAILABLE_STATUS } from './unavailable.js'

/** Responds with 503 to a request that may not be handled, because it could not be recorded. */
export function respondUnavailable(response: ServerResponse): void {
  const isHttp1 = response.req?.httpVersionMajor === 1
  response.writeHead(UNAVAILABLE_STATUS, isHttp1 ? UNAVAILABLE_HTTP1_HEADERS : UNAVAILABLE_HEADERS)
  response.end()
}

/**
 * Holds the last byte of a response, and calls `onEnd` when the handler ends the response. `onEnd` returns whether it
 * has called `release` or `refuse` already. It is not called if the client has disconnected by then, because nothing
 * can be sent any more; nor for a file that an HTTP/2 stream sends natively, for which `onUnheld` is called.
 *
 * The contract of `response.end` (Node documentation, `response.end([data[, encoding]][, callback])`) still holds,
 * because Node's own `end` runs synchronously and completely: it creates the header block, sets `writableEnded`, and
 * rejects later writes. Only what it sends is queued. `finish` and the callback fire when the response is really sent.
 * Middleware that wraps `end` later (compression, sessions) wraps this one, so it has done its work before.
 */
export function holdResponse(
  request: IncomingMessage & { readonly stream?: ServerHttp2Stream },
  response: ServerResponse,
  onEnd: OnEnd,
  onUnheld: () => void,
): void {
  const stream = getHttp2Stream(request)
  if (stream === undefined) holdHttp1(request, response, onEnd)
  else holdStream(stream, response, onEnd, onUnheld)
}

/** Meanwhile the response looks like a pipelined one that waits for the socket, so Node queues output and callbacks. */
function holdHttp1(request: IncomingMessage, response: ServerResponse, onEnd: OnEnd): void {
  const nodeEnd = response.end as unknown as End
  const body = holdBody(response)
  // Read on arrival, because an application may replace `req.socket`. A double may have none.
  const connection = readSafely((): Duplex | null | undefined => request.socket)
  let isHeld = false
  let isEndDeferred = false
  function end(chunk?: unknown, encoding?: unknown, callback?: unknown): unknown {
    if (isEndDeferred) return response
    if (isHeld || connection?.destroyed || response.writableEnded) {
      return nodeEnd.call(response, chunk, encoding, callback)
    }
    const held = holdEnd(chunk, encoding, callback)
    // Set last: if Node throws for the arguments, the handler may call `end` again.
    isHeld = true
    const isDecided = onEnd(held)
    if (!isDecided) held.prepareToWait()
    return response
  }
  response.end = end as unknown as ServerResponse['end']

  function holdEnd(chunk: unknown, encoding: unknown, callback: unknown): PendingResponse {
    if (canQueueOutput(response)) {
      const callEnd = () => body.end([chunk, encoding, callback])
      return response.socket === null
        ? holdPipelinedResponse(response, callEnd)
        : holdCurrentResponse(response, response.socket, callEnd, body.isSplit)
    }
    isEndDeferred = true
    return deferEnd(response, [chunk, encoding, callback], (endArguments, isRefused) => {
      isEndDeferred = false
      if (isRefused) nodeEnd.call(response)
      else body.end(endArguments)
    })
  }
}
