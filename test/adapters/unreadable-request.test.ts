import { afterEach, expect, it } from '@jest/globals'
import express from 'express'
import { auditLog, memory } from 'http-audit-log'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

it.each<[string, (request: object) => void]>([
  [
    'a getter that throws',
    (request) =>
      void Object.defineProperty(request, 'res', {
        get() {
          throw new Error('unreadable')
        },
      }),
  ],
  [
    'a prototype that throws when asked for a property',
    (request) =>
      void Object.setPrototypeOf(
        request,
        new Proxy(Object.getPrototypeOf(request), {
          has() {
            throw new Error('unreadable')
          },
        }),
      ),
  ],
])('records a request with %s', async (_, spoil) => {
  const sink = memory()
  const app = express()
  app.use(auditLog({ sink, onError: () => {} }))
  app.use((req, res) => {
    res.end('done')
    spoil(req)
  })
  const { url } = await startServer(app)
  expect(await (await fetch(url)).text()).toBe('done')
  await expect(sink.waitFor(1)).resolves.toMatchObject([{ audit: { http_response: { status_code: 200 } } }])
})
