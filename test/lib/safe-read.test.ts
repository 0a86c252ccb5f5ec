// Reading a property of an untrusted object may create a promise that only the reader has. If it rejects without a handler,
// Node ends the process, so each case runs in a process of its own.
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import express5 from 'express'
import express4 from 'express-4'
import { type AuditedRequest, auditErrors, audited, auditLog, memory } from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { suppressRejection } from '#src/lib/safe-read.js'
import { auditOneRequest, runScript } from '../helpers/child-process.js'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

function fail(): never {
  throw new Error('of the application')
}

const HOSTILE = `
  const fail = async () => { throw new Error('not awaited') }
  const anyProperty = new Proxy({}, { get: fail })
`

describe('a rejected promise that a read has created', () => {
  it.each([
    ['a getter of results', 'logger.setResults({ id: 1, get posts() { return fail() } })'],
    ['a getter of a secret', 'logger.setResults({ get password() { return fail() } })'],
    ['a getter beside a value', 'logger.setResults({ value: 1, get name() { return fail() } })'],
    [
      'a toJSON beyond the maximum depth',
      'let deep = { toJSON: fail }; for (let i = 0; i < 19; i++) deep = [deep]; logger.setResults(deep)',
    ],
    [
      'a Map with async methods',
      "logger.setResults(new (class extends Map { has() { return fail() } get() { return fail() } })([['a', 1]]))",
    ],
    ['a toJSON of results', 'logger.setResults({ toJSON: fail })'],
    ['results that are a promise', 'logger.setResults(fail())'],
    ['a Proxy with an async get trap', 'logger.setResults([anyProperty])'],
    ['a getter of a filter', "logger.setFilter('Person', { get id() { return fail() } })"],
    ['a getter of a user', 'logger.setUser({ authenticated: true, get email() { return fail() } })'],
    ['a getter of a thrown object', 'logger.setError({ get message() { return fail() } })'],
    ['a getter of an error', 'logger.setError(Object.defineProperty(new Error(), "message", { get: fail }))'],
    ['a message', 'logger.info(fail())'],
  ])('does not end the process: %s', async (_title, call) => {
    const { stdout } = await runScript(`
      import { AuditLogger } from 'http-audit-log'
      ${HOSTILE}
      const logger = new AuditLogger()
      ${call}
      logger.sendLog()
    `)
    expect(JSON.parse(stdout)).toMatchObject({ audit: { seq: 1 } })
  })

  it.each([
    ['a user', "Object.defineProperty(request, 'user', { get: fail })"],
    ['a property of a user', 'request.user = { id: 1, get email() { return fail() } }'],
    ['the id of a user', 'request.user = { get id() { return fail() } }'],
    [
      'objects that contain a user',
      'request.kauth = { get grant() { return fail() } }; request.oidc = { get user() { return fail() } }',
    ],
    ['a target', "Object.defineProperty(request, 'originalUrl', { get: fail })"],
    ['an app that is a Proxy', 'request.app = anyProperty'],
    ['an app with settings of its own', 'request.app = { get: fail }'],
    ['an app that is a function', 'request.app = Object.assign(() => {}, { get: fail })'],
  ])('does not end the process where a request has %s', async (_title, prepare) => {
    const { records } = await auditOneRequest({ setup: HOSTILE, prepare })
    expect(records).toMatchObject([{ audit: { http_response: { status_code: 200 } } }])
  })
})

it('does not call `then` of other thenables, because that may run a query', () => {
  let calls = 0
  const query = {
    // biome-ignore lint/suspicious/noThenProperty: query builders are thenables.
    then() {
      calls += 1
    },
  }
  expect(suppressRejection(query)).toBe(query)
  expect(calls).toBe(0)
})

describe('a property that the application has replaced', () => {
  it.each([
    ['Express 5', express5],
    ['Express 4', express4],
  ])('`request.audit`: the record is still filled, on %s', async (_name, express) => {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink }))
    app.use((request: object, _response: unknown, next: () => void) => {
      Object.assign(request, { audit: { log() {} } })
      next()
    })
    app.get('/persons', audited('Person') as never, (_request: unknown, response: express5.Response) => {
      response.json({ id: 1 })
    })
    app.get('/gone', () => {
      throw new Error('gone')
    })
    app.use(auditErrors() as never)
    app.use((error: Error, _request: unknown, response: express5.Response, _next: unknown) => {
      response.status(410).send(error.message)
    })
    const { url } = await listenOn(createServer(app as never))
    expect(await (await fetch(`${url}/persons`)).json()).toEqual({ id: 1 })
    expect(await (await fetch(`${url}/gone`)).text()).toBe('gone')
    const [persons, gone] = await sink.waitFor(2)
    expect(persons?.audit).toMatchObject({ message: 'Retrieve Person', results: { id: 1 } })
    expect(gone?.audit).toMatchObject({ error: { name: 'Error', message: 'gone' } })
  })

  it.each([
    ['a getter that throws', { get: fail, configurable: true }],
    ['read-only', { get: () => undefined }],
    ['a setter that throws', { get: fail, set: fail }],
  ])('`request.audit`: the record is still filled if the property is %s', async (_title, property) => {
    const sink = memory()
    const app = express5()
    app.use((request, _response, next) => {
      Object.defineProperty(request, 'audit', property)
      next()
    })
    app.use(auditLog({ sink }))
    app.get('/persons', audited('Person'), (_request, response) => void response.json({ id: 1 }))
    const { url } = await listenOn(createServer(app))
    expect(await (await fetch(`${url}/persons`)).json()).toEqual({ id: 1 })
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ message: 'Retrieve Person', results: { id: 1 } })
  })

  it('`ctx.audit`: the record is still filled', async () => {
    const sink = memory()
    const app = new Koa()
    app.use(auditKoa({ sink }))
    app.use((context, next) => {
      Object.assign(context, { audit: { log() {} } })
      return next()
    })
    app.use(auditedKoa('Person'))
    app.use((context) => {
      context.body = { id: 1 }
    })
    const { url } = await listenOn(createServer(app.callback()))
    expect(await (await fetch(url)).json()).toEqual({ id: 1 })
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ message: 'Retrieve Person', results: { id: 1 } })
  })

  it('`request.app`: settings that throw do not reach the handler', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const app = {
      get(name: string) {
        throw new Error(`no setting ${name}`)
      },
    }
    const middleware = audited('Person')
    const { url } = await listenOn(
      createServer((request, response) => {
        Object.assign(request, { app })
        Object.assign(response, { json: (body: unknown) => response.end(JSON.stringify(body)) })
        audit(request, response, () =>
          middleware(request as AuditedRequest, response, () => {
            ;(response as unknown as { json(body: unknown): void }).json({ id: 1 })
          }),
        )
      }),
    )
    expect(await (await fetch(url)).json()).toEqual({ id: 1 })
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ message: 'Retrieve Person', results: { id: 1 } })
  })
})
