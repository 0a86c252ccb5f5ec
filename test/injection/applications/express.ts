import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import express5, { type Express, type Request, type Response } from 'express'
import express4 from 'express-4'
import session from 'express-session'
import { type Application, type Case, HTTP1 } from './application.js'
import { createError, findNodeRoute } from './node-routes.js'

const FILE = 'package.json'
const post = { method: 'POST', headers: { 'content-type': 'application/json' } }

const cases: readonly Case[] = [
  { path: '/missing' },
  { path: '/express/json' },
  { path: '/express/json', method: 'HEAD' },
  { path: '/express/text' },
  { path: '/express/text', headers: { 'if-none-match': '"5-qvTGHdzF6KLavt4PO0gs2a6pQ00"' } },
  { path: '/express/jsonp?callback=call' },
  { path: '/express/file' },
  { path: '/express/file', method: 'HEAD' },
  { path: '/express/file', headers: { range: 'bytes=0-4' } },
  { path: '/express/file', headers: { range: 'bytes=99999999-' } },
  { path: '/express/file-missing' },
  { path: '/express/download' },
  { path: '/express/redirect' },
  { path: '/express/status' },
  { path: '/express/throws' },
  { path: '/express/next-error' },
  { path: '/express/body', ...post, body: '{"id":1}' },
  { path: '/express/body', ...post, body: '{"id":' },
  { path: '/express/static/package.json' },
  { path: '/express/static/..%2f..%2fetc' },
  { path: '/express/session' },
  { path: '/express/sub-application' },
  { path: '/express/stream-that-fails', closes: true, isRacy: true },
  { path: '/express/json-and-reject', closes: true, isRacy: true },
]

function build(express: typeof express5): Express {
  const app = express().set('env', 'test')
  app.enable('strict routing')
  // No cookie: its date and its id would differ from run to run.
  const sessions = session({ secret: 'secret', resave: true, saveUninitialized: true, genid: () => 'fixed' })
  const subApplication = express().get('/', (_req, res) => void res.send('from below'))
  app.use('/express/static', express.static('.', { cacheControl: false, index: false }))
  app.use('/express/sub-application', subApplication)
  app.get('/express/json', (_req, res) => void res.json({ id: 1 }))
  app.get('/express/text', (_req, res) => void res.send('hello'))
  app.get('/express/jsonp', (_req, res) => void res.jsonp({ id: 1 }))
  app.get('/express/file', (_req, res) => void res.sendFile(FILE, { root: '.' }))
  app.get('/express/file-missing', (_req, res) => void res.sendFile('missing.json', { root: '.' }))
  app.get('/express/download', (_req, res) => void res.download(resolve(FILE)))
  app.get('/express/redirect', (_req, res) => void res.redirect('/express/json'))
  app.get('/express/status', (_req, res) => void res.sendStatus(403))
  app.get('/express/throws', () => {
    throw createError()
  })
  app.get('/express/next-error', (_req, _res, next) => next(Object.assign(createError(), { status: 409 })))
  app.post('/express/body', express.json(), (req, res) => void res.json(req.body))
  // Without it, Express prints the stack traces of the JSON parser and of sendFile.
  app.use(
    ['/express/body', '/express/file'],
    (error: { status: number }, _req: Request, res: Response, _next: unknown) => {
      res.status(error.status).send('refused')
    },
  )
  app.get('/express/session', sessions, (req, res) => {
    Object.assign(req.session, { seen: true })
    res.send('remembered')
  })
  app.get('/express/stream-that-fails', (_req, res, next) => {
    const body = new Readable({ read() {} })
    body.push('half of it')
    body.on('error', next).pipe(res)
    setImmediate(() => body.destroy(createError()))
  })
  app.get('/express/json-and-reject', (_req, res, next) => {
    res.json({ id: 1 })
    setImmediate(() => next(createError()))
  })
  app.use((req, res, next) => {
    const route = findNodeRoute(req)
    if (route === undefined) next()
    // A handler that throws synchronously does so into Express. Express 4 ignores the promise of a handler.
    else Promise.resolve(route(req, res)).catch(next)
  })
  return app
}

export const expressApplications: readonly Application[] = [
  { name: 'Express 4', transports: HTTP1, cases, build: () => build(express4) },
  { name: 'Express 5', transports: HTTP1, cases, build: () => build(express5) },
]
