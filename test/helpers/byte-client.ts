import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'

const TIMEOUT_MS = 10_000

/** A client that shows each byte as it comes, one character a byte. */
export class ByteClient {
  received = ''
  isClosed = false
  readonly #socket: Socket
  readonly #changes = new EventEmitter()

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (chunk) => {
      this.received += chunk
      this.#changes.emit('change')
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.isClosed = true
      this.#changes.emit('change')
    })
  }

  send(text: string): this {
    this.#socket.write(text, 'latin1')
    return this
  }

  request(path: string, { method = 'GET', close = false } = {}): this {
    return this.send(
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${close ? 'Connection: close\r\n' : ''}\r\n`,
    )
  }

  async until(isEnough: (client: this) => boolean): Promise<string> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    while (!isEnough(this)) {
      await once(this.#changes, 'change', { signal }).catch((cause) => {
        throw new Error(`Not enough within ${TIMEOUT_MS} ms: ${JSON.stringify(this.received)}`, { cause })
      })
    }
    return this.received
  }

  /** Everything until the server closes the connection. */
  all(): Promise<string> {
    return this.until(({ isClosed }) => isClosed)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** What a connection has brought, response by response; the last may be incomplete. */
export interface ReceivedResponse {
  readonly status: number
  readonly body: string
  readonly isWhole: boolean
}

/** Reads what came the way a client does (RFC 9112 section 6.3). */
export function parseResponses(received: string, methods: readonly string[]): ReceivedResponse[] {
  const responses: ReceivedResponse[] = []
  let rest = received
  for (const method of methods) {
    const headerEnd = rest.indexOf('\r\n\r\n')
    if (headerEnd < 0) break
    const header = rest.slice(0, headerEnd + 2)
    const status = Number(header.slice(9, 12))
    const message = readBody(
      rest.slice(headerEnd + 4),
      header,
      method === 'HEAD' || [204, 304].includes(status),
    )
    responses.push({ status, body: message.body, isWhole: message.isWhole })
    rest = message.rest
  }
  return responses
}

function readBody(text: string, header: string, isEmpty: boolean) {
  if (isEmpty) return { body: '', isWhole: true, rest: text }
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(header)) return readChunks(text)
  const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(header)?.[1])
  return { body: text.slice(0, length), isWhole: text.length >= length, rest: text.slice(length) }
}

function readChunks(text: string) {
  let body = ''
  let rest = text
  for (;;) {
    const [sizeLine, size] = /^([0-9a-f]+)\r\n/i.exec(rest) ?? []
    if (sizeLine === undefined || size === undefined) return { body, isWhole: false, rest }
    const length = Number.parseInt(size, 16)
    const chunk = rest.slice(sizeLine.length, sizeLine.length + length + 2)
    if (length === 0) return { body, isWhole: chunk === '\r\n', rest: rest.slice(sizeLine.length + 2) }
    body += chunk.slice(0, length)
    rest = rest.slice(sizeLine.length + length + 2)
  }
}
