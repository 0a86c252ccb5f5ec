// Holds the last byte of a response until the sink has accepted the record (`failClosed`).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { getHttp2Stream } from '../response-end.js'
import { copyBuffer, type HeldResponse, type PendingResponse, RETRY_AFTER_S } from './held-response.js'
import { holdBody } from './hold-body.js'
import { canQueueOutput, holdCurrentResponse, holdPipelinedResponse } from './hold-output.js'

// The overloads of `end` have only their result type in common.
type End = (...args: unknown[]) => ServerResponse

/** `http2.constants.NGHTTP2_INTERNAL_ERROR`, without importing http2: Node built without TLS cannot load it. */
const NGHTTP2_INTERNAL_ERROR = 2

/** Responds with 503 to a request that may not be handled, because it could not be recorded. */
export function respondUnavailable(response: ServerResponse): void {
  response.writeHead(503, {
    'retry-after': RETRY_AFTER_S,
    'content-length': '0',
    // HTTP/2 forbids this header (RFC 9113 section 8.2.2), and Node prints a warning for it.
    ...(response.req.httpVersionMajor === 1 && { connection: 'close' }),
  })
  response.end()
}

/**
 * Holds the last byte of a response, and calls `onEnd` when the handler ends the response. `onEnd` returns whether it
 * has called `release` or `refuse` already. It is not called if the client has disconnected by then, because nothing
 * can be sent any more.
 *
 * The contract of `response.end` (Node documentation, `response.end([data[, encoding]][, callback])`) still holds,
 * because Node's own `end` runs synchronously and completely: it creates the header block, sets `writableEnded`, and
 * rejects later writes. Meanwhile the response looks like a pipelined one that waits for the socket, so Node queues the
 * output and its callbacks. `finish` and the callback fire when the response is really sent. Middleware that wraps
 * `end` later (compression, sessions) wraps this one, so it has done its work before.
 */
export function holdResponse(
  request: IncomingMessage & { readonly stream?: ServerHttp2Stream },
  response: ServerResponse,
  onEnd: (held: HeldResponse) => boolean,
): void {
  const end = response.end as unknown as End
  const body = holdBody(request, response)
  // Read on arrival, because an application may replace `req.stream` or `req.socket`.
  const connection = getHttp2Stream(request) ?? request.socket
  let isHeld = false
  let isEndDeferred = false
  function endWithoutLastByte(...args: unknown[]): ServerResponse {
    if (isEndDeferred) return response
    if (isHeld || connection.destroyed || response.writableEnded) return end.apply(response, args)
    const held = holdEnd(args)
    // Set last: if Node throws for the arguments, the handler may call `end` again.
    isHeld = true
    const isDecided = onEnd(held)
    if (!isDecided) held.prepareToWait()
    return response
  }
  response.end = endWithoutLastByte as unknown as ServerResponse['end']

  function holdEnd(args: unknown[]): PendingResponse {
    let endArguments = args
    const callEnd = () => end.apply(response, body.prependHeldBytes(endArguments))
    if (request.httpVersionMajor === 1 && canQueueOutput(response)) {
      return response.socket === null
        ? holdPipelinedResponse(response, callEnd)
        : holdCurrentResponse(response, response.socket, callEnd)
    }
    isEndDeferred = true
    setDate(response)
    const endDeferred = (isRefused: boolean) => {
      isEndDeferred = false
      if (isRefused) end.call(response)
      else callEnd()
    }
    return deferEnd(response, endDeferred, () => {
      endArguments = endArguments.map(copyBuffer)
    })
  }
}

/** Node sets Date only when the header is sent, but the record is written before that and must contain it. */
function setDate(response: ServerResponse): void {
  if (response.headersSent || !response.sendDate || response.hasHeader('date')) return
  response.setHeader('date', new Date().toUTCString())
}

/**
 * Defers the whole call of `end`: for HTTP/2, whose responses share one socket, and for runtimes without the internals
 * of Node. If the sink accepts the record synchronously, the handler cannot tell the difference.
 */
function deferEnd(
  response: ServerResponse & { readonly stream?: ServerHttp2Stream },
  endDeferred: (isRefused: boolean) => void,
  prepareToWait: () => void,
): PendingResponse {
  return {
    prepareToWait,
    release() {
      try {
        endDeferred(false)
      } catch {
        // Node throws for the arguments of `end`, and the handler that passed them has returned.
        response.destroy()
      }
      return true
    },
    refuse() {
      if (response.headersSent) {
        // Closed with an error, so that the client does not take a part of the body for the whole.
        if (response.stream) response.stream.close(NGHTTP2_INTERNAL_ERROR)
        else response.destroy()
        return 'aborted'
      }
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      response.statusCode = 503
      response.setHeader('retry-after', RETRY_AFTER_S)
      endDeferred(true)
      return 'sent'
    },
  }
}
