// The server of the hazard tests, which kill it, fill its disk and stop reading its output. Environment variables
// configure the server; the path of a request selects what its handler does.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type AuditLogger, type AuditOptions, auditLog, file } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import { seal } from 'http-audit-log/seal'

const { env } = process
const options: AuditOptions<never> = {
  ...(env.AUDIT_FILE && { sink: file(env.AUDIT_FILE, { fsync: env.FSYNC === '1', reopenOn: 'SIGHUP' }) }),
  failClosed: env.FAIL_CLOSED === '1',
  stages: (env.STAGES?.split(',') ?? []) as ('received' | 'started')[],
  ...(env.MAX_BUFFER && { maxBufferBytes: Number(env.MAX_BUFFER) }),
  ...(env.SEAL_KEY && {
    seal: seal({
      key: env.SEAL_KEY,
      state: env.SEAL_STATE,
      every: { records: Number(env.SEAL_EVERY ?? 1000) },
    }),
  }),
}

/** Events of the process: `exit` is the only one that the package listens to. */
const WATCHED = [
  ...['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGPIPE'],
  ...['uncaughtException', 'uncaughtExceptionMonitor', 'unhandledRejection', 'beforeExit', 'exit'],
]

type Stats = { stats(): object; close(): Promise<void> }

function handle(request: IncomingMessage, response: ServerResponse, logger: AuditLogger, audit: Stats): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  switch (pathname) {
    case '/never':
      return
    case '/events':
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
      return
    case '/exit':
      process.exit(Number(searchParams.get('code') ?? 0))
      return
    case '/exit-after':
      response.end('bye'.padEnd(Number(searchParams.get('size') ?? 0)))
      process.exit(Number(searchParams.get('code') ?? 0))
      return
    case '/exit-corked':
      // Node corks the header and the first chunk until the next turn, to send them together.
      response.write('never sent')
      process.exit(0)
      return
    case '/unref':
      response.end('bye')
      // After this nothing keeps the process alive.
      server.unref()
      for (const socket of sockets) socket.unref()
      return
    case '/kill':
      process.kill(process.pid, 'SIGKILL')
      return
    case '/when-sent':
      request.resume().on('end', () => response.end('ok'))
      return
    case '/listeners':
      response.end(
        JSON.stringify(Object.fromEntries(WATCHED.map((event) => [event, process.listenerCount(event)]))),
      )
      return
    case '/throw':
      setImmediate(() => {
        throw new Error('an uncaught error')
      })
      return
    case '/reject':
      void Promise.reject(new Error('an unhandled rejection'))
      return
    case '/stats':
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ ...audit.stats(), memory: process.memoryUsage().rss }))
      return
    default:
      logger.info('x'.repeat(Number(searchParams.get('size') ?? 0)))
      response.end('ok')
  }
}

async function listen(): Promise<{
  audit: Stats
  handler: (request: IncomingMessage, response: ServerResponse) => unknown
}> {
  if (env.BARE === '1') {
    const audit = { stats: () => ({}), close: async () => {} }
    const logger = { info() {} } as never as AuditLogger
    return { audit, handler: (request, response) => handle(request, response, logger, audit) }
  }
  if (env.FRAMEWORK === 'express') {
    const { default: express } = await import('express')
    const app = express()
    const audit = auditLog(options)
    app.use(audit)
    app.use((req, res) => handle(req, res, req.audit, audit))
    return { audit, handler: app }
  }
  if (env.FRAMEWORK === 'koa') {
    const { default: Koa } = await import('koa')
    const app = new Koa()
    const audit = auditKoa(options)
    app.use(audit)
    app.use((ctx) => {
      ctx.respond = false
      ctx.status = 200
      handle(ctx.req, ctx.res, ctx.audit, audit)
    })
    return { audit, handler: app.callback() }
  }
  const audit = auditLog(options)
  return {
    audit,
    handler: (request, response) =>
      audit(request, response, () =>
        handle(request, response, (request as never as { audit: AuditLogger }).audit, audit),
      ),
  }
}

const { audit, handler } = await listen()
// Accessing process.stdout makes a pipe non-blocking for every process that shares it.
if (env.TOUCH === '1') console.log('a line of the application')
const server = createServer(handler)
const sockets: Socket[] = []
server.on('connection', (socket) => sockets.push(socket))
function stop(): void {
  console.error('Stopping')
  server.close(() => void audit.close())
  server.closeIdleConnections()
  if (env.GRACEFUL === 'exit') void audit.close().then(() => process.exit(0))
}
if (env.GRACEFUL) for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop)
if (env.CATCH) process.on('uncaughtException', () => env.CATCH === 'survive' || process.exit(3))
server.listen(0, '127.0.0.1', () => {
  console.error(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
