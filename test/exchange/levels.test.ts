// The level of a request's record: the option `level` never drops it, and a failure is not INFO.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { AuditLogger, auditErrors, audited, auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { runScript } from '../helpers/child-process.js'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { type AnyAuditOptions, type HandlerContext, type Route, routedApps } from '../helpers/frameworks.js'
import { exchangeBytes, RawClient, rawRequest } from '../helpers/raw-client.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const debugRoute: Route = {
  method: 'get',
  path: '/persons',
  handle({ audit, send }) {
    audit.debug('cache miss')
    send([], 200)
  },
}

describe.each(routedApps)('%s', (_name, build) => {
  async function requestOne(route: Partial<Route>, options: AnyAuditOptions, lines = 1) {
    const sink = memory()
    const { url } = await startServer(build([{ ...debugRoute, ...route }], { sink, ...options }))
    await (await fetch(`${url}/persons`)).text()
    const records = await sink.waitFor(lines)
    return records.map((record) => record.audit)
  }

  async function requestLine(route: Partial<Route>, format: 'ecs' | 'ocsf') {
    const sink = memory()
    const { url } = await startServer(build([{ ...debugRoute, ...route }], { sink, format }))
    await (await fetch(`${url}/persons`)).text()
    return (await sink.waitFor<Record<string, unknown>>(1))[0]
  }

  it.each<[string, AnyAuditOptions]>([
    ['the default policy', {}],
    ['the policy level metadata', { policy: [{ level: 'metadata' }] }],
    ['failClosed', { failClosed: true }],
  ])(
    'writes the record of a request that called debug() at level critical, with %s',
    async (_case, options) => {
      const [record] = await requestOne({}, { level: 'critical', ...options })
      expect(record).toMatchObject({ type: 'DEBUG', message: 'cache miss', seq: expect.any(Number) })
    },
  )

  it('writes both records of a request with the stage received at level critical', async () => {
    const records = await requestOne({}, { level: 'critical', stages: ['received'] }, 2)
    expect(records.map(({ stage, type }) => [stage, type])).toEqual([
      ['received', 'INFO'],
      ['completed', 'DEBUG'],
    ])
  })

  it('writes a record that the handler sends itself at level critical', async () => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.debug('early').sendLog()
      send([])
    }
    expect(await requestOne({ handle }, { level: 'critical' })).toMatchObject([{ message: 'early' }])
  })

  it.each([
    [200, 'INFO'],
    [302, 'INFO'],
    [401, 'WARNING', 'INFO'],
    [403, 'WARNING', 'INFO'],
    [404, 'INFO'],
    [500, 'ERROR'],
    [503, 'ERROR'],
  ])('records a response of %i as %s if the handler sets no level', async (status, type, datapunt = type) => {
    const handle = ({ send }: HandlerContext) => send({}, status)
    expect(await requestOne({ handle }, {})).toMatchObject([{ type }])
    expect(await requestOne({ handle }, { format: 'datapunt' })).toMatchObject([{ type: datapunt }])
    expect(await requestOne({ handle, objectName: 'Person' }, {})).toMatchObject([{ type }])
  })

  it.each<[string, number, (audit: HandlerContext['audit']) => unknown, string, string]>([
    ['deny()', 200, (audit) => audit.deny('not your client'), 'WARNING', 'INFO'],
    ['deny()', 404, (audit) => audit.deny('not your client'), 'WARNING', 'INFO'],
    ['deny()', 500, (audit) => audit.deny('not your client'), 'ERROR', 'ERROR'],
    ['fail()', 200, (audit) => audit.fail('not valid'), 'WARNING', 'INFO'],
    ['fail()', 409, (audit) => audit.fail('insufficient funds'), 'WARNING', 'INFO'],
    ['fail()', 503, (audit) => audit.fail('no database'), 'ERROR', 'ERROR'],
    ['succeed()', 403, (audit) => audit.succeed(), 'INFO', 'INFO'],
    ['deny() and then succeed()', 200, (audit) => audit.deny().succeed(), 'INFO', 'INFO'],
    ['deny() and info()', 200, (audit) => audit.info('looked up').deny(), 'INFO', 'INFO'],
    [
      'setAction(), deny() and info()',
      200,
      (audit) => audit.setAction('x').info('x').deny(),
      'WARNING',
      'INFO',
    ],
    [
      'setAction(), fail() and error()',
      409,
      (audit) => audit.setAction('x').error('x').fail(),
      'ERROR',
      'ERROR',
    ],
  ])('records %s with %i by its outcome', async (_calls, status, call, type, datapunt) => {
    const handle = ({ audit, send }: HandlerContext) => {
      call(audit)
      send({}, status)
    }
    expect(await requestOne({ handle }, {})).toMatchObject([{ type }])
    expect(await requestOne({ handle }, { format: 'datapunt' })).toMatchObject([{ type: datapunt }])
  })

  it('records the same results in the format datapunt with deny() and fail()', async () => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.deny('x').fail('y')
      send({ id: 1 })
    }
    const records = await requestOne({ handle, objectName: 'Person' }, { format: 'datapunt' })
    expect(records).toMatchObject([{ results: { id: 1 }, type: 'INFO', message: 'Retrieve Person' }])
  })

  it('records the level that the handler sets, also for a failure', async () => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.info('as planned')
      send({}, 503)
    }
    expect(await requestOne({ handle }, {})).toMatchObject([{ type: 'INFO', outcome: 'failure' }])
  })

  it('writes the level of a failure in the formats ecs and ocsf', async () => {
    const handle = ({ send }: HandlerContext) => send({}, 500)
    expect(
      await Promise.all([requestLine({ handle }, 'ecs'), requestLine({ handle }, 'ocsf')]),
    ).toMatchObject([
      { 'log.level': 'error' },
      { severity: 'High', severity_id: 4, metadata: { log_level: 'ERROR' } },
    ])
  })

  it('writes the level of what was denied in the formats ecs and ocsf', async () => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.deny('not your client')
      send({}, 404)
    }
    expect(
      await Promise.all([requestLine({ handle }, 'ecs'), requestLine({ handle }, 'ocsf')]),
    ).toMatchObject([
      { 'log.level': 'warning' },
      { severity: 'Medium', severity_id: 3, metadata: { log_level: 'WARNING' } },
    ])
  })

  it('writes the corrected record of a request that called debug() at level critical', async () => {
    const sink = new ControllableSink('hold')
    const server = createServer(build([debugRoute], { sink, failClosed: true, level: 'critical' }))
    const connected = once(server, 'connection')
    const { port } = await listenOn(server)
    const client = new RawClient(port).send(rawRequest('/persons'))
    const write = await sink.next()
    client.socket.resetAndDestroy()
    const [socket] = await connected
    await new Promise((resolve) => socket.once('close', resolve))
    write.accept()
    await sink.acceptOldest()
    expect(sink.records().map(({ audit }) => [audit.stage, audit.ended, audit.type])).toEqual([
      [undefined, 'completed', 'DEBUG'],
      ['corrected', 'aborted', 'DEBUG'],
    ])
  })

  it('records a request that failClosed refused on arrival as ERROR', async () => {
    const sink = new ControllableSink('throw')
    const { url } = await startServer(build([debugRoute], { sink, failClosed: true, onError: () => {} }))
    const get = async () => (await fetch(`${url}/persons`)).status
    expect([await get(), await get()]).toEqual([503, 503])
    sink.mode = 'accept'
    const records = await sink.waitFor(2)
    expect(records.map(({ audit }) => audit.type)).toEqual(['DEBUG', 'ERROR'])
  })

  it('records a response that failClosed refused as ERROR', async () => {
    const sink = new ControllableSink()
    const handle = ({ send }: HandlerContext) => {
      sink.mode = 'throw'
      send([])
    }
    const options = { sink, failClosed: true, onError: () => {} }
    const { url } = await startServer(build([{ ...debugRoute, handle }], options))
    expect((await fetch(`${url}/persons`)).status).toBe(503)
    sink.mode = 'accept'
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: { status_code: 503 }, type: 'ERROR' })
  })
})

describe('an error that a handler throws', () => {
  async function recordOf(listener: RequestListener, sink: ReturnType<typeof memory>) {
    const { url } = await startServer(listener)
    await (await fetch(url)).text()
    return (await sink.waitFor(1))[0].audit
  }

  const koaRecord = (handle: (ctx: Koa.Context) => unknown) => {
    const sink = memory()
    const app = new Koa()
    app.silent = true
    app.use(auditKoa({ sink })).use(handle as never)
    return recordOf(app.callback(), sink)
  }

  const expressRecord = (handle: express.RequestHandler, status: number) => {
    const sink = memory()
    const app = express().use(auditLog({ sink })).use(handle).use(auditErrors())
    app.use((_error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      res.status(status).end()
    })
    return recordOf(app, sink)
  }

  const fail = () => {
    throw new Error('for the test')
  }

  it('is recorded as ERROR, whatever the response is', async () => {
    expect(await koaRecord(fail)).toMatchObject({ type: 'ERROR', error: { message: 'for the test' } })
    expect(await expressRecord(fail, 500)).toMatchObject({ type: 'ERROR' })
    expect(await expressRecord(fail, 200)).toMatchObject({ type: 'ERROR', outcome: 'failure' })
  })

  it('is recorded as WARNING if it was answered with a 4xx', async () => {
    expect(await koaRecord((ctx) => ctx.throw(404))).toMatchObject({ type: 'WARNING', outcome: 'failure' })
    expect(await expressRecord(fail, 422)).toMatchObject({ type: 'WARNING' })
  })

  it('does not change the level that the handler set', async () => {
    const record = await koaRecord((ctx) => {
      ctx.audit.critical('out of memory')
      fail()
    })
    expect(record).toMatchObject({ type: 'CRITICAL', message: 'out of memory' })
  })
})

it('records a request that the client aborted as INFO', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const { port } = await listenOn(
    createServer((req, res) => {
      audit(req, res)
      client.socket.destroy()
    }),
  )
  const client = new RawClient(port).send(rawRequest('/'))
  expect((await sink.waitFor(1))[0].audit).toMatchObject({
    ended: 'aborted',
    outcome: 'unknown',
    type: 'INFO',
  })
})

it('records a request in which the process exited as ERROR', async () => {
  const script = `
    import { createServer, get } from 'node:http'
    import { auditLog } from 'http-audit-log'
    const audit = auditLog()
    const server = createServer((req, res) => {
      audit(req, res)
      process.exit(0)
    })
    server.listen(0, '127.0.0.1', () => get({ port: server.address().port }).on('error', () => {}))
  `
  const { stdout } = await runScript(script)
  expect(JSON.parse(stdout).audit).toMatchObject({ ended: 'crashed', outcome: 'unknown', type: 'ERROR' })
})

it('writes requests that Node answers itself at level critical', async () => {
  const sink = memory()
  const audit = auditLog({ sink, level: 'critical' })
  const server = createServer((req, res) => void audit(req, res))
  audit.recordClientErrors(server)
  const { port } = await listenOn(server)
  await exchangeBytes(port, 'no request\r\n\r\n')
  expect((await sink.waitFor(1))[0].audit).toMatchObject({
    type: 'WARNING',
    message: 'A request could not be read',
  })
})

it.each([
  ['deny()', (logger: AuditLogger) => logger.deny('no consent'), 'WARNING'],
  ['fail()', (logger: AuditLogger) => logger.fail('no such account'), 'WARNING'],
  ['setError()', (logger: AuditLogger) => logger.setError(new Error('for the test')), 'ERROR'],
])('writes the record of a job that calls %s at level warning', (_call, call, type) => {
  const sink = memory()
  const datapunt = memory()
  for (const options of [{ sink }, { sink: datapunt, format: 'datapunt' as const }]) {
    const logger = new AuditLogger({ level: 'warning', ...options }).setAction('close')
    call(logger)
    logger.sendLog()
  }
  expect(sink.records()).toMatchObject([{ audit: { type } }])
  expect(datapunt.records()).toHaveLength(type === 'ERROR' ? 1 : 0)
})

it('applies the level to loggers without a request, also in a process that records requests', async () => {
  const script = `
    import { createServer, get } from 'node:http'
    import { AuditLogger, auditLog } from 'http-audit-log'
    const audit = auditLog({ level: 'warning' })
    const server = createServer((req, res) => {
      audit(req, res).debug('of a request')
      new AuditLogger({ level: 'warning' }).info('below the level').sendLog()
      new AuditLogger({ level: 'warning' }).warning('a job').sendLog()
      res.end()
    })
    server.listen(0, '127.0.0.1', () => get({ port: server.address().port }, (res) => res.resume().on('end', () => server.close())))
  `
  const { stdout } = await runScript(script)
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).audit)
  expect(records.map(({ message, seq }) => [message, seq])).toEqual([
    ['a job', 1],
    ['of a request', 2],
  ])
})

it.each<[string, 'debug' | 'info', number, string]>([
  ['a debug() to INFO, which is the level of an action', 'debug', 200, 'INFO'],
  ['a debug() to ERROR, which is the level of a failure', 'debug', 500, 'ERROR'],
  ['an info() to ERROR, which is the level of a failure', 'info', 500, 'ERROR'],
])('raises the level of a record of audited() from %s', async (_case, level, status, type) => {
  const sink = memory()
  const app = express().use(auditLog({ sink }))
  app.delete('/persons', audited('Person'), (req, res) => {
    req.audit[level]('cache miss')
    res.status(status).end()
  })
  const { url } = await startServer(app)
  await (await fetch(`${url}/persons`, { method: 'DELETE' })).text()
  expect((await sink.waitFor(1))[0].audit.type).toBe(type)
})
