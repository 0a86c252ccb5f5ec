import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import Koa3, { type Context } from 'koa'
import Koa2 from 'koa-2'
import { ALL_TRANSPORTS, type Application, type Case } from './application.js'
import { createError, findNodeRoute } from './node-routes.js'

const koaRoutes: Record<string, (context: Context) => unknown> = {
  '/koa/json': (ctx) => {
    ctx.body = { id: 1 }
  },
  '/koa/text': (ctx) => {
    ctx.body = 'hello'
  },
  '/koa/buffer': (ctx) => {
    ctx.body = Buffer.from('hello')
  },
  '/koa/null': (ctx) => {
    ctx.body = null
  },
  '/koa/status': (ctx) => {
    ctx.status = 403
  },
  '/koa/redirect': (ctx) => ctx.redirect('/koa/json'),
  '/koa/throw': (ctx) => ctx.throw(409, 'conflict'),
  '/koa/rejects': async () => {
    throw createError()
  },
  '/koa/stream': (ctx) => {
    ctx.body = Readable.from(['a', 'b', 'c'], { objectMode: false })
  },
  '/koa/stream-with-length': (ctx) => {
    ctx.length = 3
    ctx.body = Readable.from(['a', 'b', 'c'], { objectMode: false })
  },
  '/koa/file': (ctx) => {
    ctx.type = 'json'
    ctx.body = createReadStream('package.json')
  },
  '/koa/file-missing': (ctx) => {
    ctx.body = createReadStream('missing.json')
  },
  '/koa/fresh': (ctx) => {
    ctx.status = 200
    ctx.etag = '1'
    if (ctx.fresh) ctx.status = 304
    else ctx.body = 'hello'
  },
  '/koa/cookies': (ctx) => {
    ctx.cookies.set('a', '1')
    ctx.cookies.set('b', '2')
    ctx.body = 'hello'
  },
}

const cases: readonly Case[] = [
  { path: '/missing' },
  ...Object.keys(koaRoutes).map((path) => ({ path })),
  ...['/koa/json', '/koa/stream', '/koa/stream-with-length'].map((path) => ({ path, method: 'HEAD' })),
  { path: '/koa/fresh', headers: { 'if-none-match': '"1"' } },
  { path: '/koa/json', method: 'POST', body: 'b'.repeat(1000) },
]

function build(Koa: typeof Koa3) {
  const app = new Koa()
  app.silent = true
  app.use(async (ctx, next) => {
    const koaRoute = koaRoutes[ctx.path]
    if (koaRoute !== undefined) return koaRoute(ctx as Context)
    const route = findNodeRoute(ctx.req)
    if (route === undefined) return next()
    // Koa sees an error first, and must not answer otherwise.
    ctx.respond = false
    try {
      await route(ctx.req, ctx.res)
    } catch (error) {
      if (!ctx.res.headersSent) ctx.respond = true
      throw error
    }
  })
  return app.callback()
}

// Node ends the stream of a HEAD request before it is answered, which Koa takes for a response that has been sent.
const HANGING_HEADS = ['/throws', '/koa/json', '/koa/stream', '/koa/stream-with-length']

export const koaApplications: readonly Application[] = [
  { name: 'Koa 2', transports: ALL_TRANSPORTS, cases, hangingHeads: HANGING_HEADS, build: () => build(Koa2) },
  { name: 'Koa 3', transports: ALL_TRANSPORTS, cases, hangingHeads: ['/throws'], build: () => build(Koa3) },
]
