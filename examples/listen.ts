// Serves an example on http://127.0.0.1:3000, or on the port in PORT. Prints the address on stderr, because stdout is for
// audit records.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export function listen(handler: RequestListener): void {
  const server = createServer(handler).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
    console.error(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
}
