// Recording what a handler throws: by auditErrors() in Express and Connect, setError() in node:http, by itself in Koa.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from '@jest/globals'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express-4'
import { auditErrors, auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

type Next = (error?: unknown) => void
type Handler = (request: IncomingMessage, response: ServerResponse, next: Next) => void
type ErrorHandler = (error: unknown, request: IncomingMessage, response: ServerResponse, next: Next) => void

/** The part that Express and Connect have in common. */
interface App {
  (request: IncomingMessage, response: ServerResponse): void
  use(handler: Handler): unknown
  use(handler: ErrorHandler): unknown
}

class OutOfPaper extends Error {
  override name = 'OutOfPaper'
}

describe.each([
  ['Express 4', () => express4().set('env', 'test') as unknown as App],
  ['Express 5', () => express5().set('env', 'test') as unknown as App],
  ['Connect', () => connect() as unknown as App],
])('auditErrors() on %s', (_name, makeApp) => {
  /** Sends one request, and returns the response and the only record. */
  async function auditOne(handler: Handler, ...errorHandlers: ErrorHandler[]) {
    const sink = memory()
    const app = makeApp()
    app.use(auditLog({ sink }) as Handler)
    app.use(handler)
    for (const errorHandler of errorHandlers) app.use(errorHandler)
    const { url } = await listenOn(createServer(app))
    const response = await fetch(url)
    const body = await response.text().catch(() => 'cut')
    const [record] = await sink.waitFor(1)
    await stopServers()
    expect(sink.lines).toHaveLength(1)
    return { status: response.status, body, record: record.audit, line: sink.lines[0] }
  }

  it.each<[string, Handler]>([
    [
      'throws',
      () => {
        throw new OutOfPaper('Tray 2 is empty')
      },
    ],
    ['passes to next', (_request, _response, next) => next(new OutOfPaper('Tray 2 is empty'))],
  ])('records name and message, but not the stack, of an error that a handler %s', async (_case, handler) => {
    const { status, record, line } = await auditOne(handler, auditErrors())
    expect(status).toBe(500)
    expect(record).toMatchObject({
      http_response: { status_code: 500 },
      outcome: 'failure',
      ended: 'completed',
    })
    expect(record.error).toEqual({ name: 'OutOfPaper', message: 'Tray 2 is empty' })
    expect(line).not.toContain(__filename)
    expect(line).not.toMatch(/"stack"/)
  })

  it('passes the error on to the error handlers of the application, and records their response', async () => {
    const thrown = new OutOfPaper('Tray 2 is empty')
    const seen: unknown[] = []
    const { status, body, record } = await auditOne(
      (_request, _response, next) => next(thrown),
      auditErrors(),
      (error, _request, response, _next) => {
        seen.push(error)
        response.writeHead(503).end('Fill it, please')
      },
    )
    expect(seen[0]).toBe(thrown)
    expect([status, body]).toEqual([503, 'Fill it, please'])
    expect(record).toMatchObject({ http_response: { status_code: 503 }, error: { name: 'OutOfPaper' } })
  })

  it('records outcome failure for an error that was answered with 200', async () => {
    const { record } = await auditOne(
      (_request, _response, next) => next(new Error('Nearly')),
      auditErrors(),
      (_error, _request, response, _next) => void response.end('Never mind'),
    )
    expect(record).toMatchObject({
      http_response: { status_code: 200 },
      outcome: 'failure',
      ended: 'completed',
    })
  })

  it('records an error after the header was sent: the sent status, outcome failure and ended aborted', async () => {
    const { body, record } = await auditOne((_request, response, next) => {
      response.writeHead(200)
      response.write('half of it', () => next(new OutOfPaper('Tray 2 is empty')))
    }, auditErrors())
    expect(body).toBe('cut')
    expect(record).toMatchObject({
      http_response: { status_code: 200 },
      outcome: 'failure',
      ended: 'aborted',
      error: { name: 'OutOfPaper', message: 'Tray 2 is empty' },
    })
  })

  it.each([
    ['a string', 'no paper', { name: 'Error', message: 'no paper' }],
    [
      'an error of another realm',
      runInNewContext("new TypeError('from afar')"),
      { name: 'TypeError', message: 'from afar' },
    ],
    ['an object', { code: 7 }, { name: 'Error', message: '{"code":7}' }],
    [
      'an error that cannot be read',
      Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('a getter')
        },
      }),
      { name: 'Error', message: '[Unreadable]' },
    ],
  ])('records %s', async (_case, thrown, expected) => {
    const { record } = await auditOne(
      (_request, _response, next) => next(thrown),
      auditErrors(),
      (_error, _request, response, _next) => void response.writeHead(500).end(),
    )
    expect(record.error).toEqual(expected)
    expect(record.outcome).toBe('failure')
  })

  it('passes the error on if auditLog() is not mounted', async () => {
    const app = makeApp()
    const thrown = new OutOfPaper('Tray 2 is empty')
    const seen: unknown[] = []
    app.use((_request, _response, next) => next(thrown))
    app.use(auditErrors() as ErrorHandler)
    app.use(((error, _request, response, _next) => {
      seen.push(error)
      response.writeHead(418).end()
    }) as ErrorHandler)
    const { url } = await listenOn(createServer(app))
    expect((await fetch(url)).status).toBe(418)
    expect(seen[0]).toBe(thrown)
  })

  it('records no error for a request without one', async () => {
    const { status, record } = await auditOne(
      (_request, response) => void response.end('fine'),
      auditErrors(),
    )
    expect(status).toBe(200)
    expect(record).not.toHaveProperty('error')
    expect(record.outcome).toBe('success')
  })
})

it('records the error that a node:http handler passes to setError()', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer((request, response) => {
    audit(request, response).setError(new OutOfPaper('Tray 2 is empty'))
    response.writeHead(500).end()
  })
  const { url } = await listenOn(server)
  await fetch(url)
  const [record] = await sink.waitFor(1)
  expect(record.audit).toMatchObject({
    http_response: { status_code: 500 },
    outcome: 'failure',
    error: { name: 'OutOfPaper', message: 'Tray 2 is empty' },
  })
})

it.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('records what a handler of %s throws, without setError()', async (_name, Koa) => {
  const sink = memory()
  const app = new Koa()
  const reported: unknown[] = []
  const thrown = new OutOfPaper('Tray 2 is empty')
  app.on('error', (error) => reported.push(error))
  app.use(auditKoa({ sink })).use(() => {
    throw thrown
  })
  const { url } = await listenOn(createServer(app.callback()))
  expect((await fetch(url)).status).toBe(500)
  const [record] = await sink.waitFor(1)
  expect(record.audit).toMatchObject({
    http_response: { status_code: 500 },
    outcome: 'failure',
    error: { name: 'OutOfPaper', message: 'Tray 2 is empty' },
  })
  expect(reported[0]).toBe(thrown)
})

it('changes nothing but a line on stderr if it is mounted without being called', async () => {
  const app = express5().use(auditErrors as never)
  const { port } = await listenOn(createServer(app))
  for (let attempt = 0; attempt < 2; attempt++) {
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect(response.status).toBe(404)
  }
})
