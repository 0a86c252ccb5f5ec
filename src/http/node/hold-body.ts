import type { IncomingMessage, ServerResponse } from 'node:http'
import { getHeaderBlock } from '../../lib/node-internals.js'

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean

export interface HeldBody {
  /** The arguments for Node's own `end`, with the held bytes in front of the chunk. */
  prependHeldBytes(endArguments: unknown[]): unknown[]
}

/**
 * Holds the bytes that would complete a response before `end` is called: the last byte of a body with a declared
 * length, and the header block of a response without a body. Both are sent by `end`.
 */
export function holdBody(request: IncomingMessage, response: ServerResponse): HeldBody {
  const write = response.write as unknown as Write
  const { flushHeaders } = response
  let bytesWritten = 0
  /** The last declared byte and all that follows: a handler may write more than it declared. */
  let heldBytes: Buffer | undefined

  /**
   * Stands in for `response.write`. Writes that cannot complete the response pass unchanged. The write that reaches the
   * declared length passes without the last declared byte, and from there on everything is held until `end`.
   */
  function writeAllButLastByte(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const onWritten = typeof encoding === 'function' ? encoding : callback
    // Node would send the header now, and without a body that is the whole response.
    if (
      request.httpVersionMajor === 2 &&
      !response.headersSent &&
      hasNoBody(request, response) &&
      isBody(chunk)
    ) {
      return acceptWrite(onWritten)
    }
    const declared = getDeclaredLength(response)
    const writeUnchanged = () => write.call(response, chunk, encoding, callback)
    // Without a declared length the response is complete only at `end`. Node itself rejects the other two.
    if (declared === undefined || response.writableEnded || !isBody(chunk)) return writeUnchanged()
    const bytes = toBuffer(chunk, encoding)
    const total = bytesWritten + (heldBytes?.length ?? 0) + bytes.length
    // Node throws for a body that is too long, but only once the header block exists.
    if (response.strictContentLength && response.headersSent && total > declared) return writeUnchanged()
    if (heldBytes === undefined && total < declared) {
      const hasRoom = writeUnchanged()
      bytesWritten = total
      return hasRoom
    }
    return holdEnd(bytes, declared, onWritten)
  }

  /** Writes what comes before the last declared byte, and holds the rest. */
  function holdEnd(bytes: Buffer, declared: number, onWritten: unknown): boolean {
    const writable = heldBytes === undefined ? Math.max(declared - 1 - bytesWritten, 0) : 0
    const hasRoom =
      declared === 0
        ? createHeaderBlock(response, onWritten)
        : write.call(response, bytes.subarray(0, writable), undefined, onWritten)
    bytesWritten += writable
    heldBytes = Buffer.concat([heldBytes ?? Buffer.alloc(0), bytes.subarray(writable)])
    return hasRoom
  }

  function flushHeadersUnlessComplete(): void {
    if (!isCompleteWithHeader(request, response)) flushHeaders.call(response)
    else if (request.httpVersionMajor === 1) createHeaderBlock(response)
  }

  response.write = writeAllButLastByte as ServerResponse['write']
  response.flushHeaders = flushHeadersUnlessComplete

  return {
    prependHeldBytes(endArguments) {
      const [chunk, encoding, callback] = endArguments
      // Node throws for a chunk of another type. The held bytes then stay here for the next call of `end`.
      if (heldBytes === undefined || !(isBody(chunk) || !chunk || typeof chunk === 'function')) {
        return endArguments
      }
      const allBytes = isBody(chunk) ? Buffer.concat([heldBytes, toBuffer(chunk, encoding)]) : heldBytes
      return [allBytes, ...[chunk, encoding, callback].filter((argument) => typeof argument === 'function')]
    },
  }
}

/** Does what `flushHeaders` does, except that the header block stays out of the socket. */
function createHeaderBlock(response: ServerResponse, callback?: unknown): true {
  if (!response.headersSent) response.writeHead(response.statusCode)
  return acceptWrite(callback)
}

/** Calls the callback of a write that was held back: asynchronously, as Node does, so that the handler can go on. */
function acceptWrite(callback: unknown): true {
  if (typeof callback === 'function') process.nextTick(callback as () => void)
  return true
}

/** Whether the header block is the whole response (RFC 9112 section 6.3). */
function isCompleteWithHeader(request: IncomingMessage, response: ServerResponse): boolean {
  return hasNoBody(request, response) || getDeclaredLength(response) === 0
}

function hasNoBody({ method }: IncomingMessage, { statusCode }: ServerResponse): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304
}

function isBody(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array
}

function toBuffer(chunk: string | Uint8Array, encoding: unknown): Buffer {
  return typeof chunk === 'string'
    ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

function getDeclaredLength(response: ServerResponse): number | undefined {
  const block = getHeaderBlock(response)
  const declared = block
    ? /\r\ncontent-length:([^\r]*)/i.exec(block)?.[1]
    : [response.getHeader('content-length')].flat()[0]
  // Parsed as a lenient client does: optional whitespace, and the first number of a list.
  const [, digits] = /^[ \t]*(\d+)/.exec(String(declared)) ?? []
  return digits === undefined ? undefined : Number(digits)
}
