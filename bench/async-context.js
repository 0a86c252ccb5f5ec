// Measures the cost of the `context: true` option, which `currentAudit()` needs: the time of one request through the
// middleware and a handler with a number of awaits, with mock objects instead of a network.
// Usage: npm run build && node bench/async-context.js
import { EventEmitter } from 'node:events'
import { auditLog } from './lib/package-under-test.js'

const REQUESTS = 30_000
const ROUNDS = 7
const AWAITS = [0, 10, 100]

const discardingSink = { write() {} }

class MockResponse extends EventEmitter {
  headersSent = false
  writableFinished = false
  socket = null
  statusCode = 200
  statusMessage = 'OK'
  getHeaders() {
    return {}
  }
}

/** @returns the median, in microseconds per request */
async function measure(options, awaits) {
  const audit = auditLog({ sink: discardingSink, ...options })
  const socket = Object.assign(new EventEmitter(), { remoteAddress: '192.0.2.7', bytesWritten: 1 })
  socket.setMaxListeners(0)
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now()
    for (let i = 0; i < REQUESTS; i++) await runRequest(audit, socket, awaits)
    times.push(((performance.now() - startedAt) * 1000) / REQUESTS)
    socket.removeAllListeners()
  }
  return times.sort((one, other) => one - other)[ROUNDS >> 1]
}

function runRequest(audit, socket, awaits) {
  const request = Object.assign(new EventEmitter(), { method: 'GET', url: '/persons', headers: {}, socket })
  const response = new MockResponse()
  return new Promise((resolve) => {
    audit(request, response, async () => {
      for (let i = 0; i < awaits; i++) await undefined
      response.writableFinished = true
      response.emit('socket', socket)
      response.emit('finish')
      response.emit('close')
      resolve()
    })
  })
}

// AsyncLocalStorage stays enabled in a process after its first use, so the runs without it come first.
const without = []
for (const awaits of AWAITS) without.push(await measure({}, awaits))
for (const [index, awaits] of AWAITS.entries()) {
  const withContext = await measure({ context: true }, awaits)
  const difference = (withContext - without[index]).toFixed(1)
  console.log(
    `${awaits} awaits: ${without[index].toFixed(1)} us without, ${withContext.toFixed(1)} us with (${difference} us)`,
  )
}
