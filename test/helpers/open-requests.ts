// Requests whose clients say when they go on, over connections of their own.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

interface Target {
  readonly port: number
  readonly url: string
}

const PATIENCE_MS = 20_000
const open = new Set<Socket>()

/** Sends requests, and waits until all of them are in their handlers. {@link closeRequests} closes what is left. */
export async function openRequests(
  { port, url }: Target,
  path: string,
  count: number,
  headers = '',
): Promise<Socket[]> {
  const before = await inFlight(url)
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    open.add(socket.on('close', () => open.delete(socket)))
    socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`)
    return socket
  })
  const giveUpAt = performance.now() + PATIENCE_MS
  while ((await inFlight(url)) < before + count) {
    if (performance.now() > giveUpAt) throw new Error(`Of ${count} requests not all reached their handler`)
  }
  return sockets
}

/** All that a connection says until it is closed, by whatever means. */
export async function answerOn(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  if (!socket.closed) await once(socket, 'close')
  return text
}

export function closeRequests(): void {
  for (const socket of open) socket.destroy()
}

/** The one that asks is in flight as well. */
async function inFlight(url: string): Promise<number> {
  const response = await fetch(`${url}/stats`)
  return ((await response.json()) as { inFlight: number }).inFlight
}
