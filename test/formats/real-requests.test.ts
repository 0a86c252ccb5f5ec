// Unusual requests and handlers over real connections: every line matches the schema of its format.
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { auditLog, memory } from 'http-audit-log'
import { BUILT_IN_FORMATS } from '#src/formats/built-in-formats.js'
import { frameworks } from '../helpers/frameworks.js'
import { exchangeBytes, rawRequest } from '../helpers/raw-client.js'
import { listenOn, stopServers } from '../helpers/servers.js'
import { FORMAT_NAMES, schemaViolations } from './schema-violations.js'

afterEach(stopServers)

/** The test uses the option stages, which these formats support. */
const FORMATS = FORMAT_NAMES.filter((format) => BUILT_IN_FORMATS[format].hasStage)

const CLOSE = { headers: 'Connection: close\r\n' }
const PATHS =
  '/persons /created /empty /redirect /missing /unavailable /throws /reason /cookies /write-head/pairs /nonsense ' +
  '/sent-early /destroyed-before /destroyed-after /destroyed-at-end ' +
  '/%00 /%zz //evil.example/a /a/../b?c /?%00=1&a.b=2&a=3 http://h:99999/a?b'
const REQUESTS = [
  ...PATHS.split(' ').map((path) => rawRequest(path, CLOSE)),
  rawRequest('*', { method: 'OPTIONS', ...CLOSE }),
  rawRequest('/persons', { method: 'PURGE', ...CLOSE }),
  rawRequest('/persons', { method: 'M-SEARCH', ...CLOSE }),
  rawRequest('/persons', {
    headers: `${CLOSE.headers}User-Agent: \xe9\t"\r\nX-Request-Id: ${'x'.repeat(128)}\r\n`,
  }),
  'GET /persons HTTP/1.0\r\nHost: a b\r\n\r\n',
]
const testedFrameworks = frameworks.filter(([name]) => name === 'Express 5' || name === 'Koa 3')

describe.each(testedFrameworks)('%s', (_framework, { build }) => {
  it.each(FORMATS)('writes valid lines in the format %s', async (format) => {
    const violationsOf = schemaViolations[format]
    const sink = memory()
    const { port } = await listenOn(createServer(await build({ sink, format, stages: ['received'] })))
    for (const request of REQUESTS) await exchangeBytes(port, request)
    // Two lines per request, because of the option stages.
    const lines = await sink.waitFor<Record<string, unknown>>(2 * REQUESTS.length)
    for (const line of lines)
      expect({ line, violations: violationsOf(line) }).toEqual({ line, violations: [] })
  })
})

it.each(['unknown', '_hidden', 'localhost:4711', 'fe80::1%eth0', '"[2001:db8::x]"', ''])(
  'writes no IP address if a trusted proxy sends the invalid address %p',
  async (forwardedFor) => {
    const sinks = { ecs: memory(), ocsf: memory() }
    for (const format of ['ecs', 'ocsf'] as const) {
      const app = express()
        .set('trust proxy', true)
        .use(auditLog({ sink: sinks[format], format }))
      app.get('/persons', (req, res) => {
        req.audit.setFilter('Person', req.query)
        res.end()
      })
      const { port } = await listenOn(createServer(app))
      await exchangeBytes(
        port,
        rawRequest('/persons?%00=1', { headers: `${CLOSE.headers}X-Forwarded-For: ${forwardedFor}\r\n` }),
      )
    }
    const [ecs] = await sinks.ecs.waitFor<Record<string, unknown>>(1)
    const [ocsf] = await sinks.ocsf.waitFor<Record<string, unknown>>(1)
    expect([schemaViolations.ecs(ecs ?? {}), schemaViolations.ocsf(ocsf ?? {})]).toEqual([[], []])
    // Express ignores an empty header.
    const hasHeader = forwardedFor !== ''
    expect(ecs?.client).toEqual(
      hasHeader ? { address: forwardedFor } : { address: '127.0.0.1', ip: '127.0.0.1' },
    )
    expect(ocsf?.src_endpoint).toEqual(hasHeader ? { name: forwardedFor } : { ip: '127.0.0.1' })
  },
)
