import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/** A request whose header has been read. */
export interface RequestStart {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly server: Server
}

/**
 * Calls the listener for each request of each server in this process, before Node looks whether it answers itself and
 * before any handler hears of it. There is no way back. (Node documentation, "Built-in channels".)
 *
 * @param listener it must not throw: Node would report that as uncaught
 */
export function onRequestStart(listener: (start: RequestStart) => void): void {
  subscribe('http.server.request.start', (message) => listener(message as RequestStart))
}
