// The server that is measured, as a child process: `node server.js express pino-http`. It listens on a free port, and
// tells over IPC what it has used: `process.cpuUsage()` knows of this process alone, whatever else the machine does.
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { CANDIDATES } from './candidates.js'

const [framework, name] = process.argv.slice(2)
const candidate = CANDIDATES[name]

/** About 300 bytes of JSON. */
const personOf = (id) => ({
  id,
  first_name: 'Willemijn',
  last_name: 'van den Heuvel-Jansen',
  email: 'willemijn.heuvel@example.org',
  address: { street: 'Keizersgracht', number: 123, postal_code: '1015 CJ', city: 'Amsterdam' },
  roles: ['reader', 'editor'],
  created: '2026-01-01T12:00:00.000Z',
  modified: '2026-11-24T12:00:00.000Z',
})
/** With those that Node and the framework add, eight. */
const HEADERS = {
  express: { 'Cache-Control': 'no-store' },
  koa: { 'Cache-Control': 'no-store', Vary: 'Accept-Encoding', 'X-Content-Type-Options': 'nosniff' },
}
/** What waits while requests are held; the middleware that holds them is there only if somebody will. */
const held = []
let isHolding = false
/** For `audited()`: a result of 1 KB. */
const wide = (person) => ({ ...person, notes: 'A note of the usual length. '.repeat(26) })

const MAKE = {
  async express() {
    const { default: express } = await import('express')
    const app = express()
    await candidate.express(app)
    if (process.env.BENCH_HOLD) app.use((_req, _res, next) => (isHolding ? void held.push(next) : next()))
    const handlers = []
    if (candidate.audited) handlers.push(await candidate.audited.express())
    app.get('/persons/:id', ...handlers, (req, res) => {
      res.set(HEADERS.express)
      const person = personOf(req.params.id)
      res.json(candidate.audited || process.env.BENCH_WIDE ? wide(person) : person)
    })
    return app
  },
  async koa() {
    const { default: Koa } = await import('koa')
    const app = new Koa()
    await candidate.koa(app)
    if (process.env.BENCH_HOLD) {
      app.use(async (_ctx, next) => {
        if (isHolding) await new Promise((resolve) => held.push(resolve))
        return next()
      })
    }
    if (candidate.audited) app.use(await candidate.audited.koa())
    app.use((ctx) => {
      if (!ctx.path.startsWith('/persons/')) return
      ctx.set(HEADERS.koa)
      const person = personOf(ctx.path.slice('/persons/'.length))
      ctx.body = candidate.audited || process.env.BENCH_WIDE ? wide(person) : person
    })
    return app.callback()
  },
}

const server = createServer(await MAKE[framework]())
// While others are measured its clients are idle.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
const ANSWERS = {
  usage() {
    const { user, system } = process.cpuUsage()
    return { cpuMicros: user + system, userMicros: user }
  },
  async state() {
    return { held: held.length, connections: await promisify(server.getConnections).call(server) }
  },
  async memory() {
    const { collectAllGarbage } = await import('./lib/garbage.js')
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
    for (const goOn of held.splice(0)) goOn()
    return {}
  },
}
process.on('message', async (question) => process.send(await ANSWERS[question]()))
// The runner is gone, or has seen enough.
process.on('disconnect', () => process.exit())
