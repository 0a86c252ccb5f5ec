import { afterEach, describe, expect, it } from '@jest/globals'
import KoaRouter from '@koa/router'
import express from 'express'
import { auditLog as auditExpress, type MemorySink, memory, type PolicyRule } from 'http-audit-log'
import { auditLog } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import mount from 'koa-mount'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

type Listener = Parameters<typeof startServer>[0]

/** Requests the paths one after the other, and returns path and route of their records. */
async function requestAll(
  sink: MemorySink,
  listener: Listener,
  paths: readonly string[],
  count = paths.length,
) {
  const { url } = await startServer(listener)
  for (const path of paths) await (await fetch(`${url}${path}`)).text()
  const records = await sink.waitFor(count)
  return records.map(({ audit }) => [audit.http_request.url.slice(url.length), audit.route])
}

const answer = (ctx: { body: unknown }) => {
  ctx.body = {}
}

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('the route of %s', (_name, Koa) => {
  function build(policy?: readonly PolicyRule[]) {
    const sink = memory()
    const app = new Koa()
    app.silent = true
    app.use(auditLog({ sink, policy }))
    return { app, sink }
  }
  const persons = () => new KoaRouter().get('/', answer).get('/persons/:id', answer).routes()

  it('is the pattern with prefix and nesting, even if the handler throws', async () => {
    const { app, sink } = build()
    const inner = new KoaRouter().get('/:id', answer)
    const router = new KoaRouter({ prefix: '/api' })
    router.use('/persons', inner.routes())
    router.use('/teams/:team', new KoaRouter().get('/members/:id', answer).routes())
    router.get('/throws/:id', () => {
      throw new Error('for the test')
    })
    app.use(router.routes())
    const paths = ['/api/persons/1', '/api/teams/2/members/3?x=1', '/API/throws/1', '/nothing']
    expect(await requestAll(sink, app.callback(), paths)).toEqual([
      ['/api/persons/1', '/api/persons/:id'],
      ['/api/teams/2/members/3?x=1', '/api/teams/:team/members/:id'],
      ['/API/throws/1', '/api/throws/:id'],
      ['/nothing', undefined],
    ])
  })

  it('includes the paths of koa-mount, also nested ones', async () => {
    const { app, sink } = build()
    const inner = new Koa().use(mount('/v1/', persons())).use(mount('/v2', persons()))
    app.use(mount('/admin', persons())).use(mount('/api', inner)).use(persons())
    const paths = [
      '/admin/persons/7',
      '/api/v2/persons/7',
      '/persons/7',
      '/admin',
      '/api/v2',
      '/admin/persons',
    ]
    expect(await requestAll(sink, app.callback(), paths)).toEqual([
      ['/admin/persons/7', '/admin/persons/:id'],
      ['/api/v2/persons/7', '/api/v2/persons/:id'],
      ['/persons/7', '/persons/:id'],
      ['/admin', '/admin'],
      ['/api/v2', '/api/v2'],
      ['/admin/persons', undefined],
    ])
  })

  it('includes the path of koa-mount before wildcards and optional parts', async () => {
    const { app, sink } = build()
    const router = new KoaRouter().get('/:type{/:id}', answer).get('/files/a/*path', answer)
    app.use(mount('/admin', router.routes()))
    expect(await requestAll(sink, app.callback(), ['/admin/x', '/admin/files/a/b/c'])).toEqual([
      ['/admin/x', '/admin/:type{/:id}'],
      ['/admin/files/a/b/c', '/admin/files/a/*path'],
    ])
  })

  it('is absent if a middleware passes on only a part of the path, or another path', async () => {
    const { app, sink } = build()
    app.use(async (ctx, next) => {
      const { path } = ctx
      if (path === '/rewritten/1') ctx.path = '/persons/1'
      if (path === '/router-path/1') (ctx as { newRouterPath?: string }).newRouterPath = '/persons/1'
      if (!path.startsWith('/stripped')) return next()
      ctx.path = path.slice('/stripped'.length)
      await next()
      ctx.path = path
    })
    app.use(new KoaRouter().get('/:type/:id', answer).routes())
    const paths = ['/rewritten/1', '/router-path/1', '/stripped/persons/1', '/persons/1']
    expect(await requestAll(sink, app.callback(), paths)).toEqual([
      ['/rewritten/1', undefined],
      ['/router-path/1', undefined],
      ['/stripped/persons/1', undefined],
      ['/persons/1', '/:type/:id'],
    ])
  })

  it('is absent for regular expressions, and for the middleware of a router', async () => {
    const { app, sink } = build()
    const router = new KoaRouter({ prefix: '/api' })
    router.use(async (ctx, next) => {
      if (ctx.query.denied === undefined) await next()
      else ctx.status = 403
    })
    router.get('/persons/:id', answer)
    app.use(new KoaRouter().get(/^\/people\/\d+$/, answer).routes()).use(router.routes())
    const paths = ['/people/1', '/api/persons/1?denied', '/api/persons/1']
    expect(await requestAll(sink, app.callback(), paths)).toEqual([
      ['/people/1', undefined],
      ['/api/persons/1?denied', undefined],
      ['/api/persons/1', '/api/persons/:id'],
    ])
  })

  it('decides the policy by the whole path', async () => {
    const { app, sink } = build([{ level: 'none', routes: ['/persons/:id'] }, { level: 'full' }])
    app.use(async (ctx, next) => {
      if (ctx.path === '/secret') ctx.path = '/persons/1'
      await next()
    })
    app.use(mount('/admin', persons())).use(persons())
    const paths = ['/persons/1', '/admin/persons/7', '/secret']
    expect(await requestAll(sink, app.callback(), paths, 2)).toEqual([
      ['/admin/persons/7', '/admin/persons/:id'],
      ['/secret', undefined],
    ])
  })

  it('includes the path of the Express app that the Koa app is mounted in', async () => {
    const { app, sink } = build()
    app.use(persons())
    const outer = express().use('/koa', app.callback())
    expect(await requestAll(sink, outer, ['/koa/persons/7'])).toEqual([
      ['/koa/persons/7', '/koa/persons/:id'],
    ])
  })

  it('is absent in the record of an Express app that the Koa app is mounted in', async () => {
    const sink = memory()
    const app = new Koa().use(persons())
    const outer = express().use(auditExpress({ sink })).use('/koa', app.callback())
    expect(await requestAll(sink, outer, ['/koa/persons/7'])).toEqual([['/koa/persons/7', undefined]])
  })
})
