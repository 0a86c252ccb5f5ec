import { afterEach, describe, expect, it } from '@jest/globals'
import KoaRouter from '@koa/router'
import { Controller, Get, Module, Param } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express5 from 'express'
import express4 from 'express-4'
import { auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { resolveExpressRoute } from '#src/adapters/express-route.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

type Listener = Parameters<typeof startServer>[0]

/** Requests the paths one after the other, and returns their records. */
async function recordsOf(sink: ReturnType<typeof memory>, listener: Listener, paths: readonly string[]) {
  const { url } = await startServer(listener)
  for (const path of paths) await (await fetch(`${url}${path}`)).text()
  return (await sink.waitFor(paths.length)).map(({ audit }) => audit)
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  async function routesOf(prepare: (app: ReturnType<typeof express5>) => void, ...paths: string[]) {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink }))
    prepare(app)
    app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
      res.status(500).end()
    })
    return (await recordsOf(sink, app, paths)).map(({ route }) => route)
  }
  const answer = (_req: unknown, res: express5.Response) => void res.json({})
  const fail = (_req: unknown, _res: unknown, next: (error: Error) => void) => next(new Error('for the test'))

  it('records the pattern of the matched route', async () => {
    const routes = await routesOf((app) => app.get('/persons/:id', answer), '/persons/1', '/persons/2?q=/x')
    expect(routes).toEqual(['/persons/:id', '/persons/:id'])
  })

  it('includes the path at which the router is mounted', async () => {
    const routes = await routesOf(
      (app) => {
        const inner = express.Router().get('/:id', answer).get('/', answer)
        const outer = express.Router().use('/persons', inner)
        app.use('/api', outer)
      },
      '/api/persons/1',
      '/api/persons',
      '/api/persons/',
    )
    expect(routes).toEqual(['/api/persons/:id', '/api/persons', '/api/persons'])
  })

  it('records no route if none matched', async () => {
    const routes = await routesOf((app) => app.use('/static', answer), '/static/x', '/nothing-here')
    expect(routes).toEqual([undefined, undefined])
  })

  it('records the route whose handler failed, if it belongs to the app itself', async () => {
    expect(await routesOf((app) => app.get('/persons/:id', fail), '/persons/1')).toEqual(['/persons/:id'])
  })

  it('records no route, rather than a wrong one, if a router passed an error on', async () => {
    const routes = await routesOf(
      (app) => {
        const router = express.Router().get('/', fail).get('/list', fail).get('/:id', fail)
        app.use('/persons', router)
      },
      '/persons/1',
      '/persons/list',
      '/persons',
    )
    expect(routes).toEqual([undefined, undefined, undefined])
  })

  it('records the route whose handler responded, if an earlier one called next()', async () => {
    const pass = (_req: unknown, _res: unknown, next: () => void) => next()
    const routes = await routesOf((app) => {
      app.get('/persons/:id', pass)
      app.get('/persons/1', answer)
    }, '/persons/1')
    expect(routes).toEqual(['/persons/1'])
  })

  it('records the matching pattern of a route with several patterns', async () => {
    const routes = await routesOf(
      (app) => app.get(['/persons/:id', '/people/:id/photo'], answer),
      '/persons/1',
      '/people/1/photo',
    )
    expect(routes).toEqual(['/persons/:id', '/people/:id/photo'])
  })

  it('records the matched route if the URL was rewritten', async () => {
    const routes = await routesOf((app) => {
      app.use((req, _res, next) => {
        req.url = '/persons/1'
        next()
      })
      app.get('/persons/:id', answer)
    }, '/old')
    expect(routes).toEqual(['/persons/:id'])
  })
})

describe('the path syntaxes of Express', () => {
  it.each<[pattern: unknown, url: string, base: string, expected: string | undefined]>([
    ['/*splat', '/a/b/c', '', '/*splat'],
    ['/files/*', '/files/a/b', '', '/files/*'],
    ['/files/*path', '/other/a', '', undefined],
    ['/:id(\\d+)', '/12', '/persons', '/persons/:id(\\d+)'],
    ['/:file{.:ext}', '/a.txt', '', '/:file{.:ext}'],
    ['/:from-:to', '/a-b', '', '/:from-:to'],
    ['/persons/:id?', '/persons', '', '/persons/:id?'],
    ['/Persons', '/persons/', '', '/Persons'],
    ['/', '/', '', '/'],
    ['/', '/', '/api', '/api'],
    ['/persons', '/persons?x=/y', '', '/persons'],
    [/^\/persons/, '/persons', '', undefined],
    [undefined, '/persons', '', undefined],
    [5, '/persons', '', undefined],
    ['/persons', '/', '', undefined],
  ])('%p for %s', (pattern, url, base, expected) => {
    expect(resolveExpressRoute(base, pattern, url)).toBe(expected)
  })

  it('are matched in linear time', () => {
    const startedAt = performance.now()
    const long = '/a'.repeat(500_000)
    resolveExpressRoute('', `${long}/:id`, `${long}/1`)
    resolveExpressRoute('', long, `${long}/1`)
    resolveExpressRoute('', '/*splat', '/'.repeat(1_000_000))
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})

describe('Nest on Express', () => {
  @Controller('persons')
  class PersonsController {
    @Get(':id')
    one(@Param('id') id: string) {
      return { id }
    }
  }
  @Module({ controllers: [PersonsController] })
  class PersonsModule {}

  it('records the pattern of controller and method, with the global prefix', async () => {
    const sink = memory()
    const app = await NestFactory.create(PersonsModule, { logger: false })
    app.use(auditLog({ sink })).setGlobalPrefix('api')
    await app.init()
    const records = await recordsOf(sink, app.getHttpAdapter().getInstance(), ['/api/persons/1', '/nothing'])
    expect(records.map(({ route }) => route)).toEqual(['/api/persons/:id', undefined])
  })
})

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('%s with @koa/router', (_name, Koa) => {
  it('records the pattern of the route, with prefix and nesting, even if its handler throws', async () => {
    const sink = memory()
    const inner = new KoaRouter().get('/:id', (ctx) => {
      ctx.body = {}
    })
    const router = new KoaRouter({ prefix: '/api' })
    router.use('/persons', inner.routes())
    router.get('/throws/:id', () => {
      throw new Error('for the test')
    })
    const app = new Koa()
    app.silent = true
    app.use(auditKoa({ sink })).use(router.routes())
    const records = await recordsOf(sink, app.callback(), ['/api/persons/1', '/api/throws/1', '/nothing'])
    expect(records.map(({ route }) => route)).toEqual(['/api/persons/:id', '/api/throws/:id', undefined])
  })
})

describe('a framework whose `route` property throws', () => {
  it('records the request without a route', async () => {
    const sink = memory()
    const app = express5()
    app.use(auditLog({ sink }))
    app.use((req, res) => {
      Object.defineProperty(req, 'route', {
        get() {
          throw new Error('for the test')
        },
      })
      res.end()
    })
    const [record] = await recordsOf(sink, app, ['/persons'])
    expect(record).toMatchObject({ http_response: { status_code: 200 } })
    expect(record).not.toHaveProperty('route')
  })
})
