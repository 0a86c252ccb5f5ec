import { afterEach, it } from '@jest/globals'
import { auditLog } from 'http-audit-log/koa'
import Koa from 'koa'
import { stopServers } from '../helpers/servers.js'
import { repetitions } from '../helpers/slow.js'
import { type Build, checkRandomConnections } from './random-connection-checker.js'

afterEach(stopServers)

const buildKoa: Build = (sink, handle) => {
  const app = new Koa()
  app.silent = true
  app.use(auditLog({ sink }))
  app.use(async (ctx) => {
    ctx.respond = false
    await handle({ request: ctx.req, response: ctx.res, audit: ctx.audit })
  })
  return app.callback()
}

it('writes one correct record per request on Koa 3, whatever handlers and clients do', async () => {
  await checkRandomConnections(buildKoa, repetitions(32, 2000))
}, 300_000)
