// Code that has no access to `req`, such as a data layer, reaches the record of the current request with
// `currentAudit()`. That needs the option `context`, which uses AsyncLocalStorage.
import express from 'express'
import { auditLog, currentAudit } from 'http-audit-log'
import { listen } from './listen.js'

async function searchPersons(filter: object): Promise<object[]> {
  const rows = await Promise.resolve([{ id: 1, last_name: 'Jansen' }])
  currentAudit().setFilter('Person', filter).setResults(rows).info('List Person')
  return rows
}

const app = express()
app.use(auditLog({ context: true }))

app.get('/persons', async (req, res) => {
  res.json(await searchPersons(req.query))
})

listen(app)
