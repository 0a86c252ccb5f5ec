// Real requests to a real server. What is asked is told on stderr, and the audit records leave on stdout, as they
// would in production: `npm run --silent demo 2>/dev/null` shows the records alone.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createPersonsApi } from './persons.js'

const server = createServer(createPersonsApi())
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const api = `http://127.0.0.1:${port}`

await ask('Somebody lists the persons', '/persons?last_name=Jansen')
await ask('Somebody reads one person', '/persons/1')
await ask('Somebody adds a person', '/persons', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ last_name: 'Bakker' }),
})
await ask('Somebody asks for a person who is not there', '/persons/99')
await ask('Somebody asks for a path that is not there', '/nothing-here')
await ask('A handler throws', '/report')
await giveUp('A client gives up before it has its answer: no status left, so the record has none', '/slow')
await ask('A health check is exempt: no record', '/health')

server.close()
await once(server, 'close')

async function ask(what: string, path: string, request: RequestInit = {}): Promise<void> {
  console.error(`\n# ${what}: ${request.method ?? 'GET'} ${path}`)
  const response = await fetch(`${api}${path}`, {
    ...request,
    headers: { ...request.headers, connection: 'close' },
  })
  await response.text()
}

async function giveUp(what: string, path: string): Promise<void> {
  console.error(`\n# ${what}: GET ${path}`)
  const client = connect(port, '127.0.0.1')
  client.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  const [request] = await once(server, 'request')
  client.destroy()
  await once(request.socket, 'close')
}
