// How the last byte of a response is held back until its record is safe.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** A response whose handler has ended it, and whose last byte has not left. */
export interface HeldResponse {
  /** Lets it leave. */
  release(): void
  /** Answers 503 instead where nothing of it has left, else cuts it. Tells whether it was answered. */
  refuse(): boolean
}

type Write = Socket['write']
// Their overloads have one shape only in what they return.
type End = (...args: unknown[]) => ServerResponse
type WriteBody = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean

const UNAVAILABLE =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const RETRY_AFTER_S = '5'

/** Answers a request that may not be handled, because it could not be recorded. */
export function answerUnavailable(response: ServerResponse): void {
  response.writeHead(503, { 'retry-after': RETRY_AFTER_S, 'content-length': '0', connection: 'close' }).end()
}

/**
 * Calls `ended` when the response is ended, with its last byte still here.
 *
 * The contract of `response.end` (Node documentation, `response.end([data[, encoding]][, callback])`) is kept by
 * letting Node's own `end` run at once and in full: it makes the header, sets `writableEnded`, refuses later
 * writes. Only what it hands to the socket is held, and given to the socket afterwards with the callbacks it came
 * with; so `finish` and the callback come when the response has really left, as ever. That also means that
 * a middleware which wraps `end` later (compression, sessions) wraps ours, and its work is done before.
 */
export function holdEnd(
  request: IncomingMessage,
  response: ServerResponse,
  ended: (held: HeldResponse) => void,
): void {
  const end = response.end as unknown as End
  const body = holdLastByte(response)
  let isHeld = false
  response.end = function heldEnd(...args: unknown[]) {
    if (isHeld || response.writableEnded) return end.apply(response, args)
    const all = body.withLastByte(args)
    // A pipelined response that waits for its turn, and one of HTTP/2, hand nothing to a socket of their own.
    const canCapture = response.socket !== null && request.httpVersionMajor === 1
    const held = canCapture
      ? captureEnd(response, response.socket as Socket, end, all)
      : deferEnd(response, end, all)
    // Not before: where Node refuses the arguments with a throw, the handler may call `end` again.
    isHeld = true
    ended(held)
    return response
  } as ServerResponse['end']
}

function captureEnd(response: ServerResponse, socket: Socket, end: End, args: unknown[]): HeldResponse {
  const hadLeft = (response as { _headerSent?: boolean })._headerSent ?? response.headersSent
  const held: Parameters<Write>[] = []
  const own = Object.getOwnPropertyDescriptor(socket, 'write')
  socket.write = ((...write: Parameters<Write>) => held.push(write) > 0) as Write
  try {
    end.apply(response, args)
  } finally {
    if (own) Object.defineProperty(socket, 'write', own)
    else delete (socket as Partial<Socket>).write
  }
  return {
    release() {
      socket.cork()
      for (const write of held) socket.write(...write)
      socket.uncork()
    },
    refuse() {
      if (hadLeft || socket.destroyed) {
        socket.destroy()
        return false
      }
      socket.write(UNAVAILABLE)
      socket.destroySoon()
      return true
    },
  }
}

/** The whole of `end` waits. Where the sink answers at once, nobody can tell the difference. */
function deferEnd(response: ServerResponse, end: End, args: unknown[]): HeldResponse {
  return {
    release: () => void end.apply(response, args),
    refuse() {
      if (response.headersSent) {
        response.destroy()
        return false
      }
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      response.statusCode = 503
      response.setHeader('retry-after', RETRY_AFTER_S)
      end.call(response)
      return true
    },
  }
}

/**
 * A body of a declared length is over with its last byte, before `end` is called: that byte is kept back, and
 * comes with `end`.
 */
function holdLastByte(response: ServerResponse): { withLastByte(endArguments: unknown[]): unknown[] } {
  const write = response.write as unknown as WriteBody
  let bytesSeen = 0
  let lastByte: Buffer | undefined
  response.write = function heldWrite(chunk: unknown, encoding?: unknown, callback?: unknown) {
    const declared = declaredLength(response)
    const bytes = declared === undefined ? undefined : bytesOf(chunk, encoding)
    if (bytes === undefined || bytes.length === 0) return write.call(response, chunk, encoding, callback)
    bytesSeen += bytes.length
    if (lastByte !== undefined || bytesSeen < (declared as number))
      return write.call(response, chunk, encoding, callback)
    lastByte = bytes.subarray(bytes.length - 1)
    return write.call(response, bytes.subarray(0, -1), typeof encoding === 'function' ? encoding : callback)
  } as ServerResponse['write']

  return {
    withLastByte(endArguments) {
      if (lastByte === undefined) return endArguments
      const [chunk, encoding, callback] = endArguments
      // More than was declared: Node shall see it all, to say or send what it always would.
      const rest = bytesOf(chunk, encoding)
      const functions = [chunk, encoding, callback].filter((argument) => typeof argument === 'function')
      return [rest === undefined ? lastByte : Buffer.concat([lastByte, rest]), ...functions]
    },
  }
}

function bytesOf(chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string') {
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return chunk instanceof Uint8Array
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : undefined
}

function declaredLength(response: ServerResponse & { _header?: string | null }): number | undefined {
  const declared = response._header
    ? /\r\ncontent-length: *(\d+)\r\n/i.exec(response._header)?.[1]
    : response.getHeader('content-length')
  return declared === undefined ? undefined : Number(declared)
}
