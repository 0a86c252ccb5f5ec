// The records of further actions of one exchange: those of the loggers that `child()` returns.
import { once } from 'node:events'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import fc from 'fast-check'
import { type AuditLogger, auditLog, currentAudit, memory } from 'http-audit-log'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'
import { type AnyAuditOptions, type Framework, frameworks, type RouteContext } from '../helpers/frameworks.js'
import { RawClient } from '../helpers/raw-client.js'
import { routes } from '../helpers/routes.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'
import { collectGarbage } from '../helpers/v8.js'

async function collectUntil(isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!isDone() && Date.now() < deadline) {
    // In a task of its own, since `WeakRef.deref()` retains the object until the end of the task.
    await new Promise(setImmediate)
    collectGarbage()
    await new Promise(setImmediate)
  }
}

afterEach(async () => {
  delete routes[PATH]
  await stopServers()
})

const EXPRESS = new Map(frameworks).get('Express 5') as Framework
const PATH = '/several-acts'
const SECRET = ['correct', 'horse', 'battery', '4711'].join('-')

type Handler = (context: RouteContext) => unknown

/** Serves one handler on Express 5, or on another framework. */
async function serve(handler: Handler, options: AnyAuditOptions, framework = EXPRESS) {
  routes[PATH] = handler
  return startServer(await framework.build(options))
}

/** The records that a sink has accepted, in the order of their lines. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads any depth of it.
function recordsOf(sink: { readonly lines: readonly string[] }): any[] {
  return sink.lines.map((line) => JSON.parse(line).audit)
}

async function recordOne(handler: Handler, options: AnyAuditOptions = {}, count = 2) {
  const sink = memory()
  const { url } = await serve(handler, { ...options, sink })
  const response = await fetch(`${url}${PATH}?q=1`)
  await response.text()
  await sink.waitFor(count)
  return recordsOf(sink)
}

describe.each(frameworks)('child() on %s', (_name, framework) => {
  it('writes a record of its own, with request, user and response of the exchange', async () => {
    const sink = memory()
    const handler: Handler = ({ audit, json }) => {
      audit.setAction('transfer', { type: 'Account', id: 1 })
      audit
        .child()
        .setAction('deposit', { type: 'Account', id: 2 })
        .setFilter('Account', { id: 2 })
        .info('In')
      audit.child().setAction('notify', { type: 'Person', id: 3 }).deny('no consent')
      audit.setUser({ authenticated: true, email: 'jane@example.org' })
      json(201, { id: 1 })
    }
    const { url } = await serve(handler, { sink }, framework)
    const response = await fetch(`${url}${PATH}`, { headers: { 'x-request-id': 'request-1' } })
    await response.text()
    await sink.waitFor(3)
    const [parent, first, second] = recordsOf(sink)
    expect(parent).toMatchObject({ action: 'transfer', children: 2, outcome: 'success' })
    expect(parent).not.toHaveProperty('parent')
    expect(first).toMatchObject({
      action: 'deposit',
      target: [{ type: 'Account', id: '2' }],
      filter: { object: 'Account' },
      message: 'In',
      outcome: 'success',
      parent: parent.id,
      seq: parent.seq + 1,
    })
    expect(second).toMatchObject({
      action: 'notify',
      outcome: 'denied',
      reason: 'no consent',
      parent: parent.id,
      seq: parent.seq + 2,
    })
    for (const name of ['http_request', 'http_response', 'user', 'ended', 'request_id']) {
      expect([name, first[name]]).toEqual([name, parent[name]])
      expect([name, second[name]]).toEqual([name, parent[name]])
    }
    expect(first).not.toHaveProperty('children')
  })
})

describe('child()', () => {
  it('has the time of the call and no duration, in every format', async () => {
    const handler: Handler = async ({ audit, json }) => {
      await delay(30)
      const calledAt = Date.now()
      audit.child().setAction('debit')
      await delay(30)
      json(200, { calledAt, repliedAt: Date.now() })
    }
    routes[PATH] = handler
    for (const format of ['audit', 'ecs', 'ocsf'] as const) {
      const sink = memory()
      const { url } = await startServer(await EXPRESS.build({ sink, format }))
      const response = await fetch(`${url}${PATH}`)
      const { calledAt, repliedAt } = (await response.json()) as { calledAt: number; repliedAt: number }
      // biome-ignore lint/suspicious/noExplicitAny: a test reads any depth of it.
      const [, child] = await sink.waitFor<any>(2)
      const time = { audit: child.audit?.time, ecs: child['@timestamp'], ocsf: child.time }[format]
      const at = new Date(time).getTime()
      expect(at).toBeGreaterThanOrEqual(calledAt)
      expect(at).toBeLessThan(repliedAt)
      if (format === 'audit') expect(child.audit).toMatchObject({ duration_ms: null, ended: 'completed' })
      if (format === 'ecs') expect(child.event).toMatchObject({ start: time })
      for (const part of [child, child.event ?? {}])
        for (const name of ['end', 'end_time', 'duration']) expect(part).not.toHaveProperty(name)
    }
  })

  it.each([
    [403, 'denied'],
    [500, 'failure'],
  ])('has the outcome of a response with status %i', async (status, outcome) => {
    const records = await recordOne(({ audit, json }) => {
      audit.child().setAction('deposit')
      json(status, {})
    })
    expect(records.map((record) => record.outcome)).toEqual([outcome, outcome])
  })

  it('keeps deny() and fail() of the parent and of the child apart', async () => {
    const [parent, child] = await recordOne(({ audit, json }) => {
      audit.deny('not the owner')
      audit.child().fail('insufficient funds')
      json(200, {})
    })
    expect(parent).toMatchObject({ outcome: 'denied', reason: 'not the owner' })
    expect(child).toMatchObject({ outcome: 'failure', reason: 'insufficient funds' })
  })

  it('names the logger that created it as the parent, at any depth', async () => {
    const [parent, child, other, grandchild] = await recordOne(
      ({ audit, json }) => {
        const child = audit.child().info('child')
        audit.child().info('other')
        child.child().info('grandchild')
        json(200, {})
      },
      {},
      4,
    )
    expect([child.message, other.message, grandchild.message]).toEqual(['child', 'other', 'grandchild'])
    expect([child.parent, other.parent, grandchild.parent]).toEqual([parent.id, parent.id, child.id])
    expect([parent.children, child.children, other.children]).toEqual([2, 1, undefined])
    expect(grandchild.request_id).toBe(parent.request_id)
  })

  it('works with currentAudit()', async () => {
    const [parent, child] = await recordOne(
      async ({ json }) => {
        await delay(1)
        currentAudit().child().info('deep')
        json(200, {})
      },
      { context: true },
    )
    expect(child).toMatchObject({ message: 'deep', parent: parent.id })
  })

  it.each<[string, (logger: AuditLogger) => unknown]>([
    ['a filter', (logger) => logger.setFilter('Login', { password: SECRET })],
    ['a custom field', (logger) => logger.set('password', SECRET)],
    ['changes', (logger) => logger.setChanges({ password: SECRET }, { password: '' })],
    ['a message', (logger) => logger.info(`password=${SECRET} rejected`)],
    ['a note', (logger) => logger.info('first').info(`password=${SECRET} rejected`).info('last')],
    ['an error', (logger) => logger.setError(new Error(`password=${SECRET} rejected`))],
    ['a reason', (logger) => logger.deny(`password=${SECRET} rejected`)],
  ])('hides a secret in %s of one record in all others', async (_name, setSecret) => {
    for (const index of [0, 1, 2, 3]) {
      const records = await recordOne(
        ({ audit, json }) => {
          const child = audit.child()
          const loggers = [audit, child, audit.child(), child.child()]
          loggers.forEach((logger, i) => {
            if (i === index) setSecret(logger)
            else logger.info(`uses ${SECRET}`)
          })
          json(200, {})
        },
        {},
        4,
      )
      expect(records).toHaveLength(4)
      expect(JSON.stringify(records)).not.toContain(SECRET)
    }
  })

  it('shares secrets of a thousand children in bounded time', async () => {
    let isFast: boolean | undefined
    const sink = memory()
    const { url } = await serve(
      ({ audit, json }) => {
        for (let i = 0; i < 1_000; i++) audit.child().setFilter('A', { password: `Zq${i}x-Plm${i * 7}-Qrs` })
        isFast = takesAtMostMs(150, () => audit.sendLog())
        json(200, {})
      },
      { sink },
    )
    await (await fetch(`${url}${PATH}`)).text()
    await sink.waitFor(1_001)
    expect(isFast).toBe(true)
  })

  it('is recorded at the policy level metadata without its content', async () => {
    const [parent, child] = await recordOne(
      ({ audit, json }) => {
        audit.child().setAction('deposit', { type: 'Account', id: 2 }).setResults([1]).setFilter('A', {})
        json(200, {})
      },
      { policy: [{ level: 'metadata' }] },
    )
    expect(child).toMatchObject({ action: 'deposit', parent: parent.id, results: null, filter: null })
    expect(parent.children).toBe(1)
  })

  it.each<[string, AnyAuditOptions]>([
    ['none', { policy: [{ level: 'none', paths: [PATH] }, { level: 'full' }] }],
    ['none, by status', { policy: [{ level: 'none', statuses: [200] }, { level: 'full' }] }],
    ['exempt', { exempt: [PATH] }],
  ])('records nothing of a request that is not recorded: %s', async (_name, options) => {
    const sink = memory()
    const { url } = await serve(
      ({ audit, json }) => {
        audit.child().info('child').child().info('grandchild')
        json(200, {})
      },
      { ...options, sink },
    )
    await (await fetch(`${url}${PATH}`)).text()
    await (await fetch(`${url}/missing`)).text()
    const [record] = await sink.waitFor(1)
    expect(recordsOf(sink)).toHaveLength(1)
    expect((record as { audit: { http_response: unknown } }).audit.http_response).toMatchObject({
      status_code: 404,
    })
  })

  it('has the format of the middleware', async () => {
    const sink = memory()
    const { url } = await serve(
      ({ audit, json }) => {
        audit.child().info('child')
        json(200, {})
      },
      { sink, format: 'datapunt' },
    )
    await (await fetch(`${url}${PATH}`)).text()
    await sink.waitFor(2)
    expect(sink.lines.map((line) => JSON.parse(line).audit.message)).toEqual(['', 'child'])
  })

  it('is recorded once with two middlewares on one request', async () => {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink }))
    app.use(auditLog({ sink }), (req, res) => {
      req.audit.child().info('child')
      res.end('ok')
    })
    const { url } = await startServer(app)
    await (await fetch(url)).text()
    await sink.waitFor(2)
    expect(recordsOf(sink).map((record) => record.message)).toEqual(['', 'child'])
  })

  it('is recorded over HTTP/2', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const server = createHttp2Server((request, response) => {
      audit(request as never, response as never, () => {
        ;(request as unknown as { audit: AuditLogger }).audit.child().info('child')
        response.end('ok')
      })
    })
    const { url } = await listenOn(server)
    const client = connectHttp2(url)
    const stream = client.request({ ':path': PATH }).resume()
    await once(stream, 'close')
    client.close()
    await sink.waitFor(2)
    const [parent, child] = recordsOf(sink)
    expect(child).toMatchObject({ message: 'child', parent: parent.id, ended: parent.ended })
  })

  it('is recorded when the client disconnects', async () => {
    const sink = memory()
    const { port } = await serve(
      ({ audit, response }) => {
        audit.child().info('child')
        response.write('a part')
      },
      { sink },
    )
    const client = new RawClient(port).request(PATH)
    await client.waitFor(/a part/)
    client.destroy()
    await sink.waitFor(2)
    const [parent, child] = recordsOf(sink)
    expect(child).toMatchObject({ ended: 'aborted', outcome: 'unknown', parent: parent.id, message: 'child' })
  })

  it('is sent at once by its own sendLog(), and names the parent that follows', async () => {
    const sink = memory()
    let early: unknown[] = []
    const { url } = await serve(
      ({ audit, json }) => {
        const child = audit.child().info('early')
        child.sendLog()
        child.info('too late').sendLog()
        early = recordsOf(sink)
        json(200, {})
      },
      { sink },
    )
    await (await fetch(`${url}${PATH}`)).text()
    await sink.waitFor(2)
    const [child, parent] = recordsOf(sink)
    expect(early).toEqual([child])
    expect(child).toMatchObject({
      message: 'early',
      ended: null,
      parent: parent.id,
      request_id: parent.request_id,
    })
    expect(child.seq).toBe(parent.seq + 1)
    expect(parent).toMatchObject({ children: 1, ended: 'completed' })
  })

  it('has no known outcome if it is sent before the response has ended, unless that is stated', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const { url } = await startServer((request, response) =>
      audit(request, response, () => {
        const { audit: parent } = request as unknown as { audit: AuditLogger }
        response.write('a part', () => {
          parent.child().setAction('debit').sendLog()
          parent.child().setAction('debit').succeed().sendLog()
          parent.child().setAction('debit').deny().sendLog()
          parent.child().setAction('debit').setError(new Error('no')).sendLog()
          parent.setAction('export').sendLog()
          response.destroy()
        })
      }),
    )
    await fetch(url)
      .then((response) => response.text())
      .catch(() => {})
    await sink.waitFor(5)
    const [export_, ...children] = recordsOf(sink).reverse()
    expect(children.map(({ outcome }) => outcome)).toEqual(['failure', 'denied', 'success', 'unknown'])
    expect(export_).toMatchObject({ outcome: 'unknown', message: 'export: unknown (200)', ended: null })
  })

  it('is sent with the real response when the parent was sent early', async () => {
    const records = await recordOne(
      ({ audit, json }) => {
        audit.child().info('before')
        audit.sendLog()
        audit.child().info('after')
        json(201, {})
      },
      {},
      3,
    )
    const [parent, ...children] = records
    expect(parent).toMatchObject({ ended: null, children: 1 })
    for (const child of children)
      expect(child).toMatchObject({
        ended: 'completed',
        outcome: 'success',
        http_response: { status_code: 201 },
        parent: parent.id,
        request_id: parent.request_id,
      })
    expect(children.map((child) => child.message)).toEqual(['before', 'after'])
  })

  it('records the first 1,000 of ten thousand, and counts the others', async () => {
    const codes: string[] = []
    const sink = memory()
    const { url } = await serve(
      ({ audit, json }) => {
        for (let i = 0; i < 10_000; i++) audit.child().setAction(`act-${i}`).child()
        json(200, {})
      },
      { sink, onError: ({ code }) => void codes.push(code) },
    )
    await (await fetch(`${url}${PATH}`)).text()
    await sink.waitFor(1_001)
    const [parent, ...children] = recordsOf(sink)
    expect(children).toHaveLength(1_000)
    expect(parent.children).toBe(500)
    expect(parent.children_dropped).toBe(19_000)
    expect(children.filter((child) => child.parent === parent.id).at(-1)).toMatchObject({ action: 'act-499' })
    expect(children.map((child) => child.seq)).toEqual(children.map((_child, i) => parent.seq + 1 + i))
    expect(codes).toEqual(['ERR_AUDIT_CHILDREN'])
  })

  it('takes bounded time for ten thousand calls', async () => {
    let isFast: boolean | undefined
    const { url } = await serve(
      ({ audit, json }) => {
        isFast = takesAtMostMs(2_000, () => {
          for (let i = 0; i < 10_000; i++) audit.child().setResults('x')
        })
        json(200, {})
      },
      { sink: memory(), onError() {} },
    )
    await (await fetch(`${url}${PATH}`)).text()
    expect(isFast).toBe(true)
  })

  it('records any number of children that are sent one by one', async () => {
    const records = await recordOne(
      ({ audit, json }) => {
        for (let i = 0; i < 3_000; i++) {
          const child = audit.child()
          child.info(`act ${i}`)
          child.sendLog()
        }
        json(200, {})
      },
      {},
      3_001,
    )
    expect(records.at(-1)).toMatchObject({ children: 3_000 })
    expect(records.at(-1)).not.toHaveProperty('children_dropped')
  })

  it('writes more records than an asynchronous sink may owe an answer for', async () => {
    const sink = new ControllableSink('hold')
    const audit = auditLog({ sink, maxBufferBytes: 64 * 1024, maxRecordBytes: 4096 })
    const { url } = await startServer((request, response) =>
      audit(request, response, () => {
        const { audit: logger } = request as unknown as { audit: AuditLogger }
        for (let i = 0; i < 200; i++) logger.child().setResults('x'.repeat(3_000))
        response.end('ok')
      }),
    )
    await (await fetch(url)).text()
    for (let i = 0; i < 201; i++) await sink.acceptOldest()
    expect(recordsOf(sink)).toHaveLength(201)
    expect(audit.stats()).toMatchObject({ written: 201, lost: 0 })
  })

  it('has every record written before flush() and close() resolve', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const { url } = await startServer((request, response) =>
      audit(request, response, () => {
        const { audit: logger } = request as unknown as { audit: AuditLogger }
        for (let i = 0; i < 500; i++) logger.child()
        response.end('ok')
        response.once('close', () => void audit.flush().then(() => done(sink.lines.length)))
      }),
    )
    let done: (count: number) => void = () => {}
    const flushed = new Promise<number>((resolve) => {
      done = resolve
    })
    await (await fetch(url)).text()
    expect(await flushed).toBe(501)
    await fetch(url).then((response) => response.text())
    await audit.close()
    expect(sink.lines).toHaveLength(1_002)
  })

  it('has exactly one record for each call that was not dropped, without a gap in seq', async () => {
    type Step = 'child' | 'grandchild' | 'send child' | 'send parent' | 'end'
    const steps = fc.array(fc.constantFrom<Step>('child', 'grandchild', 'send child', 'send parent', 'end'), {
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (list, failClosed) => {
        const sink = memory()
        const loggers: AuditLogger[] = []
        const audit = auditLog({ sink, failClosed })
        const { url } = await startServer((request, response) =>
          audit(request, response, () => {
            const { audit: parent } = request as unknown as { audit: AuditLogger }
            const create = (from: AuditLogger) => loggers.push(from.child().setAction(String(loggers.length)))
            for (const step of list) {
              if (step === 'child') create(parent)
              if (step === 'grandchild') create(loggers.at(-1) ?? parent)
              if (step === 'send child') loggers.at(-1)?.sendLog()
              if (step === 'send parent') parent.sendLog()
              if (step === 'end' && !response.writableEnded) response.end('ok')
            }
            if (!response.writableEnded) response.end('ok')
          }),
        )
        await (await fetch(url)).text()
        await audit.close()
        const records = recordsOf(sink)
        expect(records.filter((record) => record.parent === undefined)).toHaveLength(1)
        const actions = records.filter((record) => record.parent !== undefined).map(({ action }) => action)
        expect(actions.map(Number).sort((a, b) => a - b)).toEqual(loggers.map((_logger, i) => i))
        const seqs = records.map(({ seq }) => seq).sort((a, b) => a - b)
        expect(seqs).toEqual(seqs.map((_seq, i) => seqs[0] + i))
        const ids = new Set(records.map(({ id }) => id))
        for (const { parent } of records) expect(parent === undefined || ids.has(parent)).toBe(true)
        await stopServers()
      }),
      { numRuns: 60 },
    )
  })
})

describe('child() after the record of the exchange', () => {
  /** Answers a request, and gives its logger when its record has been written. */
  async function answer(
    options: AnyAuditOptions = {},
    status = 200,
    describe?: (logger: AuditLogger) => void,
  ) {
    const sink = memory()
    const audit = auditLog({ ...options, sink } as never)
    let logger: AuditLogger | undefined
    const { url } = await startServer((request, response) =>
      audit(request, response, () => {
        ;({ audit: logger } = request as unknown as { audit: AuditLogger })
        describe?.(logger)
        response.statusCode = status
        response.end('ok')
      }),
    )
    await (await fetch(url)).text()
    await sink.waitFor(1)
    return { audit, sink, logger: logger as AuditLogger }
  }

  it('is sent by its own sendLog(), and names the parent', async () => {
    const { sink, logger } = await answer()
    const child = logger.child().info('in the background')
    const grandchild = child.child().info('further')
    expect(recordsOf(sink)).toHaveLength(1)
    grandchild.sendLog()
    child.sendLog()
    child.sendLog()
    const [parent, second, first] = recordsOf(sink)
    expect(recordsOf(sink)).toHaveLength(3)
    expect(first).toMatchObject({
      message: 'in the background',
      parent: parent.id,
      request_id: parent.request_id,
      http_request: parent.http_request,
      children: 1,
    })
    expect(second).toMatchObject({ message: 'further', parent: first.id })
    expect(Date.parse(first.time)).toBeGreaterThanOrEqual(Date.parse(parent.time))
  })

  it.each([200, 202, 403, 500])('does not take its result from the response: %i', async (status) => {
    const { sink, logger } = await answer({}, status)
    const mail = () => logger.child().setAction('send_mail', { type: 'Person', id: 7 })
    mail().sendLog()
    mail().succeed().sendLog()
    mail().fail('mailbox full').sendLog()
    mail().setError(new Error('no route')).sendLog()
    logger.child().info('no action').sendLog()
    const [, ...late] = recordsOf(sink)
    expect(late.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['success', 'send_mail Person 7'],
      ['success', 'send_mail Person 7'],
      ['failure', 'send_mail Person 7: failed'],
      ['failure', 'send_mail Person 7: failed'],
      ['unknown', 'no action'],
    ])
    for (const record of late)
      expect(record).toMatchObject({ http_response: null, ended: null, duration_ms: null })
  })

  it('hides the secrets of the exchange', async () => {
    const { sink, logger } = await answer({}, 200, (audit) => audit.set('password', SECRET))
    const child = logger.child().info(`uses ${SECRET}`)
    child.child().info(`also ${SECRET}`).sendLog()
    child.sendLog()
    expect(sink.lines).toHaveLength(3)
    expect(sink.lines.join('')).not.toContain(SECRET)
  })

  const UNKNOWN = { outcome: 'unknown', message: 'send_mail Person 7: unknown', http_response: null }

  it('is written by close() with an unknown outcome if nobody sends it', async () => {
    const { audit, sink, logger } = await answer()
    const job = audit.logger().setAction('expire')
    job.sendLog()
    const children = [logger, job].map((parent) =>
      parent.child().setAction('send_mail', { type: 'Person', id: 7 }),
    )
    await audit.close()
    expect(recordsOf(sink).slice(2)).toMatchObject([UNKNOWN, UNKNOWN])
    for (const child of children) child.sendLog()
    expect(recordsOf(sink)).toHaveLength(4)
  })

  it('is written with an unknown outcome when its logger has been garbage-collected', async () => {
    const { sink, logger } = await answer()
    const create = () => void logger.child().setAction('send_mail', { type: 'Person', id: 7 })
    create()
    await collectUntil(() => recordsOf(sink).length > 1)
    expect(recordsOf(sink).at(-1)).toMatchObject(UNKNOWN)
  })

  it('does not retain the request while it waits for its sendLog()', async () => {
    const requests: WeakRef<object>[] = []
    const late: AuditLogger[] = []
    const sink = memory()
    const audit = auditLog({ sink })
    const { url } = await startServer((request, response) =>
      audit(request, response, () => {
        const { audit: logger } = request as unknown as { audit: AuditLogger }
        requests.push(new WeakRef(request))
        response.once('close', () => setImmediate(() => late.push(logger.child().child())))
        response.end('ok')
      }),
    )
    for (let i = 0; i < 10; i++) await (await fetch(url, { headers: { connection: 'close' } })).text()
    const countAlive = () => requests.filter((request) => request.deref() !== undefined).length
    // Node itself retains the last request of a parser.
    await collectUntil(() => countAlive() <= 2)
    expect(countAlive()).toBeLessThanOrEqual(2)
    await audit.close()
    expect(sink.lines).toHaveLength(10 + 2 * late.length)
  })

  it('is bounded: beyond 10,000 unsent records the oldest is written as it is', async () => {
    const codes: string[] = []
    const { sink, logger } = await answer({ onError: ({ code }) => void codes.push(code) })
    const children = Array.from({ length: 10_002 }, (_, i) => logger.child().info(String(i)))
    expect(recordsOf(sink).map((record) => record.message)).toEqual(['', '0', '1'])
    expect(codes).toEqual(['ERR_AUDIT_CHILDREN'])
    for (const child of children) child.sendLog()
    expect(sink.lines).toHaveLength(10_003)
  })
})
