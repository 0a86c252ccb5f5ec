import { auditLog } from 'http-audit-log/koa'
import Koa from 'koa'
import { listen } from './listen.js'

const app = new Koa()
app.use(auditLog())

app.use((ctx) => {
  const rows = [{ id: 1, last_name: 'Jansen' }]
  ctx.audit.setFilter('Person', ctx.query).setResults(rows).info('List Person')
  ctx.body = rows
})

listen(app.callback())
