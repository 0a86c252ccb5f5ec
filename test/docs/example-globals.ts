// The application around the examples in README.md and docs/: names that they use without declaring them.
// tsconfig.json excludes this file, because its globals are for the examples alone.
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, Server } from 'node:net'
import express, { type Express, type RequestHandler } from 'express'

interface Person {
  id: number
  last_name: string
}

declare global {
  var app: Express
  var search: (query: object) => Person[]
  var listPersons: RequestHandler
  var retrievePerson: RequestHandler
}

globalThis.app = express()
globalThis.search = () => [{ id: 1, last_name: 'Jansen' }]
globalThis.listPersons = (_req, res) => void res.json([{ id: 1, last_name: 'Jansen' }])
globalThis.retrievePerson = (_req, res) => void res.json({ id: 1, last_name: 'Jansen' })

// Examples run at the same time, and all listen on the port that a reader expects. Each gets a free one instead.
const { listen } = Server.prototype
let server: Server | undefined
Server.prototype.listen = function (this: Server): Server {
  server = this
  return Reflect.apply(listen, this, [0, '127.0.0.1'])
} as typeof listen

/** Sends a request to the server of an example, or else serves its app first. Afterwards the process can end. */
function sendRequest(
  app: RequestListener | { callback(): RequestListener },
  method: string,
  path: string,
): void {
  const served = server ?? createServer('callback' in app ? app.callback() : app).listen()
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
