// Compiled by `npm run typecheck`, never run. A `@ts-expect-error` fails if the next line is not an error.
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { Ecs } from '@elastic/ecs'
import KoaRouter from '@koa/router'
import connect from 'connect'
import express, { type Request } from 'express'
import {
  type AuditedRequest,
  AuditLogger,
  type AuditLoggerOptions,
  type AuditOptions,
  audited,
  auditLog,
  currentAudit,
  type Format,
  memory,
  type PolicyRule,
  type ServiceOptions,
  type Sink,
  stdout,
  stream,
} from 'http-audit-log'
import { audited as auditedForKoa, auditLog as auditLogForKoa, type KoaContext } from 'http-audit-log/koa'
import Koa, { type Context, type ParameterizedContext } from 'koa'
import type { formatEcs } from '#src/formats/ecs.js'

// Express
express().use(auditLog())
express().use('/persons', auditLog(), (req, res) => {
  const logger: AuditLogger = req.audit
  res.json(logger)
  // @ts-expect-error: unknown method; `audit` is not `any`.
  req.audit.setFliter('Person')
})
express.Router().use(auditLog())
express().use(auditLog({ user: (req) => ({ authenticated: true, email: req.headers.from }) }))
express().use(
  auditLog({
    user: (req) =>
      req.headers.from === undefined
        ? undefined
        : {
            authenticated: true,
            id: '1',
            roles: ['a'],
            onBehalfOf: { id: '2', name: 'a', type: 'user', tenant: 'b', via: ['3'] },
          },
  }),
)
express().use(auditLog({ user: () => ({ authenticated: null }) }))
// @ts-expect-error: unknown property in what the option returns.
express().use(auditLog({ user: (req) => ({ authenticated: true, nick: req.headers.from }) }))
// @ts-expect-error: misspelt property in what the option returns.
express().use(auditLog({ user: () => ({ authenticated: true, rolse: ['a'] }) }))
// @ts-expect-error: unknown property of the user on whose behalf somebody acts.
express().use(auditLog({ user: () => ({ authenticated: true, onBehalfOf: { id: '1', nick: 'a' } }) }))
// @ts-expect-error: `authenticated` is missing.
express().use(auditLog({ user: () => ({ id: '1' }) }))
express().use(auditLog<Request>({ exempt: [(req) => req.path === '/health'] }))

express().get('/persons/:id', audited('Person', { fields: ['id'] }), (req, res) => {
  const id: string = req.params.id
  res.json(id)
})
express.Router().use(audited('Person', { action: 'list', listResults: true, filterFields: [] }))
// @ts-expect-error: the name of the object comes first.
audited({ fields: ['id'] })
express
  .Router()
  .use(audited('Invoice', { action: 'approve', idParam: 'number', fields: 'all', requestBody: ['note'] }))
// @ts-expect-error: a list of names, or 'all'.
audited('Person', { fields: 'id' })

// Koa
new KoaRouter().get('/persons/:id', auditedForKoa('Person'), (ctx) => {
  ctx.body = ctx.params.id
})
new Koa().use(auditedForKoa('Person', { listResults: true }))
// @ts-expect-error: middleware of Express.
new Koa().use(audited('Person'))
new Koa().use(auditLogForKoa()).use((ctx) => {
  const logger: AuditLogger = ctx.audit
  ctx.body = logger
  // @ts-expect-error: unknown method; `audit` is not `any`.
  ctx.audit.setFliter('Person')
})
new Koa().use(auditLogForKoa({ user: (ctx) => ({ authenticated: true, ip: ctx.ip }) }))
// @ts-expect-error: unknown property in what the option returns.
new Koa().use(auditLogForKoa({ user: (ctx) => ({ authenticated: true, address: ctx.ip }) }))
new Koa().use(auditLogForKoa<Context>({ exempt: [(ctx) => ctx.path === '/health'] }))
new Koa<{ tenant: string }, { database: Map<string, string> }>().use(auditLogForKoa()).use((ctx) => {
  ctx.audit.info(ctx.state.tenant).info(ctx.database.get('persons') ?? '')
})
new Koa<{ tenant: string }>().use(
  auditLogForKoa<ParameterizedContext<{ tenant: string }>>({
    user: (ctx) => ({ authenticated: true, realm: ctx.state.tenant }),
  }),
)
// @ts-expect-error: middleware of Express.
new Koa().use(auditLog())
// @ts-expect-error: middleware of Koa.
express().use(auditLogForKoa())

// Connect
connect().use(auditLog())
connect().use((req, res) => {
  const { audit } = req as AuditedRequest
  audit.info('List Person')
  res.end()
})

// node:http
const audit = auditLog()
createServer((req, res) => {
  const logger: AuditLogger = audit(req, res)
  logger.info('List Person').sendLog()
  // @ts-expect-error: with `next` it returns nothing.
  audit(req, res, () => {}).info('List Person')
  // @ts-expect-error: a request of node:http has `audit` only as an AuditedRequest.
  req.audit.info('List Person')
})

// The logger
new AuditLogger({ level: 'info', format: 'datapunt', sink: stdout() })
  .setHttpRequest({ method: 'GET', url: 'https://localhost' })
  .setHttpResponse({ statusCode: 200, reason: 'OK', headers: { 'set-cookie': ['a=1', 'b=2'] } })
  .setUser({ authenticated: true, roles: ['admin'] })
  .setFilter('Person')
  .setFilter('Person', new URLSearchParams())
  .setResults()
  .setResults(new Date())
  .debug('')
  .info('')
  .warning('')
  .error('')
  .critical('')
  .sendLog()
// @ts-expect-error: `authenticated` is required.
new AuditLogger().setUser({ email: 'jansen@example.org' })
// @ts-expect-error: the name of the object comes first.
new AuditLogger().setFilter({ last_name: 'Jansen' })
// @ts-expect-error: a status is a number.
new AuditLogger().setHttpResponse({ statusCode: '200', reason: 'OK' })
// @ts-expect-error: sendLog() returns nothing.
new AuditLogger().sendLog().info('too late')

// The options
const shared: AuditLoggerOptions = { sink: stream(process.stderr) }
const options: AuditOptions<Request> = { ...shared, level: undefined, requestId: 'x-trace' }
auditLog(options)
const asyncSink: Sink = { write: (line: string) => Promise.resolve(line.length).then(() => {}) }
const flat: Format = ({ time, message, id }) => ({ '@timestamp': time, message, 'event.id': id })
auditLogForKoa({ sink: asyncSink, format: flat })
const koaUser = (ctx: KoaContext) => ({ authenticated: ctx.state.user !== undefined })
auditLogForKoa({ user: koaUser })
const policy: PolicyRule[] = [{ level: 'none', methods: ['GET'], statuses: [200, '4xx'] }, { level: 'full' }]
auditLog({ policy, context: true })
auditLogForKoa({ policy, context: false })
currentAudit().setFilter('Person').info('List Person')
memory().last<{ message: string }>()?.message.trim()
memory().records<{ message: string }>()[0]?.message.trim()
const service: ServiceOptions = { name: 'persons', nodeName: process.env.HOSTNAME }
auditLog({ format: 'ecs', service })
auditLogForKoa({ format: 'ocsf', service })
new AuditLogger({ format: 'ecs', service: { version: '2.4.1', environment: undefined } })
// @ts-expect-error: unknown property of a service.
auditLog({ format: 'ecs', service: { title: 'persons' } })
// @ts-expect-error: unknown option.
auditLog({ snik: memory() })
// @ts-expect-error: unknown option.
auditLogForKoa({ snik: memory() })
// @ts-expect-error: `user` is for requests only.
new AuditLogger({ user: () => undefined })
// @ts-expect-error: unknown level.
auditLog({ level: 'notice' })
// @ts-expect-error: unknown format.
auditLog({ format: 'json' })
// @ts-expect-error: a format returns an object.
auditLog({ format: (record) => JSON.stringify(record) })
// @ts-expect-error: `exempt` is an array.
auditLog({ exempt: '/health' })
// @ts-expect-error: unknown status class.
auditLog({ policy: [{ level: 'none', statuses: ['6xx'] }, { level: 'full' }] })
// @ts-expect-error: unknown level.
auditLog({ policy: [{ level: 'request' }] })
// @ts-expect-error: `context` is for requests only.
new AuditLogger({ context: true })
// @ts-expect-error: `user` is synchronous.
auditLog({ user: async () => ({ authenticated: true }) })

// node:http2, by its compatibility API
createHttp2Server((request, response) => {
  audit(request, response).info('Hello')
  response.end()
})
new Koa().use(
  auditLogForKoa({ failClosed: (ctx) => ctx.method !== 'GET', exempt: [(ctx) => ctx.path === '/'] }),
)
// The format `ecs` against the types of Elastic. ECS logging requires two dotted names; `Audit` is a custom field.
type EcsLine = Omit<ReturnType<typeof formatEcs>, 'log.level' | 'ecs.version' | 'Audit'>
/** A property that is `undefined` is missing in JSON. */
type Written<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { [Name in keyof Value]?: Written<Value[Name]> | undefined }
    : Value
/** The keys of `Ours`, at any depth, that `Theirs` does not have. */
type UnknownKeys<Ours, Theirs> = Ours extends readonly unknown[]
  ? never
  : Ours extends object
    ? {
        [Name in keyof Ours]-?: Name extends keyof Theirs
          ? UnknownKeys<NonNullable<Ours[Name]>, NonNullable<Theirs[Name]>>
          : Name
      }[keyof Ours]
    : never
declare const ecsLine: EcsLine
const ecs: Written<Ecs> = ecsLine
// @ts-expect-error: a status is a number.
const wrongType: Written<Ecs> = { ...ecsLine, http: { response: { status_code: '200' } } }
const unknownKeys: UnknownKeys<EcsLine, Ecs>[] = []
// @ts-expect-error: all keys are known, so the array accepts no value.
unknownKeys.push('method')
const unknownKey: UnknownKeys<{ http: { request: { headers: object } } }, Ecs> = 'headers'
console.log(ecs, wrongType, unknownKey)

const user = { authenticated: true, id: '1', nick: 'Ann' }
// @ts-expect-error: unknown property of a variable.
new AuditLogger().setUser(user)
// @ts-expect-error: misspelt property.
new AuditLogger().setUser({ authenticated: true, emial: 'a@example.org' })
// @ts-expect-error: unknown property of the user on whose behalf somebody acts.
new AuditLogger().setUser({ authenticated: true, onBehalfOf: { id: '1', nick: 'a' } })
new AuditLogger().setUser({ authenticated: true, id: '1', onBehalfOf: { id: '2' } })
// @ts-expect-error: unknown property.
new AuditLogger().setHttpRequest({ method: 'GET', url: '/', user_agent: 'Test' })
// @ts-expect-error: unknown property.
new AuditLogger().setHttpResponse({ statusCode: 200, reason: 'OK', status: 200 })

// Custom fields, where the application has declared none: see test/package/consumers for declared ones.
new AuditLogger().set('any name', { any: ['value'] }).set('any name', undefined)
// @ts-expect-error: the name is missing.
new AuditLogger().set({ case_number: '2026/17' })
new AuditLogger().setChanges(null, { id: 1 }).setChanges({ id: 1 }, null)
// @ts-expect-error: one side is missing.
new AuditLogger().setChanges({ id: 1 })
try {
  throw new Error('for the test')
} catch (error) {
  new AuditLogger().setError(error).fail(error).deny(error)
}
