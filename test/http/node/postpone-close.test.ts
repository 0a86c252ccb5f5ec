// While a response is held, what closes its connection waits: the responses after it are sent as well.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, expect, it } from '@jest/globals'
import { type AuditRecord, auditLog } from 'http-audit-log'
import { ControllableSink } from '../../helpers/controllable-sink.js'
import { parseResponses, RawClient, rawRequest } from '../../helpers/raw-client.js'
import { listenOn, stopServers } from '../../helpers/servers.js'

afterEach(stopServers)

it('sends a pipelined response that was released before its turn, although the client has half-closed', async () => {
  const sink = new ControllableSink('hold')
  const audit = auditLog({ sink, failClosed: true })
  const server = createServer((request, response) => {
    audit(request, response, () => response.writeHead(204).end())
  })
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const { port } = await listenOn(server)
  const client = new RawClient(port, { allowHalfOpen: true })
  client.send(rawRequest('/1') + rawRequest('/2') + rawRequest('/3'))
  const [serverSocket] = await accepted
  const writes = [await sink.next(), await sink.next(), await sink.next()]
  const isEnded = once(serverSocket, 'end')
  client.socket.end()
  await isEnded
  for (const index of [1, 2, 0]) writes[index]?.accept()

  const received = await client.untilClosed()
  expect(parseResponses(received, ['GET', 'GET', 'GET'])).toHaveLength(3)
  const records = sink.records().map(({ audit }: { audit: AuditRecord }) => audit)
  expect(records.map(({ ended, stage }) => ({ ended, stage }))).toEqual(
    Array(3).fill({ ended: 'completed', stage: undefined }),
  )
})

it.each<[string, (socket: Socket) => void, string]>([
  [
    'end() with an unknown encoding',
    (socket) => socket.end('late', 'unknown' as never),
    'ERR_UNKNOWN_ENCODING',
  ],
  ['write() of a number', (socket) => socket.write(5 as never), 'ERR_INVALID_ARG_TYPE'],
  ['write() of null', (socket) => socket.write(null as never), 'ERR_STREAM_NULL_VALUES'],
])(
  'throws to its caller, as without the middleware, while a response is held: %s',
  async (_what, act, code) => {
    const sink = new ControllableSink('hold')
    const audit = auditLog({ sink, failClosed: true })
    let thrown: unknown
    const server = createServer((request, response) => {
      audit(request, response, () => {
        response.end('body')
        try {
          act(request.socket)
        } catch (error) {
          thrown = error
        }
      })
    })
    const { port } = await listenOn(server)
    const received = new RawClient(port).request('/', { close: true }).untilClosed()
    const write = await sink.next()
    expect(thrown).toMatchObject({ code })
    write.accept()
    expect(await received).toMatch(/body$/)
  },
)
