const assert = require('node:assert/strict')
const { once } = require('node:events')
const { createServer } = require('node:http')
const express = require('express')
const { AuditLogger, auditLog, memory } = require('http-audit-log')
const { auditLog: auditLogForKoa } = require('http-audit-log/koa')
const Koa = require('koa')

async function checkExpress() {
  const sink = memory()
  const app = express()
  app.use(auditLog({ sink }))
  app.get('/persons', (req, res) => {
    req.audit.setFilter('Person', req.query).info('List Person')
    res.json([])
  })
  await ask(app)
  assertOnePersonRecord(sink)
  console.log('express: one record')
}

async function checkKoa() {
  const sink = memory()
  const app = new Koa()
  app.use(auditLogForKoa({ sink }))
  app.use((ctx) => {
    ctx.audit.setFilter('Person', ctx.query).info('List Person')
    ctx.body = []
  })
  await ask(app.callback())
  assertOnePersonRecord(sink)
  console.log('koa: one record')
}

async function checkWithoutHttp() {
  const sink = memory()
  new AuditLogger({ sink }).info('Without HTTP').sendLog()
  assert.deepEqual(
    sink.records().map(({ audit }) => audit.message),
    ['Without HTTP'],
  )
  console.log('without HTTP: one record')
}

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

// An unhandled rejection ends the process with exit code 1.
void checkExpress().then(checkKoa).then(checkWithoutHttp)
