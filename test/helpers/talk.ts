// A client that says exactly what a test wants it to say.
import { connect, type Socket } from 'node:net'

export interface Conversation {
  readonly socket: Socket
  /** Waits until the server has said something that matches, and gives all it has said. */
  saw(pattern: RegExp): Promise<string>
  /** All that the server has said, once the connection is closed. */
  readonly closed: Promise<string>
}

/** @param allowHalfOpen whether the client's side stays open when the server ends its own */
export function openRaw(port: number, bytes: string, allowHalfOpen = false): Conversation {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen })
  socket.setEncoding('latin1').on('error', () => {})
  let text = ''
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(bytes)
  return {
    socket,
    closed,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => pattern.test(text) && resolve(text)
        socket.on('data', check)
        socket.on('close', () => reject(new Error(`The connection closed without ${pattern}: ${text}`)))
        check()
      }),
  }
}

/** Says this, and gives all that the server answers until it closes the connection, as if at one time. */
export async function talk(port: number, bytes: string): Promise<string> {
  const answer = await openRaw(port, bytes).closed
  return answer.replaceAll(/^Date: .*$/gm, 'Date: now')
}

export function rawRequest(path: string, { method = 'GET', headers = '' } = {}): string {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`
}
