// What searches persons knows nothing of HTTP, and says in the record of the request what it was asked for.
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
