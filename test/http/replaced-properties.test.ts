// An application may put anything in the place of `req.stream` and `req.socket`: it is not what answers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { start, stopAll } from '../helpers/frameworks.js'
import { openRaw, rawRequest } from '../helpers/talk.js'

afterEach(stopAll)

const LEFT_WHOLE = {
  headersSent: true,
  writableFinished: true,
  writableEnded: true,
  destroyed: false,
  rstCode: 0,
}
/** Node itself asks for a stream when the connection is cut. */
const standIn = () => Object.assign(new PassThrough(), { remoteAddress: '192.0.2.7' })
const replacements: [string, (request: IncomingMessage) => void][] = [
  ['stream: null', (request) => Object.assign(request, { stream: null })],
  ['stream: an object', (request) => Object.assign(request, { stream: {} })],
  ['stream: one that has ended', (request) => Object.assign(request, { stream: LEFT_WHOLE })],
  ['socket: null', (request) => Object.assign(request, { socket: null })],
  ['socket: another', (request) => Object.assign(request, { socket: standIn() })],
  ['connection: another', (request) => Object.assign(request, { connection: standIn() })],
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
    const { port } = await start((request, response) => {
      audit(request, response, () => {
        replace(request)
        handle(response)
      })
    })
    return { sink, port }
  }

  it.each(replacements)('a response that left whole is completed, %s', async (_what, replace) => {
    const { sink, port } = await listen(replace, (response) => response.end('ok'))
    const request = rawRequest('/', { headers: 'Connection: close\r\n' })
    expect(await openRaw(port, request).closed).toMatch(/200 OK[\s\S]*ok/)
    await sink.waitFor(1)
    expect(sink.records()).toHaveLength(1)
    expect(sink.last().audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })

  it.each(replacements)('a response that was cut is aborted, %s', async (_what, replace) => {
    const { sink, port } = await listen(replace, (response) => {
      const { socket } = response
      response.end('x'.repeat(16 * 1024 * 1024))
      socket?.destroy()
    })
    await openRaw(port, rawRequest('/')).closed
    await sink.waitFor(1)
    // With failClosed the record was written before, and a second line corrects it.
    if ('failClosed' in options) await sink.waitFor(2)
    expect(sink.last().audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'aborted' })
  })

  it.each(replacements)(
    'a connection that closes before an answer is heard of, %s',
    async (_what, replace) => {
      const { sink, port } = await listen(replace, (response) => response.socket?.destroy())
      await openRaw(port, rawRequest('/')).closed
      await sink.waitFor(1)
      expect(sink.last().audit).toMatchObject({ http_response: { status_code: null }, ended: 'aborted' })
    },
  )
})
