// The lines that the option `stages` adds before the record of an exchange.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2ServerResponse,
} from 'node:http2'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type AuditLogger, type AuditOptions, auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import { WebSocket, WebSocketServer } from 'ws'
import { runScript } from '../helpers/child-process.js'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { type AnyAuditOptions, frameworks } from '../helpers/frameworks.js'
import { RawClient, rawRequest } from '../helpers/raw-client.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const BOTH = ['received', 'started'] as const

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

async function listen(handle: Handler, options: AnyAuditOptions = {}) {
  const sink = memory()
  const audit = auditLog<IncomingMessage>({ sink, stages: BOTH, ...options })
  const { port, url } = await startServer((request, response) =>
    audit(request, response, () => void handle(request, response)),
  )
  const lines = () => sink.records().map(({ audit: record }) => record)
  const waitFor = async (count: number) => (await sink.waitFor(count)).map(({ audit: record }) => record)
  return { port, url, lines, waitFor }
}

/** The stage and the status of each line. */
const summarize = (records: readonly { stage?: string; http_response: { status_code: number } | null }[]) =>
  records.map(({ stage, http_response }) => [stage, http_response?.status_code ?? null])

describe.each(frameworks)('%s', (_name, { build }) => {
  async function listenTo(options: AnyAuditOptions) {
    const sink = memory()
    const { port, url } = await startServer((await build({ sink, ...options })) as RequestListener)
    return { sink, port, url }
  }

  it('writes received, started and completed with one id', async () => {
    const { sink, url } = await listenTo({ stages: BOTH })
    await (await fetch(`${url}/persons`)).text()
    const records = (await sink.waitFor(3)).map(({ audit }) => audit)
    expect(summarize(records)).toEqual([
      ['received', null],
      ['started', 200],
      ['completed', 200],
    ])
    expect(new Set(records.map(({ id }) => id)).size).toBe(1)
    expect(new Set(records.map(({ request_id }) => request_id)).size).toBe(1)
    const [, started, completed] = records
    expect(started).toMatchObject({ outcome: 'unknown', ended: null, duration_ms: expect.any(Number) })
    expect(started.duration_ms).toBeLessThanOrEqual(completed.duration_ms)
    expect(started.http_response).toEqual(completed.http_response)
  })

  it('writes started while a stream is open', async () => {
    const { sink, port } = await listenTo({ stages: ['started'] })
    const client = new RawClient(port).send(rawRequest('/events'))
    await client.waitFor(/data: 3/)
    const records = sink.records().map(({ audit }) => audit)
    expect(summarize(records)).toEqual([['started', 200]])
    expect(records[0].http_response.headers).toMatchObject({ 'content-type': 'text/event-stream' })
    client.destroy()
    const [, completed] = await sink.waitFor(2)
    expect(completed.audit).toMatchObject({ stage: 'completed', ended: 'aborted', id: records[0].id })
  })

  it.each([
    ['/missing', 404, 'failure'],
    ['/unavailable', 503, 'failure'],
    ['/empty', 204, 'unknown'],
    ['/redirect', 302, 'unknown'],
    ['/early-hints', 200, 'unknown'],
    ['/write-head/array', 202, 'unknown'],
  ])('states the status and the certain outcome: %s', async (path, status, outcome) => {
    const { sink, url } = await listenTo({ stages: ['started'] })
    await (await fetch(`${url}${path}`, { redirect: 'manual' })).text()
    const [started, completed] = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(summarize([started, completed])).toEqual([
      ['started', status],
      ['completed', status],
    ])
    expect(started.outcome).toBe(outcome)
    expect(started.http_response).toEqual(completed.http_response)
  })

  it('writes no started line when no header was sent', async () => {
    const { sink, port } = await listenTo({ stages: BOTH })
    const client = new RawClient(port).send(rawRequest('/never'))
    await sink.waitFor(1)
    client.destroy()
    expect(summarize((await sink.waitFor(2)).map(({ audit }) => audit))).toEqual([
      ['received', null],
      ['completed', null],
    ])
  })
})

describe('the moment of started', () => {
  const headers: [string, Handler][] = [
    ['nothing', () => {}],
    ['flushHeaders()', (_, response) => response.flushHeaders()],
    ['writeHead()', (_, response) => response.writeHead(200)],
    ['writeHead() with a reason', (_, response) => response.writeHead(200, 'Fine')],
    ['writeHead() with an object', (_, response) => response.writeHead(200, { a: 'b' })],
    ['writeHead() with a flat list', (_, response) => response.writeHead(200, ['a', 'b', 'a', 'c'])],
    [
      'writeHead() with tuples',
      (_, response) =>
        response.writeHead(200, [
          ['a', 'b'],
          ['a', 'c'],
        ] as never),
    ],
    [
      'a first call that throws',
      (_, response) => {
        expect(() => response.writeHead(200, { 'bad header': 'x' })).toThrow()
        response.writeHead(200)
      },
    ],
    [
      'a second call that throws',
      (_, response) => {
        response.writeHead(200)
        expect(() => response.writeHead(500)).toThrow('headers after they are sent')
        expect(response.statusCode).toBe(200)
      },
    ],
  ]
  it.each(headers)('is that of the first write() after %s', async (_title, handle) => {
    let failure: unknown
    const { port, waitFor, lines } = await listen((request, response) => {
      try {
        handle(request, response)
      } catch (error) {
        failure = error
      }
      setImmediate(() => response.write('x'))
    })
    const client = new RawClient(port).send(rawRequest('/'))
    const records = await waitFor(2)
    expect(failure && String(failure)).toBeUndefined()
    expect(summarize(records)).toEqual([
      ['received', null],
      ['started', 200],
    ])
    client.destroy()
    await waitFor(3)
    expect(lines()).toHaveLength(3)
  })

  it('is that of flushHeaders()', async () => {
    const { port, waitFor } = await listen((_request, response) => response.writeHead(202).flushHeaders())
    const client = new RawClient(port).send(rawRequest('/'))
    expect(summarize(await waitFor(2))).toEqual([
      ['received', null],
      ['started', 202],
    ])
    client.destroy()
  })

  it('is before the next turn', async () => {
    const stages: unknown[] = []
    const { port, lines, waitFor } = await listen((_request, response) => {
      response.write('x')
      setImmediate(() => {
        stages.push(...lines().map(({ stage }) => stage))
        response.end()
      })
    })
    new RawClient(port).send(rawRequest('/', { close: true }))
    await waitFor(3)
    expect(stages).toEqual(['received', 'started'])
  })

  const unsent: [string, Handler][] = [
    ['writeHead() and its client has gone', (_, response) => response.writeHead(200)],
    [
      'writeHead(), and which the handler destroys',
      (_, response) => response.writeHead(200) && response.destroy(),
    ],
    [
      'write(), and which the handler destroys before Node has sent anything',
      (_, response) => response.write('x') && response.destroy(),
    ],
  ]
  it.each(unsent)('is never that of a response which was only given to %s', async (title, handle) => {
    const { port, waitFor } = await listen(handle)
    const client = new RawClient(port).send(rawRequest('/'))
    await waitFor(1)
    if (title.includes('client')) client.destroy()
    expect(summarize(await waitFor(2))).toEqual([
      ['received', null],
      ['completed', null],
    ])
    expect(client.received).toBe('')
  })

  it('waits until a pipelined response has its turn', async () => {
    const responses: ServerResponse[] = []
    const { port, lines, waitFor } = await listen((_request, response) => responses.push(response), {
      stages: ['started'],
    })
    const client = new RawClient(port).send(rawRequest('/1') + rawRequest('/2'))
    while (responses.length < 2) await new Promise(setImmediate)
    responses[1]?.write('second')
    expect(lines()).toEqual([])
    responses[0]?.end('first')
    await client.waitFor(/second/)
    const records = await waitFor(3)
    const ofSecond = records.filter(({ http_request }) => http_request.url.endsWith('/2'))
    expect(summarize(ofSecond)).toEqual([['started', 200]])
    client.destroy()
  })

  it('is never that of a response to a client that has gone', async () => {
    const { port, waitFor } = await listen((request, response) => {
      request.socket.destroy()
      response.end('x')
    })
    new RawClient(port).send(rawRequest('/'))
    expect(summarize(await waitFor(2))).toEqual([
      ['received', null],
      ['completed', null],
    ])
  })

  it('is that of HEAD, too', async () => {
    const { url, waitFor } = await listen((_request, response) => response.end('x'))
    await fetch(url, { method: 'HEAD' })
    expect(summarize(await waitFor(3))).toEqual([
      ['received', null],
      ['started', 200],
      ['completed', 200],
    ])
  })
})

describe('the content of started', () => {
  it('has the user, the action and the error of that moment', async () => {
    const { url, waitFor } = await listen((request, response) => {
      const { audit } = request as never as { audit: import('http-audit-log').AuditLogger }
      audit
        .setUser({ authenticated: true, email: 'a@example.org' })
        .setAction('watch', { type: 'Order', id: 7 })
      response.write('x')
      setImmediate(() => {
        audit.setAction('later')
        response.end()
      })
    })
    await (await fetch(url)).text()
    const [received, started, completed] = await waitFor(3)
    expect(received.user).toMatchObject({ authenticated: null, email: '' })
    expect(started.user).toMatchObject({ authenticated: true, email: 'a@example.org' })
    expect(started).toMatchObject({ action: 'watch', target: [{ type: 'Order', id: '7' }] })
    expect(completed.action).toBe('later')
  })

  it('is redacted', async () => {
    const secret = ['s3cr3t', 'value'].join('-')
    const { url, waitFor } = await listen((_request, response) => {
      response.setHeader('set-cookie', `session=${secret}`)
      response.end()
    })
    await fetch(`${url}/?token=${secret}`)
    expect(JSON.stringify(await waitFor(3))).not.toContain(secret)
  })

  it('hides the secrets of children that wait, and later secrets in all records', async () => {
    const [early, late] = ['Zk9xLq82mVt4', 'Pw7cNd31sHy6'].map((part) => `${part}RbYw`)
    const { url, waitFor } = await listen(
      (request, response) => {
        const { audit } = request as IncomingMessage & { audit: AuditLogger }
        const child = audit.child().info(`child of ${late}`)
        audit.info(`session ${early}`)
        child.set('password', early)
        response.write('x')
        audit.info(`password=${late}`)
        response.end()
      },
      { stages: ['started'] },
    )
    await (await fetch(url)).text()
    const text = JSON.stringify(await waitFor(3))
    expect(text).toContain('session ')
    expect(text).not.toContain(early)
    expect(text).not.toContain(late)
  })

  it('follows the policy of that moment', async () => {
    const policy: AuditOptions<IncomingMessage>['policy'] = [
      { level: 'none', statuses: [204] },
      { level: 'metadata', statuses: ['2xx'] },
      { level: 'full' },
    ]
    const handle: Handler = ({ url }, response) => {
      response.writeHead(url === '/none' ? 204 : 200).end()
    }
    const { url, waitFor } = await listen(handle, { policy, stages: ['started'] })
    await fetch(`${url}/none`)
    await fetch(url)
    const records = await waitFor(2)
    expect(summarize(records)).toEqual([
      ['started', 200],
      ['completed', 200],
    ])
    expect(records.map(({ http_response }) => http_response.headers)).toEqual([null, null])
  })

  it('is absent after the handler has sent the record itself', async () => {
    const { url, waitFor, lines } = await listen((request, response) => {
      ;(request as never as { audit: { sendLog(): void } }).audit.sendLog()
      response.end()
    })
    await fetch(url)
    await waitFor(2)
    await new Promise(setImmediate)
    expect(lines().map(({ stage }) => stage)).toEqual(['received', 'completed'])
  })
})

describe('HTTP/2', () => {
  type Handler2 = (response: Http2ServerResponse) => unknown
  it.each<[string, Handler2]>([
    ['write()', (response) => response.write('x')],
    ['writeHead() with an object', (response) => response.writeHead(200, { a: 'b' }).write('x')],
    ['respond() of the stream', ({ stream }) => void stream.respond({ ':status': 200, a: 'b' })],
    ['end()', (response) => response.end('x')],
  ])('writes started at %s', async (_title, handle) => {
    const sink = memory()
    const audit = auditLog({ sink, stages: ['started'] })
    const server = createHttp2Server((request, response) => {
      audit(request, response)
      handle(response)
    })
    const { url } = await listenOn(server)
    const session = connectHttp2(url)
    const stream = session.request({ ':path': '/' })
    await once(stream, 'response')
    const [started] = await sink.waitFor(1)
    expect(summarize([started.audit])).toEqual([['started', 200]])
    session.destroy()
    await sink.waitFor(2)
  })
})

it('writes started for the handshake of a WebSocket', async () => {
  const sink = memory()
  const audit = auditLog({ sink, stages: BOTH })
  const sockets = new WebSocketServer({ noServer: true })
  const server = createServer().on('upgrade', (request, socket, head) => {
    audit(request, { socket } as never)
    sockets.handleUpgrade(request, socket, head, () => {})
  })
  const { port } = await listenOn(server)
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(client, 'open')
  expect(summarize((await sink.waitFor(2)).map(({ audit: record }) => record))).toEqual([
    ['received', null],
    ['started', 101],
  ])
  client.close()
  await sink.waitFor(3)
})

describe('with failClosed', () => {
  it('writes no started line for a response that is held with its header', async () => {
    const { url, waitFor } = await listen((_request, response) => response.end('x'), { failClosed: true })
    await (await fetch(url)).text()
    expect(summarize(await waitFor(2))).toEqual([
      ['received', null],
      ['completed', 200],
    ])
  })

  it('writes started for a stream', async () => {
    const { port, waitFor } = await listen((_request, response) => response.write('x'), { failClosed: true })
    const client = new RawClient(port).send(rawRequest('/'))
    expect(summarize(await waitFor(2))).toEqual([
      ['received', null],
      ['started', 200],
    ])
    client.destroy()
  })

  const refused: [string, (response: ServerResponse) => void][] = [
    ['end()', (response) => response.end('x')],
    [
      'writeHead() long before end()',
      (response) => response.writeHead(200) && setImmediate(() => response.end('x')),
    ],
  ]
  it.each(refused)('states no status that was replaced by 503: %s', async (_title, respond) => {
    const sink = new ControllableSink()
    const audit = auditLog({ sink, stages: BOTH, failClosed: true })
    const { url } = await startServer((request, response) =>
      audit(request, response, () => {
        sink.mode = 'throw'
        respond(response)
      }),
    )
    expect((await fetch(url)).status).toBe(503)
    sink.mode = 'accept'
    const records = (await sink.waitFor(2)).map(({ audit: record }) => record)
    expect(summarize(records)).toEqual([
      ['received', null],
      ['corrected', 503],
    ])
  })
})

it('loads on-headers only for started', async () => {
  const { stdout } = await runScript(`
    import { createRequire } from 'node:module'
    import { auditLog, memory } from 'http-audit-log'
    const { cache } = createRequire(import.meta.url)
    const isLoaded = () => Object.keys(cache).some((path) => path.includes('on-headers/'))
    const sink = memory()
    auditLog({ sink, stages: ['received'] })
    console.log(isLoaded())
    auditLog({ sink, stages: ['started'] })
    console.log(isLoaded())
  `)
  expect(stdout).toBe('false\ntrue\n')
})

it.each([
  ['received', 'MODULE_NOT_FOUND', 0],
  ['started', 'MODULE_NOT_FOUND', 1],
  ['started', 'ERR_OF_A_BUNDLER', 0],
])('reports once that on-headers is missing, and works without it: %s, %s', async (stage, code, reports) => {
  const { stdout, stderr } = await runScript(`
    import { createServer } from 'node:http'
    import Module from 'node:module'
    import { auditLog, memory } from 'http-audit-log'
    const { _load } = Module
    Module._load = (name, ...rest) => {
      if (name === 'on-headers') throw Object.assign(new Error('for the test'), { code: '${code}' })
      return _load(name, ...rest)
    }
    const sink = memory()
    const audit = auditLog({ sink, stages: ['${stage}'] })
    const server = createServer((request, response) => {
      audit(request, response)
      response.end()
    }).listen(0, '127.0.0.1', async () => {
      for (const _ of [1, 2]) await (await fetch('http://127.0.0.1:' + server.address().port)).text()
      await sink.waitFor(4)
      console.log(sink.records().map(({ audit }) => audit.stage).sort().join())
      process.exit()
    })
  `)
  expect(stdout).toBe(`${['completed', 'completed', stage, stage].join()}\n`)
  const message = '[ERR_AUDIT_RUNTIME] The package on-headers could not be loaded: Error: for the test.'
  expect(stderr.split(message)).toHaveLength(1 + reports)
})

it('leaves the response as it is without started', async () => {
  const audit = auditLog({ sink: memory(), stages: ['received'] })
  const { url } = await startServer((request, response) => {
    audit(request, response)
    response.end(String(Object.hasOwn(response, 'writeHead')))
  })
  expect(await (await fetch(url)).text()).toBe('false')
})

describe('at start-up', () => {
  it.each([
    ['Express', (options: never) => auditLog(options)],
    ['Koa', (options: never) => auditKoa(options)],
  ])('rejects a format that cannot show a stage: %s', (_name, create) => {
    const build = (options: object) => () => create({ sink: memory(), ...options } as never)
    expect(build({ stages: BOTH, format: 'datapunt' })).toThrow(
      "Expected another `format` than 'datapunt' with `stages`: it has no field for the stage",
    )
    expect(build({ stages: [], format: 'datapunt' })).not.toThrow()
    expect(build({ stages: undefined, format: 'datapunt' })).not.toThrow()
  })

  it.each([
    ['received', "Expected `stages` to be an array of 'received', 'started', got 'received' (string)"],
    [['end'], "Expected `stages[0]` to be 'received', 'started', each at most once, got 'end' (string)"],
    [['completed'], "got 'completed' (string). It is always written: leave it out"],
    [
      ['received', 'received'],
      "Expected `stages[1]` to be a stage that is not in the list already, got 'received'",
    ],
    [null, 'Expected `stages` to be'],
    [{ received: true }, 'Expected `stages` to be'],
  ])('rejects %j', (stages, message) => {
    expect(() => auditLog({ stages } as never)).toThrow(message)
  })

  it('names the successor of startRecords', () => {
    expect(() => auditLog({ startRecords: true } as never)).toThrow(
      "Unknown option `startRecords`: it was replaced, pass `stages: ['received']` to auditLog()",
    )
  })
})

describe('the records of further actions', () => {
  async function recordsOf(handle: (audit: AuditLogger, response: ServerResponse) => void) {
    const { url, waitFor } = await listen((request, response) =>
      handle((request as IncomingMessage & { audit: AuditLogger }).audit, response),
    )
    await (await fetch(url)).text()
    return waitFor(4)
  }

  it('have one line each, completed, beside the stages of the request', async () => {
    const records = await recordsOf((audit, response) => {
      audit.setAction('transfer')
      audit.child().setAction('debit')
      response.end()
    })
    expect(records.map(({ stage, action }) => [stage, action])).toEqual([
      ['received', undefined],
      ['started', 'transfer'],
      ['completed', 'transfer'],
      ['completed', 'debit'],
    ])
    const [received, , completed, child] = records
    expect([completed.id, child.parent]).toEqual([received.id, received.id])
    expect(child).toMatchObject({ outcome: 'success', http_response: { status_code: 200 } })
    expect(child.id).not.toBe(received.id)
  })

  it('are completed when they are sent before the response has begun', async () => {
    const records = await recordsOf((audit, response) => {
      audit.child().setAction('debit').sendLog()
      response.end()
    })
    expect(records.map(({ stage, action }) => [stage, action])).toEqual([
      ['received', undefined],
      ['completed', 'debit'],
      ['started', undefined],
      ['completed', undefined],
    ])
    // The status was not known yet.
    expect(records[1]).toMatchObject({ parent: records[0].id, outcome: 'unknown', ended: null })
  })
})
