// Makes the request of a case over HTTP/1, and another one on the same connection.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { parseResponses } from '../helpers/raw-client.js'
import type { Case } from './applications/application.js'

/** Generous, because many exchanges run side by side on a busy machine. */
const TIMEOUT_MS = 60_000
const LAST_REQUEST = 'GET /json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

export interface Http1Result {
  /** latin1, with all dates made constant. */
  readonly received: string
  readonly closedBy: 'server' | 'reset' | 'client' | 'timeout'
}

/** @param arrival resolves when the request has reached the server */
export async function exchangeHttp1(
  each: Case,
  port: number,
  isTls: boolean,
  arrival: Promise<unknown>,
): Promise<Http1Result> {
  const { method = 'GET', client = 'reads all', closes } = each
  const options = { port, host: '127.0.0.1', allowHalfOpen: true, rejectUnauthorized: false }
  const socket: Socket = isTls ? connectTls(options) : connect(options)
  const exchange = new Http1Exchange(socket)
  await exchange.until(once(socket, isTls ? 'secureConnect' : 'connect'))
  socket.write(requestBytes(each), 'latin1')
  if (client === 'leaves on arrival') {
    await arrival
    socket.destroy()
  } else if (client === 'leaves after the first bytes') {
    await exchange.untilReceived(() => exchange.received !== '')
    socket.destroy()
  } else if (client.startsWith('pipelines')) {
    if (client === 'pipelines and half-closes') socket.end()
  } else if (!closes) {
    await exchange.untilReceived(() => parseResponses(exchange.received, [method])[0]?.isComplete === true)
    if (!/^connection: close\r$/im.test(exchange.received) && exchange.closedBy === undefined) {
      socket.write(LAST_REQUEST)
    }
  }
  await exchange.untilClosed()
  return { received: maskDates(exchange.received), closedBy: exchange.closedBy ?? 'client' }
}

function requestBytes({ path, method = 'GET', headers = {}, body, client }: Case): string {
  const version = client === 'speaks HTTP/1.0' ? '1.0' : '1.1'
  const lines = Object.entries({ ...headers, ...(body && { 'content-length': String(body.length) }) })
  const head = [
    `${method} ${path} HTTP/${version}`,
    'host: localhost',
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ]
  const request = `${head.join('\r\n')}\r\n\r\n${body ?? ''}`
  if (!client?.startsWith('pipelines')) return request
  const last = client === 'pipelines' ? LAST_REQUEST : LAST_REQUEST.replace('Connection: close\r\n', '')
  return `${request}GET /no-content HTTP/1.1\r\nHost: localhost\r\n\r\n${last}`
}

class Http1Exchange {
  received = ''
  closedBy: Http1Result['closedBy'] | undefined
  readonly #socket: Socket
  #onChange = () => {}
  readonly #closed: Promise<unknown>

  constructor(socket: Socket) {
    this.#socket = socket
    this.#closed = new Promise((resolve) => socket.on('close', resolve))
    const timeOut = setTimeout(() => {
      this.closedBy ??= 'timeout'
      socket.destroy()
    }, TIMEOUT_MS)
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      this.received += chunk
      this.#onChange()
    })
    socket.on('end', () => {
      this.closedBy ??= 'server'
      socket.end()
    })
    socket.on('error', () => {
      this.closedBy ??= 'reset'
    })
    socket.on('close', () => {
      clearTimeout(timeOut)
      this.#onChange()
    })
  }

  /** Resolves when the promise does, or when the connection is closed. */
  async until(promise: Promise<unknown>): Promise<void> {
    await Promise.race([promise.catch(() => {}), this.#closed])
  }

  async untilReceived(isReached: () => boolean): Promise<void> {
    while (!isReached() && this.closedBy === undefined && !this.#socket.destroyed) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve
      })
    }
  }

  untilClosed(): Promise<unknown> {
    return this.#closed
  }
}

/** Any date: that of the response, and those of cookies. */
export function maskDates(text: string): string {
  return text.replaceAll(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'a date')
}
