// V8 takes a function that is written where it becomes a property (`response.end = function ...`) for one that lives long,
// and makes it where only a full garbage collection frees it, with all that it refers to. Ours live for one request.
import { afterEach, expect, it } from '@jest/globals'
import express from 'express'
import { audited, auditLog, memory } from 'http-audit-log'
import { startServer, stopServers } from '../helpers/servers.js'
import { isYoung } from '../helpers/v8.js'

afterEach(stopServers)

it('V8 makes such a function old at once', () => {
  const object: { method?: () => void } = {}
  object.method = () => {}
  expect(isYoung(object.method)).toBe(false)
})

it('what we put on requests and responses is young', async () => {
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
