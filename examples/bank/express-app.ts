// The bank with Express 5.
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import { type AuditOptions, auditErrors, audited, auditLog } from 'http-audit-log'
import { Bank } from './bank.js'
import { employees } from './employees.js'
import { BankError, recordRefusal } from './errors.js'
import { createGraphQL } from './graphql-yoga.js'
import { describeEmployee, type SendMail, SignIn } from './sign-in.js'

export interface ExpressBank {
  readonly app: Express
  readonly audit: ReturnType<typeof auditLog>
  readonly bank: Bank
}

export function createExpressBank(sendMail: SendMail, options: AuditOptions<Request> = {}): ExpressBank {
  const bank = new Bank()
  const signIn = new SignIn(employees, sendMail)
  const audit = auditLog<Request>({
    service: { name: 'bank', version: '1.0.0', environment: 'example' },
    user: (req) => signIn.describeUser(req.headers.authorization),
    exempt: ['/health'],
    ...options,
  })
  const employeeOf = (req: Request) => signIn.require(req.headers.authorization)
  const bodyOf = (req: Request) => req.body ?? {}

  const app = express()
  app.use(audit)
  app.get('/health', (_req, res) => void res.send('ok'))
  app.all('/graphql', createGraphQL(bank, employeeOf))
  app.use(express.json())

  app.post('/sessions', (req, res) => {
    const { email, password } = bodyOf(req)
    // A failed login has nobody who is logged in: this records who was tried.
    req.audit.setAction('login', signIn.describeAccount(email)).setUser({ authenticated: false, email })
    const { employee, token } = signIn.signIn(email, password)
    req.audit.setUser(describeEmployee(employee))
    res.status(201).json({ token })
  })
  app.delete('/sessions/current', (req, res) => {
    req.audit.setAction('logout', { type: 'User', id: employeeOf(req).id })
    signIn.signOut(req.headers.authorization)
    res.status(204).end()
  })
  app.post('/password-resets', (req, res) => {
    const { email } = bodyOf(req)
    req.audit.setAction('request_password_reset', signIn.describeAccount(email))
    signIn.requestReset(email)
    res.status(202).end()
  })
  app.post('/password-resets/completed', (req, res) => {
    const { token, password } = bodyOf(req)
    req.audit.setAction('complete_password_reset')
    const { id } = signIn.completeReset(token, password)
    req.audit.setAction('complete_password_reset', { type: 'User', id })
    res.status(204).end()
  })

  // `audited` records action, target, filter and the ids of results, and the message states the result.
  app.get('/persons', audited('Person', { listResults: true }), (req, res) => {
    res.json(bank.findPersons(employeeOf(req), req.query.last_name))
  })
  app.post('/persons', audited('Person', { requestBody: ['last_name'] }), (req, res) => {
    res.status(201).json(bank.addPerson(employeeOf(req), req.body))
  })
  app.get('/persons/:id', audited('Person'), (req, res) => {
    res.json(bank.readPerson(employeeOf(req), req.params.id))
  })
  app.patch('/persons/:id', audited('Person'), (req, res) => {
    const { before, after } = bank.changePerson(employeeOf(req), req.params.id, req.body)
    req.audit.setChanges(before, after)
    res.json(after)
  })
  app.delete('/persons/:id', audited('Person'), (req, res) => {
    bank.removePerson(employeeOf(req), req.params.id)
    res.status(204).end()
  })
  app.get('/persons/:id/export', (req, res) => {
    req.audit.setAction('export', { type: 'Person', id: req.params.id })
    const person = bank.readPerson(employeeOf(req), req.params.id)
    res.attachment(`person-${person.id}.json`).json(person)
  })

  app.post('/transfers', (req, res) => {
    const { from, to, amount, case_number } = bodyOf(req)
    req.audit.setAction('transfer', [
      { type: 'Account', id: from },
      { type: 'Account', id: to },
    ])
    req.audit.set('amount', amount).set('case_number', case_number)
    const changes = bank.transfer(employeeOf(req), from, to, amount)
    // Each account gets a record of its own, because `changes` belongs to one object.
    for (const [action, { before, after }] of [
      ['debit', changes.from],
      ['credit', changes.to],
    ] as const) {
      req.audit.child().setAction(action, { type: 'Account', id: after.id }).setChanges(before, after)
    }
    res.status(201).json({ from, to, amount })
  })
  app.get('/accounts/:id/events', (req, res) => {
    req.audit.setAction('watch', { type: 'Account', id: req.params.id })
    const send = (account: object) => void res.write(`data: ${JSON.stringify(account)}\n\n`)
    const employee = employeeOf(req)
    const stop = bank.watchAccount(employee, req.params.id, send)
    res.on('close', stop)
    res.type('text/event-stream')
    send(bank.readAccount(employee, req.params.id))
  })

  app.post('/impersonations', (req, res) => {
    const { person } = bodyOf(req)
    req.audit.setAction('start_impersonation', { type: 'Person', id: person })
    const client = bank.startImpersonation(employeeOf(req), person)
    signIn.impersonate(req.headers.authorization, client)
    res.status(204).end()
  })
  app.delete('/impersonations/current', (req, res) => {
    req.audit.setAction('stop_impersonation')
    signIn.impersonate(req.headers.authorization, undefined)
    res.status(204).end()
  })
  app.get('/report', (req) => {
    req.audit.setAction('report')
    throw new TypeError('a mistake in the report')
  })

  const answerExpectedErrors: ErrorRequestHandler = (error, req, res, next) => {
    if (!(error instanceof BankError)) return next(error)
    recordRefusal(req.audit, error)
    res.status(error.status).json({ error: error.message })
  }
  app.use(answerExpectedErrors, auditErrors())
  const answerUnexpectedErrors: ErrorRequestHandler = (_error, _req, res, _next) => {
    res.status(500).json({ error: 'something went wrong' })
  }
  app.use(answerUnexpectedErrors)
  return { app, audit, bank }
}
