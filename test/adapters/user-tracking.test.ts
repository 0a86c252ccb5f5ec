// Who is recorded when a handler logs the user out, deletes the account, or logs in somebody else. The libraries are real.
import type { RequestListener, ServerResponse } from 'node:http'
import { inspect, isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import KoaRouter from '@koa/router'
import connect from 'connect'
import cookieSession from 'cookie-session'
import express5 from 'express'
import express4 from 'express-4'
import { expressjwt } from 'express-jwt'
import expressSession from 'express-session'
import { type AuditedRequest, type AuditOptions, auditLog, type MemorySink, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import jsonwebtoken from 'jsonwebtoken'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import koaJwt from 'koa-jwt'
import { KoaPassport } from 'koa-passport'
import koaSession from 'koa-session'
import { Passport } from 'passport'
import { Strategy } from 'passport-local'
import { getRouter } from '#src/adapters/express-params.js'
import { startServer, stopServers } from '../helpers/servers.js'

type Listener = (request: AuditedRequest, response: ServerResponse) => void

afterEach(stopServers)

const SECRET = 'a secret of this test'
const ann = { id: 7, username: 'ann', email: 'ann@example.org', roles: ['editor'] }
const bob = { id: 8, username: 'bob', email: 'bob@example.org', roles: ['reader'] }
const USERS = [ann, bob]
const asAnn = { authenticated: true, id: '7', email: 'ann@example.org', roles: ['editor'] }
const asBob = { authenticated: true, id: '8', email: 'bob@example.org', roles: ['reader'] }
const bearer = {
  authorization: `Bearer ${jsonwebtoken.sign({ sub: 'ann', role: 'editor' }, SECRET, { expiresIn: '1m' })}`,
}

/** Sends requests with the cookies that the responses set, and returns the user that each one recorded. */
function createClient(sink: MemorySink, url: string) {
  let cookie = ''
  return async (method: string, path: string, headers: Record<string, string> = {}) => {
    const count = sink.lines.length
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
    })
    await response.text()
    const set = response.headers.getSetCookie().map((line) => line.split(';', 1)[0])
    if (set.length > 0) cookie = set.join('; ')
    return (await sink.waitFor(count + 1))[count].audit.user
  }
}

function configure(passport: InstanceType<typeof Passport> | InstanceType<typeof KoaPassport>) {
  passport.use(
    new Strategy((name, _password, done) =>
      done(null, { ...USERS.find(({ username }) => username === name) }),
    ),
  )
  passport.serializeUser((user, done) => done(null, (user as typeof ann).id))
  passport.deserializeUser((id, done) => done(null, { ...USERS.find((user) => user.id === id) }))
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  type App = ReturnType<typeof express5>
  type Request = express5.Request & Record<string, unknown>

  /** An app of a copy of Express that no auditLog has seen. */
  function loadExpress(): App {
    let load = express5
    jest.isolateModules(() => {
      load = require(express === express5 ? 'express' : 'express-4')
    })
    return load()
  }

  async function serve(prepare: (app: App) => void, options: AuditOptions<express5.Request> = {}) {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink, ...options }))
    prepare(app)
    app.use((_req, res) => {
      res.sendStatus(404)
    })
    const { url } = await startServer(app)
    return createClient(sink, url)
  }

  function usePassport(app: App) {
    const passport = new Passport()
    configure(passport)
    app.use(expressSession({ secret: SECRET, resave: false, saveUninitialized: false }))
    app.use(passport.initialize()).use(passport.session())
    app.post('/login', passport.authenticate('local'), (_req, res) => void res.json({}))
  }

  async function serveWithPassport(handle: (req: Request, res: express5.Response) => void) {
    const send = await serve((app) => {
      usePassport(app)
      app.post('/act', (req, res) => handle(req as unknown as Request, res))
    })
    expect(await send('POST', '/login?username=ann&password=x')).toMatchObject(asAnn)
    return send
  }

  it.each<[string, (req: Request, res: express5.Response) => void]>([
    ['req.logout()', (req, res) => req.logout(() => res.redirect('/'))],
    [
      'the end of the session',
      (req, res) => {
        req.user = undefined
        req.session.destroy(() => res.json({}))
      },
    ],
    [
      'the deletion of req.user',
      (req, res) => {
        delete req.user
        res.json({})
      },
    ],
    [
      'a change of the user object',
      (req, res) => {
        Object.assign(req.user as object, { email: 'deleted', roles: [] })
        res.json({})
      },
    ],
    ['a login as somebody else', (req, res) => req.login({ ...bob }, () => res.json({}))],
    [
      'another user in req.user',
      (req, res) => {
        req.user = { ...bob }
        res.json({})
      },
    ],
  ])('records the user who acted, despite %s', async (_case, handle) => {
    const send = await serveWithPassport(handle)
    expect(await send('POST', '/act')).toMatchObject(asAnn)
  })

  it('records nobody after the logout', async () => {
    const send = await serveWithPassport((req, res) => req.logout(() => res.json({})))
    await send('POST', '/act')
    expect(await send('GET', '/')).toMatchObject({ authenticated: false, email: '' })
  })

  it('records the user who logs in', async () => {
    const send = await serve(usePassport)
    expect(await send('POST', '/login?username=bob&password=x')).toMatchObject(asBob)
  })

  it('records the user whom a middleware of the route set and the handler cleared', async () => {
    const send = await serve((app) => {
      app.delete(
        '/me',
        (req, _res, next) => {
          req.user = { ...ann }
          next()
        },
        (req, res) => {
          req.user = undefined
          res.json({})
        },
      )
    })
    expect(await send('DELETE', '/me')).toMatchObject(asAnn)
  })

  it('records the user in a router that is mounted below the middleware', async () => {
    const send = await serve((app) => {
      usePassport(app)
      const router = express.Router()
      router.post('/logout', (req, res) => req.logout(() => res.json({})))
      app.use('/account', router)
    })
    await send('POST', '/login?username=ann&password=x')
    expect(await send('POST', '/account/logout')).toMatchObject(asAnn)
  })

  it('records the fullest description of a user by middleware', async () => {
    const send = await serve((app) => {
      app.use((req, _res, next) => {
        req.user = { sub: 'auth0|1' } as object
        next()
      })
      app.use((req, _res, next) => {
        req.user = { ...ann, subject: 'auth0|1' }
        next()
      })
      app.get('/', (_req, res) => void res.json({}))
    })
    expect(await send('GET', '/')).toMatchObject(asAnn)
  })

  it('records the user of a token that the handler revokes', async () => {
    const send = await serve((app) => {
      app.use(expressjwt({ secret: SECRET, algorithms: ['HS256'] }))
      app.post('/revoke', (req, res) => {
        ;(req as unknown as { auth: unknown }).auth = undefined
        res.json({})
      })
    })
    expect(await send('POST', '/revoke', bearer)).toMatchObject({
      authenticated: true,
      id: 'ann',
      roles: ['editor'],
    })
  })

  it.each<[string, boolean]>([
    ['without an option', false],
    ['with the option `user`', true],
  ])('records the user of a cookie-session that the handler ends, %s', async (_case, hasOption) => {
    const options: AuditOptions<express5.Request> = hasOption
      ? {
          user: ({ session }) => ({
            authenticated: true,
            email: (session as unknown as { user: typeof ann }).user.email,
          }),
        }
      : {}
    const send = await serve((app) => {
      app.use(cookieSession({ secret: SECRET }) as express5.RequestHandler)
      app.post('/login', (req, res) => {
        ;(req.session as unknown as { user: unknown }).user = ann
        res.json({})
      })
      app.post('/logout', (req, res) => {
        ;(req as { session: unknown }).session = null
        res.json({})
      })
    }, options)
    await send('POST', '/login')
    expect(await send('POST', '/logout')).toMatchObject({ authenticated: true, email: 'ann@example.org' })
  })

  it('asks the option `user` before the handler destroys the session', async () => {
    const send = await serve(
      (app) => {
        app.use(expressSession({ secret: SECRET, resave: false, saveUninitialized: false }))
        app.post('/login', (req, res) => {
          Object.assign(req.session, { email: 'ann@example.org' })
          res.json({})
        })
        app.use('/logout', (req, res) => void req.session.destroy(() => res.json({})))
      },
      // Fails before there is a session, and after it has been destroyed.
      {
        user: ({ session }) => {
          const { email } = session as unknown as { email?: string }
          return email === undefined ? undefined : { authenticated: true, email }
        },
      },
    )
    expect(await send('POST', '/login')).toMatchObject({ authenticated: true, email: 'ann@example.org' })
    expect(await send('POST', '/logout')).toMatchObject({ authenticated: true, email: 'ann@example.org' })
  })

  it.each<[string, object, object, AuditOptions<express5.Request>]>([
    [
      'the option `user`',
      { employee: 'e1' },
      { customer: 'c1' },
      {
        user: ({ session }) => {
          const { employee, customer } = session as unknown as Record<string, string | undefined>
          const onBehalfOf = customer === undefined ? undefined : { id: customer }
          return { authenticated: true, id: employee ?? '', onBehalfOf }
        },
      },
    ],
    ['a session', { user: { id: 'e1' } }, { user: { id: 'c1' }, impersonator: { id: 'e1' } }, {}],
  ])(
    'records who starts an impersonation as acting for nobody else, by %s',
    async (_name, before, after, options) => {
      const send = await serve((app) => {
        app.use((req, _res, next) => {
          Object.assign(req, { session: { ...before } })
          next()
        })
        app.post('/impersonations', (req, res) => {
          Object.assign(req.session, after)
          res.json({})
        })
      }, options)
      const user = await send('POST', '/impersonations')
      expect(user).toMatchObject({ id: 'e1' })
      expect(user).not.toHaveProperty('on_behalf_of')
    },
  )

  it('does not read a cookie-session before the application does', async () => {
    const bare = await setCookieOf((app) => void app)
    expect(await setCookieOf((app) => app.use(auditLog({ sink: memory() })))).toEqual(bare)

    /** The response to a request whose cookie was signed with an older key: reading it would sign it anew. */
    async function setCookieOf(prepare: (app: App) => void) {
      const app = express()
      prepare(app)
      app.use(cookieSession({ keys: ['new key', 'old key'] }) as express5.RequestHandler)
      app.get('/', (_req, res) => void res.json({}))
      const { url } = await startServer(app)
      const value = Buffer.from('{"user":{"id":7}}').toString('base64')
      const { default: Keygrip } = await import('keygrip')
      const signature = new Keygrip(['old key']).sign(`session=${value}`)
      const response = await fetch(url, { headers: { cookie: `session=${value}; session.sig=${signature}` } })
      return response.headers.getSetCookie()
    }
  })

  it('records the user in an app inside a plain server, from its first request on', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const app = loadExpress()
    app.use((req, _res, next) => {
      Object.assign(req, { user: { ...ann } })
      next()
    })
    const seen: unknown[] = []
    app.post('/things/:thing', (req, res) => {
      seen.push([req.params, Object.getOwnPropertyDescriptor(req, 'params')?.enumerable])
      req.user = undefined
      res.json({})
    })
    const { url } = await startServer((req, res) => {
      audit(req, res, () => app(req, res))
    })
    const send = createClient(sink, url)
    expect(await send('POST', '/things/1')).toMatchObject(asAnn)
    expect(await send('POST', '/things/2')).toMatchObject(asAnn)
    expect(seen).toEqual([
      [{ thing: '1' }, true],
      [{ thing: '2' }, true],
    ])
  })

  it('records the user after a spy on the router was restored', async () => {
    const sink = memory()
    const app = loadExpress()
    app.use(auditLog({ sink }))
    app.use((req, _res, next) => {
      Object.assign(req, { user: { ...ann } })
      next()
    })
    app.post('/act', (req, res) => {
      req.user = undefined
      res.json({})
    })
    const { url } = await startServer(app)
    const send = createClient(sink, url)
    const [layer] = (getRouter(app) as { stack: object[] }).stack
    const prototype = Object.getPrototypeOf(layer)
    const spy = jest.spyOn(prototype, 'handleRequest' in prototype ? 'handleRequest' : 'handle_request')
    expect(await send('POST', '/act')).toMatchObject(asAnn)
    expect(spy).toHaveBeenCalled()
    spy.mockRestore()
    expect(await send('POST', '/act')).toMatchObject(asAnn)
  })

  it('is not noticed by the application', async () => {
    const app = express()
    const seen: unknown[] = []
    const watch: express5.RequestHandler = (req, res) => {
      seen.push([
        'user' in req,
        Object.hasOwn(req, 'user'),
        Object.keys(req).includes('user'),
        Object.getOwnPropertyDescriptor(req, 'user'),
        'session' in req,
      ])
      res.json({})
    }
    app.get('/bare', watch)
    app.use(auditLog({ sink: memory() }))
    app.get('/audited', watch)
    const { url } = await startServer(app)
    await fetch(`${url}/bare`)
    await fetch(`${url}/audited`)
    expect(seen[1]).toEqual(seen[0])
  })
})

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('%s', (_name, Koa) => {
  type KoaOptions = Parameters<typeof auditKoa>[0]

  async function serve(prepare: (app: Koa3, router: KoaRouter) => void, options: KoaOptions = {}) {
    const sink = memory()
    const app = new Koa()
    app.silent = true
    app.keys = [SECRET]
    app.use(auditKoa({ sink, ...options }))
    const router = new KoaRouter()
    prepare(app, router)
    app.use(router.routes())
    const { url } = await startServer(app.callback())
    return createClient(sink, url)
  }

  function usePassport(app: Koa3, router: KoaRouter) {
    const passport = new KoaPassport()
    configure(passport)
    app.use(koaSession(app)).use(passport.initialize()).use(passport.session())
    router.post('/login', passport.authenticate('local') as never, (ctx) => {
      ctx.body = {}
    })
  }

  it.each<[string, (ctx: Koa3.Context) => unknown]>([
    ['ctx.logout()', (ctx) => ctx.logout()],
    [
      'ctx.session = null',
      (ctx) => {
        ctx.session = null
        ctx.state.user = undefined
      },
    ],
    [
      'a new ctx.state',
      (ctx) => {
        ctx.state = {}
      },
    ],
    [
      'the deletion of ctx.state.user',
      (ctx) => {
        delete ctx.state.user
      },
    ],
    [
      'a change of the user object',
      (ctx) => {
        Object.assign(ctx.state.user, { email: 'deleted', roles: [] })
      },
    ],
    ['a login as somebody else', (ctx) => ctx.login({ ...bob })],
  ])('records the user who acted, despite %s', async (_case, act) => {
    const send = await serve((app, router) => {
      usePassport(app, router)
      router.post('/act', async (ctx) => {
        await act(ctx)
        ctx.body = {}
      })
    })
    expect(await send('POST', '/login?username=ann&password=x')).toMatchObject(asAnn)
    expect(await send('POST', '/act')).toMatchObject(asAnn)
  })

  it('records the user of a token that the handler revokes', async () => {
    const send = await serve((_app, router) => {
      router.post('/revoke', koaJwt({ secret: SECRET }) as never, (ctx) => {
        ctx.state.user = null
        ctx.body = {}
      })
    })
    expect(await send('POST', '/revoke', bearer)).toMatchObject({
      authenticated: true,
      id: 'ann',
      roles: ['editor'],
    })
  })

  it.each<[string, (app: Koa3) => void]>([
    [
      'null as the default user',
      (app) =>
        app
          .use((ctx, next) => {
            ctx.state.user = null
            return next()
          })
          .use(logInWithState),
    ],
    [
      'a copy of the state before the authentication',
      (app) =>
        app
          .use((ctx, next) => {
            ctx.state = { ...ctx.state, csrf: 'x' }
            return next()
          })
          .use(logInWithState),
    ],
    [
      'a state without a prototype',
      (app) =>
        app
          .use((ctx, next) => {
            ctx.state = Object.create(null)
            return next()
          })
          .use(logInWithState),
    ],
    [
      'a frozen state',
      (app) =>
        app.use((ctx, next) => {
          ctx.state = Object.freeze({ user: ann })
          return next()
        }),
    ],
  ])('records the user whom a handler clears after %s', async (_case, prepare) => {
    const send = await serve((app, router) => {
      prepare(app)
      router
        .post('/clear', (ctx) => {
          if (Object.isFrozen(ctx.state)) ctx.state = {}
          else ctx.state.user = null
          ctx.body = {}
        })
        .post('/delete', (ctx) => {
          if (Object.isFrozen(ctx.state)) ctx.state = {}
          else delete ctx.state.user
          ctx.body = {}
        })
        .post('/replace', (ctx) => {
          const { csrf } = ctx.state
          ctx.state = { csrf }
          ctx.body = {}
        })
    })
    expect(await send('POST', '/clear')).toMatchObject(asAnn)
    expect(await send('POST', '/delete')).toMatchObject(asAnn)
    expect(await send('POST', '/replace')).toMatchObject(asAnn)
  })

  it.each(['user', 'currentUser', 'decoded'])(
    'records the user in ctx.state.%s who asks for themself and is logged out through the same object',
    async (name) => {
      const send = await serve((app, router) => {
        app.use((ctx, next) => {
          ctx.state[name] = { ...ann }
          return next()
        })
        router.post('/users/:userId', (ctx) => {
          const { state } = ctx
          state[name] = undefined
          ctx.body = {}
        })
      })
      expect(await send('POST', '/users/7')).toMatchObject(asAnn)
    },
  )

  it.each<[string, (ctx: Koa3.Context) => void]>([
    ['a frozen state', (ctx) => void Object.freeze(ctx.state)],
    ['a frozen context', (ctx) => void Object.freeze(ctx)],
    ['a context that cannot be extended', (ctx) => void Object.preventExtensions(ctx)],
    [
      'a state that cannot be redefined',
      (ctx) => void Object.defineProperty(ctx, 'state', { configurable: false }),
    ],
    [
      'a state that cannot be read',
      (ctx) =>
        void Object.defineProperty(ctx, 'state', {
          get() {
            throw new Error('state')
          },
        }),
    ],
    ['no state', (ctx) => void Object.assign(ctx, { state: null })],
  ])('answers as without the middleware to a request with %s', async (_case, prepare) => {
    const sink = memory()
    const app = new Koa()
    app.use((ctx, next) => {
      prepare(ctx)
      return next()
    })
    app.use(auditKoa({ sink }))
    app.use((ctx) => {
      ctx.body = 'hello'
    })
    const { url } = await startServer(app.callback())
    expect(await (await fetch(url)).text()).toBe('hello')
    const [{ audit }] = await sink.waitFor(1)
    expect(audit.http_response).toMatchObject({ status_code: 200 })
  })

  function logInWithState(ctx: Koa3.Context, next: Koa3.Next) {
    ctx.state.user = { ...ann }
    return next()
  }

  it.each<[string, KoaOptions]>([
    ['without an option', {}],
    [
      'with the option `user`',
      {
        user: (ctx) => ({
          authenticated: true,
          email: (ctx as unknown as { session: { user: typeof ann } }).session.user.email,
        }),
      },
    ],
  ])('records the user of a koa-session that the handler ends, %s', async (_case, options) => {
    const send = await serve((app, router) => {
      app.use(koaSession(app))
      router.post('/login', (ctx) => {
        Object.assign(ctx.session as object, { user: ann })
        ctx.body = {}
      })
      router.post('/logout', (ctx) => {
        ctx.session = null
        ctx.body = {}
      })
      router.post('/forget', (ctx) => {
        ;(ctx.session as { user?: unknown }).user = undefined
        ctx.body = {}
      })
    }, options)
    await send('POST', '/login')
    expect(await send('POST', '/forget')).toMatchObject({ authenticated: true, email: 'ann@example.org' })
    await send('POST', '/login')
    expect(await send('POST', '/logout')).toMatchObject({ authenticated: true, email: 'ann@example.org' })
  })

  it('is not noticed by the application', async () => {
    const seen: unknown[] = []
    for (const options of [undefined, { sink: memory() }]) {
      const app = new Koa()
      if (options !== undefined) app.use(auditKoa(options))
      app.use((ctx) => {
        const isIn = 'user' in ctx.state
        const contextNames = Object.keys(ctx)
        const { state, ...others } = { ...ctx }
        ctx.state.user = { id: 1 }
        seen.push([
          isIn,
          contextNames.filter((name) => name !== 'audit'),
          Object.keys(others).filter((name) => name !== 'audit'),
          state === ctx.state,
          isDeepStrictEqual(ctx.state, { user: { id: 1 } }),
          ctx.state instanceof Object,
          inspect(ctx.state, { showHidden: true }),
          inspect(ctx).replace(/127[.:\d]+/g, ''),
          [ctx.params, Object.hasOwn(ctx, 'params'), Object.getOwnPropertySymbols(others)],
          Object.assign(Object.create(ctx), { state: 1, params: 2 }).state,
          Object.keys(Object.assign(Object.create(ctx), { state: 1, params: 2 })),
          ctx.params,
          Object.keys(ctx.state),
          Object.getOwnPropertyDescriptor(ctx.state, 'user'),
          JSON.stringify(ctx.state),
          { ...ctx.state },
          ctx.state.constructor === Object,
          String(ctx.state),
          structuredClone(ctx.state),
          delete ctx.state.user,
          'user' in ctx.state,
        ])
        ctx.body = {}
      })
      const { url } = await startServer(app.callback())
      await fetch(url)
    }
    expect(seen[1]).toEqual(seen[0])
  })
})

describe.each<[string, (listener: Listener, sink: MemorySink) => RequestListener]>([
  [
    'node:http',
    (listener, sink) => {
      const audit = auditLog({ sink })
      return (req, res) => audit(req, res, () => listener(req as AuditedRequest, res))
    },
  ],
  [
    'Connect',
    (listener, sink) => {
      const app = connect()
      app.use(auditLog({ sink }))
      app.use((req, res) => listener(req as AuditedRequest, res))
      return app
    },
  ],
])('%s', (_name, build) => {
  it('records the user who was logged in when the handler called its logger', async () => {
    const sink = memory()
    const listener: Listener = (req, res) => {
      const request = req as AuditedRequest & { user?: object }
      request.user = ann
      request.audit.info('Logged out')
      delete request.user
      res.end()
    }
    const { url } = await startServer(build(listener, sink))
    expect(await createClient(sink, url)('POST', '/logout')).toMatchObject(asAnn)
  })
})
