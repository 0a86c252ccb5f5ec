// V8 allocates a function in the old generation if its literal is assigned to a property (`response.end = function ...`):
// only a full garbage collection frees it, with everything it refers to. The functions here live for one request only.
import { afterEach, expect, it } from '@jest/globals'
import express from 'express'
import { audited, auditLog, memory } from 'http-audit-log'
import { startServer, stopServers } from '../helpers/servers.js'
import { isYoung } from '../helpers/v8.js'

afterEach(stopServers)

it('V8 allocates such a function in the old generation', () => {
  const object: { method?: () => void } = {}
  object.method = () => {}
  expect(isYoung(object.method)).toBe(false)
})

it('the functions set on requests and responses are in the young generation', async () => {
  const found: Record<string, boolean> = {}
  const app = express()
  app.use(auditLog({ sink: memory(), failClosed: true, context: true }))
  app.get('/', audited('Person'), (request, response) => {
    const methods = Object.entries({ ...request, ...response }).filter(
      ([, value]) => typeof value === 'function',
    )
    for (const [name, method] of methods) found[name] = isYoung(method)
    response.json({})
  })
  const { url } = await startServer(app)
  await (await fetch(url)).text()
  expect(found).toMatchObject({ emit: true, end: true, write: true, flushHeaders: true, json: true })
})
