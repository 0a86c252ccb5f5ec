// The table of headers with a single value is a copy of one that Node does not export.
import { once } from 'node:events'
import { connect, constants, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, it } from '@jest/globals'
import { isValidHeader } from '#src/http/node/http2-header.js'

const NAMES = Object.entries(constants)
  .filter(([constant, name]) => constant.startsWith('HTTP2_HEADER_') && !String(name).startsWith(':'))
  .map(([, name]) => String(name))

function getSendError(stream: ServerHttp2Stream, name: string): unknown {
  try {
    stream.additionalHeaders({ ':status': 103, [name]: ['1', '2'] })
    return undefined
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

it('rejects a list of values for the same headers as the Node that runs this test', async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  client.request().on('error', () => {})
  const [stream] = await once(server, 'stream')
  const rejected = NAMES.filter((name) => getSendError(stream, name) === 'ERR_HTTP2_HEADER_SINGLE_VALUE')
  client.destroy()
  server.close()
  expect(rejected.length).toBeGreaterThan(30)
  expect(NAMES.filter((name) => !isValidHeader({ ':status': 200, [name]: ['1', '2'] }))).toEqual(rejected)
})
