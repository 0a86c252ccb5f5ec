import type { ServerResponse } from 'node:http'
import { getHeaderBlock, hasBody } from '../../lib/node-internals.js'
import { isHeaderOnlyStatus, parseDeclaredLength, readDeclaredLength } from '../header-block.js'
import { type End, type EndArguments, isBody } from './held-response.js'

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean

interface HeldBody {
  /** The handler has written the last byte, which is held. */
  readonly isSplit: boolean
  /** Calls the `end` that this package has replaced, with the held bytes in front of the chunk. */
  end(endArguments: EndArguments): unknown
}

/**
 * Holds the bytes that would complete an HTTP/1 response before `end` is called: the last byte of a body with a
 * declared length, and the header block of a response without a body. Both are sent by `end`.
 */
export function holdBody(response: ServerResponse): HeldBody {
  const nodeEnd = response.end as unknown as End
  const nodeWrite = response.write as unknown as Write
  const { flushHeaders: nodeFlushHeaders } = response
  let bytesWritten = 0
  /** The last declared byte and all that follows: a handler may write more than it declared. */
  const heldChunks: Uint8Array[] = []
  let heldLength = 0
  /** The replaced `end` runs or has run. That of a stand-in, or of an earlier middleware, calls `write` for the body. */
  let isEnding = false

  /**
   * Stands in for `response.write`. Writes that cannot complete the response pass unchanged. The write that reaches the
   * declared length passes without the last declared byte, and from there on everything is held until `end`.
   */
  function write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const onWritten = typeof encoding === 'function' ? encoding : callback
    const writeUnchanged = () => nodeWrite.call(response, chunk, encoding, callback)
    // Node itself rejects the others.
    if (isEnding || response.writableEnded || response.destroyed || !isBody(chunk)) return writeUnchanged()
    createHeaderBlock(response)
    const declared = getDeclaredLength(response)
    // The response is complete only at `end`.
    if (declared === undefined) return writeUnchanged()
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
        ? acceptWrite(onWritten)
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

  function prependHeldBytes([chunk, encoding, callback]: EndArguments): EndArguments {
    // Node throws for a chunk of another type.
    if (heldLength === 0 || !(isBody(chunk) || !chunk || typeof chunk === 'function')) {
      return [chunk, encoding, callback]
    }
    const allBytes = Buffer.concat(isBody(chunk) ? [...heldChunks, toBuffer(chunk, encoding)] : heldChunks)
    const onEnded = [chunk, encoding, callback].find((argument) => typeof argument === 'function')
    return [allBytes, onEnded, undefined]
  }

  function flushHeaders(): void {
    createHeaderBlock(response)
    if (isEnding || !isCompleteWithHeader(response)) nodeFlushHeaders.call(response)
  }

  response.write = write as ServerResponse['write']
  response.flushHeaders = flushHeaders

  return {
    get isSplit() {
      return heldLength > 0
    },
    end(endArguments) {
      isEnding = true
      try {
        return nodeEnd.apply(response, prependHeldBytes(endArguments))
      } catch (error) {
        // For the arguments. The held bytes are still here for the next call of `end`.
        isEnding = false
        throw error
      }
    },
  }
}

/**
 * Creates the header block as Node does for a header that the handler did not write, and keeps it out of the socket. Only the
 * block is final: a middleware that wraps `writeHead` may still change the status and the declared length.
 */
function createHeaderBlock(response: ServerResponse): void {
  if (!response.headersSent && typeof response.writeHead === 'function')
    response.writeHead(response.statusCode)
}

/** Calls the callback of a write that was held back: asynchronously, as Node does, so that the handler can go on. */
function acceptWrite(callback: unknown): true {
  if (typeof callback === 'function') process.nextTick(callback as () => void)
  return true
}

/**
 * Whether the header block is the whole response (RFC 9112 section 6.3). Neither `request.method` nor `statusCode` shows that,
 * because a handler may change them; the status counts where the runtime does not show the block.
 */
function isCompleteWithHeader(response: ServerResponse): boolean {
  if (!hasBody(response) || getDeclaredLength(response) === 0) return true
  return getHeaderBlock(response) === undefined && isHeaderOnlyStatus(response.statusCode)
}

function toBuffer(chunk: string | Uint8Array, encoding: unknown): Buffer {
  return typeof chunk === 'string'
    ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

function getDeclaredLength(response: ServerResponse): number | undefined {
  const block = getHeaderBlock(response)
  if (block !== undefined) return readDeclaredLength(block)
  return parseDeclaredLength([response.getHeader('content-length')].flat()[0])
}
