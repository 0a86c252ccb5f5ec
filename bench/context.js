// What `context: true` costs, which makes currentAudit() know the request: the time of one request through the
// middleware and a handler with this many awaits, without a network.
// Usage: npm run build && node bench/context.js
import { EventEmitter } from 'node:events'
import { auditLog } from '../dist/esm/index.js'

const REQUESTS = 30_000
const ROUNDS = 7
const AWAITS = [0, 10, 100]

const silent = { write() {} }

class Response extends EventEmitter {
  headersSent = false
  writableFinished = false
  socket = null
  statusCode = 200
  statusMessage = 'OK'
  getHeaders() {
    return {}
  }
}

/** The median, microseconds for each request. */
async function timeOf(options, awaits) {
  const audit = auditLog({ sink: silent, ...options })
  const socket = Object.assign(new EventEmitter(), { remoteAddress: '192.0.2.7', bytesWritten: 1 })
  socket.setMaxListeners(0)
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now()
    for (let i = 0; i < REQUESTS; i++) {
      const request = Object.assign(new EventEmitter(), {
        method: 'GET',
        url: '/persons',
        headers: {},
        socket,
      })
      const response = new Response()
      await new Promise((resolve) => {
        audit(request, response, async () => {
          for (let j = 0; j < awaits; j++) await undefined
          response.writableFinished = true
          response.emit('socket', socket)
          response.emit('finish')
          response.emit('close')
          resolve()
        })
      })
    }
    times.push(((performance.now() - begin) * 1000) / REQUESTS)
    socket.removeAllListeners()
  }
  return times.sort((one, other) => one - other)[ROUNDS >> 1]
}

// AsyncLocalStorage stays on for the process once it was used, so all without it come first.
const without = []
for (const awaits of AWAITS) without.push(await timeOf({}, awaits))
for (const [index, awaits] of AWAITS.entries()) {
  const withContext = await timeOf({ context: true }, awaits)
  const difference = (withContext - without[index]).toFixed(1)
  console.log(
    `${awaits} awaits: ${without[index].toFixed(1)} us without, ${withContext.toFixed(1)} us with (${difference} us)`,
  )
}
