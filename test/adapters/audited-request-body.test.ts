// The option requestBody of audited() records named properties of the parsed request body, and nothing else of it.
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import express5, { type RequestHandler } from 'express'
import express4 from 'express-4'
import { type AuditedOptions, audited, auditLog, memory } from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import type { AnyAuditOptions } from '../helpers/frameworks.js'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const BODY = {
  amount: 10,
  to: { iban: 'NL00TEST', name: 'Jansen' },
  lines: [{ sku: 'a', price: 1 }, { sku: 'b' }, 'text'],
  password: 'x7Gh29aKq1',
  note: 'hello',
}

type Parse = (body: unknown) => unknown
interface Server {
  /** Parses the body, before `audited()` or after it. */
  readonly parse?: Parse
  readonly isParsedLate?: boolean
  readonly handle?: (body: Record<string, unknown>) => void
  readonly auditOptions?: AnyAuditOptions
  readonly status?: number
}

const parseAs: Parse = (body) => body

async function recordExpress(
  express: typeof express5,
  options: AuditedOptions,
  body: unknown,
  server: Server,
) {
  const sink = memory()
  const { parse = parseAs, isParsedLate = false, handle, auditOptions, status = 200 } = server
  const app = express().use(auditLog({ sink, ...auditOptions }))
  const parser: RequestHandler = (req, _res, next) => {
    req.body = parse(body)
    next()
  }
  const middleware = audited('Transfer', options)
  app.post('/transfers', ...(isParsedLate ? [middleware, parser] : [parser, middleware]), (req, res) => {
    handle?.(req.body)
    res.status(status).json({})
  })
  return recordOf(createServer(app), sink)
}

async function recordKoa(Koa: typeof Koa3, options: AuditedOptions, body: unknown, server: Server) {
  const sink = memory()
  const { parse = parseAs, isParsedLate = false, handle, auditOptions, status = 200 } = server
  const parser: Koa3.Middleware = (ctx, next) => {
    ;(ctx.request as { body?: unknown }).body = parse(body)
    return next()
  }
  const middleware = auditedKoa('Transfer', options) as unknown as Koa3.Middleware
  const app = new Koa().use(auditKoa({ sink, ...(auditOptions as object) }) as never)
  for (const one of isParsedLate ? [middleware, parser] : [parser, middleware]) app.use(one)
  app.use((ctx) => {
    handle?.((ctx.request as unknown as { body: Record<string, unknown> }).body)
    ctx.status = status
    ctx.body = {}
  })
  return recordOf(createServer(app.callback()), sink)
}

async function recordOf(server: ReturnType<typeof createServer>, sink: ReturnType<typeof memory>) {
  const { url } = await listenOn(server)
  await (await fetch(`${url}/transfers`, { method: 'POST' })).text()
  return (await sink.waitFor(1))[0].audit
}

type Recorder = (options: AuditedOptions, body: unknown, server?: Server) => ReturnType<typeof recordOf>

describe.each<[string, Recorder]>([
  [
    'Express 4',
    (o, body, server = {}) => recordExpress(express4 as unknown as typeof express5, o, body, server),
  ],
  ['Express 5', (o, body, server = {}) => recordExpress(express5, o, body, server)],
  ['Koa 2', (o, body, server = {}) => recordKoa(Koa2 as unknown as typeof Koa3, o, body, server)],
  ['Koa 3', (o, body, server = {}) => recordKoa(Koa3, o, body, server)],
])('%s', (_name, record) => {
  it('records nothing of the request body by default', async () => {
    expect(await record({}, BODY)).not.toHaveProperty('request_body')
  })

  it('records the named properties, also parts of properties and of the items of lists', async () => {
    const requestBody = ['amount', 'to.iban', 'lines.sku', 'missing', 'note.length', 'constructor']
    const { request_body } = await record({ requestBody }, BODY)
    expect(request_body).toEqual({
      amount: 10,
      to: { iban: 'NL00TEST' },
      lines: [{ sku: 'a' }, { sku: 'b' }, null],
    })
  })

  it('redacts secrets by key and by path', async () => {
    const requestBody = ['password', 'note', 'to']
    const auditOptions = { redact: { paths: ['request_body.to.name'] } }
    const { request_body } = await record({ requestBody }, BODY, { auditOptions })
    expect(request_body).toEqual({
      password: '[REDACTED]',
      note: 'hello',
      to: { iban: 'NL00TEST', name: '[REDACTED]' },
    })
  })

  it('copies the body before the handler changes it', async () => {
    const handle = (body: Record<string, unknown>) => {
      body.amount = 99
      body.note = 'changed'
    }
    const { request_body } = await record({ requestBody: ['amount', 'approved'] }, { ...BODY }, { handle })
    expect(request_body).toEqual({ amount: 10 })
  })

  it('copies the body at the end if the parser runs after audited()', async () => {
    const { request_body } = await record({ requestBody: ['amount'] }, BODY, { isParsedLate: true })
    expect(request_body).toEqual({ amount: 10 })
  })

  it('records the body of an attempt that has failed', async () => {
    const refused = await record({ requestBody: ['amount'] }, BODY, { status: 422 })
    expect(refused).toMatchObject({ request_body: { amount: 10 }, message: 'Create Transfer: failed (422)' })
  })

  it('records nothing of the body at the policy level metadata', async () => {
    const auditOptions: AnyAuditOptions = { policy: [{ level: 'metadata' }] }
    expect(await record({ requestBody: ['amount'] }, BODY, { auditOptions })).not.toHaveProperty(
      'request_body',
    )
  })

  it('records each item of a body that is a list', async () => {
    const { request_body } = await record({ requestBody: ['amount'] }, [BODY, { amount: 2 }])
    expect(request_body).toEqual([{ amount: 10 }, { amount: 2 }])
  })

  it('cuts a long body', async () => {
    const { request_body, truncated } = await record({ requestBody: ['note'] }, { note: 'x'.repeat(100_000) })
    expect(truncated).toEqual(['request_body'])
    expect(JSON.stringify(request_body).length).toBeLessThan(16_384)
  })

  it.each<[string, () => unknown]>([
    ['a text', () => '{"amount":10}'],
    ['a Buffer', () => Buffer.from('amount')],
    ['nothing', () => undefined],
    ['an empty object', () => ({})],
    ['a list of texts', () => []],
    ['a getter that throws', () => Object.defineProperty({}, 'amount', { enumerable: true, get: fail })],
    [
      'a proxy that throws',
      () => new Proxy({}, { get: fail, ownKeys: fail, getOwnPropertyDescriptor: fail }),
    ],
    ['inherited properties', () => Object.create({ amount: 10 })],
  ])('records no properties of a body that is %s', async (_what, create) => {
    const audit = await record({ requestBody: ['amount', 'length', '0'] }, create())
    expect(audit.request_body ?? {}).toEqual({})
    expect(audit.outcome).toBe('success')
  })

  it('survives a circular body', async () => {
    const circular: Record<string, unknown> = { amount: 1 }
    circular.self = circular
    const { request_body } = await record({ requestBody: ['amount', 'self'] }, circular)
    expect(request_body).toMatchObject({ amount: 1 })
  })
})

function fail(): never {
  throw new Error('for the test')
}
