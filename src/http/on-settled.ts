import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { lookFor } from '../look-for.js'
import type { Ending } from '../record.js'

/** Of `http2.constants`, which are not imported: without need, and in a Node without TLS not at all. */
const NGHTTP2_NO_ERROR = 0

/**
 * Calls `settled` once when a response has ended, however it does.
 *
 * `finish` alone does not say that a response left whole: when the connection is destroyed while a large body
 * is being written, Node still emits it, and `writableFinished` is true then as well. What tells is whether the
 * connection was alive when `finish` came, or had itself written all it was given. Nor does it say that a response
 * was cut: a connection may be destroyed right after the kernel has taken the last byte, and before `finish`.
 *
 * @returns to be called when the response was ended, where that can be told: looks whether it has left already
 */
export function onSettled(
  request: IncomingMessage,
  response: ServerResponse,
  settled: (ended: Exclude<Ending, 'crashed'>) => void,
): () => void {
  const stream = streamOf(request)
  if (stream !== undefined) {
    onStreamSettled(stream, settled)
    return () => {}
  }
  if (response.closed) {
    process.nextTick(settled, response.writableFinished ? 'completed' : 'aborted')
    return () => {}
  }
  const carrier = request.socket as Duplex | undefined
  // Whoever is called between the two events has missed `finish`.
  let ended: Exclude<Ending, 'crashed'> = response.writableFinished ? 'completed' : 'aborted'
  let hasHadTurn = response.socket !== null
  let isClosed = false
  let isSettled = false
  const settle = () => {
    if (isSettled) return
    isSettled = true
    forgetConnection()
    settled(ended)
  }
  const forgetConnection = onConnectionLost(carrier, settle)
  if (!hasHadTurn) {
    response.once('socket', () => {
      hasHadTurn = true
    })
  }
  // Before Node's own listener, which gives the connection to the next pipelined response: that may destroy it.
  response.prependListener('finish', () => {
    if (!carrier?.destroyed || carrier.writableFinished) ended = 'completed'
    if (isClosed) process.nextTick(settle)
  })
  response.on('close', () => {
    isClosed = true
    // Node 24 closes at once a response that is destroyed while it waits for its turn, and sends it all the same.
    if (hasHadTurn || carrier?.destroyed) settle()
  })
  return () => {
    if (hasResponseLeftWhole(request, response)) ended = 'completed'
  }
}

/**
 * Of HTTP/2 the stream is asked. Its response emits `finish` however it ended, and after a HEAD that was never
 * answered neither that nor `close`.
 */
function onStreamSettled(
  stream: ServerHttp2Stream,
  settled: (ended: Exclude<Ending, 'crashed'>) => void,
): void {
  const settle = () => settled(hasStreamLeftWhole(stream) ? 'completed' : 'aborted')
  if (stream.destroyed) process.nextTick(settle)
  else stream.on('close', settle)
}

/**
 * Node itself ends the stream of a HEAD before it is answered, and one that is reset, which it marks as aborted
 * before. A reset that comes while a handler ends its answer shows in its code alone.
 */
function hasStreamLeftWhole({ headersSent, writableFinished, aborted, rstCode }: ServerHttp2Stream): boolean {
  return headersSent && writableFinished && !aborted && (rstCode ?? 0) === NGHTTP2_NO_ERROR
}

/** Whether all of a response is in the kernel's hands, asked while the process goes down and no event comes any more. */
export function hasLeftWhole(request: IncomingMessage, response: ServerResponse): boolean {
  const stream = streamOf(request)
  return stream !== undefined ? hasStreamLeftWhole(stream) : hasResponseLeftWhole(request, response)
}

function hasResponseLeftWhole(request: IncomingMessage, response: ServerResponse): boolean {
  // `writableFinished` says it as well on Node 20 and 22, but on Node 24 not before `finish`.
  return response.writableEnded && response.writableLength === 0 && !request.socket?.destroyed
}

function streamOf(request: IncomingMessage & { stream?: ServerHttp2Stream }): ServerHttp2Stream | undefined {
  return lookFor(request, 'stream')
}

const openOn = new WeakMap<Duplex, Set<() => void>>()

/**
 * A pipelined response that waits for its turn has no socket yet, and one that a handler detached has none any more:
 * they never hear that the connection closed. One listener serves all that are open on a connection, as a client may
 * pipeline as many as it likes.
 */
function onConnectionLost(carrier: Duplex | undefined, lost: () => void): () => void {
  // A stand-in for a request, as serverless adapters make them.
  if (typeof carrier?.on !== 'function') return () => {}
  if (carrier.closed) {
    const atOnce = setImmediate(lost)
    return () => clearImmediate(atOnce)
  }
  const open = openOn.get(carrier) ?? listenTo(carrier)
  open.add(lost)
  return () => void open.delete(lost)
}

/**
 * In a function of its own: what a listener can see lives as long as its connection, and here that would be the first
 * request that came on it.
 */
function listenTo(carrier: Duplex): Set<() => void> {
  const open = new Set<() => void>()
  openOn.set(carrier, open)
  // Those that did get their turn hear it themselves, from the same event of the socket.
  carrier.on('close', () => setImmediate(() => [...open].forEach((tell) => void tell())))
  return open
}
