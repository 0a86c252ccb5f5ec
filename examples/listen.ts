// Starts an example on a port of this machine: PORT, or 3000. Says where on stderr, since stdout is the audit log's.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export function listen(handler: RequestListener): void {
  const server = createServer(handler).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
    console.error(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
}
