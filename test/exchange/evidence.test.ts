// Who acted, from where and on which object stays in the record, whatever a client sends under a sensitive name.
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import KoaRouter from '@koa/router'
import express from 'express'
import { audited, auditLog, memory } from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const USER = { id: 'ann-000123', email: 'ann.smith7@example.org' }
const ORDER = 'ord-2026-55123'
const FORMATS = ['audit', 'datapunt', 'ecs', 'ocsf'] as const
type Options = { format: (typeof FORMATS)[number]; sink: ReturnType<typeof memory> }

const apps = {
  Express(options: Options) {
    const app = express()
    app.use(auditLog(options))
    app.use((req, _res, next) => {
      Object.assign(req, { user: USER })
      next()
    })
    app.delete('/orders/:id', audited('Order'), (req, res) => {
      req.audit.info(`Deleted ${req.params.id}`)
      res.json({ id: req.params.id, by: USER.email })
    })
    app.get('/proxy', (req, res) => {
      let calls = 0
      const ownKeys = () => {
        calls += 1
        throw new Error(`throws for the ${calls}th time`)
      }
      Object.assign(req, { params: new Proxy({}, { ownKeys }) })
      res.end()
    })
    return app
  },
  Koa(options: Options) {
    const app = new Koa()
    app.silent = true
    const router = new KoaRouter()
    app.use(auditKoa(options)).use((ctx, next) => {
      ctx.state.user = USER
      return next()
    })
    router.delete('/orders/:id', auditedKoa('Order'), (ctx) => {
      ctx.audit.info(`Deleted ${ctx.params.id}`)
      ctx.body = { id: ctx.params.id, by: USER.email }
    })
    router.get('/proxy', (ctx) => {
      const ownKeys = () => {
        throw new Error('throws')
      }
      ctx.params = new Proxy({}, { ownKeys })
      ctx.body = ''
    })
    app.use(router.routes())
    return app.callback()
  },
}

describe.each(Object.entries(apps))('%s', (_framework, build) => {
  async function send(format: Options['format'], method: string, path: string, headers = {}) {
    const sink = memory()
    const { url } = await listenOn(createServer(build({ format, sink })))
    await (await fetch(`${url}${path}`, { method, headers })).text()
    await sink.waitFor(1)
    return sink.lines[0] as string
  }

  it.each(FORMATS)(
    'records the user, the address, the object and the request id in the format %s',
    async (format) => {
      const texts = [
        ORDER,
        USER.id,
        USER.email,
        '127.0.0.1',
        '::ffff:127.0.0.1',
        '::1',
        'request-4711',
        'browser/7.1x',
      ]
      const query = texts.map((text, index) => `token${index}=${encodeURIComponent(text)}`).join('&')
      const headers = { 'x-request-id': 'request-4711', 'user-agent': 'browser/7.1x' }
      const plain = await send(format, 'DELETE', `/orders/${ORDER}`, headers)
      const attacked = await send(format, 'DELETE', `/orders/${ORDER}?${query}`, headers)
      const count = (line: string, text: string) => line.split(text).length - 1
      for (const text of [ORDER, USER.id, USER.email, '127.0.0.1', 'request-4711', 'browser/7.1x'])
        expect([text, count(attacked, text)]).toEqual([text, count(plain, text)])
    },
  )

  it('writes a record if reading the route parameters throws', async () => {
    expect(JSON.parse(await send('audit', 'GET', '/proxy')).audit.http_response.status_code).toBeLessThan(300)
  })
})
