// The client that sends requests: a fixed number of keep-alive connections, each with one request at a time.
import { connect } from 'node:net'
import { sendAtConstantRate } from './constant-rate.js'

const REQUEST_HEADERS = [
  'Host: api.example.org',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Accept: application/json',
  'Accept-Language: nl,en;q=0.7',
  'Connection: keep-alive',
].join('\r\n')

/** A server that does not respond for this long is broken. */
const RESPONSE_TIMEOUT_MS = 10_000

/** Opens the connections. The result sends requests on them. */
export async function openLoad(port, connections) {
  const clients = []
  // One by one: thousands at once would exceed the server's backlog.
  while (clients.length < connections) clients.push(await openClient(port))
  let number = 0
  function nextRequest() {
    number = (number + 1) % 1_000_000
    return `GET /persons/${number}?lang=nl HTTP/1.1\r\n${REQUEST_HEADERS}\r\n\r\n`
  }
  return {
    /**
     * As many requests as the server can answer.
     *
     * @param {{ms?: number, requests?: number}} until stops at the limit that is reached first
     */
    async run({ ms = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY }) {
      const stopSpinning = spinEventLoop()
      const startedAt = performance.now()
      let sent = 0
      let answered = 0
      await Promise.all(
        clients.map(async (client) => {
          while (sent < requests && performance.now() - startedAt < ms) {
            sent += 1
            await client.send(nextRequest())
            answered += 1
          }
        }),
      ).finally(stopSpinning)
      return { requests: answered, seconds: (performance.now() - startedAt) / 1000 }
    },
    runAtConstantRate: ({ perSecond, ms }) => sendAtConstantRate(clients, { perSecond, ms, nextRequest }),
    close() {
      for (const client of clients) client.close()
    },
  }
}

/**
 * Keeps this process from sleeping in epoll. The server has to wake up a sleeping client, which on a virtual machine is an
 * inter-processor interrupt on the server's CPU time (in `perf record`: sock_def_readable). A fast server keeps its clients
 * busy and a slow one wakes them up for each response, so a sleeping client would exaggerate the differences.
 */
function spinEventLoop() {
  let isSpinning = true
  const spin = () => isSpinning && setImmediate(spin)
  spin()
  return () => {
    isSpinning = false
  }
}

async function openClient(port) {
  const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1')
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let pending
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
    const end = received.indexOf('\r\n\r\n')
    if (end === -1) return
    const [, length] = /content-length: (\d+)/i.exec(received) ?? []
    if (received.length < end + 4 + Number(length)) return
    const response = received
    received = ''
    const { resolve, reject } = pending
    pending = undefined
    if (response.startsWith('HTTP/1.1 200 ')) resolve()
    else reject(new Error(`Expected status 200, got: ${response.slice(0, 200)}`))
  })
  socket.on('close', () => pending?.reject(new Error('The server closed a connection during a request')))
  socket.on('error', () => {})
  socket.setTimeout(RESPONSE_TIMEOUT_MS, () => pending && socket.destroy())
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) reject(new Error('The server has closed a connection between two requests'))
        pending = { resolve, reject }
        socket.write(request)
      }),
    close() {
      pending = undefined
      socket.destroy()
    },
  }
}
