// Responses over TLS, whose writes complete later than those of a plain connection.
import { once } from 'node:events'
import { createServer } from 'node:https'
import { connect } from 'node:tls'
import { afterEach, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { certificate } from '../helpers/certificate.js'
import { rawRequest } from '../helpers/raw-client.js'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

it('records pipelined requests over TLS as completed, with the headers that were sent', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer(certificate, (request, response) => {
    audit(request, response)
    response.end('hello')
  })
  const { port } = await listenOn(server)
  const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  client.write(rawRequest('/1') + rawRequest('/2') + rawRequest('/3', { close: true }))
  client.resume()
  await once(client, 'close')
  await sink.waitFor(3)

  const records = sink.records().map(({ audit: { http_request, http_response, ended } }) => ({
    path: new URL(http_request.url).pathname,
    length: http_response.headers['content-length'],
    hasDate: 'date' in http_response.headers,
    ended,
  }))
  expect(records.sort((one, other) => one.path.localeCompare(other.path))).toEqual(
    ['/1', '/2', '/3'].map((path) => ({ path, length: '5', hasDate: true, ended: 'completed' })),
  )
})
