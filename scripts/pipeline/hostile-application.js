// A real Express or Koa application with a sealed log in a file. Sends its port to its parent process, and stops at SIGTERM.
// Its environment: FRAMEWORK, AUDIT_FILE, AUDIT_STATE, AUDIT_SIGNING_KEY, STAGES.
import { createServer } from 'node:http'
import express from 'express'
import * as forExpress from 'http-audit-log/express'
import * as forKoa from 'http-audit-log/koa'
import { seal } from 'http-audit-log/seal'
import Koa from 'koa'
import { recordHostileContent } from './hostile-content.js'

const { FRAMEWORK, AUDIT_FILE, AUDIT_STATE, AUDIT_SIGNING_KEY, STAGES } = process.env
const { audit, listener } = FRAMEWORK === 'koa' ? createKoa() : createExpress()
const server = createServer(listener).listen(0, '127.0.0.1', () => process.send(server.address().port))

process.once('SIGTERM', () => {
  server.close(async () => {
    await audit.close()
    process.disconnect()
  })
  server.closeAllConnections()
})

function createOptions({ file }, format) {
  return {
    format,
    sink: file(AUDIT_FILE),
    seal: seal({ key: AUDIT_SIGNING_KEY, state: AUDIT_STATE }),
    ...(STAGES && { stages: STAGES.split(',') }),
  }
}

function createExpress() {
  const app = express()
  const audit = forExpress.auditLog(createOptions(forExpress, 'audit'))
  app.use(audit)
  app.use((req, res) => {
    const n = Number(req.headers['x-request-number'])
    recordHostileContent(req.audit, n)
    res.set('location', `/${encodeURIComponent('é"')}/${n}`)
    res.status(n % 97 === 0 ? 500 : 200).json({ n })
  })
  return { audit, listener: app }
}

function createKoa() {
  const app = new Koa()
  const audit = forKoa.auditLog(createOptions(forKoa, 'ecs'))
  app.use(audit)
  app.use((ctx) => {
    const n = Number(ctx.get('x-request-number'))
    recordHostileContent(ctx.audit, n)
    ctx.status = n % 97 === 0 ? 500 : 200
    ctx.body = { n }
  })
  return { audit, listener: app.callback() }
}
