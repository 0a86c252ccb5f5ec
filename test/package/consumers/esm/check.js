import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import express from 'express'
import { AuditLogger, auditLog, memory } from 'http-audit-log'
import { auditLog as auditLogForKoa } from 'http-audit-log/koa'
import Koa from 'koa'

const expressSink = memory()
const expressApp = express()
expressApp.use(auditLog({ sink: expressSink }))
expressApp.get('/persons', (req, res) => {
  req.audit.setFilter('Person', req.query).info('List Person')
  res.json([])
})
await ask(expressApp)
assertOnePersonRecord(expressSink)
console.log('express: one record')

const koaSink = memory()
const koaApp = new Koa()
koaApp.use(auditLogForKoa({ sink: koaSink }))
koaApp.use((ctx) => {
  ctx.audit.setFilter('Person', ctx.query).info('List Person')
  ctx.body = []
})
await ask(koaApp.callback())
assertOnePersonRecord(koaSink)
console.log('koa: one record')

const sink = memory()
new AuditLogger({ sink }).info('Without HTTP').sendLog()
assert.deepEqual(
  sink.records().map(({ audit }) => audit.message),
  ['Without HTTP'],
)
console.log('without HTTP: one record')

async function ask(listener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const response = await fetch(`http://127.0.0.1:${server.address().port}/persons?last_name=Jansen`, {
    headers: { connection: 'close' },
  })
  assert.deepEqual(await response.json(), [])
  server.close()
  await once(server, 'close')
}

function assertOnePersonRecord(sink) {
  assert.equal(sink.lines.length, 1)
  const { audit } = sink.records()[0]
  assert.equal(audit.message, 'List Person')
  assert.deepEqual(audit.filter, { object: 'Person', kwargs: { last_name: 'Jansen' } })
  assert.equal(audit.http_response.status_code, 200)
  assert.equal(audit.ended, 'completed')
}
