import { afterEach, describe, expect, it } from '@jest/globals'
import { Controller, Get, Module, Param, Version, VersioningType } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express5 from 'express'
import express4 from 'express-4'
import { auditLog, memory } from 'http-audit-log'
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

  it('records no route if the URL was rewritten before it was routed', async () => {
    const routes = await routesOf(
      (app) => {
        app.use((req, _res, next) => {
          if (req.url === '/old') req.url = '/persons/1'
          if (req.url === '/things/1') req.url = '/persons/1'
          next()
        })
        app.get('/:type/:id', answer)
      },
      '/old',
      '/things/1',
      '/persons/1',
    )
    expect(routes).toEqual([undefined, undefined, '/:type/:id'])
  })

  it('records no route if a router rewrote the URL for the routes inside', async () => {
    const routes = await routesOf((app) => {
      const router = express.Router()
      router.use((req, _res, next) => {
        req.url = '/1'
        next()
      })
      app.use('/persons', router.get('/:id', answer))
    }, '/persons/me')
    expect(routes).toEqual([undefined])
  })

  it('includes the paths of an app mounted in an app, and of routers with parameters', async () => {
    const routes = await routesOf(
      (app) => {
        const documents = express.Router({ mergeParams: true }).get('/documents/:id', answer)
        const inner = express().use('/persons/:person', documents)
        app.use('/api', inner)
      },
      '/api/persons/7/documents/1',
      '/API/persons/7/DOCUMENTS/1/',
    )
    expect(routes).toEqual(['/api/persons/7/documents/:id', '/API/persons/7/documents/:id'])
  })

  it('records no route of a regular expression, and of a list the string that matches', async () => {
    const routes = await routesOf(
      (app) => {
        app.get(/^\/persons\/\d+$/, answer)
        app.get([/^\/people/, '/humans/:id'], answer)
      },
      '/persons/1',
      '/people/1',
      '/humans/1',
    )
    expect(routes).toEqual([undefined, undefined, '/humans/:id'])
  })

  if (express === express4) {
    it('records patterns without the regular expressions of Express 4', async () => {
      const routes = await routesOf(
        (app) => {
          app.get('/persons/:id(\\d+)/photo', answer)
          app.get('/:version(v1|v2)?/files/*', answer)
          app.get('/ab?cd', answer)
          app.get('*', answer)
        },
        '/persons/1/photo',
        '/v1/files/a/b',
        '/files/a',
        '/acd',
        '/else',
      )
      expect(routes).toEqual([
        '/persons/:id/photo',
        '/:version?/files/*',
        '/:version?/files/*',
        undefined,
        '/*',
      ])
    })
  }

  it('records encoded paths, whatever their case', async () => {
    const routes = await routesOf(
      (app) => app.get('/persons/:id', answer),
      '/Persons/a%2Fb',
      '/persons/J%C3%BCrgen',
      '/persons/%zz',
    )
    expect(routes).toEqual(['/persons/:id', '/persons/:id', undefined])
  })

  it('records no route that another router left behind for a request it passed on', async () => {
    const wildcard = express === express4 ? '/*' : '/*rest'
    const routes = await routesOf((app) => {
      app.use(
        '/persons',
        express.Router().get(wildcard, (_req, _res, next) => next()),
      )
      app.use('/persons', answer)
    }, '/persons/1')
    expect(routes).toEqual([undefined])
  })

  it('records the route that responds after next("route")', async () => {
    const routes = await routesOf((app) => {
      app.get('/persons/:id', (_req, _res, next) => next('route'), answer)
      app.get('/persons/:person', answer)
    }, '/persons/1')
    expect(routes).toEqual(['/persons/:person'])
  })

  it('records no route that is not one of Express', async () => {
    const routes = await routesOf((app) => {
      app.use((req, res) => {
        req.route = { path: '/persons/1', methods: {} }
        res.end()
      })
    }, '/persons/1')
    expect(routes).toEqual([undefined])
  })

  it('ignores a baseUrl that is an origin, as in Sails', async () => {
    const routes = await routesOf((app) => {
      app.get('/persons/:id', (req, res) => {
        req.baseUrl = 'http://127.0.0.1:1337'
        res.json({})
      })
    }, '/persons/1')
    expect(routes).toEqual(['/persons/:id'])
  })

  it('records a path that ends as those of express-ws do', async () => {
    const routes = await routesOf((app) => app.get('/echo/.websocket', answer), '/echo/.websocket')
    expect(routes).toEqual(['/echo/.websocket'])
  })

  it('applies a policy by route only to the route of the whole path', async () => {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink, policy: [{ level: 'none', routes: ['/persons/:id'] }, { level: 'full' }] }))
    app.use((req, _res, next) => {
      if (req.url === '/secret') req.url = '/persons/1'
      next()
    })
    app.use('/admin', express.Router().get('/persons/:id', answer))
    app.get('/persons/:id', answer)
    app.get('/end', answer)
    const { url } = await startServer(app)
    for (const path of ['/persons/1', '/admin/persons/7', '/secret', '/end'])
      await (await fetch(url + path)).text()
    const records = await sink.waitFor(3)
    expect(records.map(({ audit }) => audit.http_request.url.slice(url.length))).toEqual([
      '/admin/persons/7',
      '/secret',
      '/end',
    ])
  })
})

describe('Nest on Express', () => {
  @Controller('persons')
  class PersonsController {
    @Get(':id')
    one(@Param('id') id: string) {
      return { id }
    }
    @Version('2')
    @Get(':id/files/*path')
    file(@Param('id') id: string) {
      return { id }
    }
  }
  @Module({ controllers: [PersonsController] })
  class PersonsModule {}

  it('records the pattern of controller and method, with global prefix and version', async () => {
    const sink = memory()
    const app = await NestFactory.create(PersonsModule, { logger: false })
    app.use(auditLog({ sink })).setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI })
    await app.init()
    const paths = ['/api/persons/1', '/api/v2/persons/1/files/a/b', '/nothing']
    const records = await recordsOf(sink, app.getHttpAdapter().getInstance(), paths)
    expect(records.map(({ route }) => route)).toEqual([
      '/api/persons/:id',
      '/api/v2/persons/:id/files/*path',
      undefined,
    ])
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
