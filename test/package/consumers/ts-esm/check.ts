import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Request } from 'express'
import {
  AuditLogger,
  type AuditOptions,
  type AuditRecord,
  auditLog,
  type Format,
  memory,
} from 'http-audit-log'
import { auditLog as auditLogForKoa } from 'http-audit-log/koa'
import Koa, { type Context } from 'koa'

const message: Format = (record) => ({ message: record.message, email: record.user?.email })

const expressSink = memory()
const expressOptions: AuditOptions<Request> = {
  sink: expressSink,
  format: message,
  user: (req) => ({ authenticated: true, email: req.get('x-email') }),
  exempt: ['/health', /^\/assets\//, (req) => req.path === '/favicon.ico'],
}
const expressApp = express()
expressApp.use(auditLog(expressOptions))
expressApp.get('/persons', (req, res) => {
  const logger: AuditLogger = req.audit
  logger.setFilter('Person', req.query).info('List Person')
  // @ts-expect-error: no such method.
  assert.throws(() => req.audit.setFliter('Person'), TypeError)
  res.json([])
})
await ask(expressApp)
assert.deepEqual(expressSink.records<{ message: string }>(), [
  { message: 'List Person', email: 'jansen@example.org' },
])
console.log('express: one record')

const koaSink = memory()
const koaApp = new Koa()
koaApp.use(
  auditLogForKoa<Context>({
    sink: koaSink,
    format: message,
    user: (ctx) => ({ authenticated: true, email: ctx.get('x-email') }),
    exempt: ['/health', (ctx) => ctx.path === '/favicon.ico'],
  }),
)
koaApp.use((ctx) => {
  const logger: AuditLogger = ctx.audit
  logger.setFilter('Person', ctx.query).info('List Person')
  // @ts-expect-error: no such method.
  assert.throws(() => ctx.audit.setFliter('Person'), TypeError)
  ctx.body = []
})
await ask(koaApp.callback())
assert.deepEqual(koaSink.records<{ message: string }>(), [
  { message: 'List Person', email: 'jansen@example.org' },
])
console.log('koa: one record')

const sink = memory()
new AuditLogger({ sink, level: 'info' }).info('Without HTTP').sendLog()
const records = sink.records<{ audit: AuditRecord }>()
assert.deepEqual(
  records.map(({ audit }) => audit.message),
  ['Without HTTP'],
)
console.log('without HTTP: one record')

// @ts-expect-error: no such option.
assert.throws(() => auditLog({ snik: sink }), { code: 'ERR_AUDIT_OPTIONS' })
// @ts-expect-error: no such option.
assert.throws(() => auditLogForKoa({ snik: sink }), { code: 'ERR_AUDIT_OPTIONS' })
// @ts-expect-error: no such option.
assert.throws(() => new AuditLogger({ snik: sink }), { code: 'ERR_AUDIT_OPTIONS' })

async function ask(listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/persons`, {
    headers: { connection: 'close', 'x-email': 'jansen@example.org' },
  })
  assert.deepEqual(await response.json(), [])
  server.close()
  await once(server, 'close')
}
