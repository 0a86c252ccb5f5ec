import { afterEach, it } from '@jest/globals'
import express from 'express'
import { auditLog } from 'http-audit-log'
import { stopServers } from '../helpers/servers.js'
import { repetitions } from '../helpers/slow.js'
import { type Build, checkRandomConnections } from './random-connection-checker.js'

afterEach(stopServers)

const buildExpress: Build = (sink, handle) => {
  const app = express().set('env', 'test')
  app.use(auditLog({ sink }))
  app.use((req, res) => handle({ request: req, response: res, audit: req.audit }))
  return app
}

it('writes one correct record per request on Express 5, whatever handlers and clients do', async () => {
  await checkRandomConnections(buildExpress, repetitions(32, 2000))
}, 300_000)
