// A plain client: so many connections that are kept alive, each with one request under way.
import { connect } from 'node:net'
import { askSteadily } from './steady-load.js'

const REQUEST_HEADERS = [
  'Host: api.example.org',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Accept: application/json',
  'Accept-Language: nl,en;q=0.7',
  'Connection: keep-alive',
].join('\r\n')

/** A server that is silent for so long is broken. */
const NO_ANSWER_MS = 10_000

/** @returns a load on a server, which `run` for so long, or for so many requests, tells how many were answered. */
export async function openLoad(port, connections) {
  const clients = []
  // One by one: thousands at once are more than a server lets wait.
  while (clients.length < connections) clients.push(await openClient(port))
  let number = 0
  function nextRequest() {
    number = (number + 1) % 1_000_000
    return `GET /persons/${number}?lang=nl HTTP/1.1\r\n${REQUEST_HEADERS}\r\n\r\n`
  }
  return {
    /** @param {{ms?: number, requests?: number}} until whichever comes first */
    async run({ ms = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY }) {
      const rest = stayAwake()
      const begin = performance.now()
      let asked = 0
      let answered = 0
      await Promise.all(
        clients.map(async (ask) => {
          while (asked < requests && performance.now() - begin < ms) {
            asked += 1
            await ask(nextRequest())
            answered += 1
          }
        }),
      ).finally(rest)
      return { requests: answered, seconds: (performance.now() - begin) / 1000 }
    },
    runSteadily: ({ perSecond, ms }) => askSteadily(clients, { perSecond, ms, nextRequest }),
    close() {
      for (const ask of clients) ask.close()
    },
  }
}

/**
 * A client that sleeps until it is answered is woken up by whoever answers: in a virtual machine that is an interrupt to
 * another processor, 10 us of the server's own time (`perf record`: sock_def_readable). A bare server keeps its clients
 * awake, a slower one wakes them for each response, and so paid for each microsecond that it was slower about 1.3.
 */
function stayAwake() {
  let isAwake = true
  const turn = () => isAwake && setImmediate(turn)
  turn()
  return () => {
    isAwake = false
  }
}

async function openClient(port) {
  const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1')
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let settle
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
    const end = received.indexOf('\r\n\r\n')
    if (end === -1) return
    const [, length] = /content-length: (\d+)/i.exec(received) ?? []
    if (received.length < end + 4 + Number(length)) return
    const answer = received
    received = ''
    const { resolve, reject } = settle
    settle = undefined
    if (answer.startsWith('HTTP/1.1 200 ')) resolve()
    else reject(new Error(`Expected 200, got: ${answer.slice(0, 200)}`))
  })
  socket.on('close', () => settle?.reject(new Error('The server closed a connection')))
  socket.on('error', () => {})
  socket.setTimeout(NO_ANSWER_MS, () => settle && socket.destroy())
  const ask = (request) =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) reject(new Error('The server had closed a connection'))
      settle = { resolve, reject }
      socket.write(request)
    })
  ask.close = () => {
    settle = undefined
    socket.destroy()
  }
  return ask
}
