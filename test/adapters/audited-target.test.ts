// The target of audited() has an id only if that is certainly the id of the object.
import { afterEach, describe, expect, it } from '@jest/globals'
import KoaRouter from '@koa/router'
import express5, { type RequestHandler } from 'express'
import express4 from 'express-4'
import { type AuditedOptions, audited, auditLog, memory, pseudonym } from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import { type AnyAuditOptions, type HandlerContext, type Route, routedApps } from '../helpers/frameworks.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

type Method = Route['method']

describe.each(routedApps)('%s', (_name, build) => {
  async function targetOf(
    method: Method,
    path: string,
    pattern: string,
    objectName: string,
    handle: (handling: HandlerContext) => unknown = ({ send }) => send({ error: 'no' }, 403),
    options: AuditedOptions = {},
    auditOptions: AnyAuditOptions = {},
  ) {
    const sink = memory()
    const routes: Route[] = [{ method, path: pattern, objectName, options, handle }]
    const { url } = await startServer(build(routes, { sink, ...auditOptions }))
    await (await fetch(`${url}${path}`, { method: method.toUpperCase(), redirect: 'manual' })).text()
    return (await sink.waitFor(1))[0].audit.target
  }

  it.each<[Method, string, string, string, string]>([
    ['get', '/persons/7', '/persons/:id', 'Person', '7'],
    ['delete', '/persons/a%20b', '/persons/:id', 'Person', 'a b'],
    ['put', '/personen/7', '/personen/:uuid', 'Person', '7'],
    ['delete', '/persons/7', '/persons/:personId', 'Person', '7'],
    ['delete', '/persons/7', '/persons/:person_id', 'Person', '7'],
    ['delete', '/persons/7', '/persons/:person', 'Person', '7'],
    ['delete', '/orders/7', '/orders/:purchaseOrderId', 'Purchase order', '7'],
    ['delete', '/invoices/7', '/invoices/:invoicePk', 'billing.Invoice', '7'],
    ['get', '/patients/1/visits/2', '/patients/:patientId/visits/:id', 'Visit', '2'],
    ['get', '/patients/1/visits/2', '/patients/:patientId/visits/:id', 'Patient', '1'],
    ['get', '/patients/1/visits/2', '/patients/:id/visits/:visitId', 'Visit', '2'],
    ['put', '/persons/7/photo', '/persons/:id/photo', 'Person', '7'],
    ['put', '/people/7/photo', '/people/:id/photo', 'Person', '7'],
    ['put', '/categories/7/photo', '/categories/:id/photo', 'Category', '7'],
    ['get', '/persons/7/orders/8', '/persons/:uuid/orders/:id', 'Person', '7'],
    ['put', '/persons/7/roles/admin', '/persons/:id/roles/:role', 'Person', '7'],
    ['get', '/persons/7/3', '/persons/:id/:version', 'Person', '7'],
    ['put', '/persons/7/manager/8', '/persons/:id/manager/:id2', 'Person', '7'],
    ['get', '/companies/7/persons/8', '/companies/:id/persons/:pid', 'Company', '7'],
    ['get', '/mensen/7', '/mensen/:id', 'Person', '7'],
  ])('records the id of %s %s on the route %s of %s', async (method, path, pattern, objectName, id) => {
    expect(await targetOf(method, path, pattern, objectName)).toEqual([{ type: objectName, id }])
  })

  it.each<[Method, string, string, string]>([
    ['get', '/persons/7/addresses', '/persons/:id/addresses', 'Address'],
    ['put', '/persons/7/addresses/8', '/persons/:id/addresses/:number', 'Address'],
    ['delete', '/persons/7/persons/8', '/persons/:id/persons/:id2', 'Person'],
    ['get', '/departments/7/x/8', '/departments/:department/x/:id', 'Person'],
    ['post', '/threads/7', '/threads/:id', 'Comment'],
    ['post', '/persons/7/children', '/persons/:personId/children', 'Person'],
    ['get', '/reset/x7Gh29aKq1', '/reset/:token', 'Reset'],
    ['get', '/pages/home', '/pages/:slug', 'Page'],
    ['get', '/reports/2026', '/reports/:year', 'Report'],
    ['delete', '/persons', '/persons', 'Person'],
  ])('records no id of %s %s on the route %s of %s', async (method, path, pattern, objectName) => {
    expect(await targetOf(method, path, pattern, objectName)).toEqual([{ type: objectName }])
  })

  it('records the parameter that the option idParam names', async () => {
    const send = ({ send }: HandlerContext) => send({}, 403)
    const options = { idParam: 'bsn' }
    expect(await targetOf('get', '/persons/123', '/persons/:bsn', 'Person', send, options)).toEqual([
      { type: 'Person', id: '123' },
    ])
    const path = '/persons/123/visits/4'
    expect(await targetOf('get', path, '/persons/:bsn/visits/:id', 'Person', send, options)).toEqual([
      { type: 'Person', id: '123' },
    ])
    expect(await targetOf('get', '/persons/5', '/persons/:id', 'Person', send, options)).toEqual([
      { type: 'Person' },
    ])
  })

  it('records no id that is a secret, and the pseudonym of one', async () => {
    const send = ({ send }: HandlerContext) => send({}, 403)
    const secret = await targetOf('get', '/sessions/x7Gh29aKq1', '/sessions/:sessionToken', 'Session', send, {
      idParam: 'sessionToken',
    })
    expect(secret).toEqual([{ type: 'Session' }])
    const redacted = await targetOf(
      'get',
      '/persons/123456782',
      '/persons/:bsn',
      'Person',
      send,
      { idParam: 'bsn' },
      { redact: { keys: ['bsn'] } },
    )
    expect(redacted).toEqual([{ type: 'Person' }])
    const pseudonymized = await targetOf(
      'get',
      '/persons/123456782',
      '/persons/:bsn',
      'Person',
      send,
      { idParam: 'bsn' },
      { pseudonymize: { key: 'k'.repeat(32), keyId: 'test', fields: ['filter.kwargs.bsn'] } },
    )
    expect(pseudonymized).toEqual([
      { type: 'Person', id: expect.stringMatching(/^hmac-sha256:test:[0-9a-f]{64}$/) },
    ])
  })

  it.each([
    [['filter.kwargs.bsn', 'target.id']],
    [['target.id']],
    [['target', 'filter.kwargs']],
    [['filter.kwargs.bsn']],
  ])('records one pseudonym of an id, that of the object, with the fields %j', async (fields) => {
    const bsn = '123456782'
    const key = 'k'.repeat(32)
    const sink = memory()
    const routes: Route[] = [
      {
        method: 'get',
        path: '/persons/:bsn',
        objectName: 'Person',
        options: { idParam: 'bsn' },
        handle: ({ send }) => send({}, 403),
      },
    ]
    const { url } = await startServer(build(routes, { sink, pseudonymize: { key, keyId: 'test', fields } }))
    await (await fetch(`${url}/persons/${bsn}`)).text()
    const [{ audit }] = await sink.waitFor(1)
    const expected = pseudonym(bsn, key, 'test')
    expect(audit.target?.[0]?.id).toBe(expected)
    expect(audit.filter?.kwargs).toEqual({ bsn: expected })
  })

  it.each<[string, (handling: HandlerContext) => unknown, string | undefined]>([
    ['id', ({ send }) => send({ id: 9, owner: { id: 1 } }, 201), '9'],
    [
      '_id',
      ({ send }) => send({ _id: { toJSON: () => '507f1f77bcf86cd799439011' } }, 201),
      '507f1f77bcf86cd799439011',
    ],
    ['uuid', ({ send }) => send({ uuid: '0b5d6a1c' }, 200), '0b5d6a1c'],
    ['an id of another object', ({ send }) => send({ id: { of: 'x' }, data: { id: 9 } }, 201), undefined],
    ['no id', ({ send }) => send({ ok: true }, 201), undefined],
    ['an error', ({ send }) => send({ id: 'problem' }, 409), undefined],
    ['an accepted job', ({ send }) => send({ id: 'job-1' }, 202), undefined],
    ['a list', ({ send }) => send([{ id: 1 }, { id: 2 }], 201), undefined],
    ['a text', ({ send }) => send('created', 201), undefined],
  ])('records the id of a created object from a body with %s', async (_what, handle, id) => {
    const target = await targetOf('post', '/persons', '/persons', 'Person', handle)
    expect(target).toEqual([id === undefined ? { type: 'Person' } : { type: 'Person', id }])
  })

  it('records the id of the object in the body of a read whose route has none', async () => {
    const me = await targetOf('get', '/me', '/me', 'Person', ({ send }) => send({ id: 7 }))
    expect(me).toEqual([{ type: 'Person', id: '7' }])
    const list = await targetOf('get', '/persons', '/persons', 'Person', ({ send }) => send([{ id: 7 }]))
    expect(list).toEqual([{ type: 'Person' }])
    const removed = await targetOf('delete', '/me', '/me', 'Person', ({ send }) => send({ id: 'job' }))
    expect(removed).toEqual([{ type: 'Person' }])
  })

  it('records no target of a method without an action', async () => {
    const target = await targetOf('options' as Method, '/persons/7', '/persons/:id', 'Person')
    expect(target).toBeUndefined()
  })
})

describe.each([
  ['Express 4', express4 as unknown as typeof express5],
  ['Express 5', express5],
])('%s', (name, express) => {
  type App = ReturnType<typeof express5>
  async function targetOf(prepare: (app: App) => void, path: string, method = 'DELETE') {
    const sink = memory()
    const app = express().use(auditLog({ sink }))
    prepare(app)
    const { url } = await startServer(app)
    await (await fetch(`${url}${path}`, { method, redirect: 'manual' })).text()
    return (await sink.waitFor(1))[0].audit.target
  }
  const refuse: RequestHandler = (_req, res) => void res.sendStatus(403)
  const nested = (mount: string, path: string, objectName: string) => (app: App) => {
    const router = express.Router({ mergeParams: true })
    app.use(mount, router.all(path, audited(objectName), refuse))
  }

  it.each<[string, string, string, string, string | undefined]>([
    ['/persons/:id', '/', 'Person', '/persons/7', '7'],
    ['/persons/:personId', '/', 'Person', '/persons/7', '7'],
    ['/persons/:personId', '/photo', 'Person', '/persons/7/photo', '7'],
    ['/persons/:id/addresses', '/', 'Address', '/persons/7/addresses', undefined],
    ['/persons/:id/addresses', '/:addressId', 'Address', '/persons/7/addresses/8', '8'],
    ['/persons/:id/addresses', '/:number', 'Address', '/persons/7/addresses/8', undefined],
    ['/persons/:personId/addresses', '/:id', 'Address', '/persons/7/addresses/8', '8'],
  ])(
    'records the id of a router at %s with the route %s of %s',
    async (mount, path, objectName, asked, id) => {
      const target = await targetOf(nested(mount, path, objectName), asked)
      expect(target).toEqual([id === undefined ? { type: objectName } : { type: objectName, id }])
    },
  )

  it.each<[string, string | undefined]>([
    ['/persons/7', '7'],
    ['/persons', undefined],
  ])('records an optional parameter of %s', async (path, id) => {
    const pattern = name === 'Express 4' ? '/persons/:id?' : '/persons{/:id}'
    const target = await targetOf((app) => app.delete(pattern, audited('Person'), refuse), path)
    expect(target).toEqual([id === undefined ? { type: 'Person' } : { type: 'Person', id }])
  })

  it('records no wildcard, unless idParam names it', async () => {
    const pattern = name === 'Express 4' ? '/files/:path(*)' : '/files/*path'
    expect(await targetOf((app) => app.delete(pattern, audited('File'), refuse), '/files/a/b')).toEqual([
      { type: 'File' },
    ])
    const options = { idParam: 'path' }
    expect(
      await targetOf((app) => app.delete(pattern, audited('File', options), refuse), '/files/a/b'),
    ).toEqual([{ type: 'File', id: 'a/b' }])
  })

  it('records no unnamed part of a regular expression', async () => {
    expect(
      await targetOf((app) => app.delete(/^\/persons\/(\d+)$/, audited('Person'), refuse), '/persons/7'),
    ).toEqual([{ type: 'Person' }])
  })

  it('records the pattern that matched, of several', async () => {
    const patterns = ['/persons/:id', '/persons/:id/addresses']
    const prepare = (app: App) => app.delete(patterns, audited('Address'), refuse)
    expect(await targetOf(prepare, '/persons/7/addresses')).toEqual([{ type: 'Address' }])
  })

  it.each<[string, string, number, string | undefined]>([
    ['/persons/9', '/persons', 201, '9'],
    ['/v1/persons/9?full=yes', '/persons', 201, '9'],
    ['https://api.example.org/persons/9', '/persons', 201, undefined],
    ['//other.example/persons/9', '/persons', 201, undefined],
    ['/persons/created', '/persons', 201, undefined],
    ['/persons/me', '/persons', 201, undefined],
    ['/other/9', '/persons', 201, undefined],
    ['/login', '/persons', 201, undefined],
    ['/persons/9', '/persons', 302, undefined],
    ['http://', '/persons', 201, undefined],
  ])('reads the id of a created object from Location %s', async (location, path, status, id) => {
    const prepare = (app: App) => {
      app.post(
        path,
        audited('Person'),
        (_req, res) => void res.status(status).set('Location', location).end(),
      )
    }
    const target = await targetOf(prepare, path, 'POST')
    expect(target).toEqual([id === undefined ? { type: 'Person' } : { type: 'Person', id }])
  })
})

it.each<NonNullable<AnyAuditOptions['responseHeaders']>>(['all', 'none', ['etag']])(
  'records the id in Location with the option responseHeaders %j',
  async (responseHeaders) => {
    for (const failClosed of [false, true]) {
      const sink = memory()
      const app = express5().use(auditLog({ sink, responseHeaders, failClosed }))
      app.post(
        '/persons',
        audited('Person'),
        (_req, res) => void res.status(201).location('/persons/9').end(),
      )
      const { url } = await startServer(app)
      await (await fetch(`${url}/persons`, { method: 'POST' })).text()
      expect((await sink.waitFor(1))[0].audit.target).toEqual([{ type: 'Person', id: '9' }])
    }
  },
)

it('records the id of a nested Koa router', async () => {
  const sink = memory()
  const inner = new KoaRouter().delete('/:id', auditedKoa('Visit'), (ctx) => ctx.throw(403))
  const outer = new KoaRouter().use('/patients/:patientId/visits', inner.routes())
  const app = new Koa3().use(auditKoa({ sink })).use(outer.routes())
  app.silent = true
  const { url } = await startServer(app.callback())
  await (await fetch(`${url}/patients/1/visits/2`, { method: 'DELETE' })).text()
  expect((await sink.waitFor(1))[0].audit.target).toEqual([{ type: 'Visit', id: '2' }])
})
