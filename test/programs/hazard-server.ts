// A server for the hazard tests, which kill it, fill its disk and stop reading it. What it does is said by the
// environment; what a handler does, by the path.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { type AuditLogger, type AuditOptions, auditLog, file } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'

const { env } = process
const options: AuditOptions<never> = {
  ...(env.AUDIT_FILE && { sink: file(env.AUDIT_FILE, { fsync: env.FSYNC === '1', reopenOn: 'SIGHUP' }) }),
  failClosed: env.FAIL_CLOSED === '1',
  receipts: env.RECEIPTS === '1',
  ...(env.MAX_WAITING && { maxWaitingBytes: Number(env.MAX_WAITING) }),
}

type Stats = { stats(): object; close(): Promise<void> }

function handle(request: IncomingMessage, response: ServerResponse, logger: AuditLogger, audit: Stats): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  switch (pathname) {
    case '/never':
      return
    case '/exit':
      return process.exit(0)
    case '/exit-after':
      response.end('bye')
      return process.exit(0)
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

function listen(): {
  audit: Stats
  handler: (request: IncomingMessage, response: ServerResponse) => unknown
} {
  if (env.FRAMEWORK === 'express') {
    const app = express()
    const audit = auditLog(options)
    app.use(audit)
    app.use((req, res) => handle(req, res, req.audit, audit))
    return { audit, handler: app }
  }
  if (env.FRAMEWORK === 'koa') {
    const app = new Koa()
    const audit = auditKoa(options)
    app.use(audit)
    app.use((ctx) => {
      ctx.respond = false
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

const { audit, handler } = listen()
// Touching process.stdout makes a pipe non-blocking, for every holder of it.
if (env.TOUCH === '1') console.log('a line of the application')
const server = createServer(handler)
if (env.GRACEFUL === '1') {
  process.once('SIGTERM', () => {
    server.close(() => void audit.close())
    server.closeIdleConnections()
  })
}
server.listen(0, '127.0.0.1', () => {
  console.error(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
