// A client that sends exact bytes and shows exactly what came back, and a parser for the responses in them.
import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'

const TIMEOUT_MS = 20_000

export interface RequestOptions {
  readonly method?: string
  /** Further header lines, each with its `\r\n`. */
  readonly headers?: string
  /** Asks the server to close the connection after the response. */
  readonly close?: boolean
}

export interface RawClientOptions {
  /** The client's side stays open when the server ends its own. */
  readonly allowHalfOpen?: boolean
}

/** A TCP connection to a port of 127.0.0.1. Text is latin1: one character per byte. */
export class RawClient {
  received = ''
  isClosed = false
  readonly socket: Socket
  readonly #changes = new EventEmitter()

  constructor(port: number, { allowHalfOpen = false }: RawClientOptions = {}) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen }).setEncoding('latin1')
    this.socket.on('data', (chunk) => {
      this.received += chunk
      this.#changes.emit('change')
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.isClosed = true
      this.#changes.emit('change')
    })
  }

  send(bytes: string): this {
    this.socket.write(bytes, 'latin1')
    return this
  }

  request(path: string, options?: RequestOptions): this {
    return this.send(rawRequest(path, options))
  }

  /** Waits until the client is in the wanted state; resolves to everything received. */
  async waitUntil(isReached: (client: this) => boolean): Promise<string> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    while (!isReached(this)) {
      await once(this.#changes, 'change', { signal }).catch((cause) => {
        throw new Error(`Not reached in ${TIMEOUT_MS} ms: ${JSON.stringify(this.received)}`, { cause })
      })
    }
    return this.received
  }

  /** Waits until the received text matches; rejects when the connection closes before. */
  async waitFor(pattern: RegExp): Promise<string> {
    await this.waitUntil(({ received, isClosed }) => isClosed || pattern.test(received))
    if (!pattern.test(this.received)) {
      throw new Error(`The connection closed without ${pattern}: ${this.received}`)
    }
    return this.received
  }

  /** Waits until the connection is closed; resolves to everything received. */
  untilClosed(): Promise<string> {
    return this.waitUntil(({ isClosed }) => isClosed)
  }

  destroy(): void {
    this.socket.destroy()
  }
}

export function rawRequest(
  path: string,
  { method = 'GET', headers = '', close = false }: RequestOptions = {},
): string {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${close ? 'Connection: close\r\n' : ''}${headers}\r\n`
}

/** Sends bytes and resolves to everything received until the server closes, with the `Date` header made constant. */
export async function exchangeBytes(port: number, bytes: string): Promise<string> {
  const received = await new RawClient(port).send(bytes).untilClosed()
  return received.replaceAll(/^Date: .*$/gm, 'Date: now')
}

export interface ParsedResponse {
  readonly status: number
  /** Status line and headers, as they were received. */
  readonly head: string
  /** The bytes of the body that were received, without chunk sizes. */
  readonly body: string
  /** The last byte was received. */
  readonly isComplete: boolean
  /** The body has no declared length, so it ends where the connection ends. */
  readonly endsWithConnection: boolean
}

/**
 * Splits received bytes into the responses to these requests as a client does (RFC 9112 section 6.3). Interim
 * responses (1xx) are skipped, and so is a response whose header is incomplete.
 *
 * @param methods of the requests, in order: a response to HEAD has no body
 */
export function parseResponses(received: string, methods: readonly string[]): ParsedResponse[] {
  const responses: ParsedResponse[] = []
  let rest = received
  while (responses.length < methods.length) {
    const headerEnd = rest.indexOf('\r\n\r\n') + 4
    if (headerEnd < 4) break
    const header = rest.slice(0, headerEnd)
    const status = Number(header.slice(9, 12))
    rest = rest.slice(headerEnd)
    if (status < 200) continue
    const hasBody = methods[responses.length] !== 'HEAD' && status !== 204 && status !== 304
    const {
      body,
      isComplete,
      endsWithConnection = false,
      length,
    } = hasBody ? parseBody(header, rest) : NO_BODY
    responses.push({ status, head: header, body, isComplete, endsWithConnection })
    // Only the end of an incomplete response is known to be missing, not where the next response would begin.
    if (!isComplete) break
    rest = rest.slice(length)
  }
  return responses
}

interface ParsedBody {
  readonly body: string
  readonly isComplete: boolean
  readonly endsWithConnection?: boolean
  /** How many of the received bytes belong to the body, chunk sizes included. */
  readonly length: number
}

const NO_BODY: ParsedBody = { body: '', isComplete: true, length: 0 }

function parseBody(header: string, rest: string): ParsedBody {
  if (/^transfer-encoding: chunked\r$/im.test(header)) return parseChunks(rest)
  const declared = /^content-length: (\d+)\r$/im.exec(header)?.[1]
  // Without a length the body ends with the connection, so its end is not visible in the bytes.
  if (declared === undefined)
    return { body: rest, isComplete: false, endsWithConnection: true, length: rest.length }
  const body = rest.slice(0, Number(declared))
  return { body, isComplete: body.length === Number(declared), length: body.length }
}

function parseChunks(rest: string): ParsedBody {
  const sizeLine = /([0-9a-f]+)\r\n/iy
  let body = ''
  for (let position = 0; ; ) {
    sizeLine.lastIndex = position
    const size = sizeLine.exec(rest)?.[1]
    if (size === undefined) return { body, isComplete: false, length: rest.length }
    const start = sizeLine.lastIndex
    const end = start + Number.parseInt(size, 16)
    position = end + '\r\n'.length
    body += rest.slice(start, end)
    if (end === start) return { body, isComplete: position <= rest.length, length: position }
  }
}
