// The bank with Koa 3.
import { PassThrough } from 'node:stream'
import { json } from 'node:stream/consumers'
import Router from '@koa/router'
import { type AuditOptions, audited, auditLog, type KoaContext } from 'http-audit-log/koa'
import Koa, { type Context, type Next } from 'koa'
import { Bank } from './bank.js'
import { employees } from './employees.js'
import { BankError, recordRefusal } from './errors.js'
import { createGraphQL } from './graphql-apollo.js'
import { describeEmployee, type SendMail, SignIn } from './sign-in.js'

export interface KoaBank {
  readonly app: Koa
  readonly audit: ReturnType<typeof auditLog>
  readonly bank: Bank
}

export async function createKoaBank(
  sendMail: SendMail,
  options: AuditOptions<KoaContext> = {},
): Promise<KoaBank> {
  const bank = new Bank()
  const signIn = new SignIn(employees, sendMail)
  const audit = auditLog({
    service: { name: 'bank', version: '1.0.0', environment: 'example' },
    user: ({ req }) => signIn.describeUser(req.headers.authorization),
    exempt: ['/health'],
    ...options,
  })
  const employeeOf = (ctx: Context) => signIn.require(ctx.headers.authorization)

  const app = new Koa()
  app.on('error', () => {}) // Koa would print the stack; the record has name and message
  app.use(audit)
  app.use(answerExpectedErrors)
  app.use(parseBody)

  const router = new Router()
  router.get('/health', (ctx) => {
    ctx.body = 'ok'
  })
  router.all('/graphql', await createGraphQL(bank, employeeOf))

  router.post('/sessions', (ctx) => {
    const { email, password } = bodyOf(ctx)
    // A failed login has nobody who is logged in: this records who was tried.
    ctx.audit.setAction('login', signIn.describeAccount(email)).setUser({ authenticated: false, email })
    const { employee, token } = signIn.signIn(email, password)
    ctx.audit.setUser(describeEmployee(employee))
    ctx.status = 201
    ctx.body = { token }
  })
  router.delete('/sessions/current', (ctx) => {
    ctx.audit.setAction('logout', { type: 'User', id: employeeOf(ctx).id })
    signIn.signOut(ctx.headers.authorization)
    ctx.status = 204
  })
  router.post('/password-resets', (ctx) => {
    const { email } = bodyOf(ctx)
    ctx.audit.setAction('request_password_reset', signIn.describeAccount(email))
    signIn.requestReset(email)
    ctx.status = 202
  })
  router.post('/password-resets/completed', (ctx) => {
    const { token, password } = bodyOf(ctx)
    ctx.audit.setAction('complete_password_reset')
    const { id } = signIn.completeReset(token, password)
    ctx.audit.setAction('complete_password_reset', { type: 'User', id })
    ctx.status = 204
  })

  // `audited` records action, target, filter and the ids of results, and the message states the result.
  router.get('/persons', audited('Person', { listResults: true }), (ctx) => {
    ctx.body = bank.findPersons(employeeOf(ctx), ctx.query.last_name)
  })
  router.post('/persons', audited('Person', { requestBody: ['last_name'] }), (ctx) => {
    ctx.status = 201
    ctx.body = bank.addPerson(employeeOf(ctx), bodyOf(ctx))
  })
  router.get('/persons/:id', audited('Person'), (ctx) => {
    ctx.body = bank.readPerson(employeeOf(ctx), ctx.params.id)
  })
  router.patch('/persons/:id', audited('Person'), (ctx) => {
    const { before, after } = bank.changePerson(employeeOf(ctx), ctx.params.id, bodyOf(ctx))
    ctx.audit.setChanges(before, after)
    ctx.body = after
  })
  router.delete('/persons/:id', audited('Person'), (ctx) => {
    bank.removePerson(employeeOf(ctx), ctx.params.id)
    ctx.status = 204
  })
  router.get('/persons/:id/export', (ctx) => {
    ctx.audit.setAction('export', { type: 'Person', id: ctx.params.id })
    const person = bank.readPerson(employeeOf(ctx), ctx.params.id)
    ctx.attachment(`person-${person.id}.json`)
    ctx.body = person
  })

  router.post('/transfers', (ctx) => {
    const { from, to, amount, case_number } = bodyOf(ctx)
    ctx.audit.setAction('transfer', [
      { type: 'Account', id: from },
      { type: 'Account', id: to },
    ])
    ctx.audit.set('amount', amount).set('case_number', case_number)
    const changes = bank.transfer(employeeOf(ctx), from, to, amount)
    // Each account gets a record of its own, because `changes` belongs to one object.
    for (const [action, { before, after }] of [
      ['debit', changes.from],
      ['credit', changes.to],
    ] as const) {
      ctx.audit.child().setAction(action, { type: 'Account', id: after.id }).setChanges(before, after)
    }
    ctx.status = 201
    ctx.body = { from, to, amount }
  })
  router.get('/accounts/:id/events', (ctx) => {
    ctx.audit.setAction('watch', { type: 'Account', id: ctx.params.id })
    const events = new PassThrough()
    const send = (account: object) => void events.write(`data: ${JSON.stringify(account)}\n\n`)
    const employee = employeeOf(ctx)
    const stop = bank.watchAccount(employee, ctx.params.id, send)
    ctx.res.on('close', stop)
    ctx.type = 'text/event-stream'
    ctx.body = events
    send(bank.readAccount(employee, ctx.params.id))
  })

  router.post('/impersonations', (ctx) => {
    const { person } = bodyOf(ctx)
    ctx.audit.setAction('start_impersonation', { type: 'Person', id: person })
    const client = bank.startImpersonation(employeeOf(ctx), person)
    signIn.impersonate(ctx.headers.authorization, client)
    ctx.status = 204
  })
  router.delete('/impersonations/current', (ctx) => {
    ctx.audit.setAction('stop_impersonation')
    signIn.impersonate(ctx.headers.authorization, undefined)
    ctx.status = 204
  })
  router.get('/report', (ctx) => {
    ctx.audit.setAction('report')
    throw new TypeError('a mistake in the report')
  })

  app.use(router.routes())
  return { app, audit, bank }
}

/** Unexpected errors pass through: `auditLog` records them, and Koa answers with 500. */
async function answerExpectedErrors(ctx: Context, next: Next): Promise<void> {
  try {
    await next()
  } catch (error) {
    if (!(error instanceof BankError)) throw error
    recordRefusal(ctx.audit, error)
    ctx.status = error.status
    ctx.body = { error: error.message }
  }
}

/** A minimal body parser, so that the example needs no further package. */
async function parseBody(ctx: Context, next: Next): Promise<void> {
  if (ctx.is('json')) Object.assign(ctx.request, { body: await json(ctx.req) })
  await next()
}

function bodyOf({ request }: Context): Record<string, string> {
  return 'body' in request ? (request.body as Record<string, string>) : {}
}
