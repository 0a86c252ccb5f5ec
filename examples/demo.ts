// Sends requests to a server over HTTP. Each request is announced on stderr; the audit records are written to stdout, as in
// production. `npm run --silent demo 2>/dev/null` shows only the records.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createPersonsApi } from './persons.js'

const server = createServer(createPersonsApi())
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const baseUrl = `http://127.0.0.1:${port}`

await send('A user lists the persons', '/persons?last_name=Jansen')
await send('A user reads one person', '/persons/1')
await send('A user adds a person', '/persons', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ last_name: 'Bakker' }),
})
await send('A user requests a person that does not exist', '/persons/99')
await send('A user requests a path that does not exist', '/nothing-here')
await send('A handler throws', '/report')
await disconnect('A client disconnects before the response: its record has no status', '/slow')
await send('A health check is exempt from the audit log: no record', '/health')

server.close()
await once(server, 'close')

async function send(title: string, path: string, request: RequestInit = {}): Promise<void> {
  console.error(`\n# ${title}: ${request.method ?? 'GET'} ${path}`)
  const response = await fetch(`${baseUrl}${path}`, {
    ...request,
    headers: { ...request.headers, connection: 'close' },
  })
  await response.text()
}

async function disconnect(title: string, path: string): Promise<void> {
  console.error(`\n# ${title}: GET ${path}`)
  const client = connect(port, '127.0.0.1')
  client.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  const [request] = await once(server, 'request')
  client.destroy()
  await once(request.socket, 'close')
}
