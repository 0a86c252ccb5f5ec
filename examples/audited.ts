// The route middleware `audited` fills in the record: handlers need no calls to `req.audit`.
import express from 'express'
import { audited, auditLog } from 'http-audit-log'
import { listen } from './listen.js'

const jansen = { id: 1, last_name: 'Jansen', photo: 'data:image/png;base64,iVBORw0KGgo=' }

const app = express()
app.use(auditLog())

// `fields` are the only properties of a person that are copied into the record: the photo is not.
app.get('/persons', audited('Person', { listResults: true, fields: ['id'] }), (_req, res) => {
  res.json([jansen])
})
app.get('/persons/:id', audited('Person', { fields: ['id', 'last_name'] }), (_req, res) => {
  res.json(jansen)
})
app.delete('/persons/:id', audited('Person'), (_req, res) => {
  res.status(204).end()
})

listen(app)
