// The application around the examples in README.md and docs/: names that they use without declaring them.
// tsconfig.json excludes this file, because its globals are for the examples alone.
import { Server } from 'node:net'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'

const { listen } = Server.prototype

interface Person {
  id: number
  last_name: string
}

declare global {
  var app: Express
  /** Servers that an example made listen. */
  var listening: Server[]
  var search: (query: object) => Person[]
  var listPersons: RequestHandler
  var retrievePerson: RequestHandler
  var myErrorHandler: ErrorRequestHandler
}

// Examples run at the same time and use the ports that readers expect, so each gets a free one instead.
globalThis.listening = []
Server.prototype.listen = function (this: Server): Server {
  globalThis.listening.push(this)
  return Reflect.apply(listen, this, [0, '127.0.0.1'])
} as typeof listen

globalThis.app = express()
globalThis.search = () => [{ id: 1, last_name: 'Jansen' }]
globalThis.listPersons = (_req, res) => void res.json([{ id: 1, last_name: 'Jansen' }])
globalThis.retrievePerson = (_req, res) => void res.json({ id: 1, last_name: 'Jansen' })
globalThis.myErrorHandler = (_error, _req, res, _next) => void res.status(500).end()
