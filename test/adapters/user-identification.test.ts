// Which requests are recorded as those of a user, of nobody, and of an unknown user, with one report on stderr.
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
import koaSession from 'koa-session'
import { Passport } from 'passport'
import { Strategy } from 'passport-local'
import { readText } from '../helpers/read-file.js'
import { startServer, stopServers } from '../helpers/servers.js'
import { createUserRecorder, type RecordedUser } from '../helpers/user-recorder.js'

afterEach(stopServers)

const SECRET = 'a secret of this test'
const unknown = { authenticated: null, provider: '', realm: '', email: '', roles: null, ip: '127.0.0.1' }
const nobody = { ...unknown, authenticated: false }
const iss = 'https://sso.example.org/realms/city'
const sign = (claims: object) => ({
  authorization: `Bearer ${jsonwebtoken.sign(claims, SECRET, { expiresIn: '1m' })}`,
})

/** The function that @clerk/express assigns to `req.auth`. */
const asClerk = (state: object) => Object.assign(() => state, { [Symbol.for('@clerk/express.auth')]: true })

/** A recorder whose requests never end in an error of the server. */
function createRecorder() {
  const { send, ...recorder } = createUserRecorder()
  async function sendSuccessfully(url: string, init?: RequestInit): Promise<RecordedUser> {
    const sent = await send(url, init)
    expect(sent.status).toBeLessThan(500)
    return sent
  }
  return { ...recorder, send: sendSuccessfully }
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  type App = ReturnType<typeof express5>

  async function serve(prepare: (app: App) => void) {
    const recorder = createRecorder()
    const app = express()
    app.use(auditLog(recorder.options))
    prepare(app)
    app.use((_req, res) => void res.json({}))
    app.use(
      (_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => void res.status(401).end(),
    )
    return { ...recorder, ...(await startServer(app)) }
  }

  /** The recorded user of a request with these properties. */
  async function userWith(properties: object) {
    const { url, send, errors } = await serve((app) => {
      app.use((req, res, next) => {
        const { locals, ...others } = properties as { locals?: object }
        Object.assign(req, others)
        Object.assign(res.locals, locals)
        next()
      })
    })
    const [first] = [await send(url), await send(url)]
    return { user: first.user, errors }
  }

  function usePassport(app: App) {
    const passport = new Passport()
    passport.use(new Strategy((id, _password, done) => done(null, { id })))
    passport.serializeUser((user, done) => done(null, (user as { id: string }).id))
    passport.deserializeUser((id, done) => done(null, { id: String(id) }))
    app.use(expressSession({ secret: SECRET, resave: false, saveUninitialized: false }))
    app.use(passport.session())
    app.post('/login', passport.authenticate('local'))
  }

  async function logIn(url: string, send: ReturnType<typeof createRecorder>['send'], id: string) {
    const { user, cookie } = await send(`${url}/login?username=${id}&password=x`, { method: 'POST' })
    expect(user).toMatchObject({ authenticated: true, id })
    return { cookie }
  }

  it.each<[string, object, object]>([
    [
      'Mongoose',
      { user: { _id: { toHexString: () => '507f1f77bcf86cd799439011' } } },
      { id: '507f1f77bcf86cd799439011' },
    ],
    [
      'Clerk',
      {
        auth: asClerk({
          userId: 'u1',
          isAuthenticated: true,
          sessionClaims: { iss, email: 'ann@example.org' },
        }),
      },
      { id: 'u1', provider: iss, realm: 'city', email: 'ann@example.org' },
    ],
    [
      'older Clerk',
      { auth: { userId: 'u1', sessionClaims: { iss } } },
      { id: 'u1', provider: iss, realm: 'city' },
    ],
    [
      'an API key of Clerk',
      { auth: asClerk({ tokenType: 'api_key', id: 'ak_1', subject: 'user_1', userId: 'user_1' }) },
      { id: 'user_1' },
    ],
    [
      'a machine of Clerk',
      { auth: asClerk({ tokenType: 'm2m_token', id: 'mt_1', subject: 'mch_1', isAuthenticated: true }) },
      { id: 'mch_1' },
    ],
    ['Feathers', { feathers: { user: { id: 'u1' } } }, { id: 'u1' }],
    [
      'Better Auth',
      { session: { session: { id: 's' }, user: { id: 'u1', email: 'ann@example.org' } } },
      { id: 'u1', email: 'ann@example.org' },
    ],
    [
      'Auth.js',
      { locals: { session: { expires: '2026-12-01', user: { name: 'Ann', email: 'ann@example.org' } } } },
      { email: 'ann@example.org' },
    ],
    [
      'Grant',
      { session: { grant: { provider: 'github', response: { profile: { id: 7, login: 'ann' } } } } },
      { id: '7', provider: 'github' },
    ],
    ['a decoded token', { decoded: { id: 'u1', iat: 1 } }, { id: 'u1' }],
    ['an id on the request', { userId: 'u1' }, { id: 'u1' }],
    ['a user id in the session', { session: { userId: 7 } }, { id: '7' }],
    ['a name in the session', { session: { user: 'ann' } }, { id: 'ann' }],
  ])('names the user of %s', async (_library, properties, expected) => {
    const { user, errors } = await userWith(properties)
    expect(user).toEqual({ ...nobody, authenticated: true, ...expected })
    expect(errors).toEqual([])
  })

  it.each<[string, object]>([
    ['a signed-out Clerk', { auth: asClerk({ userId: null, sessionId: null, isAuthenticated: false }) }],
    ['a signed-out Clerk of an older version', { auth: { userId: null, sessionClaims: null } }],
    [
      'a machine that Clerk does not know',
      { auth: asClerk({ tokenType: 'm2m_token', id: null, subject: null }) },
    ],
    ['a guest', { user: { role: 'guest' } }],
    ['a guest in a database without truth values', { user: { id: 7, is_guest: 1 } }],
    ['the id 0 in a session', { session: { userId: 0 } }],
    ['a flagged guest', { user: { id: 'cart-7', isGuest: true } }],
    ['an anonymous user', { user: { anonymous: true } }],
    ['a logged-out express-openid-connect', { oidc: { isAuthenticated: () => false, user: { sub: 'x' } } }],
    ['an empty session', { session: { user: null, userId: '' } }],
  ])('does not take %s for a login', async (_case, properties) => {
    const { user, errors } = await userWith(properties)
    expect(user).toEqual(nobody)
    expect(errors).toEqual([])
  })

  it.each<[string, object, string]>([
    ['a value that names nobody', { user: { theme: 'dark' } }, '`req.user` has a value that names nobody'],
    ['a role without a name', { user: { role: 'reader' } }, '`req.user` has a value that names nobody'],
    [
      'an id with the role of a guest',
      { user: { id: 'cart-7', role: 'guest' } },
      '`req.user` names a guest with an id',
    ],
    ['a promise', { user: Promise.resolve({ id: 1 }) }, '`req.user` has a value that names nobody'],
    ['a list', { user: [{ id: 1 }] }, '`req.user` has a value that names nobody'],
    [
      'a function that says who is logged in',
      { user: { id: 1, isAuthenticated: () => false } },
      '`req.user` has a function that says whether the user is logged in',
    ],
    [
      'places that name different people',
      { user: { id: 1 }, session: { userId: 2 } },
      '`req.user` and `req.session.userId` name different people',
    ],
    [
      'an impersonation by nobody',
      { user: { id: 1, impersonated: true } },
      '`req.user` is used by somebody else, who is not named',
    ],
    [
      'an actor without a name',
      { auth: { sub: 'u1', act: {} } },
      '`req.auth` is used by somebody else, who is not named',
    ],
  ])('does not know who acted, and reports once: %s', async (_case, properties, message) => {
    const { user, errors } = await userWith(properties)
    expect(user).toEqual(unknown)
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_AUDIT_USER' })])
    expect(errors[0]?.message).toContain(message)
    expect(errors[0]?.message).toContain('Set the `user` option')
  })

  it('reports once a login of Passport that names nobody', async () => {
    const { url, send, errors } = await serve((app) => {
      const passport = new Passport()
      passport.use(new Strategy((_name, _password, done) => done(null, { theme: 'dark' })))
      app.use(passport.authenticate('local', { session: false }))
    })
    for (const _ of [1, 2]) {
      expect((await send(`${url}/?username=a&password=b`)).user).toEqual({ ...unknown, authenticated: true })
    }
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('`req.user` shows a login, but names nobody'),
    ])
  })

  it('does not call a function of the application in req.auth', async () => {
    let calls = 0
    const auth = () => {
      calls++
      return { userId: 'u1' }
    }
    const { user, errors } = await userWith({ auth })
    expect(user).toEqual(unknown)
    expect(errors[0]?.message).toContain('`req.auth` has a value that names nobody')
    expect(calls).toBe(0)
  })

  it('express-basic-auth', async () => {
    const { url, send } = await serve((app) => {
      app.use(basicAuth({ users: { ann: 'geheim-en-lang' } }))
    })
    const headers = { authorization: `Basic ${btoa('ann:geheim-en-lang')}` }
    expect((await send(url, { headers })).user).toEqual({ ...nobody, authenticated: true, id: 'ann' })
  })

  it('records the user who is logged in, not the one whom app.param loaded', async () => {
    const { url, send, errors } = await serve((app) => {
      usePassport(app)
      app.use((_req, _res, next) => next())
      app.param('user', (req, _res, next, id) => {
        req.user = { id }
        next()
      })
      app.delete('/users/:user', (_req, res) => void res.json({}))
    })
    const headers = await logIn(url, send, 'ann')
    expect((await send(`${url}/users/42`, { method: 'DELETE', headers })).user).toMatchObject({
      authenticated: true,
      id: 'ann',
    })
    expect(errors).toEqual([])
  })

  it.each<[string, (app: App) => void]>([
    [
      'app.param',
      (app) => {
        app.param('user', (req, _res, next, id) => {
          req.user = { id, name: `user ${id}` }
          next()
        })
        app.delete('/users/:user', (_req, res) => void res.json({}))
      },
    ],
    [
      'app.param of another name',
      (app) => {
        app.param('id', (req, _res, next, id) => {
          req.user = { id }
          next()
        })
        app.delete('/users/:id', (_req, res) => void res.json({}))
      },
    ],
    [
      'a router with a parameter',
      (app) => {
        const router = express.Router()
        router.param('userId', (req, _res, next, id) => {
          req.user = { _id: id }
          next()
        })
        router.delete('/:userId', (_req, res) => void res.json({}))
        app.use('/users', router)
      },
    ],
    [
      'a middleware of the route',
      (app) => {
        const load: express5.RequestHandler = (req, _res, next) => {
          req.user = { id: req.params.userId } as object
          next()
        }
        app.delete('/users/:userId', load, (_req, res) => void res.json({}))
      },
    ],
    [
      'a slug',
      (app) => {
        app.param('user', (req, _res, next) => {
          req.user = { id: 42 } as object
          next()
        })
        app.delete('/users/:user', (_req, res) => void res.json({}))
      },
    ],
  ])(
    'does not record the user that the request is about as the one who sent it: %s',
    async (_case, prepare) => {
      const { url, send, errors } = await serve(prepare)
      expect((await send(`${url}/users/42`, { method: 'DELETE' })).user).toEqual(unknown)
      expect(errors[0]?.message).toContain('`req.user` may be the user that the request is about')
    },
  )

  it('does not record a loaded user as the one in the Passport session', async () => {
    const { url, send, errors } = await serve((app) => {
      usePassport(app)
      // Nothing runs between Passport and the parameter.
      app.param('id', (req, _res, next, id) => {
        req.user = { id }
        next()
      })
      app.delete('/users/:id', (_req, res) => void res.json({}))
    })
    const headers = await logIn(url, send, '7')
    const { user } = await send(`${url}/users/42`, { method: 'DELETE', headers })
    expect(user).not.toMatchObject({ id: '42' })
    if (user.authenticated === null)
      expect(errors[0]?.message).toContain('somebody else than the Passport session')
    else expect(user).toMatchObject({ authenticated: true, id: '7' })
  })

  it.each<[string, (app: App) => void]>([
    ['Passport', usePassport],
    [
      'a middleware of the application',
      (app) => {
        app.use((req, _res, next) => {
          if (req.headers.cookie !== undefined) req.user = { id: '7' } as object
          next()
        })
        app.post('/login', (_req, res) => void res.cookie('a', 'b').json({}))
      },
    ],
  ])('records a user who asks for their own record: %s', async (_case, prepare) => {
    const { url, send, errors } = await serve((app) => {
      prepare(app)
      app.get('/users/:userId', (_req, res) => void res.json({}))
    })
    const { cookie } = await send(`${url}/login?username=7&password=x`, { method: 'POST' })
    expect((await send(`${url}/users/7`, { headers: { cookie } })).user).toMatchObject({
      authenticated: true,
      id: '7',
    })
    expect(errors).toEqual([])
  })

  it('records the subject of a token who asks for their own record', async () => {
    const { url, send } = await serve((app) => {
      const authenticate = expressjwt({ secret: SECRET, algorithms: ['HS256'], requestProperty: 'user' })
      app.get('/users/:userId', authenticate, (_req, res) => void res.json({}))
    })
    expect((await send(`${url}/users/u1`, { headers: sign({ sub: 'u1' }) })).user).toMatchObject({
      authenticated: true,
      id: 'u1',
    })
  })

  it('prefers the token to a user that a parameter selected', async () => {
    const { url, send } = await serve((app) => {
      app.use(expressjwt({ secret: SECRET, algorithms: ['HS256'] }))
      app.param('user', (req, _res, next, id) => {
        req.user = { id }
        next()
      })
      app.delete('/users/:user', (_req, res) => void res.json({}))
    })
    const init = { method: 'DELETE', headers: sign({ sub: 'ann' }) }
    expect((await send(`${url}/users/42`, init)).user).toMatchObject({ authenticated: true, id: 'ann' })
  })

  describe('who acts for whom', () => {
    const customer = { id: '42', email: 'c@example.org', roles: ['customer'] }
    const onBehalfOf = (fields: object) => ({
      provider: '',
      realm: '',
      email: '',
      roles: null,
      ...fields,
    })

    it.each<[string, object, object, object]>([
      [
        'act in a token (RFC 8693)',
        { auth: { sub: 'user@example.net', iss, scope: 'persons:read', act: { sub: 'admin@example.net' } } },
        { id: 'admin@example.net', provider: iss, realm: 'city', roles: null },
        onBehalfOf({ id: 'user@example.net', provider: iss, realm: 'city', roles: ['persons:read'] }),
      ],
      [
        'a chain of actors',
        {
          user: {
            sub: 'user@example.net',
            act: { sub: 'https://service16.example.com', act: { sub: 'https://service77.example.com' } },
          },
        },
        { id: 'https://service16.example.com' },
        onBehalfOf({ id: 'user@example.net', via: ['https://service77.example.com'] }),
      ],
      [
        'the actor of Clerk',
        { auth: asClerk({ userId: 'customer', actor: { sub: 'employee' }, sessionClaims: { iss } }) },
        { id: 'employee', provider: iss },
        onBehalfOf({ id: 'customer', provider: iss, realm: 'city' }),
      ],
      [
        'the impersonator of Keycloak',
        {
          kauth: {
            grant: {
              access_token: {
                content: { sub: 'customer', iss, impersonator: { id: 'employee', username: 'e' } },
              },
            },
          },
        },
        { id: 'employee', provider: iss },
        onBehalfOf({ id: 'customer', provider: iss, realm: 'city' }),
      ],
      [
        'impersonatedBy of Better Auth',
        { user: customer, session: { user: customer, session: { impersonatedBy: 'e1' } } },
        { id: 'e1' },
        onBehalfOf(customer),
      ],
      [
        'an impersonator in the session',
        { user: customer, session: { impersonator: 'e1' } },
        { id: 'e1' },
        onBehalfOf(customer),
      ],
      ...[
        'impersonator',
        'impersonatorId',
        'impersonator_id',
        'impersonatedBy',
        'impersonated_by',
        'originalUser',
        'originalUserId',
        'realUser',
        'realUserId',
        'trueUser',
        'trueUserId',
      ].map((name): [string, object, object, object] => [
        `${name} on the request`,
        { user: customer, [name]: 'e1' },
        { id: 'e1' },
        onBehalfOf(customer),
      ]),
      [
        'an impersonator with a name',
        { user: customer, session: { impersonator: { id: 1, email: 'e@example.org' } } },
        { id: '1', email: 'e@example.org' },
        onBehalfOf(customer),
      ],
      [
        'the original user in the session',
        { session: { user: customer, originalUser: { id: 1 } } },
        { id: '1' },
        onBehalfOf(customer),
      ],
      [
        'the real user on the request',
        { user: customer, realUser: { id: 1 } },
        { id: '1' },
        onBehalfOf(customer),
      ],
      [
        'an impersonator who is in another place as well',
        { user: customer, session: { userId: 'e1', impersonatorId: 'e1' } },
        { id: 'e1' },
        onBehalfOf(customer),
      ],
    ])('%s', async (_source, properties, actor, principal) => {
      const { user, errors } = await userWith(properties)
      expect(user).toMatchObject({ authenticated: true, ...actor })
      expect(user.on_behalf_of).toEqual(principal)
      expect(errors).toEqual([])
    })

    it.each<[string, object]>([
      ['may_act', { auth: { sub: 'u1', may_act: { sub: 'admin' } } }],
      ['an actor who is the user', { auth: { sub: 'u1', act: { sub: 'u1' } } }],
      ['no impersonator', { user: { id: 'u1' }, session: { impersonator: null, originalUser: undefined } }],
      ['a text in `actor`', { user: { id: 'u1', actor: 'Bruce Lee' } }],
    ])('does not take %s for somebody else', async (_case, properties) => {
      const { user } = await userWith(properties)
      expect(user).toMatchObject({ authenticated: true, id: 'u1' })
      expect(user).not.toHaveProperty('on_behalf_of')
    })
  })
})

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('%s', (_name, Koa) => {
  async function serve(prepare: (app: Koa3, router: KoaRouter) => void) {
    const recorder = createRecorder()
    const app = new Koa()
    app.silent = true
    app.keys = [SECRET]
    app.use(auditKoa(recorder.options))
    const router = new KoaRouter()
    prepare(app, router)
    app.use(router.routes())
    return { ...recorder, ...(await startServer(app.callback())) }
  }

  async function userWith(state: object) {
    const { url, send, errors } = await serve((app) => {
      app.use((ctx, next) => {
        Object.assign(ctx.state, state)
        return next()
      })
    })
    const [first] = [await send(url), await send(url)]
    return { user: first.user, errors }
  }

  it.each<[string, object, object]>([
    ['a user', { user: { _id: 7, role: 'editor' } }, { id: '7', roles: ['editor'] }],
    ['Clerk', { auth: { userId: 'u1', sessionClaims: { iss } } }, { id: 'u1', provider: iss, realm: 'city' }],
    ['a user id', { userId: 'u1' }, { id: 'u1' }],
    ['an actor', { user: { sub: 'customer', act: { sub: 'employee' } } }, { id: 'employee' }],
  ])('names the user of %s', async (_case, state, expected) => {
    const { user, errors } = await userWith(state)
    expect(user).toMatchObject({ authenticated: true, ...expected })
    expect(errors).toEqual([])
  })

  it.each<[string, object, object]>([
    ['a guest', { user: { role: 'guest' } }, nobody],
    ['a signed-out Clerk', { auth: { userId: null } }, nobody],
    ['a value that names nobody', { user: { theme: 'dark' } }, unknown],
  ])('does not take %s for a login', async (_case, state, expected) => {
    const { user, errors } = await userWith(state)
    expect(user).toEqual(expected)
    expect(errors.map(({ code }) => code)).toEqual(expected === nobody ? [] : ['ERR_AUDIT_USER'])
  })

  it('does not record the user that the request is about as the one who sent it', async () => {
    const { url, send } = await serve((_app, router) => {
      router.param('user', (id, ctx, next) => {
        ctx.state.user = { id }
        return next()
      })
      router.delete('/users/:user', (ctx) => {
        ctx.body = {}
      })
    })
    expect((await send(`${url}/users/42`, { method: 'DELETE' })).user).toEqual(unknown)
  })

  it('records the user who is logged in, not the one whom router.param loaded', async () => {
    const { url, send } = await serve((app, router) => {
      app.use((ctx, next) => {
        ctx.state.user = { id: 'ann' }
        return next()
      })
      router.param('user', (id, ctx, next) => {
        ctx.state.user = { id }
        return next()
      })
      router.delete('/users/:user', (ctx) => {
        ctx.body = {}
      })
    })
    expect((await send(`${url}/users/42`, { method: 'DELETE' })).user).toMatchObject({
      authenticated: true,
      id: 'ann',
    })
  })

  it('names the user of a koa-session', async () => {
    const { url, send } = await serve((app, router) => {
      app.use(koaSession(app))
      router.get('/', (ctx) => {
        Object.assign(ctx.session as object, { userId: 7, impersonator: 'e1' })
        ctx.body = {}
      })
    })
    expect((await send(url)).user).toMatchObject({ authenticated: true, id: 'e1', on_behalf_of: { id: '7' } })
  })
})

describe('docs/users.md', () => {
  it('lists every place, and no other', () => {
    const sources = ['src/adapters/express-user.ts', 'src/adapters/koa-user.ts'].map(readText).join('\n')
    const names = [...sources.matchAll(/\bname: '([^']+)'/g)].map(([, name]) => name)
    const [section = ''] = /## Places[\s\S]*?\n\n### Evidence/.exec(readText('docs/users.md')) ?? []
    const cells = section.match(/^\| `[^|]*/gm) ?? []
    const listed = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name))
    expect(names.length).toBeGreaterThan(15)
    expect(listed.sort()).toEqual(names.sort())
  })
})
