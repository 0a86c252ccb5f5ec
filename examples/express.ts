import express from 'express'
import { auditLog } from 'http-audit-log/express'
import { listen } from './listen.js'

const app = express()
app.use(auditLog())

app.get('/persons', (req, res) => {
  const rows = [{ id: 1, last_name: 'Jansen' }]
  req.audit.setFilter('Person', { last_name: req.query.last_name }).setResults(rows).info('List Person')
  res.json(rows)
})

listen(app)
