// Who counts as the user who sent a request, by who put the user there, and when. The libraries are real.
import { afterEach, describe, expect, it } from '@jest/globals'
import KoaRouter from '@koa/router'
import express5 from 'express'
import express4 from 'express-4'
import basicAuth from 'express-basic-auth'
import { expressjwt } from 'express-jwt'
import expressSession from 'express-session'
import { auditLog } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import jsonwebtoken from 'jsonwebtoken'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { Passport } from 'passport'
import { Strategy } from 'passport-local'
import { startServer, stopServers } from '../helpers/servers.js'
import { createUserRecorder } from '../helpers/user-recorder.js'

afterEach(stopServers)

const SECRET = 'a secret of this test'
const target = { id: 42, name: 'Target', email: 'target@example.org' }
const ann = { id: 7, username: 'ann', email: 'ann@example.org' }
const bob = { id: 8, username: 'bob', email: 'bob@example.org' }
const asAnn = { authenticated: true, id: '7' }
const unknown = { authenticated: null, email: '' }
const sign = (claims: object) => jsonwebtoken.sign(claims, SECRET, { expiresIn: '1m' })
const bearer = (claims: object) => ({ authorization: `Bearer ${sign(claims)}` })

const createRecorder = () => createUserRecorder({ method: 'DELETE' })

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  type App = ReturnType<typeof express5>
  type Handler = express5.RequestHandler

  async function serve(prepare: (app: App) => void) {
    const recorder = createRecorder()
    const app = express()
    app.use(auditLog(recorder.options))
    prepare(app)
    app.use((_req, res) => void res.json({}))
    app.use((error: { status?: number }, _req: unknown, res: express5.Response, _next: unknown) => {
      res.status(error.status ?? 500).end()
    })
    return { ...recorder, ...(await startServer(app)) }
  }

  const answer: Handler = (_req, res) => void res.json({})
  const refuse: Handler = (_req, res) => void res.status(401).end()
  /** Middleware that sets properties of the request. */
  const put =
    (properties: object): Handler =>
    (req, _res, next) => {
      Object.assign(req, structuredClone(properties))
      next()
    }
  const putParam = (properties: object) => (req: object, _res: unknown, next: () => void) => {
    Object.assign(req, structuredClone(properties))
    next()
  }
  const useSession = (app: App) =>
    void app.use(expressSession({ secret: SECRET, resave: false, saveUninitialized: false }))

  it.each<[string, string, (app: App) => void]>([
    ['middleware of a route', '/users/42', (app) => app.delete('/users/:id', put({ user: target }), answer)],
    [
      'the handler',
      '/users/42',
      (app) =>
        app.delete('/users/:id', (req, res) => {
          Object.assign(req, { user: target })
          res.json({})
        }),
    ],
    ['a query', '/user?id=42', (app) => app.delete('/user', put({ user: target }), answer)],
    [
      'a regular expression',
      '/user/42',
      (app) => app.delete(/^\/user\/(\d+)$/, put({ user: target }), answer),
    ],
    [
      'a callback of a slug',
      '/users/target-1',
      (app) => {
        app.param('slug', putParam({ user: target }))
        app.delete('/users/:slug', answer)
      },
    ],
    [
      'a callback for the path of a router',
      '/u/42/posts',
      (app) => {
        app.param('user', putParam({ user: target }))
        const router = express.Router()
        router.delete('/posts', answer)
        app.use('/u/:user', router)
      },
    ],
    [
      'a callback of a route that passes the request on',
      '/u/42',
      (app) => {
        app.param('user', putParam({ user: target }))
        app.delete('/u/:user', (_req, _res, next) => next())
      },
    ],
    [
      'a callback of a router inside a router',
      '/a/b/42',
      (app) => {
        const inner = express.Router()
        inner.param('id', putParam({ user: target }))
        inner.delete('/:id', answer)
        const outer = express.Router()
        outer.use('/b', inner)
        app.use('/a', outer)
      },
    ],
    [
      'a row with times like those of a token',
      '/users/42',
      (app) => app.delete('/users/:id', put({ user: { ...target, exp: 1, iat: 1 } }), answer),
    ],
    [
      'a callback that sets req.userId',
      '/users/42',
      (app) => {
        app.param('userId', putParam({ userId: '42' }))
        app.delete('/users/:userId', answer)
      },
    ],
    [
      'middleware that sets req.userId',
      '/users/42',
      (app) => app.delete('/users/:userId', put({ userId: '42' }), answer),
    ],
  ])('does not take a user selected by %s for the one who sent the request', async (_case, path, prepare) => {
    const { url, send, errors } = await serve((app) => void prepare(app))
    for (const _ of [1, 2]) expect((await send(url + path)).user).toMatchObject(unknown)
    expect(errors.map(({ code }) => code)).toEqual(['ERR_AUDIT_USER'])
  })

  it.each<[string, (app: App) => void]>([
    ['an app', (app) => app.use(put({ user: ann }))],
    ['an app, with a path', (app) => app.use('/users', put({ user: ann }))],
    [
      'a wildcard route',
      (app) => app.all(express === express4 ? '/users*' : '/users{/*rest}', put({ user: ann })),
    ],
  ])('records the user that middleware of %s put there', async (_case, authenticate) => {
    const { url, send, errors } = await serve((app) => {
      authenticate(app)
      app.param('id', putParam({ target }))
      app.delete('/users/:id', put({ other: 1 }), answer)
    })
    expect((await send(`${url}/users/42`)).user).toMatchObject(asAnn)
    expect(errors).toEqual([])
  })

  it('records the user that middleware of a router put there', async () => {
    const { url, send } = await serve((app) => {
      const router = express.Router()
      router.use(put({ user: ann }))
      router.delete('/:id', answer)
      app.use('/users', router)
    })
    expect((await send(`${url}/users/42`)).user).toMatchObject(asAnn)
  })

  it('records the user that middleware of a route without parameters put there', async () => {
    const { url, send } = await serve((app) => void app.delete('/me', put({ user: ann }), answer))
    expect((await send(`${url}/me`)).user).toMatchObject(asAnn)
  })

  it.each<[string, object, object]>([
    ['sub', { sub: 'ann' }, { id: 'ann' }],
    ['username', { username: 'ann' }, { id: 'ann' }],
    ['email', { email: 'ann@example.org' }, { email: 'ann@example.org' }],
  ])('prefers a user with only %s to the one whom a route loads', async (_case, user, expected) => {
    const { url, send } = await serve((app) => {
      app.use(put({ user }))
      app.delete('/users/:id', put({ user: target }), answer)
    })
    expect((await send(`${url}/users/42`)).user).toMatchObject({ authenticated: true, ...expected })
  })

  it('prefers a token to the user whom a route loads', async () => {
    const { url, send } = await serve((app) => {
      app.use(expressjwt({ secret: SECRET, algorithms: ['HS256'] }))
      app.delete('/users/:id', put({ user: target }), answer)
    })
    const { user } = await send(`${url}/users/42`, { headers: bearer({ sub: 'ann' }) })
    expect(user).toMatchObject({ authenticated: true, id: 'ann', email: '' })
  })

  it('prefers the user of a session to the one whom a route loads', async () => {
    const { url, send } = await serve((app) => {
      app.use(put({ session: { user: { email: 'ann@example.org' } } }))
      app.delete('/users/:id', put({ user: target }), answer)
    })
    expect((await send(`${url}/users/42`)).user).toMatchObject({ email: 'ann@example.org' })
  })

  it('records the subject of a token that a route verifies by hand', async () => {
    const { url, send } = await serve((app) => {
      const authenticate: Handler = (req, _res, next) => {
        const [, token = ''] = req.headers.authorization?.split(' ') ?? []
        Object.assign(req, { user: jsonwebtoken.verify(token, SECRET) })
        next()
      }
      app.delete('/users/:id', authenticate, answer)
    })
    const { user } = await send(`${url}/users/42`, { headers: bearer({ sub: 'ann' }) })
    expect(user).toMatchObject({ authenticated: true, id: 'ann' })
  })

  it.each<[string, object]>([
    ['the claims', { sub: 'bob' }],
    ['a row of the database', bob],
  ])('does not record the user of the session if a route acts by a token: %s', async (_case, user) => {
    const { url, send } = await serve((app) => {
      app.use(put({ session: { userId: 7 } }))
      app.delete('/orders/:id', put({ user }), answer)
    })
    expect((await send(`${url}/orders/1`, { headers: bearer({ sub: 'bob' }) })).user).toMatchObject(unknown)
  })

  it('does not confuse a row before an update with the user who acts', async () => {
    const { url, send } = await serve((app) => {
      app.use(put({ user: ann }))
      app.param('id', putParam({ originalUser: target }))
      app.put('/users/:id', answer)
    })
    const { user } = await send(`${url}/users/42`, { method: 'PUT' })
    expect(user).toMatchObject(asAnn)
    expect(user).not.toHaveProperty('on_behalf_of')
  })

  describe('a response with the status 401', () => {
    const basic = (password: string) => ({ headers: { authorization: `Basic ${btoa(`ann:${password}`)}` } })

    it('shows that express-basic-auth has refused a password', async () => {
      const { url, send } = await serve((app) => void app.use(basicAuth({ users: { ann: 'right' } })))
      expect(await send(url, basic('wrong'))).toMatchObject({ status: 401, user: { authenticated: false } })
      expect(await send(url, basic('right'))).toMatchObject({
        status: 200,
        user: { authenticated: true, id: 'ann' },
      })
    })

    it('shows that an authorizer that answers later has refused a password', async () => {
      const { url, send } = await serve(
        (app) =>
          void app.use(
            basicAuth({
              authorizeAsync: true,
              authorizer: (_user, password, done) => void setImmediate(done, null, password === 'right'),
            }),
          ),
      )
      expect(await send(url, basic('wrong'))).toMatchObject({ status: 401, user: { authenticated: false } })
    })

    it.each<[string, Handler[]]>([
      ['a user who was loaded', [put({ user: ann }), refuse]],
      ['a user who was loaded and cleared', [put({ user: ann }), put({ user: undefined }), refuse]],
      ['a session that was not logged in', [put({ session: { user: ann } }), put({ session: {} }), refuse]],
    ])('does not leave a login by %s', async (_case, handlers) => {
      const { url, send } = await serve((app) => void app.post('/login', ...handlers))
      expect((await send(`${url}/login`, { method: 'POST' })).user.authenticated).not.toBe(true)
    })

    it('leaves the user of a session', async () => {
      const { url, send } = await serve((app) => void app.use(put({ session: { user: ann } }), refuse))
      expect(await send(url)).toMatchObject({ status: 401, user: asAnn })
    })
  })

  it('does not know a value without a name where Passport is only mounted', async () => {
    const { url, send } = await serve((app) => {
      useSession(app)
      const passport = new Passport()
      app.use(passport.initialize(), passport.session(), put({ user: { theme: 'dark' } }))
    })
    expect((await send(url)).user).toMatchObject(unknown)
  })

  it('records the user whom a route authenticates by Passport without a session', async () => {
    const { url, send } = await serve((app) => {
      const passport = new Passport()
      passport.use(new Strategy((_name, _password, done) => done(null, { ...ann })))
      const authenticate = passport.authenticate('local', { session: false }) as Handler
      app.delete('/users/:id', authenticate, put({ user: target }), answer)
    })
    expect((await send(`${url}/users/42?username=a&password=b`)).user).toMatchObject(asAnn)
  })

  it('does not know the user of an accepted request with credentials, where no place has one', async () => {
    const { url, send, errors } = await serve(
      (app) =>
        void app.use(expressjwt({ secret: SECRET, algorithms: ['HS256'], requestProperty: 'elsewhere' })),
    )
    expect((await send(url, { headers: bearer({ sub: 'ann' }) })).user).toMatchObject(unknown)
    expect(await send(url)).toMatchObject({ status: 401, user: { authenticated: false } })
    expect(errors[0]?.message).toContain('A request with the header Authorization was accepted')
  })

  it('does not call a getter of the application', async () => {
    let calls = 0
    const define = (object: object, res: () => express5.Response | undefined) =>
      Object.defineProperty(object, 'user', {
        configurable: true,
        get() {
          calls++
          res()?.setHeader('x-user', 'read')
          return ann
        },
      })
    const { url, send, errors } = await serve((app) => {
      app.use('/own', (req, res, next) => next(void define(req, () => res)))
      app.use('/inherited', (_req, _res, next) => next(void define(app.request, () => undefined)))
    })
    for (const path of ['/own', '/inherited']) {
      const { user, headers } = await send(url + path)
      expect(user).toMatchObject(unknown)
      expect(headers.get('x-user')).toBeNull()
    }
    expect(calls).toBe(0)
    expect(errors[0]?.message).toContain('`req.user` has a getter')
  })

  it.each<[string, object]>([
    ['a text in `act`', { user: { ...ann, act: '2' } }],
    ['an impersonator that is only true', { user: ann, impersonator: true }],
    ['a flag in the session', { user: ann, session: { isImpersonating: true } }],
    [
      'an impersonator with the same id, without another name',
      { user: { id: 1 }, session: { impersonatorId: 1 } },
    ],
  ])('does not know who acts by %s', async (_case, properties) => {
    const { url, send, errors } = await serve((app) => void app.use(put(properties)))
    expect((await send(url)).user).toMatchObject(unknown)
    expect(errors).toHaveLength(1)
  })

  it('tells an impersonator from a customer with the same id in another table', async () => {
    const impersonator = { id: 7, email: 'employee@example.org' }
    const { url, send } = await serve((app) => void app.use(put({ user: ann, session: { impersonator } })))
    expect((await send(url)).user).toMatchObject({
      email: 'employee@example.org',
      on_behalf_of: { email: 'ann@example.org' },
    })
  })

  it('calls the callbacks of a parameter once, and leaves their arguments', async () => {
    const calls: unknown[] = []
    const { url, send } = await serve((app) => {
      app.param('id', (_req, _res, next, value, name) => {
        calls.push([value, name])
        next()
      })
      app.delete('/users/:id', (_req, _res, next) => next())
      app.delete('/users/:id', answer)
    })
    await Promise.all([send(`${url}/users/1`), send(`${url}/users/1`)])
    expect(calls).toEqual([
      ['1', 'id'],
      ['1', 'id'],
    ])
  })
})

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('%s', (_name, Koa) => {
  async function serve(prepare: (app: Koa3, router: KoaRouter) => void) {
    const recorder = createRecorder()
    const app = new Koa()
    app.use(auditKoa(recorder.options))
    const router = new KoaRouter()
    prepare(app, router)
    app.use(router.routes())
    return { ...recorder, ...(await startServer(app.callback())) }
  }

  const answer = (ctx: { body: unknown }) => {
    ctx.body = {}
  }

  it.each<[string, (router: KoaRouter) => void]>([
    [
      'router.param',
      (router) => {
        router.param('id', (_id, ctx, next) => {
          ctx.state.user = { ...target }
          return next()
        })
        router.delete('/users/:id', answer)
      },
    ],
    [
      'middleware of a route',
      (router) => {
        const load: Koa3.Middleware = (ctx, next) => {
          ctx.state.userId = '42'
          return next()
        }
        router.delete('/users/:userId', load as never, answer)
      },
    ],
    [
      'a handler for its view',
      (router) => {
        router.delete('/users/:id', (ctx) => {
          ctx.state.user = { ...target }
          ctx.body = {}
        })
      },
    ],
  ])('does not take a user selected by %s for the one who sent the request', async (_case, prepare) => {
    const { url, send, errors } = await serve((_app, router) => prepare(router))
    expect((await send(`${url}/users/42`)).user).toMatchObject(unknown)
    expect(errors.map(({ code }) => code)).toEqual(['ERR_AUDIT_USER'])
  })

  it('records the user that middleware put there before the router', async () => {
    const { url, send } = await serve((app, router) => {
      app.use((ctx, next) => {
        ctx.state.user = { ...ann }
        return next()
      })
      router.delete('/users/:id', (ctx) => {
        ctx.state.user = { ...target }
        ctx.body = {}
      })
    })
    expect((await send(`${url}/users/42`)).user).toMatchObject(asAnn)
  })

  it('does not take a user whom a later middleware refuses for a login', async () => {
    const { url, send } = await serve((app) => {
      app.use((ctx) => {
        ctx.state.user = { ...ann }
        ctx.status = 401
      })
    })
    expect((await send(url)).user.authenticated).not.toBe(true)
  })
})
