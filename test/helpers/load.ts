import { connect, type Socket } from 'node:net'

export interface Load {
  /** The `x-request-id` of each request whose response was received whole. */
  readonly answered: string[]
  /** When all connections are closed. */
  readonly over: Promise<void>
  stop(): void
}

/**
 * Keeps connections busy, one request at a time on each, until they are closed or the load is stopped.
 *
 * @param onAnswer called with each response, and how many there have been
 */
export function load(port: number, connections: number, onAnswer: (count: number) => void): Load {
  const answered: string[] = []
  let sent = 0

  function keepBusy(socket: Socket): void {
    let id = ''
    let received = ''
    const ask = () => {
      id = `request-${++sent}`
      received = ''
      socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n`)
    }
    socket.on('data', (chunk: string) => {
      received += chunk
      if (!received.endsWith('\r\n\r\nok')) return
      answered.push(id)
      onAnswer(answered.length)
      ask()
    })
    ask()
  }

  const sockets = Array.from({ length: connections }, () =>
    connect(port, '127.0.0.1')
      .setEncoding('latin1')
      .on('error', () => {}),
  )
  const over = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve))))
  for (const socket of sockets) keepBusy(socket)
  return {
    answered,
    over: over.then(() => {}),
    stop: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** For how long nothing must be answered for a server to count as standing still. Too short makes a test no stricter. */
const STILL_MS = 500
const MAX_ANSWERS = 2000

/** Keeps a server busy until it answers no more, as behind a full pipe, or has answered 2,000 requests. */
export async function loadUntilStill(port: number, connections = 50): Promise<Load> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout
    const running = load(port, connections, (count) => {
      clearTimeout(timer)
      if (count === MAX_ANSWERS) resolve(running)
      else if (count < MAX_ANSWERS) timer = setTimeout(() => resolve(running), STILL_MS)
    })
  })
}
