// How the last byte of a response is held back until its record is safe.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { streamOf } from '../response-end.js'
import { holdBody } from './hold-body.js'

/** A response whose handler has ended it, and whose last byte has not left. */
export interface HeldResponse {
  /** Lets it leave. Tells whether there still is a connection for it. */
  release(): boolean
  /** Answers 503 instead where nothing of it has left, else cuts it. Tells whether it was answered. */
  refuse(): boolean
  /** To be called where it is not decided at once: a handler may use its buffers again, as if they had left. */
  prepareToWait(): void
}

// Its overloads have one shape only in what they return.
type End = (...args: unknown[]) => ServerResponse

/** Node has these since its first releases, undocumented; other runtimes may not, hence the `?`. */
interface Internals {
  /** Whether the header was handed to the socket. */
  readonly _headerSent?: boolean
  /** What a response keeps until it gets its turn on the connection. */
  outputData?: { data: unknown }[]
  /** Hands that to the socket, when it gets its turn. */
  _flush?: () => void
}

type Outgoing = ServerResponse & Internals
type Connection = Duplex & {
  /** The response whose turn it is. */
  _httpMessage?: ServerResponse | null
}

const UNAVAILABLE =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const RETRY_AFTER_S = '5'
/** Of `http2.constants`, which are not imported: without need, and in a Node without TLS not at all. */
const NGHTTP2_INTERNAL_ERROR = 2

/** Answers a request that may not be handled, because it could not be recorded. */
export function respondUnavailable(response: ServerResponse): void {
  response.writeHead(503, {
    'retry-after': RETRY_AFTER_S,
    'content-length': '0',
    // HTTP/2 has no such header (RFC 9113 section 8.2.2), and Node warns of it.
    ...(response.req.httpVersionMajor === 1 && { connection: 'close' }),
  })
  response.end()
}

/**
 * Calls `ended`, which tells whether it has decided already, when the response is ended, with its last byte still here. Not
 * when the client is gone by then: nothing can leave any more, and what has left is for others to say.
 *
 * The contract of `response.end` (Node documentation, `response.end([data[, encoding]][, callback])`) is kept by
 * letting Node's own `end` run at once and in full: it makes the header, sets `writableEnded`, refuses later
 * writes. Only that it believes that another response has its turn on the connection, and so keeps what it would hand
 * to the socket, with the callbacks; `finish` and the callback come when the response has really left, as ever. That
 * also means that a middleware which wraps `end` later (compression, sessions) wraps ours, and its work is done before.
 */
export function holdResponse(
  request: IncomingMessage & { readonly stream?: ServerHttp2Stream },
  response: Outgoing,
  ended: (held: HeldResponse) => boolean,
): void {
  const end = response.end as unknown as End
  const body = holdBody(request, response)
  // As it is on entry: an application may put another in its place.
  const carrier = streamOf(request) ?? request.socket
  let isHeld = false
  let isDeferred = false
  function heldEnd(...args: unknown[]): Outgoing {
    if (isDeferred) return response
    if (isHeld || carrier.destroyed || response.writableEnded) return end.apply(response, args)
    const held = holdWith(args)
    // Not before: where Node refuses the arguments with a throw, the handler may call `end` again.
    isHeld = true
    const isDecided = ended(held)
    if (!isDecided) held.prepareToWait()
    return response
  }
  response.end = heldEnd as unknown as ServerResponse['end']

  function holdWith(args: unknown[]): HeldResponse {
    let given = args
    const endNow = () => end.apply(response, body.endArguments(given))
    if (request.httpVersionMajor === 1 && keepsOutput(response)) {
      return response.socket === null
        ? holdBeforeTurn(response, endNow)
        : holdOutput(response, response.socket, endNow)
    }
    isDeferred = true
    dateAsNodeWould(response)
    const finish = (isRefused: boolean) => {
      isDeferred = false
      if (isRefused) end.call(response)
      else endNow()
    }
    return deferEnd(response, finish, () => {
      given = given.map(ownCopy)
    })
  }
}

/** Whether Node's own means are there. */
function keepsOutput({ socket, outputData, _flush }: Outgoing): boolean {
  return (
    Array.isArray(outputData) && typeof _flush === 'function' && (socket === null || '_httpMessage' in socket)
  )
}

/**
 * Takes away what a response has kept: on any further call (`flushHeaders`, `writeContinue`) Node would hand it to the
 * socket before.
 */
function takeOutput(response: Outgoing) {
  const kept = response.outputData ?? []
  response.outputData = []
  return {
    // Where nothing was left to send, Node says `finish` in any case.
    isEmpty: kept.length === 0,
    giveBack() {
      response.outputData = [...kept, ...(response.outputData ?? [])]
    },
    keep() {
      for (const piece of kept) piece.data = ownCopy(piece.data)
    },
  }
}

function ownCopy(data: unknown): unknown {
  return data instanceof Uint8Array ? Buffer.from(data) : data
}

/** Of a response that has its turn. */
function holdOutput(response: Outgoing, socket: Connection, endNow: () => unknown): HeldResponse {
  const hadLeft = response._headerSent ?? response.headersSent
  socket._httpMessage = null
  try {
    endNow()
  } finally {
    socket._httpMessage ??= response
  }
  const { isEmpty, giveBack, keep } = takeOutput(response)
  return {
    prepareToWait() {
      keep()
      if (!isEmpty) markBusy(response)
    },
    release() {
      markDone(response)
      // Node writes to no connection that is gone: nobody shall hear `finish` of what cannot leave.
      if (socket.destroyed || socket.writableEnded) return false
      giveBack()
      response._flush?.()
      // As `end` does: what was corked meanwhile does not keep a response back that has ended.
      while (socket.writableCorked > 0) socket.uncork()
      return true
    },
    refuse() {
      markDone(response)
      if (hadLeft || socket.destroyed) {
        socket.destroy()
        return false
      }
      answerOn(socket)
      return true
    },
  }
}

/** A pipelined response that waits for its turn has no socket yet. Node keeps what it ends with until then, and longer. */
function holdBeforeTurn(response: Outgoing, endNow: () => unknown): HeldResponse {
  const atTurn = (flush?: () => void) => {
    if (flush) response._flush = flush
    else delete response._flush
    if (response.socket !== null) response._flush?.()
  }
  atTurn(() => markBusy(response))
  try {
    endNow()
  } catch (error) {
    atTurn()
    throw error
  }
  const { giveBack, keep } = takeOutput(response)
  return {
    prepareToWait: keep,
    release() {
      markDone(response)
      giveBack()
      atTurn()
      return response.socket !== null
    },
    refuse() {
      markDone(response)
      atTurn(() => answerOn(response.socket as Duplex))
      return true
    },
  }
}

/**
 * A connection whose response has ended counts as idle, and `server.close()` would destroy it with what is held. So its
 * response looks unfinished to whoever asks the connection.
 */
function markBusy(response: Outgoing): void {
  const socket = response.socket as Connection | null
  if (socket?._httpMessage !== response) return
  socket._httpMessage = new Proxy(response, {
    get: (target, name) => (name === 'finished' ? false : Reflect.get(target, name, target)),
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
  busy.add(socket._httpMessage)
}

function markDone(response: Outgoing): void {
  const socket = response.socket as Connection | null
  if (socket?._httpMessage && busy.has(socket._httpMessage)) socket._httpMessage = response
}

const busy = new WeakSet<ServerResponse>()

function answerOn(socket: Duplex): void {
  socket.write(UNAVAILABLE)
  // Ends when what was written has left; later pipelined requests stay without an answer.
  ;(socket as Duplex & { destroySoon(): void }).destroySoon()
}

/** Node adds it when the header leaves, and the record, which is made before that, shall say it as well. */
function dateAsNodeWould(response: ServerResponse): void {
  if (response.headersSent || !response.sendDate || response.hasHeader('date')) return
  response.setHeader('date', new Date().toUTCString())
}

/**
 * HTTP/2 has no socket of the response's own, and another runtime may not have what else is needed: the whole of `end`
 * waits. Where the sink answers at once, nobody can tell the difference.
 */
function deferEnd(
  response: ServerResponse & { readonly stream?: ServerHttp2Stream },
  endNow: (isRefused: boolean) => void,
  keep: () => void,
): HeldResponse {
  return {
    prepareToWait: keep,
    release() {
      try {
        endNow(false)
      } catch {
        // Arguments that Node refuses. The handler, which could have been told, has long returned.
        response.destroy()
      }
      return true
    },
    refuse() {
      if (response.headersSent) {
        // Without an error its client would take what it has for the whole of it.
        if (response.stream) response.stream.close(NGHTTP2_INTERNAL_ERROR)
        else response.destroy()
        return false
      }
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      response.statusCode = 503
      response.setHeader('retry-after', RETRY_AFTER_S)
      endNow(true)
      return true
    },
  }
}
