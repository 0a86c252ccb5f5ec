// The measured server, a child process: `node server.js express pino-http`. It listens on a free port and answers commands
// over IPC. Its CPU time comes from `process.cpuUsage()`, which excludes all other processes on the machine.
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { CANDIDATES } from './candidates.js'

// While another server is measured, V8 would collect garbage and drop code that was not used for a while, which it does not do
// under load. With twenty servers in turns it made each logger slower, above all the larger ones.
setFlagsFromString('--no-memory-reducer')

const [framework, name] = process.argv.slice(2)
const candidate = CANDIDATES[name]

/** About 300 bytes of JSON. */
const createPerson = (id) => ({
  id,
  first_name: 'Willemijn',
  last_name: 'van den Heuvel-Jansen',
  email: 'willemijn.heuvel@example.org',
  address: { street: 'Keizersgracht', number: 123, postal_code: '1015 CJ', city: 'Amsterdam' },
  roles: ['reader', 'editor'],
  created: '2026-01-01T12:00:00.000Z',
  modified: '2026-11-24T12:00:00.000Z',
})
/** A response body of 1 KB instead of 300 bytes: for `audited()`, and for the bare app that it is compared with. */
const hasLargeBody = candidate.audited !== undefined || Boolean(process.env.BENCH_LARGE_BODY)
const createBody = (id) => {
  const person = createPerson(id)
  return hasLargeBody ? { ...person, notes: 'A note of the usual length. '.repeat(26) } : person
}
/** Eight response headers in both frameworks, together with those that Node and the framework add. */
const HEADERS = {
  express: { 'Cache-Control': 'no-store' },
  koa: { 'Cache-Control': 'no-store', Vary: 'Accept-Encoding', 'X-Content-Type-Options': 'nosniff' },
}
/** Continuations of the requests that are held in flight. Only memory.js, which sets BENCH_HOLD, holds requests. */
const heldRequests = []
let isHolding = false

const CREATE_LISTENER = {
  async express() {
    const { default: express } = await import('express')
    const app = express()
    await candidate.express(app)
    if (process.env.BENCH_HOLD)
      app.use((_req, _res, next) => (isHolding ? void heldRequests.push(next) : next()))
    const middleware = candidate.audited ? [await candidate.audited.express()] : []
    app.get('/persons/:id', ...middleware, (req, res) => {
      res.set(HEADERS.express)
      res.json(createBody(req.params.id))
    })
    return app
  },
  async koa() {
    const { default: Koa } = await import('koa')
    const app = new Koa()
    await candidate.koa(app)
    if (process.env.BENCH_HOLD) {
      app.use(async (_ctx, next) => {
        if (isHolding) await new Promise((resolve) => heldRequests.push(resolve))
        return next()
      })
    }
    if (candidate.audited) app.use(await candidate.audited.koa())
    app.use((ctx) => {
      if (!ctx.path.startsWith('/persons/')) return
      ctx.set(HEADERS.koa)
      ctx.body = createBody(ctx.path.slice('/persons/'.length))
    })
    return app.callback()
  },
}

const server = createServer(await CREATE_LISTENER[framework]())
// The connections are idle while another server is measured.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
const COMMANDS = {
  usage() {
    const { user, system } = process.cpuUsage()
    return { cpuMicros: user + system, userMicros: user }
  },
  async state() {
    return { held: heldRequests.length, connections: await promisify(server.getConnections).call(server) }
  },
  async memory() {
    const { collectAllGarbage } = await import('./lib/collect-garbage.js')
    await collectAllGarbage()
    const { heapUsed, external } = process.memoryUsage()
    return { bytes: heapUsed + external }
  },
  hold() {
    isHolding = true
    return {}
  },
  release() {
    isHolding = false
    for (const resume of heldRequests.splice(0)) resume()
    return {}
  },
}
process.on('message', async (name) => process.send(await COMMANDS[name]()))
process.on('disconnect', () => process.exit())
