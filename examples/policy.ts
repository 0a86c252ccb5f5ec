// A policy is a list of rules. The first rule that matches a request decides how much is recorded. The last rule here has
// no conditions, so it matches all remaining requests.
import express from 'express'
import { auditLog } from 'http-audit-log'
import { listen } from './listen.js'

const app = express()
app.use(
  auditLog({
    policy: [
      { level: 'full', statuses: ['4xx', '5xx'] },
      { level: 'none', paths: ['/health'] },
      // Without filter, results and response headers.
      { level: 'metadata', methods: ['GET'], routes: ['/persons/:id'] },
      { level: 'full' },
    ],
  }),
)

app.get('/health', (_req, res) => void res.send('ok'))
app.get('/persons/:id', (req, res) => {
  req.audit.setFilter('Person', req.params).info('Retrieve Person')
  res.json({ id: 1, last_name: 'Jansen' })
})

listen(app)
