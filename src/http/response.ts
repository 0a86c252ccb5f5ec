import type { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import {
  countsBytes,
  getCurrentResponse,
  getServer,
  isCreatedByServer,
  isUpgrade,
} from '../lib/node-internals.js'
import { Http1Response } from './response/http1-response.js'
import { Http2Response } from './response/http2-response.js'
import { StandInResponse } from './response/stand-in-response.js'
import { UpgradeResponse } from './response/upgrade-response.js'
import { getHttp2Stream, type ResponseEndListener, type ResponseWatcher } from './response-end.js'

/** Watches a response by the means that its kind of connection offers. To be called when the request arrives. */
export function watchResponse(
  request: IncomingMessage,
  response: ServerResponse,
  listener: ResponseEndListener,
): ResponseWatcher {
  // First, because reading `request.socket` of HTTP/2 would make Node create a proxy.
  const stream = getHttp2Stream(request)
  if (stream !== undefined) return new Http2Response(response, listener, stream)
  const connection = findConnection(request, response)
  if (connection === undefined) return new StandInResponse(request, response, listener)
  if (isUpgrade(request)) return new UpgradeResponse(request, response, listener, connection)
  return new Http1Response(response, listener, connection)
}

/**
 * The connection of an HTTP server on which this response is sent. `undefined` if there is a stand-in for it, whose properties
 * may throw.
 */
function findConnection(request: IncomingMessage, response: ServerResponse): Duplex | undefined {
  try {
    return findServerConnection(request, response)
  } catch {
    return undefined
  }
}

function findServerConnection(request: IncomingMessage, response: ServerResponse): Duplex | undefined {
  const { socket } = response
  // Not `request.socket` first: an application may have replaced it.
  if (isServerConnection(socket) && getCurrentResponse(socket) === response) return socket
  const connection: Duplex | null | undefined = request.socket
  if (!isServerConnection(connection)) return undefined
  return isUpgrade(request) || isPipelined(response, connection) ? connection : undefined
}

/** Node's own server sets `server`, also on a stream that an application passed to `server.emit('connection')`. */
function isServerConnection(socket: Duplex | null | undefined): socket is Duplex {
  return socket instanceof Duplex && getServer(socket) !== undefined
}

/** Whether a response without the socket waits for it, or has had it. */
function isPipelined(response: ServerResponse, connection: Duplex): boolean {
  if (response.socket !== null) return response.socket === connection
  if (!isCreatedByServer(response) && countsBytes(connection)) return false
  return Boolean(getCurrentResponse(connection)) || response.writableFinished || response.closed
}
