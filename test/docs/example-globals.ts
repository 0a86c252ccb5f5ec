// Loaded before each example of README.md and docs/ that runs. Examples use no names that they do not declare, so that they
// run as they are pasted; this file only replaces their port, and sends the request.
import { type AddressInfo, Server } from 'node:net'

// Examples run at the same time, and all listen on the port that a reader expects. Each gets a free one instead.
const { listen } = Server.prototype
let server: Server | undefined
Server.prototype.listen = function (this: Server): Server {
  server = this
  return Reflect.apply(listen, this, [0, '127.0.0.1'])
} as typeof listen

/** Sends a request to the server of an example. Afterwards the process can end. */
function sendRequest(method: string, path: string): void {
  if (server === undefined) throw new Error('The example does not listen')
  const served = server
  served.once('listening', async () => {
    const { port } = served.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { connection: 'close' },
    })
    await response.text()
    served.close()
  })
}

Object.assign(globalThis, { sendRequest })
