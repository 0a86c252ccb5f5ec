// Loaded before each example of README.md and docs/ that runs. Examples use no names that they do not declare, so that they
// run as they are pasted; this file only replaces their port, and sends the request.
import { once } from 'node:events'
import { type AddressInfo, Server } from 'node:net'
import { WebSocket } from 'ws'

// Examples run at the same time, and all listen on the port that a reader expects. Each gets a free one instead.
const { listen } = Server.prototype
let server: Server | undefined
Server.prototype.listen = function (this: Server): Server {
  server = this
  return Reflect.apply(listen, this, [0, '127.0.0.1'])
} as typeof listen

/** The values of cookies by name: what a browser would send with its next request. */
const cookies = new Map<string, string>()

/**
 * Sends requests to the server of an example, one after the other. Afterwards the process can end.
 *
 * @param requests `GET /path`; then `Bearer ...` for the header Authorization, or the JSON of the body. `WS /path text` opens a
 * WebSocket, sends a message and closes it
 */
function sendRequests(requests: readonly string[]): void {
  if (server === undefined) throw new Error('The example does not listen')
  const served = server
  served.once('listening', async () => {
    const { port } = served.address() as AddressInfo
    for (const request of requests) await send(`http://127.0.0.1:${port}`, request)
    served.close()
  })
}

async function send(origin: string, request: string): Promise<void> {
  const [, method = '', path = '', rest = ''] = /^(\S+) (\S+) ?(.*)$/.exec(request) ?? []
  if (method === 'WS') return sendMessage(`${origin.replace('http', 'ws')}${path}`, rest)
  const isBody = rest.startsWith('{')
  const headers = new Headers({ connection: 'close' })
  if (isBody) headers.set('content-type', 'application/json')
  else if (rest !== '') headers.set('authorization', rest)
  if (cookies.size > 0) headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '))
  const response = await fetch(`${origin}${path}`, { method, headers, ...(isBody && { body: rest }) })
  await response.text()
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    cookies.set(name, value)
  }
}

async function sendMessage(url: string, message: string): Promise<void> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.send(message)
  socket.close()
  await once(socket, 'close')
}

Object.assign(globalThis, { sendRequests })
