import type { IncomingMessage, ServerResponse } from 'node:http'
import { getHeaderBlock } from '../../lib/node-internals.js'
import { type EndArguments, isBody } from './held-response.js'

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean

export interface HeldBody {
  /** The handler has written the last byte, which is held. */
  readonly isSplit: boolean
  /** The arguments for Node's own `end`, with the held bytes in front of the chunk. */
  prependHeldBytes(chunk: unknown, encoding: unknown, callback: unknown): EndArguments
}

/**
 * Holds the bytes that would complete an HTTP/1 response before `end` is called: the last byte of a body with a
 * declared length, and the header block of a response without a body. Both are sent by `end`.
 */
export function holdBody(request: IncomingMessage, response: ServerResponse): HeldBody {
  const nodeWrite = response.write as unknown as Write
  const { flushHeaders: nodeFlushHeaders } = response
  let bytesWritten = 0
  /** The last declared byte and all that follows: a handler may write more than it declared. */
  const heldChunks: Uint8Array[] = []
  let heldLength = 0

  /**
   * Stands in for `response.write`. Writes that cannot complete the response pass unchanged. The write that reaches the
   * declared length passes without the last declared byte, and from there on everything is held until `end`.
   */
  function write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const onWritten = typeof encoding === 'function' ? encoding : callback
    const declared = getDeclaredLength(response)
    const writeUnchanged = () => nodeWrite.call(response, chunk, encoding, callback)
    // Without a declared length the response is complete only at `end`. Node itself rejects the other two.
    if (declared === undefined || response.writableEnded || !isBody(chunk)) return writeUnchanged()
    const bytes = toBuffer(chunk, encoding)
    const total = bytesWritten + heldLength + bytes.length
    // Node throws for a body that is too long, but only once the header block exists.
    if (response.strictContentLength && response.headersSent && total > declared) return writeUnchanged()
    if (heldLength > 0) {
      hold(bytes)
      return acceptWrite(onWritten)
    }
    if (total < declared) {
      const hasRoom = writeUnchanged()
      bytesWritten = total
      return hasRoom
    }
    return holdEnd(bytes, declared, onWritten)
  }

  /** Writes what comes before the last declared byte, and holds the rest. */
  function holdEnd(bytes: Buffer, declared: number, onWritten: unknown): boolean {
    const writable = Math.max(declared - 1 - bytesWritten, 0)
    const hasRoom =
      declared === 0
        ? createHeaderBlock(response, onWritten)
        : nodeWrite.call(response, bytes.subarray(0, writable), undefined, onWritten)
    bytesWritten += writable
    hold(bytes.subarray(writable))
    return hasRoom
  }

  /** Holds a copy, because the handler may reuse its buffer when the callback of `write` is called. */
  function hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    heldChunks.push(Buffer.from(bytes))
    heldLength += bytes.length
  }

  function flushHeaders(): void {
    if (isCompleteWithHeader(request, response)) createHeaderBlock(response)
    else nodeFlushHeaders.call(response)
  }

  response.write = write as ServerResponse['write']
  response.flushHeaders = flushHeaders

  return {
    get isSplit() {
      return heldLength > 0
    },
    prependHeldBytes(chunk, encoding, callback) {
      // Node throws for a chunk of another type. The held bytes then stay here for the next call of `end`.
      if (heldLength === 0 || !(isBody(chunk) || !chunk || typeof chunk === 'function')) {
        return [chunk, encoding, callback]
      }
      const allBytes = Buffer.concat(isBody(chunk) ? [...heldChunks, toBuffer(chunk, encoding)] : heldChunks)
      return [
        allBytes,
        [chunk, encoding, callback].find((argument) => typeof argument === 'function'),
        undefined,
      ]
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
