// The application around the examples in README.md and docs/: names that they use without declaring them.
// tsconfig.json excludes this file, because its globals are for the examples alone.
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'

interface Person {
  id: number
  last_name: string
}

declare global {
  var app: Express
  var search: (query: object) => Person[]
  var listPersons: RequestHandler
  var retrievePerson: RequestHandler
  var myErrorHandler: ErrorRequestHandler
}

globalThis.app = express()
globalThis.search = () => [{ id: 1, last_name: 'Jansen' }]
globalThis.listPersons = (_req, res) => void res.json([{ id: 1, last_name: 'Jansen' }])
globalThis.retrievePerson = (_req, res) => void res.json({ id: 1, last_name: 'Jansen' })
globalThis.myErrorHandler = (_error, _req, res, _next) => void res.status(500).end()
