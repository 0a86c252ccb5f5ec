// Sends requests to a bank over HTTP. Each request is announced on stderr; the audit records are written to stdout, as in
// production. `npm run --silent demo 2>/dev/null` shows only the records. `examples/scenario.ts` is longer.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Client } from './bank/client.js'
import { createExpressBank } from './bank/express-app.js'

const { app, audit } = createExpressBank(() => {})
const server = createServer(app).listen(0, '127.0.0.1')
await once(server, 'listening')
const nobody = new Client(server)

await nobody.send('A failed login: the record names who was tried', 'POST /sessions', {
  email: 'bob@example.org',
  password: 'guess',
})
const { token } = await nobody.send('An editor signs in', 'POST /sessions', {
  email: 'bob@example.org',
  password: 'bob likes coffee',
})
const bob = new Client(server, token)
await bob.send('He reads the data of a client', 'GET /persons/1')
await bob.send('He changes an address: the record has the old one and the new one', 'PATCH /persons/1', {
  email: 'jansen-new@example.org',
})
await bob.send('He may not delete the client of a colleague', 'DELETE /persons/2')
await bob.send('He transfers money: three acts, three records', 'POST /transfers', {
  from: 'A-100',
  to: 'A-300',
  amount: 200,
})
await bob.send('He transfers too much', 'POST /transfers', { from: 'A-100', to: 'A-300', amount: 100_000 })
await bob.send('A handler throws', 'GET /report')
await disconnect('He leaves before the stream ends: the outcome is unknown', '/accounts/A-300/events')
await nobody.send('A health check is exempt from the audit log: no record', 'GET /health')

server.close()
await audit.close()

async function disconnect(title: string, path: string): Promise<void> {
  const controller = new AbortController()
  const arrival = once(server, 'request')
  await bob.fetch(title, `GET ${path}`, undefined, controller.signal)
  const [, response] = await arrival
  controller.abort()
  await once(response, 'close')
}
