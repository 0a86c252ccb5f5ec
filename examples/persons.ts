// The API behind `npm run demo` and `npm start`.
import { setTimeout as pause } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type Express } from 'express'
import { auditErrors, auditLog } from 'http-audit-log'

interface Person {
  id: number
  last_name: string
}

export function createPersonsApi(): Express {
  const persons: Person[] = [
    { id: 1, last_name: 'Jansen' },
    { id: 2, last_name: 'de Vries' },
  ]
  const app = express()
  app.use(auditLog({ exempt: ['/health'] }))
  app.use(express.json())

  app.get('/health', (_req, res) => {
    res.send('ok')
  })

  app.get('/persons', (req, res) => {
    const { last_name } = req.query
    const found = persons.filter((person) => last_name === undefined || person.last_name === last_name)
    req.audit.setFilter('Person', { last_name }).setResults(found).info('List Person')
    res.json(found)
  })

  app.get('/persons/:id', (req, res) => {
    req.audit.setFilter('Person', { id: req.params.id })
    const person = persons.find(({ id }) => String(id) === req.params.id)
    if (person === undefined) {
      req.audit.warning('Retrieve Person: not found')
      res.status(404).json({ error: 'No such person' })
      return
    }
    req.audit.setResults(person).info('Retrieve Person')
    res.json(person)
  })

  app.post('/persons', (req, res) => {
    const person = { id: persons.length + 1, last_name: String(req.body?.last_name) }
    persons.push(person)
    req.audit.setFilter('Person').setResults({ id: person.id }).info('Created Person object')
    res.status(201).location(`/persons/${person.id}`).json(person)
  })

  app.get('/report', () => {
    throw new Error('The report cannot be created')
  })

  app.get('/slow', async (_req, res) => {
    await pause(10_000, undefined, { ref: false })
    res.send('done')
  })

  // Express passes errors to error handlers only. This one copies the name and the message into the record.
  app.use(auditErrors())
  const handleError: ErrorRequestHandler = (error, req, res, next) => {
    req.audit.error('Request failed')
    if (res.headersSent) return next(error)
    res.status(500).json({ error: 'Something went wrong' })
  }
  app.use(handleError)
  return app
}
