// An application may replace `req.stream` and `req.socket`. The response still uses the original ones.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { RawClient, rawRequest } from '../helpers/raw-client.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const COMPLETED_STREAM = {
  headersSent: true,
  writableFinished: true,
  writableEnded: true,
  destroyed: false,
  rstCode: 0,
}
/** A stream, because Node itself calls its methods when the connection is destroyed. */
const createOtherSocket = () => Object.assign(new PassThrough(), { remoteAddress: '192.0.2.7' })
const replacements: [string, (request: IncomingMessage) => void][] = [
  ['stream: null', (request) => Object.assign(request, { stream: null })],
  ['stream: an object', (request) => Object.assign(request, { stream: {} })],
  ['stream: a completed one', (request) => Object.assign(request, { stream: COMPLETED_STREAM })],
  ['socket: null', (request) => Object.assign(request, { socket: null })],
  ['socket: another one', (request) => Object.assign(request, { socket: createOtherSocket() })],
  ['connection: another one', (request) => Object.assign(request, { connection: createOtherSocket() })],
]

describe.each([
  ['by default', {}],
  ['with failClosed', { failClosed: true }],
])('%s', (_name, options) => {
  async function listen(
    replace: (request: IncomingMessage) => void,
    handle: (response: ServerResponse) => void,
  ) {
    const sink = memory()
    const audit = auditLog({ ...options, sink })
    const { port } = await startServer((request, response) => {
      audit(request, response, () => {
        replace(request)
        handle(response)
      })
    })
    return { sink, port }
  }

  it.each(replacements)('records a complete response as completed with %s', async (_name, replace) => {
    const { sink, port } = await listen(replace, (response) => response.end('ok'))
    const request = rawRequest('/', { headers: 'Connection: close\r\n' })
    expect(await new RawClient(port).send(request).untilClosed()).toMatch(/200 OK[\s\S]*ok/)
    await sink.waitFor(1)
    expect(sink.records()).toHaveLength(1)
    expect(sink.last().audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })

  it.each(replacements)('records a destroyed response as aborted with %s', async (_name, replace) => {
    const { sink, port } = await listen(replace, (response) => {
      const { socket } = response
      response.end('x'.repeat(16 * 1024 * 1024))
      socket?.destroy()
    })
    await new RawClient(port).send(rawRequest('/')).untilClosed()
    await sink.waitFor(1)
    // With failClosed the record is written before the response is sent, and a second line corrects it.
    if ('failClosed' in options) await sink.waitFor(2)
    expect(sink.last().audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })

  it.each(replacements)(
    'records a connection that closes before a response with %s',
    async (_name, replace) => {
      const { sink, port } = await listen(replace, (response) => response.socket?.destroy())
      await new RawClient(port).send(rawRequest('/')).untilClosed()
      await sink.waitFor(1)
      expect(sink.last().audit).toMatchObject({ http_response: { status_code: null }, ended: 'aborted' })
    },
  )
})
