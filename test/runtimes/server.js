// The server of the endings suite: plain JavaScript, because Node, Bun and Deno all run it. endings.ts is its client.
// Usage: <runtime> server.js <folder with index.js and koa.js of the package> <express or koa>
import { writeSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import express from 'express'
import Koa from 'koa'

const [folder, framework] = process.argv.slice(2)
/** By the environment, because not every runtime can import TypeScript. */
const certificate = JSON.parse(process.env.TLS_CERTIFICATE)
const { auditLog, currentAudit } = await import(
  pathToFileURL(`${folder}/${framework === 'koa' ? 'koa' : 'index'}.js`).href
)

const LARGE = Buffer.alloc(2 * 1024 * 1024, 'x')
/** More than the kernel buffers for a client that does not read. */
const HUGE = Buffer.alloc(32 * 1024 * 1024, 'x')
const PART = 'half of it'

/** The sinks write to stdout like the default sink, and can be made to fail. */
let isSinkDown = false
const immediateSink = {
  write(line) {
    if (isSinkDown) throw new Error('The sink is down')
    writeSync(1, line)
  },
}
const lateSink = {
  write: (line) => new Promise((resolve) => setTimeout(resolve, 20)).then(() => immediateSink.write(line)),
}

/** Resolves when the client of the request has gone. */
const whenGone = ({ socket }) => new Promise((resolve) => socket.once('close', resolve))
const exitSoon = () => setTimeout(() => process.exit(0), 50)
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * What the handlers do, by path. `send` uses the framework; the others write to the response of Node.
 * @type {Record<string, (context: { req: http.IncomingMessage, res: http.ServerResponse, send: Function }) => unknown>}
 */
const handlers = {
  '/ok': ({ send }) => send(200, { id: 1 }),
  '/no-content': ({ send }) => send(204),
  '/not-modified': ({ res }) => res.writeHead(304, { etag: '"v1"' }).end(),
  '/forbidden': ({ send }) => send(403, { error: 'no' }),
  '/thrown': () => {
    throw new Error('The handler failed')
  },
  '/rejected': async () => {
    await delay(5)
    throw new Error('The handler failed later')
  },
  '/reason': ({ res }) =>
    res.writeHead(201, 'Made', { 'X-Kind': 'reason', 'set-cookie': ['a=1', 'b=2'] }).end('x'),
  '/pairs': ({ res }) =>
    res.writeHead(200, ['X-Kind', 'pairs', 'Set-Cookie', 'a=1', 'set-cookie', 'b=2']).end('x'),
  '/status-after-header': ({ res }) => {
    res.writeHead(403)
    res.statusCode = 200
    res.end('no')
  },
  '/status-after-data': ({ res }) => {
    res.write(PART)
    res.statusCode = 500
    res.end()
  },
  '/chunked': async ({ res }) => {
    res.write(PART)
    await delay(5)
    res.end(PART)
  },
  '/declared': async ({ res }) => {
    res.setHeader('content-length', 2 * PART.length)
    res.write(PART)
    await delay(5)
    res.end(PART)
  },
  '/streamed': ({ res }) => Readable.from([PART, PART]).pipe(res),
  '/stream-fails': ({ res }) => {
    const body = Readable.from(
      (async function* () {
        yield PART
        await delay(20)
        throw new Error('The stream failed')
      })(),
    )
    body.on('error', () => res.destroy())
    body.pipe(res)
  },
  '/large': ({ res }) => res.end(LARGE),
  '/huge': ({ res }) => res.end(HUGE),
  '/never': () => {},
  '/answers-too-late': async ({ req, res }) => {
    await whenGone(req)
    res.end('too late')
  },
  '/half': ({ res }) => {
    res.writeHead(200, { 'content-length': '100' })
    res.write(PART)
  },
  '/declared-and-left': async ({ req, res }) => {
    res.writeHead(200, { 'content-length': PART.length })
    res.write(PART)
    await whenGone(req)
    res.end()
  },
  '/destroyed-at-once': ({ res }) => res.destroy(),
  '/destroyed-later': async ({ res }) => {
    await delay(5)
    res.destroy()
  },
  '/socket-destroyed-later': async ({ req }) => {
    await delay(5)
    req.socket.destroy()
  },
  '/header-only-then-destroyed': async ({ res }) => {
    res.writeHead(403, { 'x-kind': 'never sent' })
    await delay(5)
    res.destroy()
  },
  '/destroyed-after-data': ({ res }) => {
    res.writeHead(200, { 'content-length': '100' })
    res.write(PART)
    setTimeout(() => res.destroy(), 30)
  },
  '/destroyed-at-end': ({ req, res }) => {
    res.end('all of it')
    req.socket.destroy()
  },
  '/huge-destroyed-at-end': ({ req, res }) => {
    res.end(HUGE)
    req.socket.destroy()
  },
  '/slow-no-content': async ({ send }) => {
    await delay(30)
    await send(204)
  },
  '/slow': async ({ send }) => {
    await delay(30)
    await send(200, 'slow')
  },
  '/ended-twice': ({ res }) => {
    res.on('error', () => {})
    res.end('once')
    res.end('twice')
    res.write('thrice', () => {})
  },
  '/changed-after-end': ({ res }) => {
    res.end('a')
    const changes = [
      () => res.writeHead(500),
      () => res.setHeader('x-late', '1'),
      () => res.appendHeader('x-late', '1'),
      () => res.removeHeader('date'),
    ]
    const codes = changes.map((change) => {
      try {
        change()
        return 'no error'
      } catch (error) {
        return error.code
      }
    })
    if (codes.some((code) => code !== 'ERR_HTTP_HEADERS_SENT')) res.req.socket.resetAndDestroy()
    res.addTrailers({ 'x-late': '1' })
    res.flushHeaders()
    res.statusCode = 500
  },
  '/written-after-end': ({ res }) => {
    const codes = []
    res.on('error', ({ code }) => codes.push(code))
    res.end('a')
    res.write('b', ({ code }) => codes.push(code))
    setTimeout(() => {
      if (String(codes) !== 'ERR_STREAM_WRITE_AFTER_END,ERR_STREAM_WRITE_AFTER_END')
        throw new Error(String(codes))
    }, 5)
  },
  '/destroyed-after-end': ({ res }) => {
    res.end('all of it')
    setImmediate(() => res.destroy())
  },
  '/connection-ended-after-end': ({ req, res }) => {
    res.end('all of it')
    req.socket.end()
  },
  '/connection-ended-before-end': ({ req, res }) => {
    req.socket.end()
    res.end('x')
  },
  '/upload': async ({ req, send }) => {
    req.on('error', () => {})
    req.resume()
    await new Promise((resolve) => req.once('end', resolve))
    await send(200, 'uploaded')
  },
  '/sink-fails': ({ send }) => {
    isSinkDown = true
    return send(200, { secret: true })
  },
  '/sink-fails-after-data': async ({ res }) => {
    res.write(PART)
    await delay(20)
    isSinkDown = true
    res.end(PART)
  },
  '/context': async ({ send }) => {
    await delay(5)
    currentAudit().info('from depth')
    await send(200, 'context')
  },
  '/exit': async () => {
    process.exit(0)
  },
  '/exit-after-end': ({ res }) => {
    res.end('bye')
    process.exit(0)
  },
  '/uncaught-and-handled': ({ res }) => {
    process.on('uncaughtException', () => res.end('survived', exitSoon))
    setTimeout(() => {
      throw new Error('uncaught')
    }, 1)
  },
  '/rejection-and-handled': ({ res }) => {
    process.on('unhandledRejection', () => res.end('survived', exitSoon))
    setTimeout(() => void Promise.reject(new Error('unhandled')), 1)
  },
  '/printing': ({ send }) => {
    // Not with console.log, whose lines Bun itself prints in the middle of these.
    for (let i = 0; i < 5; i++) {
      process.stdout.write(`{"printed":"${'x'.repeat(300_000)}"}\n`)
    }
    return send(200, 'printed')
  },
  '/shutdown': async ({ send }) => {
    for (const server of servers) server.close()
    void Promise.all(audits.map((audit) => audit.close())).finally(() => process.exit(0))
    await delay(30)
    await send(200, 'bye')
  },
  '/uncaught': () => {
    setTimeout(() => {
      throw new Error('uncaught')
    }, 1)
  },
}
const USES_FRAMEWORK = /\bsend\b|throw new Error\('The handler/

function expressApp(audit) {
  const app = express()
  app.set('env', 'test')
  app.use(audit)
  app.use((req, res, next) => {
    const handle = handlers[req.path]
    if (handle === undefined) return next()
    const send = (status, body) =>
      body === undefined ? res.status(status).end() : res.status(status).send(body)
    return handle({ req, res, send })
  })
  return app
}

function koaApp(audit) {
  const app = new Koa()
  app.silent = true
  app.use(audit)
  app.use(async (ctx, next) => {
    const handle = handlers[ctx.path]
    if (handle === undefined) return next()
    const send = (status, body) => {
      ctx.status = status
      ctx.body = body
    }
    if (!USES_FRAMEWORK.test(String(handle))) {
      ctx.respond = false
      ctx.res.statusCode = 200
    }
    await handle({ req: ctx.req, res: ctx.res, send })
  })
  return app.callback()
}

/** Express does not support HTTP/2. */
function nodeApp(audit) {
  return (req, res) => {
    const send = (status, body = '') => {
      res.statusCode = status
      res.end(JSON.stringify(body))
    }
    audit(req, res, () => handlers[req.url.split('?')[0]]({ req, res, send }))
  }
}

const createHttp2App = framework === 'koa' ? koaApp : nodeApp
const createApp = framework === 'koa' ? koaApp : expressApp

const servers = []
function listen(server) {
  servers.push(server)
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}

const audits = []
function createAudit(options) {
  // All, because each is compared with what the client received.
  const audit = auditLog({ responseHeaders: 'all', ...options })
  audits.push(audit)
  return audit
}

/** Switches the sinks from outside, and tells how many requests are in flight; not recorded. */
const control = http.createServer((req, res) => {
  if (req.url !== '/in-flight') isSinkDown = req.url === '/down'
  res.end(String(audits.reduce((sum, audit) => sum + audit.stats().inFlight, 0)))
})

const audit = createAudit()
const plain = http.createServer(createApp(audit))
const problems = []
try {
  audit.recordClientErrors(plain)
} catch (error) {
  problems.push(`${error.code}: ${error.message}`)
}
const ports = {
  plain: await listen(plain),
  tls: await listen(https.createServer(certificate, createApp(createAudit()))),
  failClosed: await listen(
    http.createServer(createApp(createAudit({ failClosed: true, sink: immediateSink }))),
  ),
  failClosedLate: await listen(
    http.createServer(createApp(createAudit({ failClosed: true, sink: lateSink }))),
  ),
  received: await listen(http.createServer(createApp(createAudit({ stages: ['received'] })))),
  started: await listen(http.createServer(createApp(createAudit({ stages: ['received', 'started'] })))),
  context: await listen(http.createServer(createApp(createAudit({ context: true })))),
  h2: await listen(http2.createSecureServer(certificate, createHttp2App(createAudit()))),
  h2FailClosed: await listen(
    http2.createSecureServer(certificate, createHttp2App(createAudit({ failClosed: true, sink: lateSink }))),
  ),
  control: await listen(control),
}
// The only thing that keeps the process alive besides its servers; its end means that the client has gone.
process.stdin.resume().on('end', () => process.exit(0))
writeSync(2, `Listening ${JSON.stringify({ ports, problems })}\n`)
