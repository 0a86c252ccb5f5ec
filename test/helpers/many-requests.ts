import { connect } from 'node:net'

export interface ManyRequests {
  /** How many were answered so far, by status. */
  readonly statuses: Record<number, number>
  answered(): number
  /** When all are answered. */
  readonly done: Promise<void>
}

/** Sends many requests for one path, one at a time on each of some connections. Each must be answered. */
export function requestMany(
  url: string,
  count: number,
  { path = '/', connections = 50, patienceMs = 60_000 } = {},
): ManyRequests {
  const statuses: Record<number, number> = {}
  let sent = 0
  let answered = 0

  function runConnection(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1')
      let received = ''
      const ask = () => {
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
        ask()
      })
      socket.setTimeout(patienceMs, () =>
        socket.destroy(new Error(`No answer, ${answered} of ${count} were given`)),
      )
      socket.on('error', reject)
      socket.on('close', () =>
        reject(new Error(`A connection closed, ${answered} of ${count} were answered`)),
      )
      ask()
    })
  }

  const done = Promise.all(Array.from({ length: connections }, runConnection)).then(() => {})
  return { statuses, answered: () => answered, done }
}
