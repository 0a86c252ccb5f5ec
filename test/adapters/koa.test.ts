import { createServer } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { AuditLogger, auditLog, memory } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import request from 'supertest'

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('%s', (_name, Koa) => {
  function build(options: { proxy?: boolean } = {}) {
    const sink = memory()
    const app = new Koa(options)
    app.silent = true
    app.use(auditLog({ sink }))
    return { app, sink }
  }

  async function auditOne(app: Koa3, sink: ReturnType<typeof memory>, headers: Record<string, string> = {}) {
    await request(app.callback())
      .get('/persons?q=1')
      .set({ host: 'inner:8080', ...headers })
    const [record] = await sink.waitFor(1)
    expect(sink.lines).toHaveLength(1)
    return record.audit
  }

  it('sets ctx.audit for every middleware', async () => {
    const { app, sink } = build()
    app.use((ctx) => {
      expect(ctx.audit).toBeInstanceOf(AuditLogger)
      ctx.audit.setFilter('Person', ctx.query).info('List Person')
      ctx.body = []
    })
    expect(await auditOne(app, sink)).toMatchObject({
      http_request: { url: 'http://inner:8080/persons?q=1' },
      http_response: { status_code: 200 },
      filter: { object: 'Person', kwargs: { q: '1' } },
      message: 'List Person',
    })
  })

  it.each([
    [
      'an error of the handler',
      (ctx: Koa3.Context) => ctx.throw(403, 'Not yours'),
      { status_code: 403 },
      'Not yours',
    ],
    ['any error', () => Promise.reject(new TypeError('Oh no')), { status_code: 500 }, 'Oh no'],
    ['a thrown string', () => Promise.reject('just text'), { status_code: 500 }, 'just text'],
  ])("records the response of Koa's error handling to %s", async (_case, handler, response, message) => {
    const { app, sink } = build()
    app.use(handler)
    expect(await auditOne(app, sink)).toMatchObject({
      http_response: response,
      outcome: response.status_code === 403 ? 'denied' : 'failure',
      error: { message },
    })
  })

  const forwarded = {
    'x-forwarded-host': 'api.example.org',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '192.0.2.1',
  }

  it('ignores forwarded headers without app.proxy', async () => {
    const { app, sink } = build()
    const record = await auditOne(app, sink, forwarded)
    expect(record.http_request.url).toBe('http://inner:8080/persons?q=1')
    expect(record.user.ip).toBe('127.0.0.1')
  })

  it.each([
    ['a, b', 'http://a/persons?q=1'],
    ['jan@a', 'http://a/persons?q=1'],
    ['a:8080', 'http://a:8080/persons?q=1'],
    ['a b', undefined],
  ])('records the host that Koa determines for Host: %s', async (host, url) => {
    const { app, sink } = build()
    const record = await auditOne(app, sink, { host })
    // If the header is no valid host, the record has the address that the client connected to.
    expect(record.http_request.url).toEqual(url ?? expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//))
  })

  it.each(['request', 'context'] as const)(
    "has what an application has put in the place of Koa's getters, on app.%s",
    async (where) => {
      const { app, sink } = build()
      Object.defineProperties(app[where], {
        host: { get: () => 'own.example' },
        protocol: { get: () => 'https' },
        ip: { get: () => '198.51.100.99' },
      })
      const record = await auditOne(app, sink)
      expect(record.http_request.url).toBe('https://own.example/persons?q=1')
      expect(record.user.ip).toBe('198.51.100.99')
    },
  )

  it('follows app.proxy', async () => {
    const { app, sink } = build({ proxy: true })
    const record = await auditOne(app, sink, forwarded)
    expect(record.http_request.url).toBe('https://api.example.org/persons?q=1')
    expect(record.user.ip).toBe('192.0.2.1')
  })

  it('finds the user in ctx.state.user', async () => {
    const { app, sink } = build()
    app.use((ctx) => {
      ctx.state.user = { sub: 's-1', email: 'k@example.org', roles: ['reader'], password: 'hunter2' }
      ctx.body = 'ok'
    })
    expect((await auditOne(app, sink)).user).toEqual({
      authenticated: true,
      provider: '',
      realm: '',
      email: 'k@example.org',
      roles: ['reader'],
      ip: '127.0.0.1',
      id: 's-1',
    })
  })

  it('calls the functions among the options with the context', async () => {
    const sink = memory()
    const app = new Koa()
    app.use(
      auditLog({ sink, user: (ctx) => ({ authenticated: true, email: `${ctx.state.name}@example.org` }) }),
    )
    app.use((ctx) => {
      ctx.state.name = 'late'
      ctx.body = 'ok'
    })
    expect((await auditOne(app, sink)).user.email).toBe('late@example.org')
  })

  it("writes one record, with Koa's error, inside another server with auditLog()", async () => {
    const { app, sink } = build()
    const { auditLog: auditHttp } = await import('http-audit-log')
    const audit = auditHttp({ sink })
    app.use(() => Promise.reject(new Error('inner')))
    const koa = app.callback()
    const outer = createServer((req, res) => {
      audit(req, res)
      koa(req, res)
    })
    await request(outer).get('/')
    expect(await sink.waitFor(1)).toMatchObject([{ audit: { error: { name: 'Error', message: 'inner' } } }])
    expect(sink.lines).toHaveLength(1)
  })

  it('throws if it is mounted without being called', async () => {
    const app = new Koa()
    app.silent = true
    const thrown = new Promise((resolve) => app.on('error', resolve))
    app.use(auditLog as never)
    await request(app.callback()).get('/').expect(500)
    expect(await thrown).toMatchObject({ code: 'ERR_AUDIT_OPTIONS' })
  })
})
