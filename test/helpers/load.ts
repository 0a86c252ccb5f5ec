// Many requests at once, over kept-alive connections with one request at a time on each.
import { connect, type Socket } from 'node:net'

export interface RequestBatch {
  /** How many responses there are so far, by status code. */
  readonly statuses: Record<number, number>
  answered(): number
  /** Resolves when all requests are answered. */
  readonly done: Promise<void>
}

interface BatchOptions {
  readonly path?: string
  readonly connections?: number
  readonly timeoutMs?: number
}

/** Sends a number of requests for one path. Each must be answered. */
export function requestMany(
  url: string,
  count: number,
  { path = '/', connections = 50, timeoutMs = 60_000 }: BatchOptions = {},
): RequestBatch {
  const statuses: Record<number, number> = {}
  let sent = 0
  let answered = 0

  function runConnection(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1')
      let received = ''
      const sendNext = () => {
        if (sent === count) {
          socket.destroy()
          resolve()
          return
        }
        sent += 1
        received = ''
        socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      }
      socket.on('data', (chunk: string) => {
        received += chunk
        const head = /^HTTP\/1\.1 (\d+).*?\r\nContent-Length: (\d+).*?\r\n\r\n/is.exec(received)
        if (head === null || received.length < head[0].length + Number(head[2])) return
        statuses[Number(head[1])] = (statuses[Number(head[1])] ?? 0) + 1
        answered += 1
        sendNext()
      })
      socket.setTimeout(timeoutMs, () =>
        socket.destroy(new Error(`No response for ${timeoutMs} ms, after ${answered} of ${count}`)),
      )
      socket.on('error', reject)
      socket.on('close', () =>
        reject(new Error(`A connection was closed after ${answered} of ${count} responses`)),
      )
      sendNext()
    })
  }

  const done = Promise.all(Array.from({ length: connections }, runConnection)).then(() => {})
  return { statuses, answered: () => answered, done }
}

export interface Load {
  /** The `x-request-id` of each request whose response was received completely. */
  readonly answered: string[]
  /** Resolves when all connections are closed. */
  readonly closed: Promise<void>
}

/**
 * Sends requests until the server closes the connections. Every response body must be `ok`.
 *
 * @param onResponse called at each response with the number of responses so far
 */
export function startLoad(port: number, connections: number, onResponse: (count: number) => void): Load {
  const answered: string[] = []
  let sent = 0

  function sendRepeatedly(socket: Socket): void {
    let id = ''
    let received = ''
    const sendNext = () => {
      id = `request-${++sent}`
      received = ''
      socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n`)
    }
    socket.on('data', (chunk: string) => {
      received += chunk
      if (!received.endsWith('\r\n\r\nok')) return
      answered.push(id)
      onResponse(answered.length)
      sendNext()
    })
    sendNext()
  }

  const sockets = Array.from({ length: connections }, () =>
    connect(port, '127.0.0.1')
      .setEncoding('latin1')
      .on('error', () => {}),
  )
  const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve))))
  for (const socket of sockets) sendRepeatedly(socket)
  return { answered, closed: closed.then(() => {}) }
}

/** Without a response for this long a server counts as blocked, once it has answered on average once per connection. */
const BLOCKED_MS = 500
const MAX_RESPONSES = 2000

/** Sends requests until the server stops answering, as behind a full pipe, or has answered 2,000 of them. */
export async function loadUntilBlocked(port: number, connections = 50): Promise<Load> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout
    const load = startLoad(port, connections, (count) => {
      clearTimeout(timer)
      if (count === MAX_RESPONSES) resolve(load)
      else if (count > connections && count < MAX_RESPONSES)
        timer = setTimeout(() => resolve(load), BLOCKED_MS)
    })
  })
}
