import { afterEach, describe, expect, it } from '@jest/globals'
import express, { type RequestHandler } from 'express'
import {
  AuditLogError,
  auditLog,
  type MemorySink,
  memory,
  type PolicyLevel,
  type PolicyRule,
} from 'http-audit-log'
import methodOverride from 'method-override'
import { createPolicy } from '#src/http/policy.js'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { type AnyAuditOptions, frameworks, routedApps } from '../helpers/frameworks.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const ALL: PolicyRule = { level: 'full' }
const NONE: PolicyRule = { level: 'none' }

type Exchange = Parameters<ReturnType<typeof createPolicy>['decideAtEnd']>[0]
const EXCHANGE: Exchange = {
  method: 'GET',
  target: '/persons/1?q=/health',
  route: null,
  isRouteUncertain: false,
  status: 200,
}

describe('a policy', () => {
  const decideAtEnd = (rules: readonly PolicyRule[], exchange: Partial<Parameters<typeof decide>[0]> = {}) =>
    decide({ ...EXCHANGE, ...exchange }, rules)
  function decide(exchange: Exchange, rules: readonly PolicyRule[]): PolicyLevel {
    return createPolicy(rules).decideAtEnd(exchange)
  }

  it.each<[string, PolicyRule, boolean]>([
    ['a method', { level: 'none', methods: ['GET'] }, true],
    ['one of several methods', { level: 'none', methods: ['POST', 'GET'] }, true],
    ['a method in lower case', { level: 'none', methods: ['get'] }, true],
    ['another method', { level: 'none', methods: ['POST'] }, false],
    ['a path', { level: 'none', paths: ['/persons/1'] }, true],
    ['a parent path', { level: 'none', paths: ['/persons'] }, true],
    ['a path that is only a prefix of the name', { level: 'none', paths: ['/person'] }, false],
    ['a path in the query', { level: 'none', paths: ['/health'] }, false],
    ['a pattern', { level: 'none', paths: [/^\/persons\/\d+$/] }, true],
    ['a pattern with the flag g', { level: 'none', paths: [/persons/g] }, true],
    ['another pattern', { level: 'none', paths: [/health/] }, false],
    ['a status', { level: 'none', statuses: [200] }, true],
    ['another status', { level: 'none', statuses: [201] }, false],
    ['a class of statuses', { level: 'none', statuses: ['2xx'] }, true],
    ['another class of statuses', { level: 'none', statuses: ['4xx'] }, false],
    ['one of several statuses', { level: 'none', statuses: [404, '2xx'] }, true],
    ['an unknown route', { level: 'none', routes: ['/persons/:id'] }, false],
    ['all conditions', { level: 'none', methods: ['GET'], paths: ['/'], statuses: [200] }, true],
    ['all conditions but one', { level: 'none', methods: ['GET'], paths: ['/'], statuses: [404] }, false],
  ])('matches a rule with %s, or does not', (_name, rule, isMatch) => {
    const policy = createPolicy([rule, ALL])
    for (let times = 0; times < 3; times++)
      expect(policy.decideAtEnd(EXCHANGE)).toBe(isMatch ? 'none' : 'full')
  })

  it.each<[string, Partial<Exchange>, string, PolicyLevel]>([
    ['no route, and a path that fits', { target: '/persons/1' }, '/persons/:id', 'metadata'],
    ['no route, and an encoded path that fits', { target: '/p%65rsons/1/' }, '/persons/:id', 'metadata'],
    ['no route, and a path that fits a wildcard', { target: '/persons/1' }, '/persons{/*rest}', 'metadata'],
    ['no route, and a path that fits in part', { target: '/admin/persons/1' }, '/persons/:id', 'none'],
    ['no route, and another path', { target: '/health' }, '/persons/:id', 'none'],
    ['an uncertain route', { target: '/old', isRouteUncertain: true }, '/persons/:id', 'metadata'],
    ['another route', { target: '/persons/1', route: '/:type/:id' }, '/persons/:id', 'none'],
    ['no route, and another status', { target: '/persons/1', status: 404 }, '/persons/:id', 'none'],
  ])('records more rather than less of a request with %s', (_name, exchange, route, level) => {
    const rule = { routes: [route], statuses: [200] }
    expect(decideAtEnd([{ level: 'metadata', ...rule }, NONE], exchange)).toBe(level)
    expect(decideAtEnd([{ level: 'none', ...rule }, ALL], exchange)).toBe('full')
  })

  it('records more rather than less of a request with an unknown status', () => {
    const unknown = { status: undefined }
    expect(decideAtEnd([{ level: 'metadata', statuses: [404] }, NONE], unknown)).toBe('metadata')
    expect(decideAtEnd([{ level: 'none', statuses: ['2xx'] }, ALL], unknown)).toBe('full')
    expect(decideAtEnd([{ level: 'metadata', statuses: [404] }, NONE], { status: null })).toBe('none')
  })

  it('matches the route of the record', () => {
    const policy: PolicyRule[] = [{ level: 'metadata', routes: ['/persons/:id'] }, ALL]
    expect(decideAtEnd(policy, { route: '/persons/:id' })).toBe('metadata')
    expect(decideAtEnd(policy, { route: '/persons' })).toBe('full')
  })

  it('applies the first rule that matches', () => {
    const policy: PolicyRule[] = [
      { level: 'full', methods: ['DELETE'] },
      { level: 'none', paths: ['/persons'] },
      { level: 'metadata', methods: ['GET'] },
      NONE,
    ]
    expect(decideAtEnd(policy, { method: 'DELETE' })).toBe('full')
    expect(decideAtEnd(policy)).toBe('none')
    expect(decideAtEnd(policy, { target: '/other' })).toBe('metadata')
    expect(decideAtEnd(policy, { target: '/other', method: 'PUT' })).toBe('none')
  })

  it('does not match a rule with statuses when no status was sent', () => {
    const policy: PolicyRule[] = [{ level: 'none', statuses: ['1xx', '2xx', '3xx', '4xx', '5xx', 200] }, ALL]
    expect(decideAtEnd(policy, { status: null })).toBe('full')
  })

  it.each([
    '/assets/../persons',
    '/assets/%2e%2e/persons',
    '/assets//x',
    '/assets/%2fx',
    '/assets\\x',
    '*',
    '',
  ])('applies the highest level that may be meant for the ambiguous path %p', (target) => {
    expect(decideAtEnd([{ level: 'none', paths: ['/assets'] }, ALL], { target })).toBe('full')
    expect(decideAtEnd([{ level: 'full', paths: ['/persons'] }, NONE], { target })).toBe('full')
    expect(decideAtEnd([{ level: 'none', paths: ['/assets'] }, { level: 'metadata' }], { target })).toBe(
      'metadata',
    )
    // The method rules out the only rule with a path, so nothing is uncertain.
    expect(decideAtEnd([{ level: 'full', paths: ['/x'], methods: ['PUT'] }, NONE], { target })).toBe('none')
  })

  it.each<[string, PolicyRule[], PolicyLevel | undefined]>([
    ['by path', [{ level: 'none', paths: ['/persons'] }, ALL], 'none'],
    ['by method', [{ level: 'metadata', methods: ['GET'] }, ALL], 'metadata'],
    ['by the catch-all', [{ level: 'none', methods: ['PUT'] }, ALL], 'full'],
    ['pending, by status', [{ level: 'none', statuses: ['2xx'] }, ALL], undefined],
    ['pending, by route', [{ level: 'none', routes: ['/x'] }, ALL], undefined],
    ['pending, when an earlier rule may match', [{ level: 'full', statuses: ['5xx'] }, NONE], undefined],
    [
      'when an earlier rule cannot match',
      [{ level: 'full', methods: ['PUT'], statuses: ['5xx'] }, NONE],
      'none',
    ],
    [
      'when a later rule is irrelevant',
      [{ level: 'none', methods: ['GET'] }, { level: 'full', statuses: ['5xx'] }, NONE],
      'none',
    ],
  ])('decides on arrival if possible: %s', (_name, rules, level) => {
    expect(createPolicy(rules).decideOnArrival({ method: 'GET', target: '/persons/1' })).toBe(level)
  })
})

it('lists what was truncated of the recorded parts at the level metadata', async () => {
  const sink = memory()
  const app = express().use(auditLog({ sink, policy: [{ level: 'metadata' }] }), (req, res) => {
    req.audit
      .setAction('x'.repeat(3000), { type: 'A', id: 1 })
      .setResults('r'.repeat(100_000))
      .deny('y'.repeat(2000))
    res.end()
  })
  const { url } = await startServer(app)
  await (await fetch(url)).text()
  const [{ audit }] = await sink.waitFor(1)
  expect(audit).toMatchObject({ results: null, truncated: ['action', 'reason'] })
})

describe.each(frameworks)('%s', (_name, framework) => {
  async function listen(
    policy: readonly PolicyRule[],
    options: AnyAuditOptions & { sink?: MemorySink } = {},
  ) {
    const sink = options.sink ?? memory()
    const { url } = await startServer(await framework.build({ sink, policy, ...options }))
    const requestStatus = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${url}${path}`, init)
      await response.arrayBuffer()
      return response.status
    }
    return { sink, url, requestStatus }
  }

  it('writes no record, and leaves no gap in seq, at the level none', async () => {
    const { sink, url, requestStatus } = await listen([
      { level: 'none', paths: ['/created', '/user'] },
      { level: 'none', statuses: [404] },
      { level: 'none', methods: ['DELETE'] },
      ALL,
    ])
    const statuses = []
    // The handler of /user/set calls methods of its logger, which has no effect.
    for (const path of ['/persons', '/created', '/missing', '/user/set', '/persons?last']) {
      statuses.push(await requestStatus(path))
    }
    expect(statuses).toEqual([200, 201, 404, 200, 200])
    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(records.map(({ http_request }) => http_request.url)).toEqual([
      `${url}/persons`,
      `${url}/persons?last`,
    ])
    expect(records[1].seq - records[0].seq).toBe(1)
  })

  it('omits only filter, results and response headers at the level metadata', async () => {
    const { sink, requestStatus } = await listen([{ level: 'metadata', statuses: ['2xx'] }, ALL])
    await requestStatus('/persons')
    const [{ audit }] = await sink.waitFor(1)
    expect(audit).toMatchObject({
      http_request: { method: 'GET' },
      http_response: { status_code: 200, reason: 'OK', headers: null },
      user: { authenticated: false, ip: '127.0.0.1' },
      filter: null,
      results: null,
      message: 'List Person',
      outcome: 'success',
      ended: 'completed',
    })
    expect(audit).not.toHaveProperty('truncated')
  })

  it('writes complete records at the level full', async () => {
    const { sink, requestStatus } = await listen([{ level: 'full', statuses: ['2xx'] }, NONE])
    await requestStatus('/persons')
    await requestStatus('/missing')
    await requestStatus('/persons')
    const records = await sink.waitFor(2)
    expect(records).toHaveLength(2)
    expect(records[0].audit).toMatchObject({
      filter: { object: 'Person' },
      results: [{ id: 1 }],
      http_response: { headers: expect.anything() },
    })
  })

  it('writes the final record of a request whose first line was written, at whatever level', async () => {
    const { sink, requestStatus } = await listen([{ level: 'none', statuses: ['2xx'] }, ALL], {
      stages: ['received'],
    })
    await requestStatus('/persons')
    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(records.map(({ stage, seq }) => [stage, seq - records[0].seq])).toEqual([
      ['received', 0],
      ['completed', 0],
    ])
    // As little as possible, because the policy decided none.
    expect(records[1]).toMatchObject({ filter: null, results: null, http_response: { status_code: 200 } })
  })

  it('writes no first line when the policy decides none on arrival', async () => {
    const { sink, requestStatus } = await listen([{ level: 'none', paths: ['/created'] }, ALL], {
      stages: ['received'],
    })
    await requestStatus('/created')
    await requestStatus('/persons')
    const records = await sink.waitFor(2)
    expect(new Set(records.map(({ audit }) => audit.http_request.url)).size).toBe(1)
  })

  it('sends the response of a request that it does not record with failClosed', async () => {
    const { sink, requestStatus } = await listen([{ level: 'none', statuses: [201] }, ALL], {
      failClosed: true,
    })
    expect(await requestStatus('/created')).toBe(201)
    expect(await requestStatus('/persons')).toBe(200)
    expect(await sink.waitFor(1)).toHaveLength(1)
  })

  it('leaves no gap in seq when a record was refused and the level of the 503 is none', async () => {
    const sink = new ControllableSink()
    const { requestStatus } = await listen([{ level: 'none', statuses: [503] }, ALL], {
      sink,
      failClosed: true,
      onError: () => {},
    })
    expect(await requestStatus('/persons')).toBe(200)
    sink.mode = 'throw'
    expect(await requestStatus('/persons')).toBe(503)
    sink.mode = 'accept'
    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(
      records.map(({ http_response, seq }) => [http_response.status_code, seq - records[0].seq]),
    ).toEqual([
      [200, 0],
      [503, 1],
    ])
  })

  it('can be combined with exempt', async () => {
    const { sink, requestStatus } = await listen([{ level: 'metadata', methods: ['GET'] }, ALL], {
      exempt: ['/created'],
    })
    await requestStatus('/created')
    await requestStatus('/persons')
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ message: 'List Person', filter: null })
  })
})

describe.each(routedApps)('%s', (_name, build) => {
  it('matches the route of the router', async () => {
    const sink = memory()
    const policy: PolicyRule[] = [{ level: 'none', routes: ['/secret/:id'] }, ALL]
    const handle = ({ send }: { send(body: unknown): void }) => send({})
    const listener = build(
      [
        { method: 'get', path: '/secret/:id', handle },
        { method: 'get', path: '/open/:id', handle },
      ],
      { sink, policy },
    )
    const { url } = await startServer(listener)
    for (const path of ['/secret/1', '/open/1']) await (await fetch(`${url}${path}`)).text()
    expect((await sink.waitFor(1)).map(({ audit }) => audit.route)).toEqual(['/open/:id'])
  })
})

describe('the option policy', () => {
  const HEALTH = { level: 'none', paths: ['/health'] }
  const UNCONDITIONAL = 'to be a rule without conditions, because the last rule applies to all other requests'
  const CONDITIONAL =
    'to be a rule with methods, paths, routes or statuses, because without them the rules after'

  it.each<[string, unknown, string]>([
    ['not an array', { level: 'full' }, 'Expected `policy` to be an array of one or more rules, got '],
    ['an empty array', [], 'Expected `policy` to be an array of one or more rules, got [] (array)'],
    ['a rule that is no object', ['none', ALL], 'Expected `policy[0]` to be an object with a level'],
    ['no catch-all', [HEALTH], `Expected \`policy[0]\` ${UNCONDITIONAL}`],
    ['no catch-all of several rules', [HEALTH, HEALTH, HEALTH], `Expected \`policy[2]\` ${UNCONDITIONAL}`],
    ['a catch-all before the last rule', [ALL, HEALTH], `Expected \`policy[0]\` ${CONDITIONAL}`],
    ['two catch-alls', [HEALTH, { level: 'none' }, ALL], `Expected \`policy[1]\` ${CONDITIONAL}`],
  ])('throws at start-up, and names the rule, for %s', (_name, policy, message) => {
    expect(() => auditLog({ sink: memory(), policy: policy as never })).toThrow(
      expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS', message: expect.stringContaining(message) }),
    )
  })

  it.each<[string, unknown, string]>([
    ['an unknown level', [{ level: 'request' }], 'Expected `policy[0].level` to be '],
    ['no level', [{ paths: ['/'] }, { level: 'full' }], 'Expected `policy[0].level` to be '],
    [
      'a misspelled condition, which would make the rule a catch-all',
      [{ level: 'none', path: ['/health'] }, ALL],
      'Unknown option `policy[0].path`. Did you mean `policy[0].paths`?',
    ],
    [
      'a condition with the name of an inherited property',
      [{ level: 'none', constructor: ['/'] }, ALL],
      'Unknown option `policy[0].constructor`.',
    ],
    ['an empty condition', [{ level: 'none', methods: [] }, ALL], 'Expected `policy[0].methods` to be '],
    [
      'methods that are not an array',
      [{ level: 'none', methods: 'GET' }, ALL],
      "Expected `policy[0].methods` to be an array of one or more items, each a method, such as 'GET', got 'GET' (string)",
    ],
    [
      'an invalid method',
      [{ level: 'none', methods: ['GET /'] }, ALL],
      "Expected `policy[0].methods[0]` to be a method, such as 'GET', got 'GET /' (string)",
    ],
    [
      'a path without a leading slash',
      [{ level: 'none', paths: ['health'] }, ALL],
      'Expected `policy[0].paths[0]` to be ',
    ],
    [
      'a route without a leading slash',
      [{ level: 'none', routes: ['health'] }, ALL],
      'Expected `policy[0].routes[0]` to be ',
    ],
    [
      'a route with a regular expression, which no record has',
      [{ level: 'none', routes: ['/persons/:id(\\d+)'] }, ALL],
      'Expected `policy[0].routes[0]` to be ',
    ],
    [
      'a status as a string, in the second rule',
      [{ level: 'none', methods: ['GET'] }, { level: 'none', statuses: ['404'] }, ALL],
      'Expected `policy[1].statuses[0]` to be ',
    ],
    [
      'an invalid status class',
      [{ level: 'none', statuses: ['6xx'] }, ALL],
      'Expected `policy[0].statuses[0]` to be ',
    ],
    [
      'an invalid status',
      [{ level: 'none', statuses: [99] }, ALL],
      'Expected `policy[0].statuses[0]` to be ',
    ],
    [
      'a sparse array',
      Object.assign(new Array(2), { 1: ALL }),
      'Expected `policy[0]` to be an object with a level',
    ],
    ['null', [null, ALL], 'Expected `policy[0]` to be an object with a level'],
  ])('throws at start-up, and names the property, for %s', (_name, policy, message) => {
    const call = () => auditLog({ sink: memory(), policy: policy as never })
    expect(call).toThrow(AuditLogError)
    expect(call).toThrow(message)
  })

  it('is copied, so that later changes have no effect', async () => {
    const paths = ['/created']
    const statuses = [404]
    const routes = ['/x']
    const methods = ['PUT']
    const policy: PolicyRule[] = [
      { level: 'none', paths },
      { level: 'none', statuses },
      { level: 'none', routes },
      { level: 'none', methods },
      ALL,
    ]
    const sink = memory()
    const audit = auditLog({ sink, policy })
    paths[0] = '/'
    statuses[0] = 200
    routes[0] = null as never
    methods[0] = 'GET'
    policy.unshift({ level: 'none', methods: ['GET'] })
    const { url } = await startServer((request, response) => {
      audit(request, response)
      response.end()
    })
    await (await fetch(`${url}/persons`)).text()
    expect(await sink.waitFor(1)).toHaveLength(1)
  })
})

describe('a policy with method-override', () => {
  const silentReads: readonly PolicyRule[] = [{ level: 'none', methods: ['GET'] }, ALL]
  const override = methodOverride('_method', { methods: ['GET', 'POST'] })
  const overrideHeader = methodOverride('X-HTTP-Method-Override', { methods: ['GET', 'POST'] })

  it.each<[string, RequestHandler[], string, Record<string, string>]>([
    ['before auditLog()', [override, auditLog], '/persons?_method=DELETE', {}],
    ['after auditLog()', [auditLog, override], '/persons?_method=delete', {}],
    ['by a header', [auditLog, overrideHeader], '/persons', { 'x-http-method-override': 'DELETE' }],
  ] as never)('records a GET that became a DELETE: %s', async (_case, middleware, target, headers) => {
    const sink = memory()
    const app = express()
    for (const handler of middleware as unknown[]) {
      app.use(handler === auditLog ? auditLog({ sink, policy: silentReads }) : (handler as RequestHandler))
    }
    app.delete('/persons', (_req, res) => void res.status(204).end())
    app.get('/persons', (_req, res) => void res.json([]))
    const { url } = await startServer(app)
    // A read first: a rule for GET still decides on it, also with a header that nothing reads.
    await (await fetch(`${url}/persons`, { headers: { 'x-http-method': 'GET' } })).text()
    await (await fetch(`${url}${target}`, { headers })).text()
    const [{ audit }] = await sink.waitFor(1)
    expect(audit).toMatchObject({
      http_request: { method: 'GET' },
      http_response: { status_code: 204 },
    })
  })

  it('decides by the higher level of the two methods', () => {
    const policy = createPolicy([
      { level: 'none', methods: ['GET'] },
      { level: 'metadata', methods: ['DELETE'] },
      ALL,
    ])
    const levelOf = (method: string, routedMethod: string) =>
      policy.decideAtEnd({ ...EXCHANGE, method, routedMethod })
    expect(levelOf('GET', 'DELETE')).toBe('metadata')
    expect(levelOf('DELETE', 'GET')).toBe('metadata')
    expect(levelOf('POST', 'DELETE')).toBe('full')
    expect(levelOf('GET', 'get')).toBe('none')
    expect(policy.decideOnArrival({ method: 'GET', routedMethod: 'DELETE', target: '/' })).toBe('metadata')
  })
})
