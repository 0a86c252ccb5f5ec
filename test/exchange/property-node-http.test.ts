import { afterEach, it } from '@jest/globals'
import { auditLog } from 'http-audit-log'
import { stopServers } from '../helpers/servers.js'
import { repetitions } from '../helpers/slow.js'
import { type Build, checkRandomConnections } from './random-connection-checker.js'

afterEach(stopServers)

const buildNodeHttp: Build = (sink, handle) => {
  const audit = auditLog({ sink })
  return (request, response) => {
    handle({ request, response, audit: audit(request, response) }).catch(() => {
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end('Internal')
    })
  }
}

it('writes one correct record per request on node:http, whatever handlers and clients do', async () => {
  await checkRandomConnections(buildNodeHttp, repetitions(32, 2000))
}, 300_000)
