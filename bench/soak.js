// Whether anything of an exchange stays behind: 200,000 requests to Express, one in ten aborted by its client. Between
// rounds, when all is quiet, the heap must be flat and listeners, handles and timers back to where they were.
// Usage: npm run build && node bench/soak.js [requests]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { auditErrors, auditLog, file } from '../dist/esm/index.js'
import { collectAllGarbage } from './lib/garbage.js'

const ROUNDS = 10
/** Caches fill and code is compiled in these. */
const WARM_UP_ROUNDS = 3
const CONCURRENCY = 32
/** Less than four bytes for each of the 140,000 requests after warm-up. */
const MAX_GROWTH_BYTES = 512 * 1024
const HALF = Buffer.alloc(64 * 1024, 'x')

if (process.send === undefined) await serve(Number(process.argv[2] ?? 200_000))
else await beClient()

async function serve(total) {
  const counts = { requests: 0, records: 0, aborted: 0 }
  const devNull = file('/dev/null')
  const audit = auditLog({
    sink: {
      write(line) {
        counts.records += 1
        if (line.includes('"ended":"aborted"')) counts.aborted += 1
        return devNull.write(line)
      },
    },
  })
  const server = createServer(makeApp(audit))
  server.on('request', () => {
    counts.requests += 1
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = fork(fileURLToPath(import.meta.url), [String(server.address().port)])
  const perRound = Math.ceil(total / ROUNDS)

  const rounds = []
  for (let round = 1; round <= ROUNDS; round++) {
    const begin = performance.now()
    const done = once(client, 'message')
    client.send(perRound)
    await done
    const seconds = (performance.now() - begin) / 1000
    await untilQuiet(server, audit)
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
  const complaints = judge(rounds, perRound, audit.stats())
  for (const complaint of complaints) console.error(`LEAK: ${complaint}`)
  if (complaints.length === 0) console.log('Nothing stays behind.')
  else process.exitCode = 1
}

function makeApp(audit) {
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

/** When no request is in flight and no connection is open. */
async function untilQuiet(server, audit) {
  for (let i = 0; i < 500; i++) {
    const connections = await new Promise((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
    if (connections === 0 && audit.stats().inFlight === 0) return
    await delay(20)
  }
  throw new Error(`After 10 s without a client there are still ${audit.stats().inFlight} requests in flight`)
}

function countListeners(emitter) {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
}

function judge(rounds, perRound, stats) {
  const complaints = []
  const { requests, records, aborted } = rounds.at(-1)
  if (records !== requests) complaints.push(`${requests} requests left ${records} records`)
  if (aborted < (perRound * ROUNDS) / 20) complaints.push(`only ${aborted} records say aborted`)
  if (stats.lost + stats.waiting + stats.inFlight > 0) complaints.push(JSON.stringify(stats))

  const measured = rounds.slice(WARM_UP_ROUNDS)
  const heap = measured.map((round) => round['heap KiB'] * 1024)
  const growth = mean(heap.slice(-2)) - mean(heap.slice(0, 2))
  console.log(`Heap after warm-up: ${growth > 0 ? '+' : ''}${Math.round(growth / 1024)} KiB`)
  if (growth > MAX_GROWTH_BYTES) complaints.push(`the heap grew by ${Math.round(growth / 1024)} KiB`)
  for (const key of ['listeners', 'resources']) {
    const before = rounds[0][key]
    const after = rounds.at(-1)[key]
    if (before !== after) complaints.push(`${key} were "${before}" and are "${after}"`)
  }
  return complaints
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

async function beClient() {
  const port = Number(process.argv[2])
  process.on('disconnect', () => process.exit())
  process.on('message', async (count) => {
    const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
    let begun = 0
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (begun < count) await ask({ port, agent, number: begun++ })
      }),
    )
    agent.destroy()
    process.send('done')
  })
}

/** One in ten is aborted: by turns before its answer, and in the middle of it. */
function ask({ port, agent, number }) {
  const isAborted = number % 10 === 9
  const path = isAborted
    ? ['/never', '/half'][((number - 9) / 10) % 2]
    : number % 10 === 4
      ? '/fails'
      : '/persons'
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.on('data', () => isAborted && asked.destroy())
    })
    if (path === '/never') asked.on('finish', () => setTimeout(() => asked.destroy(), 2))
    asked.on('error', () => {}).on('close', resolve)
    asked.end()
  })
}
