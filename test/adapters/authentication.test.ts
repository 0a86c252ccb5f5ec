// The users that authentication libraries leave on a request. The libraries are real, except those that need a server
// (OpenID Connect, Keycloak): their properties are set as their documentation describes them.
import { afterEach, describe, expect, it } from '@jest/globals'
import express5 from 'express'
import express4 from 'express-4'
import { expressjwt } from 'express-jwt'
import expressSession from 'express-session'
import { auditLog, type MemorySink, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import jsonwebtoken from 'jsonwebtoken'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import koaJwt from 'koa-jwt'
import { KoaPassport } from 'koa-passport'
import koaSession from 'koa-session'
import { Passport } from 'passport'
import { Strategy } from 'passport-local'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const SECRET = 'a secret of this test'
const alice = {
  id: 7,
  username: 'alice',
  email: 'alice@example.org',
  roles: ['reader'],
  provider: 'local',
  password: 'geheim-en-lang',
  passwordHash: 'geheim-en-lang',
  address: { street: 'geheim-en-lang' },
}
const recordedAlice = {
  authenticated: true,
  provider: 'local',
  realm: '',
  email: 'alice@example.org',
  roles: ['reader'],
  ip: '127.0.0.1',
  id: '7',
}
const claims = {
  sub: 'f:1:alice',
  email: 'alice@example.org',
  realm_access: { roles: ['reader', 'offline_access'] },
  session_state: 'geheim-en-lang',
  nonce: 'geheim-en-lang',
}
const issuer = 'https://sso.example.org/realms/employees'
const recordedClaims = {
  authenticated: true,
  provider: issuer,
  realm: 'employees',
  email: 'alice@example.org',
  roles: ['reader', 'offline_access'],
  ip: '127.0.0.1',
  id: 'f:1:alice',
}
const anonymous = { authenticated: false, provider: '', realm: '', email: '', roles: null, ip: '127.0.0.1' }
const bearer = (secret = SECRET) => ({
  authorization: `Bearer ${jsonwebtoken.sign(claims, secret, { issuer, expiresIn: '1m' })}`,
})

/** Sends a request, and returns the recorded user. No other property of the user may be in the line. */
async function userOf(sink: MemorySink, url: string, init: RequestInit = {}) {
  const count = sink.lines.length
  const response = await fetch(url, { redirect: 'manual', ...init })
  await response.text()
  const record = (await sink.waitFor(count + 1))[count].audit
  expect(sink.lines[count]).not.toContain('geheim')
  const cookie = response.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  return { user: record.user, status: response.status, cookie: cookie.join('; ') }
}

function localStrategy() {
  return new Strategy((name, password, done) =>
    done(null, name === 'alice' && password === 'open' && { ...alice }),
  )
}

function configurePassport(passport: InstanceType<typeof Passport> | InstanceType<typeof KoaPassport>) {
  passport.use(localStrategy())
  passport.serializeUser((user, done) => done(null, (user as typeof alice).id))
  passport.deserializeUser((id, done) => done(null, id === alice.id ? { ...alice } : false))
}

/** Checks the user at login, with the session cookie, without it, and with a wrong password. */
async function expectSession(sink: MemorySink, url: string) {
  const login = await userOf(sink, `${url}/login?username=alice&password=open`, { method: 'POST' })
  expect(login).toMatchObject({ status: 200, user: recordedAlice })
  expect(await userOf(sink, `${url}/me`, { headers: { cookie: login.cookie } })).toMatchObject({
    status: 200,
    user: recordedAlice,
  })
  expect((await userOf(sink, `${url}/me`)).user).toEqual(anonymous)
  const wrong = await userOf(sink, `${url}/login?username=alice&password=guess`, { method: 'POST' })
  expect(wrong).toMatchObject({ status: 401, user: anonymous })
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  type App = ReturnType<typeof express5>

  async function serve(prepare: (app: App) => void) {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink }))
    prepare(app)
    app.use((_req, res) => {
      res.end()
    })
    // Express's own error handler prints on stderr.
    app.use((error: { status?: number }, _req: unknown, res: express5.Response, _next: unknown) => {
      res.status(error.status ?? 500).end()
    })
    return { sink, ...(await startServer(app)) }
  }

  it('Passport with the local strategy and a session', async () => {
    const passport = new Passport()
    configurePassport(passport)
    const { sink, url } = await serve((app) => {
      app.use(expressSession({ secret: SECRET, resave: false, saveUninitialized: false }))
      app.use(passport.initialize()).use(passport.session())
      app.post('/login', passport.authenticate('local'))
    })
    await expectSession(sink, url)
  })

  it('express-jwt', async () => {
    const { sink, url } = await serve((app) => {
      app.use(expressjwt({ secret: SECRET, algorithms: ['HS256'] }))
    })
    expect(await userOf(sink, url, { headers: bearer() })).toMatchObject({
      status: 200,
      user: recordedClaims,
    })
    expect(await userOf(sink, url)).toMatchObject({ status: 401, user: anonymous })
    const forged = await userOf(sink, url, { headers: bearer('another secret') })
    expect(forged).toMatchObject({ status: 401, user: anonymous })
  })

  it('express-jwt with credentialsRequired: false and requestProperty: user', async () => {
    const { sink, url } = await serve((app) => {
      const requestProperty = 'user'
      app.use(
        expressjwt({ secret: SECRET, algorithms: ['HS256'], credentialsRequired: false, requestProperty }),
      )
    })
    expect((await userOf(sink, url, { headers: bearer() })).user).toEqual(recordedClaims)
    expect((await userOf(sink, url)).user).toEqual(anonymous)
  })

  const token = 'geheim-en-lang'
  it.each<[string, object, object]>([
    [
      'express-openid-connect',
      {
        oidc: {
          isAuthenticated: () => true,
          user: { ...claims, iss: issuer },
          idToken: token,
          accessToken: { access_token: token },
        },
      },
      recordedClaims,
    ],
    [
      'express-openid-connect, not logged in',
      { oidc: { isAuthenticated: () => false, user: undefined } },
      anonymous,
    ],
    [
      'express-oauth2-jwt-bearer',
      { auth: { header: { alg: 'RS256' }, payload: { ...claims, iss: issuer }, token } },
      recordedClaims,
    ],
    [
      'keycloak-connect',
      {
        kauth: {
          grant: {
            access_token: { token, clientId: 'app', header: {}, content: { ...claims, iss: issuer } },
            refresh_token: { token },
          },
        },
      },
      recordedClaims,
    ],
    ['keycloak-connect, not logged in', { kauth: {} }, anonymous],
    [
      'claims of express-jwt that name a payload',
      { auth: { sub: 'f:1:alice', payload: { sub: 'x' } } },
      {
        ...anonymous,
        authenticated: true,
        id: 'f:1:alice',
      },
    ],
  ])('%s', async (_library, properties, expected) => {
    const { sink, url } = await serve((app) => {
      app.use((req, _res, next) => next(void Object.assign(req, properties)))
    })
    expect((await userOf(sink, url)).user).toEqual(expected)
  })

  it('records the other properties of a user if one cannot be read', async () => {
    const failing = { enumerable: true, get: fail }
    for (const name of ['email', 'roles', 'provider', 'realm', 'realm_access', 'iss', 'emails']) {
      const user = Object.defineProperty({ id: 7 }, name, failing)
      const { sink, url } = await serve((app) => {
        app.use((req, _res, next) => next(void Object.assign(req, { user })))
      })
      expect((await userOf(sink, url)).user).toEqual({ ...anonymous, authenticated: true, id: '7' })
    }
  })

  it('looks for the user in the next property if one cannot be read', async () => {
    const { sink, url } = await serve((app) => {
      app.use((req, _res, next) => {
        Object.defineProperty(req, 'user', { get: fail })
        Object.defineProperty(req, 'oidc', { value: Object.defineProperty({}, 'user', { get: fail }) })
        next(void Object.assign(req, { kauth: { grant: { access_token: { content: { sub: 'x' } } } } }))
      })
    })
    expect((await userOf(sink, url)).user).toEqual({ ...anonymous, authenticated: true, id: 'x' })
  })
})

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('%s', (_name, Koa) => {
  async function serve(prepare: (app: Koa3) => void) {
    const sink = memory()
    const app = new Koa()
    app.silent = true
    app.keys = [SECRET]
    app.use(auditKoa({ sink }))
    prepare(app)
    app.use((ctx) => {
      ctx.body = {}
    })
    return { sink, ...(await startServer(app.callback())) }
  }

  it('koa-passport with the local strategy and koa-session', async () => {
    const passport = new KoaPassport()
    configurePassport(passport)
    const { sink, url } = await serve((app) => {
      app.use(koaSession(app)).use(passport.initialize()).use(passport.session())
      const login = passport.authenticate('local')
      app.use((ctx, next) => (ctx.path === '/login' ? login(ctx as never, next) : next()))
    })
    await expectSession(sink, url)
  })

  it('koa-jwt', async () => {
    const { sink, url } = await serve((app) => {
      app.use(koaJwt({ secret: SECRET }))
    })
    expect(await userOf(sink, url, { headers: bearer() })).toMatchObject({
      status: 200,
      user: recordedClaims,
    })
    expect(await userOf(sink, url)).toMatchObject({ status: 401, user: anonymous })
    const forged = await userOf(sink, url, { headers: bearer('another secret') })
    expect(forged).toMatchObject({ status: 401, user: anonymous })
  })

  it('koa-jwt with passthrough', async () => {
    const { sink, url } = await serve((app) => {
      app.use(koaJwt({ secret: SECRET, passthrough: true }))
    })
    expect((await userOf(sink, url, { headers: bearer('another secret') })).user).toEqual(anonymous)
    expect((await userOf(sink, url)).user).toEqual(anonymous)
  })

  it('records an unknown user if ctx.state.user has a getter', async () => {
    const { sink, url } = await serve((app) => {
      app.use((ctx, next) => {
        Object.defineProperty(ctx.state, 'user', { get: fail })
        return next()
      })
    })
    expect(await userOf(sink, url)).toMatchObject({
      status: 200,
      user: { ...anonymous, authenticated: null },
    })
  })
})

function fail(): never {
  throw new Error('for the test')
}
