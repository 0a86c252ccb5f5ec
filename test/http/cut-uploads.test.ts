// A client that leaves in the middle of an upload: what is on the wire, and what the record says.
import { connect } from 'node:net'
import { expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { startServer, stopServers } from '../helpers/servers.js'

it.each([
  ['chunked', 'ends', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhel', 400],
  ['of declared length', 'ends', 'Content-Length: 100\r\n\r\nhello', 400],
  ['chunked', 'resets', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhel', null],
  ['of declared length', 'resets', 'Content-Length: 100\r\n\r\nhello', null],
] as const)('an upload %s whose client %s the connection', async (_upload, how, rest, status) => {
  const sink = memory()
  const audit = auditLog({ sink })
  const arrived = createDeferred()
  const { port } = await startServer((request, response) => {
    audit(request, response)
    request.on('error', () => {}).once('data', () => arrived.resolve(undefined))
  })
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  let received = ''
  client.setEncoding('utf8').on('data', (text) => {
    received += text
  })
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.write(`POST / HTTP/1.1\r\nHost: a\r\n${rest}`)
  await arrived.promise
  if (how === 'ends') client.end()
  else client.resetAndDestroy()
  await closed

  const [{ audit: record }] = await sink.waitFor(1)
  expect(received.startsWith('HTTP/1.1 400 ')).toBe(status === 400)
  expect([record.http_response.status_code, record.ended]).toEqual([status, 'aborted'])
  await stopServers()
})

function createDeferred() {
  let resolve: (value: unknown) => void = () => {}
  const promise = new Promise((resolvePromise) => {
    resolve = resolvePromise
  })
  return { promise, resolve }
}
