import { afterEach, describe, expect, it } from '@jest/globals'
import { AuditLogError, auditLog, type MemorySink, memory, type PolicyRule } from 'http-audit-log'
import { createPolicy, type PolicyLevel } from '#src/http/policy.js'
import { breakableSink } from '../helpers/breakable-sink.js'
import { type AnyAuditOptions, frameworks, start, stopAll } from '../helpers/frameworks.js'
import { routedApps } from '../helpers/routed-apps.js'

afterEach(stopAll)

const ALL: PolicyRule = { level: 'full' }
const NOTHING: PolicyRule = { level: 'none' }

describe('a policy', () => {
  const atEnd = (rules: readonly PolicyRule[], asked: Partial<Parameters<typeof decide>[0]> = {}) =>
    decide({ method: 'GET', target: '/persons/1?q=/health', route: null, status: 200, ...asked }, rules)
  function decide(
    asked: { method: string; target: string; route: string | null; status: number | null },
    rules: readonly PolicyRule[],
  ): PolicyLevel {
    return createPolicy(rules).decideAtEnd(asked)
  }

  it.each<[string, PolicyRule, boolean]>([
    ['a method', { level: 'none', methods: ['GET'] }, true],
    ['one of several methods', { level: 'none', methods: ['POST', 'GET'] }, true],
    ['a method in lower case', { level: 'none', methods: ['get'] }, true],
    ['another method', { level: 'none', methods: ['POST'] }, false],
    ['a path', { level: 'none', paths: ['/persons/1'] }, true],
    ['a path above it', { level: 'none', paths: ['/persons'] }, true],
    ['a path that only begins like it', { level: 'none', paths: ['/person'] }, false],
    ['a path that stands in the query', { level: 'none', paths: ['/health'] }, false],
    ['a pattern', { level: 'none', paths: [/^\/persons\/\d+$/] }, true],
    ['a pattern that remembers', { level: 'none', paths: [/persons/g] }, true],
    ['another pattern', { level: 'none', paths: [/health/] }, false],
    ['a status', { level: 'none', statuses: [200] }, true],
    ['another status', { level: 'none', statuses: [201] }, false],
    ['a class of statuses', { level: 'none', statuses: ['2xx'] }, true],
    ['another class', { level: 'none', statuses: ['4xx'] }, false],
    ['one of several', { level: 'none', statuses: [404, '2xx'] }, true],
    ['a route that is not known', { level: 'none', routes: ['/persons/:id'] }, false],
    ['all of its conditions', { level: 'none', methods: ['GET'], paths: ['/'], statuses: [200] }, true],
    [
      'all but one of its conditions',
      { level: 'none', methods: ['GET'], paths: ['/'], statuses: [404] },
      false,
    ],
  ])('has a rule that is met by %s, or not', (_name, rule, isMet) => {
    const policy = createPolicy([rule, ALL])
    const asked = { method: 'GET', target: '/persons/1?q=/health', route: null, status: 200 }
    for (let times = 0; times < 3; times++) expect(policy.decideAtEnd(asked)).toBe(isMet ? 'none' : 'full')
  })

  it('has routes as the record has them', () => {
    const policy: PolicyRule[] = [{ level: 'metadata', routes: ['/persons/:id'] }, ALL]
    expect(atEnd(policy, { route: '/persons/:id' })).toBe('metadata')
    expect(atEnd(policy, { route: '/persons' })).toBe('full')
  })

  it('lets the first rule win that is met, whichever it is', () => {
    const policy: PolicyRule[] = [
      { level: 'full', methods: ['DELETE'] },
      { level: 'none', paths: ['/persons'] },
      { level: 'metadata', methods: ['GET'] },
      NOTHING,
    ]
    expect(atEnd(policy, { method: 'DELETE' })).toBe('full')
    expect(atEnd(policy)).toBe('none')
    expect(atEnd(policy, { target: '/other' })).toBe('metadata')
    expect(atEnd(policy, { target: '/other', method: 'PUT' })).toBe('none')
  })

  it('meets no rule with statuses where no status left', () => {
    const policy: PolicyRule[] = [{ level: 'none', statuses: ['1xx', '2xx', '3xx', '4xx', '5xx', 200] }, ALL]
    expect(atEnd(policy, { status: null })).toBe('full')
  })

  it.each([
    '/assets/../persons',
    '/assets/%2e%2e/persons',
    '/assets//x',
    '/assets/%2fx',
    '/assets\\x',
    '*',
    '',
  ])('records the most that may be meant of %s, which can be read in two ways', (target) => {
    expect(atEnd([{ level: 'none', paths: ['/assets'] }, ALL], { target })).toBe('full')
    expect(atEnd([{ level: 'full', paths: ['/persons'] }, NOTHING], { target })).toBe('full')
    expect(atEnd([{ level: 'none', paths: ['/assets'] }, { level: 'metadata' }], { target })).toBe('metadata')
    // No rule of a path is in doubt here.
    expect(atEnd([{ level: 'full', paths: ['/x'], methods: ['PUT'] }, NOTHING], { target })).toBe('none')
  })

  it.each<[string, PolicyRule[], PolicyLevel | undefined]>([
    ['by path', [{ level: 'none', paths: ['/persons'] }, ALL], 'none'],
    ['by method', [{ level: 'metadata', methods: ['GET'] }, ALL], 'metadata'],
    ['by the catch-all', [{ level: 'none', methods: ['PUT'] }, ALL], 'full'],
    ['not before the end, by status', [{ level: 'none', statuses: ['2xx'] }, ALL], undefined],
    ['not before the end, by route', [{ level: 'none', routes: ['/x'] }, ALL], undefined],
    ['not where an earlier rule may be met', [{ level: 'full', statuses: ['5xx'] }, NOTHING], undefined],
    [
      'where an earlier rule cannot be met',
      [{ level: 'full', methods: ['PUT'], statuses: ['5xx'] }, NOTHING],
      'none',
    ],
    [
      'where a later rule no longer counts',
      [{ level: 'none', methods: ['GET'] }, { level: 'full', statuses: ['5xx'] }, NOTHING],
      'none',
    ],
  ])('is decided on entry where that is possible: %s', (_name, rules, level) => {
    expect(createPolicy(rules).decideOnArrival({ method: 'GET', target: '/persons/1' })).toBe(level)
  })
})

describe.each(frameworks)('%s', (_name, framework) => {
  async function listen(
    policy: readonly PolicyRule[],
    options: AnyAuditOptions & { sink?: MemorySink } = {},
  ) {
    const sink = options.sink ?? memory()
    const { url } = await start(await framework.build({ sink, policy, ...options }))
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${url}${path}`, init)
      await response.arrayBuffer()
      return response.status
    }
    return { sink, url, ask }
  }

  it('leaves no record, and no gap, at the level none', async () => {
    const { sink, url, ask } = await listen([
      { level: 'none', paths: ['/created', '/user'] },
      { level: 'none', statuses: [404] },
      { level: 'none', methods: ['DELETE'] },
      ALL,
    ])
    const statuses = []
    // The handler of /user/set speaks to its logger, which it may.
    for (const path of ['/persons', '/created', '/missing', '/user/set', '/persons?last']) {
      statuses.push(await ask(path))
    }
    expect(statuses).toEqual([200, 201, 404, 200, 200])
    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(records.map(({ http_request }) => http_request.url)).toEqual([
      `${url}/persons`,
      `${url}/persons?last`,
    ])
    expect(records[1].seq - records[0].seq).toBe(1)
  })

  it('has no filter, no results and no response headers at the level metadata, and all else', async () => {
    const { sink, ask } = await listen([{ level: 'metadata', statuses: ['2xx'] }, ALL])
    await ask('/persons')
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

  it('has all at the level full', async () => {
    const { sink, ask } = await listen([{ level: 'full', statuses: ['2xx'] }, NOTHING])
    await ask('/persons')
    await ask('/missing')
    await ask('/persons')
    const records = await sink.waitFor(2)
    expect(records).toHaveLength(2)
    expect(records[0].audit).toMatchObject({
      filter: { object: 'Person' },
      results: [{ id: 1 }],
      http_response: { headers: expect.anything() },
    })
  })

  it('gives the last line to each request whose receipt left', async () => {
    const { sink, ask } = await listen([{ level: 'none', statuses: ['2xx'] }, ALL], { startRecords: true })
    await ask('/persons')
    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(records.map(({ stage, seq }) => [stage, seq - records[0].seq])).toEqual([
      ['received', 0],
      ['completed', 0],
    ])
    // No more than it has to: the policy said none.
    expect(records[1]).toMatchObject({ filter: null, results: null, http_response: { status_code: 200 } })
  })

  it('leaves no receipt where it is known on entry that there is nothing to record', async () => {
    const { sink, ask } = await listen([{ level: 'none', paths: ['/created'] }, ALL], { startRecords: true })
    await ask('/created')
    await ask('/persons')
    const records = await sink.waitFor(2)
    expect(new Set(records.map(({ audit }) => audit.http_request.url)).size).toBe(1)
  })

  it('answers also with failClosed what it does not record', async () => {
    const { sink, ask } = await listen([{ level: 'none', statuses: [201] }, ALL], { failClosed: true })
    expect(await ask('/created')).toBe(201)
    expect(await ask('/persons')).toBe(200)
    expect(await sink.waitFor(1)).toHaveLength(1)
  })

  it('leaves no gap where a record was refused, and what is answered instead is not to be recorded', async () => {
    const sink = breakableSink()
    const { ask } = await listen([{ level: 'none', statuses: [503] }, ALL], {
      sink,
      failClosed: true,
      onError: () => {},
    })
    expect(await ask('/persons')).toBe(200)
    sink.isDown = true
    expect(await ask('/persons')).toBe(503)
    sink.isDown = false
    const records = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(
      records.map(({ http_response, seq }) => [http_response.status_code, seq - records[0].seq]),
    ).toEqual([
      [200, 0],
      [503, 1],
    ])
  })

  it('works beside exempt, which is the short form of a rule', async () => {
    const { sink, ask } = await listen([{ level: 'metadata', methods: ['GET'] }, ALL], {
      exempt: ['/created'],
    })
    await ask('/created')
    await ask('/persons')
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ message: 'List Person', filter: null })
  })
})

describe.each(routedApps)('%s', (_name, build) => {
  it('knows the route', async () => {
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
    const { url } = await start(listener)
    for (const path of ['/secret/1', '/open/1']) await (await fetch(`${url}${path}`)).text()
    expect((await sink.waitFor(1)).map(({ audit }) => audit.route)).toEqual(['/open/:id'])
  })
})

describe('a policy that is refused at start-up', () => {
  it.each<[string, unknown]>([
    ['no list', { level: 'full' }],
    ['no rules', []],
    ['no catch-all', [{ level: 'none', paths: ['/health'] }]],
    ['a catch-all that is not the last', [{ level: 'full' }, { level: 'none', paths: ['/health'] }]],
    ['two catch-alls', [{ level: 'none' }, { level: 'full' }]],
    ['an unknown level', [{ level: 'request' }]],
    ['no level', [{ paths: ['/'] }, { level: 'full' }]],
    ['a misspelt condition, which would make it a catch-all', [{ level: 'none', path: ['/health'] }, ALL]],
    ['a condition of a prototype', [{ level: 'none', constructor: ['/'] }, ALL]],
    ['an empty list', [{ level: 'none', methods: [] }, ALL]],
    ['a method that is no list', [{ level: 'none', methods: 'GET' }, ALL]],
    ['a method that is none', [{ level: 'none', methods: ['GET /'] }, ALL]],
    ['a path without its slash', [{ level: 'none', paths: ['health'] }, ALL]],
    ['a route without its slash', [{ level: 'none', routes: ['health'] }, ALL]],
    ['a status as text', [{ level: 'none', statuses: ['404'] }, ALL]],
    ['a class that is none', [{ level: 'none', statuses: ['6xx'] }, ALL]],
    ['a status that is none', [{ level: 'none', statuses: [99] }, ALL]],
    ['holes', Object.assign(new Array(2), { 1: ALL })],
    ['null', [null, ALL]],
  ])('%s', (_name, policy) => {
    const call = () => auditLog({ sink: memory(), policy: policy as never })
    expect(call).toThrow(AuditLogError)
    expect(call).toThrow('a catch-all that cannot be forgotten')
  })

  it('is not changed by what happens to it later', async () => {
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
    const { url } = await start((request, response) => {
      audit(request, response)
      response.end()
    })
    await (await fetch(`${url}/persons`)).text()
    expect(await sink.waitFor(1)).toHaveLength(1)
  })
})
