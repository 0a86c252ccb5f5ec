import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Ending } from '../record.js'

/**
 * Calls `settled` once when a response has ended, however it does.
 *
 * `finish` alone does not say that a response left whole: when the connection is destroyed while a large body
 * is being written, Node still emits it, and `writableFinished` is true then as well. What tells is whether the
 * connection was alive when `finish` came, or had itself written all it was given.
 */
export function onSettled(
  request: IncomingMessage,
  response: ServerResponse,
  settled: (ended: Exclude<Ending, 'crashed'>) => void,
): void {
  if (response.closed) {
    process.nextTick(settled, response.writableFinished ? 'completed' : 'aborted')
    return
  }
  const carrier = carrierOf(request)
  let ended: Exclude<Ending, 'crashed'> = 'aborted'
  response.on('finish', () => {
    if (!carrier.destroyed || carrier.writableFinished) ended = 'completed'
  })
  if (response.socket === null) {
    const forget = onConnectionLost(carrier, () => settled('aborted'))
    response.on('close', forget)
  }
  response.on('close', () => settled(ended))
}

/** Whether all of a response is in the kernel's hands, asked while the process goes down and no event comes any more. */
export function hasLeftWhole(request: IncomingMessage, response: ServerResponse): boolean {
  return response.writableFinished && !carrierOf(request).destroyed
}

/** What carries the response: an HTTP/2 stream, or the socket of the connection. */
function carrierOf(request: IncomingMessage & { stream?: Duplex }): Duplex {
  return request.stream ?? request.socket
}

const waitingOn = new WeakMap<Duplex, Set<() => void>>()

/**
 * A pipelined response that waits for its turn has no socket yet, and never hears that the connection closed.
 * One listener serves all that wait on a connection, as a client may pipeline as many as it likes.
 */
function onConnectionLost(carrier: Duplex, lost: () => void): () => void {
  const waiting = waitingOn.get(carrier) ?? new Set()
  if (!waitingOn.has(carrier)) {
    waitingOn.set(carrier, waiting)
    // Those that did get their turn hear it themselves, from the same event of the socket.
    carrier.on('close', () => setImmediate(() => [...waiting].forEach((tell) => void tell())))
  }
  waiting.add(lost)
  return () => void waiting.delete(lost)
}
