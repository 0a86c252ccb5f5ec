// A kept-alive connection may be idle for long, and must not retain objects of its earlier requests.
import { Agent, get, type IncomingMessage } from 'node:http'
import { afterEach, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { startServer, stopServers } from '../helpers/servers.js'
import { collectGarbage } from '../helpers/v8.js'

afterEach(stopServers)

it.each<[string, (request: IncomingMessage) => void]>([
  ['', () => {}],
  [', whose socket was replaced', (request) => Object.assign(request, { socket: {} })],
])('retains nothing of an answered request on a kept-alive connection%s', async (_name, change) => {
  const sink = memory()
  const audit = auditLog({ sink })
  const requests: WeakRef<IncomingMessage>[] = []
  const { url } = await startServer((request, response) => {
    audit(request, response)
    requests.push(new WeakRef(request))
    // Node itself retains the last request of a connection.
    if (requests.length < 3) change(request)
    response.end('ok')
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (const _ of ['first', 'second', 'third']) {
    await new Promise<void>((resolve) => {
      get(url, { agent }, (response) => response.resume().on('end', () => resolve()))
    })
  }
  await sink.waitFor(3)
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(1)
  // A WeakRef holds its target until the end of the turn in which it was created or read.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(requests.map((request) => request.deref() !== undefined)).toEqual([false, false, false])
  agent.destroy()
})
