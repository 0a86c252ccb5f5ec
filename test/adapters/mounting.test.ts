// Two middlewares in one app, middleware in the wrong framework, and framework properties that throw.
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
  async function requestOne(path: string, first: AuditOptions<never>, second: AuditOptions<never>) {
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

  it('write one record, by the first', async () => {
    const [first, second] = [memory(), memory()]
    await requestOne('/', { sink: first }, { sink: second })
    expect(first.lines).toHaveLength(1)
    expect(second.lines).toHaveLength(0)
  })

  it('report once that the second writes no record, if its sink differs', async () => {
    const onError = jest.fn<(error: AuditLogError) => void>()
    await requestOne('/', { sink: memory() }, { sink: memory(), onError })
    expect(onError.mock.calls.map(([{ code }]) => code)).toEqual(['ERR_AUDIT_DUPLICATE_MIDDLEWARE'])
  })

  it('report nothing if the second would have written the same line', async () => {
    const sink = memory()
    const onError = jest.fn()
    await requestOne('/', { sink }, { sink, onError })
    expect(onError).not.toHaveBeenCalled()
    expect(sink.lines).toHaveLength(1)
  })

  it('report nothing if both have an equal service, and report a different service', async () => {
    for (const [name, reports] of [
      ['persons', 0],
      ['companies', 1],
    ] as const) {
      const shared = { sink: memory(), format: 'ecs' } as const
      const onError = jest.fn()
      await requestOne(
        '/',
        { ...shared, service: { name: 'persons' } },
        { ...shared, service: { name }, onError },
      )
      expect(onError).toHaveBeenCalledTimes(reports)
    }
  })

  it('report nothing if both have equal redact, pseudonymize and policy options, and report different ones', async () => {
    const createOptions = () => ({
      redact: { keys: ['bsn'] },
      pseudonymize: { key: Buffer.from('a key of 16 bytes'), keyId: '2026', fields: ['user.email'] },
      policy: [{ level: 'metadata', paths: [/^\/a/] }, { level: 'full' }] as const,
    })
    for (const [change, reports] of [
      [{}, 0],
      [{ redact: { keys: ['iban'] } }, 1],
      [{ pseudonymize: { ...createOptions().pseudonymize, keyId: '2027' } }, 1],
      [{ policy: [{ level: 'full' }] as const }, 1],
    ] as const) {
      const sink = memory()
      const onError = jest.fn()
      await requestOne('/', { sink, ...createOptions() }, { sink, ...createOptions(), ...change, onError })
      expect({ change, calls: onError.mock.calls.length }).toEqual({ change, calls: reports })
    }
  })

  it('record a request that only the first exempts', async () => {
    const [first, second] = [memory(), memory()]
    await requestOne('/health', { sink: first, exempt: ['/health'] }, { sink: second })
    expect(first.lines).toHaveLength(0)
    expect(second.lines).toHaveLength(1)
  })

  it('record a request that only the second exempts', async () => {
    const [first, second] = [memory(), memory()]
    await requestOne('/health', { sink: first }, { sink: second, exempt: ['/health'] })
    expect(first.lines).toHaveLength(1)
    expect(second.lines).toHaveLength(0)
  })

  it('do not record a request that both exempt', async () => {
    const sink = memory()
    await requestOne('/health', { sink, exempt: ['/health'] }, { sink, exempt: ['/health'] })
    expect(sink.lines).toHaveLength(0)
  })

  it('refuse a request if one of them has failClosed and the sink is down', async () => {
    for (const failClosedIndex of [0, 1]) {
      const options = [0, 1].map((place) => ({ sink: down, failClosed: place === failClosedIndex }))
      const { status } = await requestOne('/', options[0] as object, options[1] as object)
      expect({ failClosedIndex, status }).toEqual({ failClosedIndex, status: 503 })
    }
  })

  it('hold the response back for failClosed of the second until the sink of the first has the record', async () => {
    const sink = memory()
    const { status } = await requestOne('/', { sink }, { sink, failClosed: true })
    expect(status).toBe(200)
    expect(sink.lines).toHaveLength(1)
  })
})

it('records the connection, and reports once, if a `trust proxy` function throws', async () => {
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
  'records a request whose framework getters return %p instead of a string',
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
  ])('throws in %s, and names the right entry point', async (_name, Koa) => {
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
  ])('throws in %s, and names the right entry point', async (_name, express) => {
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
