import { afterEach, describe, expect, it } from '@jest/globals'
import express5, { type ErrorRequestHandler, type Express, Router } from 'express'
import express4 from 'express-4'
import { AuditLogger, auditLog, memory } from 'http-audit-log'
import request from 'supertest'
import { stopServers } from '../helpers/servers.js'

afterEach(stopServers)

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  function build(arrange: (app: Express) => void) {
    const sink = memory()
    const app = express()
    arrange(app)
    app.use(auditLog({ sink }))
    return { app, sink }
  }

  async function urlOf(app: Express, sink: ReturnType<typeof memory>, headers: Record<string, string>) {
    await request(app).get('/persons?q=1').set(headers)
    const [record] = await sink.waitFor(1)
    return { url: record.audit.http_request.url, ip: record.audit.user.ip }
  }

  const forwarded = {
    host: 'inner:8080',
    'x-forwarded-host': 'api.example.org:8443, inner',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '198.51.100.7, 192.0.2.1',
  }

  it('ignores forwarded headers without `trust proxy`', async () => {
    const { app, sink } = build(() => {})
    expect(await urlOf(app, sink, forwarded)).toEqual({
      url: 'http://inner:8080/persons?q=1',
      ip: expect.stringContaining('127.0.0.1'),
    })
  })

  it('follows `trust proxy` for scheme, host and address', async () => {
    const { app, sink } = build((app) => app.set('trust proxy', 1))
    expect(await urlOf(app, sink, forwarded)).toEqual({
      url: 'https://api.example.org:8443/persons?q=1',
      ip: '192.0.2.1',
    })
  })

  it('ignores the forwarded headers of a proxy that is not trusted', async () => {
    const { app, sink } = build((app) => app.set('trust proxy', '203.0.113.0/24'))
    expect((await urlOf(app, sink, forwarded)).url).toBe('http://inner:8080/persons?q=1')
  })

  it.each<[string, (app: Express) => unknown]>([
    [
      'on the request',
      (app) =>
        app.use((req, _res, next) => {
          Object.defineProperties(req, {
            ip: { value: '198.51.100.99' },
            protocol: { value: 'https' },
          })
          next()
        }),
    ],
    [
      // expressjs.com, "Overriding the Express API"
      'on the prototype of its requests',
      (app) =>
        Object.defineProperties(app.request, {
          ip: { get: () => '198.51.100.99' },
          protocol: { get: () => 'https' },
        }),
    ],
  ])('uses getters of the application that replace those of Express, %s', async (_where, change) => {
    const { app, sink } = build(change)
    expect(await urlOf(app, sink, forwarded)).toEqual({
      url: 'https://inner:8080/persons?q=1',
      ip: '198.51.100.99',
    })
  })

  it('records a valid URL even if a trusted proxy forwards invalid values', async () => {
    const { app, sink } = build((app) => app.set('trust proxy', true))
    const { url } = await urlOf(app, sink, {
      host: 'inner',
      'x-forwarded-host': 'a b/c',
      'x-forwarded-proto': '<x>',
    })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/persons\?q=1$/)
  })

  it('sets req.audit for routers, sub-apps and error handlers, and records the original URL', async () => {
    const { app, sink } = build(() => {})
    const seen: unknown[] = []
    const router = Router().get('/deep', (req, res) => {
      seen.push(req.audit)
      req.url = '/rewritten'
      res.send('router')
    })
    const child = express().get('/leaf', (req) => {
      seen.push(req.audit)
      throw new Error('in the sub-app')
    })
    const onError: ErrorRequestHandler = (error, req, res, _next) => {
      req.audit.error(error.message)
      res.status(418).end()
    }
    app.use('/a', router)
    app.use('/b', child)
    app.use(onError)

    await request(app).get('/a/deep?x=1').set('host', 'example.org')
    await request(app).get('/b/leaf').set('host', 'example.org')

    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(seen).toEqual([expect.any(AuditLogger), expect.any(AuditLogger)])
    expect(records[0]).toMatchObject({ http_request: { url: 'http://example.org/a/deep?x=1' } })
    expect(records[1]).toMatchObject({
      http_request: { url: 'http://example.org/b/leaf' },
      http_response: { status_code: 418 },
      type: 'ERROR',
      message: 'in the sub-app',
    })
  })

  it('writes one record if parent and sub-app both mount it', async () => {
    const { app, sink } = build(() => {})
    const child = express().use(auditLog({ sink }))
    child.get('/leaf', (req, res) => {
      req.audit.info('from the leaf')
      res.send('ok')
    })
    app.use('/child', child)
    await request(app).get('/child/leaf')
    await request(app).get('/child/none')
    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(records).toMatchObject([{ message: 'from the leaf' }, { http_response: { status_code: 404 } }])
    expect(sink.lines).toHaveLength(2)
  })

  it.each([
    [
      'Passport',
      'user',
      { id: 7, provider: 'local', emails: [{ value: 'p@example.org' }], password: 'hunter2' },
      { provider: 'local', email: 'p@example.org', id: '7' },
    ],
    [
      'express-jwt',
      'auth',
      {
        sub: 's-1',
        iss: 'https://id.example.org/realms/staff',
        email: 'j@example.org',
        realm_access: { roles: ['reader'] },
      },
      {
        provider: 'https://id.example.org/realms/staff',
        realm: 'staff',
        email: 'j@example.org',
        roles: ['reader'],
        id: 's-1',
      },
    ],
  ])('finds the user that %s sets after auditLog()', async (_library, property, user, expected) => {
    const { app, sink } = build(() => {})
    app.use((req, res) => {
      Object.assign(req, { [property]: user })
      res.send('ok')
    })
    await request(app).get('/')
    const [record] = await sink.waitFor(1)
    expect(record.audit.user).toMatchObject({ authenticated: true, ...expected })
    expect(sink.lines[0]).not.toContain('hunter2')
  })

  it('records the request and responds if the `user` option throws', async () => {
    const sink = memory()
    const app = express()
    app.use(
      auditLog({
        sink,
        user: () => {
          throw new Error('no session store')
        },
      }),
    )
    app.get('/', (_req, res) => void res.send('ok'))
    await request(app).get('/').expect(200)
    const [record] = await sink.waitFor(1)
    expect(record.audit.user).toMatchObject({ authenticated: null })
  })

  it('throws if it is mounted without being called', async () => {
    const app = express()
    app.use(auditLog as never)
    const onError: ErrorRequestHandler = (error, _req, res, _next) =>
      void res.status(500).send(`${error.code}: ${error.message}`)
    app.use(onError)
    const { text } = await request(app).get('/')
    expect(text).toBe(
      'ERR_AUDIT_OPTIONS: auditLog was mounted without being called. Mount its result: app.use(auditLog())',
    )
  })
})
