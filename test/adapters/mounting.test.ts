// A middleware mounted beside another one, in the wrong framework, or below something that throws.
import { createServer } from 'node:http'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import express5 from 'express'
import express4 from 'express-4'
import { type AuditLogError, type AuditOptions, auditLog, memory, type Sink } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const down: Sink = {
  write() {
    throw new Error('down')
  },
}

describe.each<[string, typeof express5]>([
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
])('two middlewares in %s', (_name, express) => {
  async function ask(path: string, first: AuditOptions<never>, second: AuditOptions<never>) {
    const app = express()
    app.use(auditLog(first))
    app.use(auditLog(second))
    const handler = jest.fn()
    app.use((_req, res) => {
      handler()
      res.send('x')
    })
    const { url } = await listenOn(createServer(app))
    const { status } = await fetch(`${url}${path}`)
    await stopServers()
    return { status, handler }
  }

  it('leave one record, by the first', async () => {
    const [first, second] = [memory(), memory()]
    await ask('/', { sink: first }, { sink: second })
    expect(first.lines).toHaveLength(1)
    expect(second.lines).toHaveLength(0)
  })

  it('tell once that the second writes none, where it would have written elsewhere', async () => {
    const onError = jest.fn<(error: AuditLogError) => void>()
    await ask('/', { sink: memory() }, { sink: memory(), onError })
    expect(onError.mock.calls.map(([{ code }]) => code)).toEqual(['ERR_AUDIT_DUPLICATE_MIDDLEWARE'])
  })

  it('tell nothing where the second would have written the same', async () => {
    const sink = memory()
    const onError = jest.fn()
    await ask('/', { sink }, { sink, onError })
    expect(onError).not.toHaveBeenCalled()
    expect(sink.lines).toHaveLength(1)
  })

  it('tell nothing where both name the same service, and tell where the second names another', async () => {
    for (const [name, told] of [
      ['persons', 0],
      ['companies', 1],
    ] as const) {
      const shared = { sink: memory(), format: 'ecs' } as const
      const onError = jest.fn()
      await ask('/', { ...shared, service: { name: 'persons' } }, { ...shared, service: { name }, onError })
      expect(onError).toHaveBeenCalledTimes(told)
    }
  })

  it('leave a record of what the first alone exempts', async () => {
    const [first, second] = [memory(), memory()]
    await ask('/health', { sink: first, exempt: ['/health'] }, { sink: second })
    expect(first.lines).toHaveLength(0)
    expect(second.lines).toHaveLength(1)
  })

  it('leave a record of what the second alone exempts', async () => {
    const [first, second] = [memory(), memory()]
    await ask('/health', { sink: first }, { sink: second, exempt: ['/health'] })
    expect(first.lines).toHaveLength(1)
    expect(second.lines).toHaveLength(0)
  })

  it('leave none of what both exempt', async () => {
    const sink = memory()
    await ask('/health', { sink, exempt: ['/health'] }, { sink, exempt: ['/health'] })
    expect(sink.lines).toHaveLength(0)
  })

  it('refuse what one of them does not let through unrecorded', async () => {
    for (const failsClosed of [0, 1]) {
      const options = [0, 1].map((place) => ({ sink: down, failClosed: place === failsClosed }))
      const { status } = await ask('/', options[0] as object, options[1] as object)
      expect({ failsClosed, status }).toEqual({ failsClosed, status: 503 })
    }
  })

  it('hold the answer back for a failClosed of the second, until the sink of the first has its record', async () => {
    const sink = memory()
    const { status } = await ask('/', { sink }, { sink, failClosed: true })
    expect(status).toBe(200)
    expect(sink.lines).toHaveLength(1)
  })
})

it('records a request where a `trust proxy` function throws, by its connection, and tells once', async () => {
  for (const express of [express5, express4 as unknown as typeof express5]) {
    const sink = memory()
    const onError = jest.fn<(error: AuditLogError) => void>()
    const app = express()
    app.set('trust proxy', () => {
      throw new Error('no list of proxies')
    })
    app.use(auditLog({ sink, onError }))
    app.use((_req, res) => void res.end('x'))
    const { url } = await listenOn(createServer(app))
    for (const path of ['/1', '/2']) expect((await fetch(`${url}${path}`)).status).toBe(200)
    const [{ audit }] = await sink.waitFor(2)
    expect(audit).toMatchObject({ http_request: { url: `${url}/1` }, user: { ip: '127.0.0.1' } })
    expect(onError.mock.calls.map(([{ code }]) => code)).toEqual(['ERR_AUDIT_CALLBACK'])
  }
})

it.each([null, 42, {}, Symbol('address')])(
  'records a request whose framework was made to say %p where a text belongs',
  async (value) => {
    for (const express of [express5, express4 as unknown as typeof express5]) {
      const sink = memory()
      const app = express()
      for (const name of ['ip', 'protocol']) Object.defineProperty(app.request, name, { get: () => value })
      app.use((req, _res, next) => {
        Object.assign(req, { originalUrl: value })
        next()
      })
      app.use(auditLog({ sink }))
      app.use((_req, res) => void res.end('x'))
      const { url } = await listenOn(createServer(app))
      expect((await fetch(`${url}/1`)).status).toBe(200)
      const [{ audit }] = await sink.waitFor(1)
      expect(audit).toMatchObject({ http_request: { url: `${url}/1` }, user: { ip: '' } })
    }
    for (const Koa of [Koa3, Koa2 as unknown as typeof Koa3]) {
      const sink = memory()
      const app = new Koa()
      for (const name of ['ip', 'host', 'protocol']) {
        Object.defineProperty(app.context, name, { get: () => value })
      }
      app.use((ctx, next) => {
        Object.assign(ctx, { originalUrl: value })
        return next()
      })
      app.use(auditKoa({ sink }))
      app.use((ctx) => {
        ctx.body = 'x'
      })
      const { url } = await listenOn(createServer(app.callback()))
      expect((await fetch(`${url}/1`)).status).toBe(200)
      const [{ audit }] = await sink.waitFor(1)
      expect(audit).toMatchObject({ http_request: { url: `${url}/1` }, user: { ip: '' } })
    }
  },
)

describe('the middleware of the other entry point', () => {
  it.each([
    ['Koa 3', Koa3],
    ['Koa 2', Koa2 as unknown as typeof Koa3],
  ])('says in %s which one to take', async (_name, Koa) => {
    const app = new Koa().use(auditLog({ sink: memory() }) as never)
    const thrown = new Promise((resolve) => app.on('error', resolve))
    const { url } = await listenOn(createServer(app.callback()))
    expect((await fetch(url)).status).toBe(500)
    expect(await thrown).toMatchObject({
      code: 'ERR_AUDIT_OPTIONS',
      message: expect.stringContaining("import it from 'http-audit-log/koa'"),
    })
  })

  it.each<[string, typeof express5]>([
    ['Express 5', express5],
    ['Express 4', express4 as unknown as typeof express5],
  ])('says in %s which one to take', async (_name, express) => {
    const app = express()
    app.use(auditKoa({ sink: memory() }) as never)
    let thrown: unknown
    app.use(((error, _req, res, _next) => {
      thrown = error
      res.sendStatus(500)
    }) satisfies express5.ErrorRequestHandler)
    const { url } = await listenOn(createServer(app))
    expect((await fetch(url)).status).toBe(500)
    expect(thrown).toMatchObject({
      code: 'ERR_AUDIT_OPTIONS',
      message: expect.stringContaining("import it from 'http-audit-log'"),
    })
  })
})
