// express-ws passes a request to the application after the handshake: as GET, with a response of its own making, and with
// `/.websocket` at the end of the path.
import type { IncomingMessage } from 'node:http'
import { isUpgrade } from '../lib/node-internals.js'
import { readSafely } from '../lib/safe-read.js'

/** A request of express-ws, which has the WebSocket. */
type WebSocketRequest = IncomingMessage & { readonly ws?: unknown }

/** The end that express-ws adds to the URL of an upgrade request and to the path of its route. */
export const WEBSOCKET_SUFFIX = '/.websocket'

/** @example removeWebSocketSuffix('/chat/.websocket')   // '/chat' */
export function removeWebSocketSuffix(path: string): string {
  return path.endsWith(WEBSOCKET_SUFFIX) ? path.slice(0, -WEBSOCKET_SUFFIX.length) : path
}

/** Whether the connection was switched to another protocol before the middleware was called. */
export function isUpgradedBefore(request: WebSocketRequest): boolean {
  if (!isUpgrade(request)) return false
  const { ws } = request
  return typeof ws === 'object' && ws !== null && readSafely(() => (ws as WebSocket).readyState) !== undefined
}

interface WebSocket {
  readonly readyState?: unknown
}

/**
 * Removes the suffix that express-ws adds to the target of a request. Whether the path ended in a slash before is not known
 * any more.
 *
 * @example restoreTarget(request, '/chat/.websocket?room=1')   // '/chat?room=1'
 */
export function restoreTarget(request: WebSocketRequest, target: string): string {
  if (!isUpgradedBefore(request)) return target
  const path = target.split('?', 1)[0] as string
  const restored = removeWebSocketSuffix(path) + target.slice(path.length)
  return restored.startsWith('/') ? restored : `/${restored}`
}
