import { afterEach, describe, expect, it } from '@jest/globals'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express-4'
import { type AuditedOptions, AuditLogError, audited, auditLog, memory } from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { runScript } from '../helpers/child-process.js'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { type AnyAuditOptions, type HandlerContext, type Route, routedApps } from '../helpers/frameworks.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const person = { id: 1, last_name: 'Jansen', bsn: '123456782' }
const persons = [person, { id: 2, last_name: 'Bakker', bsn: '987654321' }]

describe.each(routedApps)('%s', (_name, build) => {
  async function requestOne(
    path: string,
    route: Partial<Route> & { handle(handling: HandlerContext): unknown },
    options: AnyAuditOptions = {},
  ) {
    const sink = memory()
    const whole: Route = { method: 'get', path: '/persons/:id', objectName: 'Person', ...route }
    const { url } = await startServer(build([whole], { sink, ...options }))
    const response = await fetch(`${url}${path}`, { method: whole.method.toUpperCase() })
    const text = await response.text()
    const [record] = await sink.waitFor(1)
    return { response, text, record: record.audit }
  }

  it.each<[Route['method'], string, unknown, string]>([
    ['get', '/persons', persons, 'List Person'],
    ['get', '/persons/:id', person, 'Retrieve Person'],
    ['head', '/persons/:id', person, 'Retrieve Person'],
    ['post', '/persons', person, 'Created Person object'],
    ['put', '/persons/:id', person, 'Update of Person'],
    ['patch', '/persons/:id', person, 'Partial update of Person'],
    ['delete', '/persons/:id', undefined, 'Destroy Person'],
  ])('records the message of django-audit-log for %s %s', async (method, path, body, message) => {
    const { record } = await requestOne(path.replace(':id', '1'), {
      method,
      path,
      handle: ({ send }) => send(body, body === undefined ? 204 : 200),
    })
    expect(record).toMatchObject({ message, type: 'INFO', filter: { object: 'Person' } })
  })

  it('records route and query parameters as filter', async () => {
    const { record } = await requestOne('/persons/1?expand=address&tag=a&tag=b', {
      handle: ({ send }) => send(person),
    })
    expect(record.filter).toEqual({
      object: 'Person',
      kwargs: { id: '1', expand: 'address', tag: ['a', 'b'] },
    })
  })

  it('prefers a route parameter to a query parameter of the same name', async () => {
    const { record } = await requestOne('/persons/1?id=2', { handle: ({ send }) => send(person) })
    expect(record.filter.kwargs).toEqual({ id: '1' })
  })

  it('redacts secrets in the query', async () => {
    const { record } = await requestOne('/persons/1?access_token=geheim-en-lang', {
      handle: ({ send }) => send(person),
    })
    expect(record.filter.kwargs).toEqual({ id: '1', access_token: '[REDACTED]' })
  })

  it('records the ids of a single object as results, but not a list', async () => {
    const single = await requestOne('/persons/1', { handle: ({ send }) => send(person) })
    expect(single.record.results).toEqual({ id: 1 })
    const list = await requestOne('/persons', { path: '/persons', handle: ({ send }) => send(persons) })
    expect(list.record.results).toBeNull()
  })

  it("records whole objects and lists with fields 'all'", async () => {
    const options: AuditedOptions = { fields: 'all' }
    const { record } = await requestOne('/persons/1', { options, handle: ({ send }) => send(person) })
    expect(record.results).toEqual(person)
  })

  it('records the ids of the items of a list with listResults', async () => {
    const options = { listResults: true }
    const { record } = await requestOne('/persons', {
      path: '/persons',
      options,
      handle: ({ send }) => send(persons),
    })
    expect(record.results).toEqual([{ id: 1 }, { id: 2 }])
  })

  it('records only the chosen fields of an object, and of each item of a list', async () => {
    const options: AuditedOptions = { fields: ['id', 'missing', 'constructor'], listResults: true }
    const single = await requestOne('/persons/1', { options, handle: ({ send }) => send(person) })
    expect(single.record.results).toEqual({ id: 1 })
    const list = await requestOne('/persons', {
      path: '/persons',
      options,
      handle: ({ send }) => send(persons),
    })
    expect(list.record.results).toEqual([{ id: 1 }, { id: 2 }])
  })

  it('chooses fields from the result of toJSON', async () => {
    const model = { password_hash: 'x', toJSON: () => ({ id: 7, name: 'Jansen' }) }
    const { record } = await requestOne('/persons/7', {
      options: { fields: ['id', 'password_hash'] },
      handle: ({ send }) => send(model),
    })
    expect(record.results).toEqual({ id: 7 })
  })

  it('records only the chosen filter fields', async () => {
    const { record } = await requestOne('/persons/1?q=x&page=2', {
      options: { filterFields: ['id', 'q'] },
      handle: ({ send }) => send(person),
    })
    expect(record.filter.kwargs).toEqual({ id: '1', q: 'x' })
  })

  it('uses the option `action` instead of the method', async () => {
    const { record } = await requestOne('/search', {
      method: 'post',
      path: '/search',
      options: { action: 'list' },
      handle: ({ send }) => send({ count: 2, results: persons }),
    })
    expect(record).toMatchObject({ message: 'List Person', results: null })
  })

  it.each([
    [400, { error: 'bad' }],
    [403, { error: 'not you' }],
    [404, { error: 'no such person' }],
    [500, { error: 'oops' }],
  ])('records the attempt and no results for a request that failed: %s', async (status, body) => {
    const { record } = await requestOne('/persons/1', {
      method: 'delete',
      handle: ({ send }) => send(body, status),
    })
    const result = status === 403 ? 'denied' : 'failed'
    expect(record).toMatchObject({
      message: `Destroy Person: ${result} (${status})`,
      action: 'destroy',
      target: [{ type: 'Person', id: '1' }],
      results: null,
      filter: { object: 'Person', kwargs: { id: '1' } },
      outcome: status === 403 ? 'denied' : 'failure',
    })
  })

  it('records the filter and the route if the handler throws', async () => {
    const { response, record } = await requestOne('/persons/1', {
      handle: () => {
        throw new Error('for the test')
      },
    })
    expect(response.status).toBe(500)
    expect(record).toMatchObject({
      filter: { object: 'Person', kwargs: { id: '1' } },
      route: '/persons/:id',
      results: null,
      message: 'Retrieve Person: failed (500)',
      action: 'retrieve',
      target: [{ type: 'Person', id: '1' }],
      reason: 'Error',
    })
  })

  it.each<[string, (handling: HandlerContext) => unknown]>([
    [
      'before it sends',
      ({ audit, send }) => {
        audit.setFilter('Own', { a: 1 }).setResults(['own']).warning('Own message')
        send(person)
      },
    ],
    [
      'after it has sent',
      ({ audit, send }) => {
        send(person)
        audit.setFilter('Own', { a: 1 }).setResults(['own']).warning('Own message')
      },
    ],
  ])('prefers the values that the handler sets %s', async (_when, handle) => {
    const { record } = await requestOne('/persons/1', { handle })
    expect(record).toMatchObject({
      filter: { object: 'Own', kwargs: { a: 1 } },
      results: ['own'],
      message: 'Retrieve Person',
      notes: [{ type: 'WARNING', message: 'Own message' }],
      type: 'WARNING',
    })
  })

  it('prefers empty values that the handler sets', async () => {
    const { record } = await requestOne('/persons/1', {
      handle: ({ audit, send }) => {
        audit.setResults(null).setFilter('')
        send(person)
      },
    })
    expect(record).toMatchObject({ results: null, filter: { object: '', kwargs: {} } })
  })

  it('records calls of level methods as notes beside the message, and the most severe level as type', async () => {
    const { record } = await requestOne('/persons/1', {
      method: 'delete',
      handle: ({ audit, send }) => {
        audit.info('found').error('search index is down').debug('queued')
        send(undefined, 204)
      },
    })
    expect(record).toMatchObject({
      message: 'Destroy Person',
      action: 'destroy',
      type: 'ERROR',
      notes: [
        { type: 'INFO', message: 'found' },
        { type: 'ERROR', message: 'search index is down' },
        { type: 'DEBUG', message: 'queued' },
      ],
    })
  })

  it('records calls of level methods in a request that failed as notes beside the attempt', async () => {
    const { record } = await requestOne('/persons/1', {
      handle: ({ audit, send }) => {
        audit.warning('unknown id').info('asked the archive')
        send({ error: 'no such person' }, 404)
      },
    })
    expect(record).toMatchObject({
      message: 'Retrieve Person: failed (404)',
      type: 'WARNING',
      notes: [
        { type: 'WARNING', message: 'unknown id' },
        { type: 'INFO', message: 'asked the archive' },
      ],
    })
  })

  it('bounds the notes, keeps the last one, and counts the dropped ones', async () => {
    const { record } = await requestOne('/persons/1', {
      handle: ({ audit, send }) => {
        audit.info('x'.repeat(5000))
        for (let index = 0; index < 50; index++) audit.info(`note ${index}`)
        audit.critical('dropped').info('last')
        send(person)
      },
    })
    expect(record.notes).toHaveLength(21)
    expect(record.notes[0].message).toBe(`${'x'.repeat(1024)}…[+3976 characters]`)
    expect(record.notes.slice(18)).toEqual([
      { type: 'INFO', message: 'note 17' },
      { type: 'CRITICAL', message: '…[+33 notes]' },
      { type: 'INFO', message: 'last' },
    ])
    expect(record).toMatchObject({ message: 'Retrieve Person', type: 'CRITICAL', truncated: ['notes'] })
  })

  it('lets the last level method win in the format datapunt, as in Python', async () => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.error('first').info('second')
      send(person)
    }
    const { record } = await requestOne('/persons/1', { handle }, { format: 'datapunt' })
    expect(record).toMatchObject({ message: 'second', type: 'INFO' })
    expect(record).not.toHaveProperty('notes')
    const silent = await requestOne(
      '/persons/1',
      { handle: ({ send }) => send(person) },
      { format: 'datapunt' },
    )
    expect(silent.record).toMatchObject({ message: 'Retrieve Person', type: 'INFO' })
  })

  it('copies results when they are sent', async () => {
    const { record, text } = await requestOne('/persons/1', {
      handle: ({ send }) => {
        const body = { id: 1 }
        send(body)
        setImmediate(() => {
          body.id = 2
        })
      },
    })
    expect([record.results, JSON.parse(text)]).toEqual([{ id: 1 }, { id: 1 }])
  })

  it('marks truncated results, and chooses fields from all items', async () => {
    const many = Array.from({ length: 100_000 }, (_, id) => ({ id, note: 'x'.repeat(50) }))
    const { record } = await requestOne('/persons', {
      path: '/persons',
      options: { listResults: true, fields: ['id'] },
      handle: ({ send }) => send(many),
    })
    expect(record.truncated).toEqual(['results'])
    expect(record.results).toMatchObject({ truncated: true, type: 'array', count: 100_000 })
    expect(record.results.kept.slice(0, 2)).toEqual([{ id: 0 }, { id: 1 }])
  })

  it.each<[string, () => unknown]>([
    ['a getter', () => Object.defineProperty({}, 'id', { enumerable: true, get: failing })],
    ['toJSON', () => ({ toJSON: failing })],
    ['a circular object', circular],
    ['a BigInt', () => ({ id: 1n })],
  ])('does not change the response to a body that cannot be serialized: %s', async (_what, body) => {
    const without = await requestOne('/x', { path: '/x', handle: ({ send }) => send(body()) })
    const withFields = await requestOne('/x', {
      path: '/x',
      options: { fields: ['id'] },
      handle: ({ send }) => send(body()),
    })
    expect([without.response.status, withFields.response.status]).toEqual([500, 500])
    expect(without.record).toMatchObject({ results: null, outcome: 'failure' })
  })

  it('does not change the response', async () => {
    const handle = ({ send }: HandlerContext) => send({ ...person, nested: { a: [1, null, 'é'] } }, 201)
    const { response, text } = await requestOne('/persons/1', { handle })
    const { url } = await startServer(
      build([{ method: 'get', path: '/persons/:id', handle }], { exempt: ['/'] }),
    )
    const plain = await fetch(`${url}/persons/1`)
    expect(text).toBe(await plain.text())
    const headers = (of: Response) => [...of.headers].filter(([name]) => name !== 'date')
    expect([response.status, headers(response)]).toEqual([plain.status, headers(plain)])
  })

  it('records the attempt and no results for a response that failClosed refused', async () => {
    const sink = new ControllableSink()
    const route: Route = {
      method: 'post',
      path: '/persons',
      objectName: 'Person',
      handle({ send }) {
        sink.mode = 'throw'
        send(person, 201)
      },
    }
    const { url } = await startServer(build([route], { sink, failClosed: true, onError: () => {} }))
    const response = await fetch(`${url}/persons`, { method: 'POST' })
    expect(response.status).toBe(503)
    sink.mode = 'accept'
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({
      http_response: { status_code: 503 },
      message: 'Create Person: failed (503)',
      target: [{ type: 'Person' }],
      results: null,
    })
  })
})

function failing(): never {
  throw new Error('for the test')
}

function circular(): unknown {
  const value: Record<string, unknown> = {}
  value.self = value
  return value
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  async function requestOne(prepare: (app: ReturnType<typeof express5>) => void, path = '/persons/1') {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink }))
    prepare(app)
    const { url } = await startServer(app)
    const response = await fetch(`${url}${path}`)
    const text = await response.text()
    return { text, record: (await sink.waitFor(1))[0].audit }
  }

  it('records the object passed to res.send, which calls res.json', async () => {
    const { record } = await requestOne((app) => {
      app.get('/persons/:id', audited('Person', { fields: 'all' }), (_req, res) => {
        res.send(person)
      })
    })
    expect(record.results).toEqual(person)
  })

  it('returns the result of res.json', async () => {
    let isSame: boolean | undefined
    await requestOne((app) => {
      app.get('/persons/:id', audited('Person'), (_req, res) => {
        isSame = res.json(person) === res
      })
    })
    expect(isSame).toBe(true)
  })

  it('applies the setting `json replacer` to the results', async () => {
    const { record, text } = await requestOne((app) => {
      app.set('json replacer', (key: string, value: unknown) => (key === 'bsn' ? undefined : value))
      app.get('/persons/:id', audited('Person', { fields: 'all' }), (_req, res) => {
        res.json(person)
      })
    })
    expect(JSON.parse(text)).toEqual({ id: 1, last_name: 'Jansen' })
    expect(record.results).toEqual({ id: 1, last_name: 'Jansen' })
  })

  it('records route parameters if it is mounted on a router', async () => {
    const { record } = await requestOne((app) => {
      const router = express.Router()
      router.use(audited('Person'))
      router.get('/:id', (_req, res) => {
        res.json(person)
      })
      app.use('/persons', router)
    })
    expect(record).toMatchObject({ filter: { kwargs: { id: '1' } }, route: '/persons/:id' })
  })

  it('records filter and route if a router passes an error on', async () => {
    const { record } = await requestOne((app) => {
      const router = express.Router()
      router.get('/:id', audited('Person'), (_req, _res, next) => next(new Error('for the test')))
      app.use('/persons', router)
      app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
        res.status(500).end()
      })
    })
    expect(record).toMatchObject({ filter: { kwargs: { id: '1' } }, route: '/persons/:id' })
  })

  it('prefers the inner one of two audited()', async () => {
    const { record } = await requestOne((app) => {
      app.use(audited('Anything'))
      app.get('/persons/:id', audited('Person'), (_req, res) => {
        res.json(person)
      })
    })
    expect(record).toMatchObject({ filter: { object: 'Person' }, message: 'Retrieve Person' })
  })

  it('uses the message of the outer audited() if the inner one has none', async () => {
    const sink = memory()
    const app = express5()
    app.use(auditLog({ sink }))
    // `audited` has no message for OPTIONS.
    app.options('/persons', audited('Anything', { action: 'list' }), audited('Person'), (_req, res) => {
      res.json(person)
    })
    const { url } = await startServer(app)
    await (await fetch(`${url}/persons`, { method: 'OPTIONS' })).text()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({
      filter: { object: 'Person' },
      message: 'List Anything',
      results: { id: 1 },
    })
  })

  it('keeps results that were sent before the inner audited() ran', async () => {
    const sink = memory()
    const app = express5()
    app.use(auditLog({ sink }))
    const late = audited('Late')
    app.get('/persons', audited('Person'), (req, res) => {
      res.json(person)
      late(req, res, () => {})
    })
    const { url } = await startServer(app)
    await (await fetch(`${url}/persons`)).text()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ filter: { object: 'Late' }, results: { id: 1 } })
  })

  it('does not fail if the query parser throws', async () => {
    const { record } = await requestOne((app) => {
      app.get(
        '/persons/:id',
        (req, _res, next) => {
          Object.defineProperty(req, 'query', { get: failing })
          next()
        },
        audited('Person'),
        (_req, res) => {
          res.json(person)
        },
      )
    })
    expect(record.filter).toEqual({ object: 'Person', kwargs: { id: '1' } })
  })
})

describe('Express 4', () => {
  it.each([
    ['status first', [201, person]],
    ['body first', [person, 201]],
  ])('records the body of res.json with two arguments: %s', async (_name, given) => {
    const sink = memory()
    const app = express4()
    app.use(auditLog({ sink }))
    app.post('/persons', audited('Person'), (_req, res) => {
      // Express prints on stderr that this form is deprecated.
      ;(res.json as (...given: unknown[]) => unknown)(...given)
    })
    const { url } = await startServer(app)
    const response = await fetch(`${url}/persons`, { method: 'POST' })
    await response.text()
    expect([response.status, (await sink.waitFor(1))[0].audit.results]).toEqual([201, { id: 1 }])
  })
})

describe('Koa', () => {
  it.each<[string, () => unknown]>([
    ['text', () => 'text'],
    ['a Buffer', () => Buffer.from('{"id":1}')],
    ['a web stream', () => new Blob(['x']).stream()],
    ['a Blob', () => new Blob(['x'])],
  ])('records no results for a body that is not JSON: %s', async (_name, body) => {
    const sink = memory()
    const app = new Koa()
    app.use(auditKoa({ sink })).use(auditedKoa('Report'))
    app.use((ctx) => {
      ctx.body = body()
    })
    const { url } = await startServer(app.callback())
    const response = await fetch(url)
    await response.arrayBuffer()
    expect(response.status).toBe(200)
    expect((await sink.waitFor(1))[0].audit).toMatchObject({ message: 'Retrieve Report', results: null })
  })
})

describe('Connect', () => {
  it('records filter and message, but no results, because it has no res.json', async () => {
    const sink = memory()
    const app = connect()
    app.use(auditLog({ sink }))
    app.use(audited('Report', { action: 'list' }))
    app.use((_req, res) => {
      res.end('[]')
    })
    const { url } = await startServer(app)
    await (await fetch(url)).text()
    expect((await sink.waitFor(1))[0].audit).toMatchObject({
      message: 'List Report',
      filter: { object: 'Report', kwargs: {} },
      results: null,
    })
  })
})

describe('audited() without auditLog()', () => {
  it('is reported once on stderr', async () => {
    const script = `
      import { audited } from 'http-audit-log'
      const middleware = audited('Person')
      for (let i = 0; i < 3; i++) middleware({ method: 'GET' }, {}, () => {})
    `
    const { stderr } = await runScript(script)
    expect(stderr).toMatch(/^http-audit-log: \[ERR_AUDIT_CONTEXT\] audited\(\) has no record.*\n$/)
  })

  it('does not affect the response', async () => {
    const app = express5().get('/persons', audited('Person'), (_req, res) => {
      res.json(persons)
    })
    const { url } = await startServer(app)
    expect(await (await fetch(`${url}/persons`)).json()).toEqual(persons)
  })
})

describe('wrong arguments', () => {
  it.each<[string, unknown, unknown, string]>([
    ['no name', undefined, undefined, "audited('Person')"],
    ['an empty name', '', undefined, "audited('Person')"],
    ['mounted without being called', {}, {}, "audited('Person')"],
    ['an unknown option', 'Person', { feilds: [] }, 'Did you mean `fields`?'],
    ['fields that are not an array', 'Person', { fields: 'id' }, '`fields`'],
    ['an empty action', 'Person', { action: ' ' }, "such as 'list'"],
    ['a long action', 'Person', { action: 'x'.repeat(101) }, '`action`'],
    ['a field without a name', 'Person', { fields: [''] }, '`fields[0]`'],
    ['an idParam that is a pattern', 'Person', { idParam: '/:id' }, '`idParam`'],
    ['requestBody that is not an array', 'Person', { requestBody: true }, '`requestBody`'],
    ['listResults', 'Person', { listResults: 1 }, '`listResults`'],
    ['filterFields', 'Person', { filterFields: [1] }, '`filterFields[0]`'],
  ])('throw at start-up: %s', (_name, objectName, options, expected) => {
    for (const middleware of [audited, auditedKoa]) {
      const call = () => middleware(objectName as never, options as never)
      expect(call).toThrow(AuditLogError)
      expect(call).toThrow(expected)
    }
  })
})
