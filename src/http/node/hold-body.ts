import type { IncomingMessage, ServerResponse } from 'node:http'

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean

/**
 * A body of a declared length is over with its last byte, and a response without a body with its header, both
 * before `end` is called. What would complete them is kept back here, and comes with `end`.
 */
export function holdBody(
  request: IncomingMessage,
  response: ServerResponse,
): { endArguments(given: unknown[]): unknown[] } {
  const write = response.write as unknown as Write
  const { flushHeaders } = response
  let bytesPassed = 0
  /** From the last declared byte on. Where a handler writes more than it declared, that is more than one byte. */
  let kept: Buffer | undefined

  function heldWrite(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const listener = typeof encoding === 'function' ? encoding : callback
    // Node would send a header that is all there is.
    if (
      request.httpVersionMajor === 2 &&
      !response.headersSent &&
      hasNoBody(request, response) &&
      isBody(chunk)
    ) {
      return tellSoon(listener)
    }
    const declared = declaredLength(response)
    const passOn = () => write.call(response, chunk, encoding, callback)
    if (declared === undefined || response.writableEnded || !isBody(chunk)) return passOn()
    const bytes = bytesOf(chunk, encoding)
    const total = bytesPassed + (kept?.length ?? 0) + bytes.length
    // Node refuses it with a throw, though not before it has made the header.
    if (response.strictContentLength && response.headersSent && total > declared) return passOn()
    if (kept === undefined && total < declared) {
      const isRoom = passOn()
      bytesPassed = total
      return isRoom
    }
    const free = kept === undefined ? Math.max(declared - 1 - bytesPassed, 0) : 0
    const isRoom =
      declared === 0
        ? makeHeader(response, listener)
        : write.call(response, bytes.subarray(0, free), undefined, listener)
    bytesPassed += free
    kept = Buffer.concat([kept ?? Buffer.alloc(0), bytes.subarray(free)])
    return isRoom
  }

  function heldFlushHeaders(): void {
    if (!isOverWithHeader(request, response)) flushHeaders.call(response)
    else if (request.httpVersionMajor === 1) makeHeader(response)
  }

  response.write = heldWrite as ServerResponse['write']
  response.flushHeaders = heldFlushHeaders

  return {
    endArguments(given) {
      const [chunk, encoding, callback] = given
      // Node refuses what is no body with a throw; what is kept still waits for a better `end` then.
      if (kept === undefined || !(isBody(chunk) || !chunk || typeof chunk === 'function')) return given
      const all = isBody(chunk) ? Buffer.concat([kept, bytesOf(chunk, encoding)]) : kept
      return [all, ...[chunk, encoding, callback].filter((argument) => typeof argument === 'function')]
    },
  }
}

/** What `flushHeaders` does, without handing the header to the socket. */
function makeHeader(response: ServerResponse, callback?: unknown): true {
  if (!response.headersSent) response.writeHead(response.statusCode)
  return tellSoon(callback)
}

/** What was written is taken care of, as far as its writer can tell. */
function tellSoon(callback: unknown): true {
  if (typeof callback === 'function') process.nextTick(callback as () => void)
  return true
}

/** RFC 9112 section 6.3. */
function isOverWithHeader(request: IncomingMessage, response: ServerResponse): boolean {
  return hasNoBody(request, response) || declaredLength(response) === 0
}

function hasNoBody({ method }: IncomingMessage, { statusCode }: ServerResponse): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304
}

function isBody(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array
}

function bytesOf(chunk: string | Uint8Array, encoding: unknown): Buffer {
  return typeof chunk === 'string'
    ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

function declaredLength(response: ServerResponse & { _header?: string | null }): number | undefined {
  const declared = response._header
    ? /\r\ncontent-length:([^\r]*)/i.exec(response._header)?.[1]
    : [response.getHeader('content-length')].flat()[0]
  // As a lenient client reads it: with spaces around, or the first of a list.
  const [, digits] = /^[ \t]*(\d+)/.exec(String(declared)) ?? []
  return digits === undefined ? undefined : Number(digits)
}
