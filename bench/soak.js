// Searches for leaks: 200,000 requests to an Express app, one in ten aborted by the client. Between rounds, with no request
// in flight, the heap must be flat, and the numbers of listeners, handles and timers must be the same as at the start.
// Usage: npm run build && node bench/soak.js [requests]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { collectAllGarbage } from './lib/collect-garbage.js'
import { auditErrors, auditLog, file } from './lib/package-under-test.js'
import { mean } from './lib/statistics.js'

const ROUNDS = 10
/** The rounds in which caches fill and code is compiled. */
const WARM_UP_ROUNDS = 3
const CONCURRENCY = 32
/** Less than four bytes for each of the 140,000 requests after the warm-up. */
const MAX_GROWTH_BYTES = 512 * 1024
const HALF = Buffer.alloc(64 * 1024, 'x')

if (process.send === undefined) await runServer(Number(process.argv[2] ?? 200_000))
else runClient(Number(process.argv[2]))

async function runServer(total) {
  const counts = { requests: 0, records: 0, aborted: 0 }
  const audit = auditLog({ sink: countingSink(counts) })
  const server = createServer(createApp(audit))
  server.on('request', () => {
    counts.requests += 1
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = fork(fileURLToPath(import.meta.url), [String(server.address().port)])
  const perRound = Math.ceil(total / ROUNDS)

  const rounds = []
  for (let round = 1; round <= ROUNDS; round++) {
    const startedAt = performance.now()
    const done = once(client, 'message')
    client.send(perRound)
    await done
    const seconds = (performance.now() - startedAt) / 1000
    await waitUntilIdle(server, audit)
    await collectAllGarbage()
    rounds.push({
      ...counts,
      'per second': Math.round(perRound / seconds),
      'heap KiB': Math.round(process.memoryUsage().heapUsed / 1024),
      'resident MiB': Math.round(process.memoryUsage().rss / 1024 / 1024),
      listeners: countListeners(process) + countListeners(server),
      resources: process.getActiveResourcesInfo().sort().join(' '),
    })
  }
  client.disconnect()
  server.close()
  await audit.close()

  console.table(rounds)
  const leaks = findLeaks(rounds, perRound, audit.stats())
  for (const leak of leaks) console.error(`LEAK: ${leak}`)
  if (leaks.length === 0) console.log('No leak found.')
  else process.exitCode = 1
}

function countingSink(counts) {
  const devNull = file('/dev/null')
  return {
    write(line) {
      counts.records += 1
      if (line.includes('"ended":"aborted"')) counts.aborted += 1
      return devNull.write(line)
    },
  }
}

function createApp(audit) {
  const app = express()
  app.use(audit)
  app.get('/persons', (req, res) => {
    req.audit
      .setFilter('Person', req.query)
      .setResults([{ id: 1 }])
      .info('List Person')
    res.json([{ id: 1 }])
  })
  app.get('/half', (_req, res) => void res.writeHead(200, { 'content-length': 2 * HALF.length }).write(HALF))
  app.get('/never', () => {})
  app.get('/fails', () => {
    throw new Error('The handler failed')
  })
  app.use(auditErrors())
  app.use((error, _req, res, _next) => void res.status(500).send(error.message))
  return app
}

/** Until no request is in flight and no connection is open. */
async function waitUntilIdle(server, audit) {
  for (let i = 0; i < 500; i++) {
    const connections = await new Promise((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
    if (connections === 0 && audit.stats().inFlight === 0) return
    await delay(20)
  }
  throw new Error(
    `${audit.stats().inFlight} requests are still in flight 10 s after the last client has gone`,
  )
}

function countListeners(emitter) {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
}

function findLeaks(rounds, perRound, stats) {
  const leaks = []
  const { requests, records, aborted } = rounds.at(-1)
  if (records !== requests) leaks.push(`${requests} requests, but ${records} records`)
  if (aborted < (perRound * ROUNDS) / 20) leaks.push(`only ${aborted} records with ended: aborted`)
  const { written, ...unfinished } = stats
  if (Object.values(unfinished).some((count) => count > 0))
    leaks.push(`${written} records written, and afterwards ${JSON.stringify(unfinished)}`)

  const measured = rounds.slice(WARM_UP_ROUNDS)
  const heap = measured.map((round) => round['heap KiB'] * 1024)
  const growth = mean(heap.slice(-2)) - mean(heap.slice(0, 2))
  console.log(`Heap growth after warm-up: ${Math.round(growth / 1024)} KiB`)
  if (growth > MAX_GROWTH_BYTES) leaks.push(`the heap grew by ${Math.round(growth / 1024)} KiB`)
  for (const key of ['listeners', 'resources']) {
    const before = rounds[0][key]
    const after = rounds.at(-1)[key]
    if (before !== after) leaks.push(`${key} changed from "${before}" to "${after}"`)
  }
  return leaks
}

function runClient(port) {
  process.on('disconnect', () => process.exit())
  process.on('message', async (count) => {
    const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
    let started = 0
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (started < count) await sendRequest({ port, agent, number: started++ })
      }),
    )
    agent.destroy()
    process.send('done')
  })
}

/** Aborts one request in ten, alternately before the response and in the middle of it. */
function sendRequest({ port, agent, number }) {
  const isAborted = number % 10 === 9
  const path = isAborted
    ? ['/never', '/half'][((number - 9) / 10) % 2]
    : number % 10 === 4
      ? '/fails'
      : '/persons'
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.on('data', () => isAborted && sent.destroy())
    })
    if (path === '/never') sent.on('finish', () => setTimeout(() => sent.destroy(), 2))
    sent.on('error', () => {}).on('close', resolve)
    sent.end()
  })
}
