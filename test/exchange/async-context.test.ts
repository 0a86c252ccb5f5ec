import { AsyncResource } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import { auditLog, currentAudit, memory } from 'http-audit-log'
import { runScript } from '../helpers/child-process.js'
import { frameworks } from '../helpers/frameworks.js'
import { exchangeBytes } from '../helpers/raw-client.js'
import { routes } from '../helpers/routes.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

/** Places from which currentAudit() is called. Each resolves when the callback has run. */
const depths: Record<string, (ask: () => void, request: IncomingMessage) => Promise<unknown>> = {
  'the handler itself': async (ask) => ask(),
  'behind an await': async (ask) => {
    await delay(1)
    ask()
  },
  'behind many awaits': async (ask) => {
    for (let i = 0; i < 5; i++) await Promise.resolve()
    await Promise.all([delay(1), delay(2)])
    ask()
  },
  setTimeout: (ask) => new Promise<void>((resolve) => setTimeout(() => resolve(ask()), 1)),
  setImmediate: (ask) => new Promise<void>((resolve) => setImmediate(() => resolve(ask()))),
  'process.nextTick': (ask) => new Promise<void>((resolve) => process.nextTick(() => resolve(ask()))),
  queueMicrotask: (ask) => new Promise<void>((resolve) => queueMicrotask(() => resolve(ask()))),
  'an event emitter': async (ask) => {
    const emitter = new EventEmitter()
    emitter.on('event', ask)
    setTimeout(() => emitter.emit('event'), 1)
    await once(emitter, 'event')
  },
  'the body of the request': (ask, request) => {
    let asked = 0
    request.on('data', () => asked++ === 0 && ask())
    return once(request, 'end')
  },
  'the end of the body': (ask, request) =>
    new Promise<void>((resolve) => request.resume().on('end', () => resolve(ask()))),
}

for (const [name, dive] of Object.entries(depths)) {
  routes[`/context/${encodeURIComponent(name)}`] = async ({ request, audit, json }) => {
    await dive(() => currentAudit().info(currentAudit() === audit ? 'found' : 'another'), request)
    json(200, {})
  }
}
routes['/context/parallel'] = async ({ request, json }) => {
  const id = new URL(request.url ?? '', 'http://localhost').searchParams.get('id')
  await delay(Number(id) % 7)
  currentAudit().setFilter('Person', { id })
  await delay(Number(id) % 5)
  currentAudit().info(`Person ${id}`)
  json(200, {})
}

describe.each(frameworks)('%s', (_name, framework) => {
  it.each(Object.keys(depths))('finds the logger of the request in %s', async (name) => {
    const sink = memory()
    const { url } = await startServer(await framework.build({ sink, context: true }))
    // Large, so that it comes in several pieces.
    const body = 'x'.repeat(200_000)
    await (await fetch(`${url}/context/${encodeURIComponent(name)}`, { method: 'POST', body })).text()
    const [record] = await sink.waitFor(1)
    expect(record.audit.message).toBe('found')
  })

  it('does not mix up concurrent requests', async () => {
    const sink = memory()
    const { url } = await startServer(await framework.build({ sink, context: true }))
    const ids = Array.from({ length: 60 }, (_, id) => String(id))
    await Promise.all(
      ids.map(async (id) => (await fetch(`${url}/context/parallel?id=${id}`, { method: 'POST' })).text()),
    )
    const records = (await sink.waitFor(60)).map(({ audit }) => audit)
    for (const { http_request, filter, message } of records) {
      const id = new URL(http_request.url).searchParams.get('id')
      expect([filter?.kwargs.id, message]).toEqual([id, `Person ${id}`])
    }
    expect(new Set(records.map(({ message }) => message)).size).toBe(60)
  })

  it('returns a logger that records nothing for an exempt request', async () => {
    const sink = memory()
    const { url } = await startServer(await framework.build({ sink, context: true, exempt: ['/context'] }))
    const response = await fetch(`${url}/context/parallel?id=1`)
    await response.text()
    await (await fetch(`${url}/created`)).text()
    expect(response.status).toBe(200)
    expect((await sink.waitFor(1)).map(({ audit }) => [audit.http_request.url, audit.message])).toEqual([
      [`${url}/created`, ''],
    ])
  })

  it('finds the logger if the middleware is mounted twice', async () => {
    const sink = memory()
    const inner = await framework.build({ sink, context: true })
    const audit = auditLog({ sink, context: true })
    const { url } = await startServer((request, response) =>
      audit(request, response, () => inner(request, response)),
    )
    await (await fetch(`${url}/context/setTimeout`)).text()
    expect((await sink.waitFor(1)).map((record) => record.audit.message)).toEqual(['found'])
  })
})

describe('kept-alive and pipelined requests of one connection', () => {
  it('each have their own logger, also in the events of their bodies', async () => {
    const sink = memory()
    const audit = auditLog({ sink, context: true })
    const server = createServer((request, response) =>
      audit(request, response, () => {
        request.resume().on('end', () => {
          currentAudit().info(String(request.url))
          response.end()
        })
      }),
    )
    const { port } = await listenOn(server)
    const request = (path: string, last = false) =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\n${last ? 'Connection: close\r\n' : ''}Content-Length: 4\r\n\r\nbody`
    await exchangeBytes(port, request('/1') + request('/2') + request('/3', true))
    const records = await sink.waitFor(3)
    expect(records.map((record) => record.audit.message)).toEqual(['/1', '/2', '/3'])
  })
})

describe('work that two requests share', () => {
  /** The messages of the records of two requests: `handle` is called for both before `shared` emits `done`. */
  async function messagesOf(
    handle: (shared: EventEmitter, finish: () => void) => void,
  ): Promise<Record<string, string>> {
    const sink = memory()
    const audit = auditLog({ sink, context: true })
    const shared = new EventEmitter()
    const { url } = await listenOn(
      createServer((request, response) => {
        audit(request, response, () => {
          handle(shared, () => response.end())
          shared.emit('request')
        })
      }),
    )
    const first = once(shared, 'request')
    const bodies = [fetch(`${url}/first`)]
    await first
    const second = once(shared, 'request')
    bodies.push(fetch(`${url}/second`))
    await second
    shared.emit('done')
    await Promise.all(bodies)
    const records = await sink.waitFor(2)
    return Object.fromEntries(
      records.map(({ audit: record }) => [new URL(record.http_request.url).pathname, record.message]),
    )
  }

  it('is recorded with the request that began a promise, and what follows its await with each', async () => {
    let rows: Promise<void> | undefined
    const messages = await messagesOf(async (shared, finish) => {
      rows ??= once(shared, 'done').then(() => void currentAudit().info('searched'))
      await rows
      finish()
    })
    expect(messages).toEqual({ '/first': 'searched', '/second': '' })

    let again: Promise<unknown> | undefined
    const bound = await messagesOf(async (shared, finish) => {
      again ??= once(shared, 'done')
      await again
      currentAudit().info('searched')
      finish()
    })
    expect(bound).toEqual({ '/first': 'searched', '/second': 'searched' })
  })

  it('is recorded with the request that a listener of a shared emitter is bound to, otherwise with none', async () => {
    const answer = (finish: () => void) => () => {
      currentAudit().info('searched')
      finish()
    }
    const unbound = await messagesOf((shared, finish) => shared.once('done', answer(finish)))
    expect(unbound).toEqual({ '/first': '', '/second': '' })
    const bound = await messagesOf((shared, finish) =>
      shared.once('done', AsyncResource.bind(answer(finish))),
    )
    expect(bound).toEqual({ '/first': 'searched', '/second': 'searched' })
  })
})

describe('outside a request', () => {
  it('currentAudit() returns a logger that accepts all calls and records nothing', async () => {
    const sink = memory()
    auditLog({ sink, context: true })
    expect(currentAudit().setFilter('Person').setResults([1]).setError(new Error()).info('x')).toBeDefined()
    currentAudit().sendLog()
    expect(sink.lines).toEqual([])
  })

  it('two callers get separate loggers', () => {
    expect(currentAudit()).not.toBe(currentAudit())
  })

  it('a node:http handler that was not passed as `next` gets the logger that records nothing', async () => {
    const sink = memory()
    const audit = auditLog({ sink, context: true })
    const { url } = await startServer((request, response) => {
      audit(request, response).info('logger of the request')
      currentAudit().info('not recorded')
      response.end()
    })
    await (await fetch(url)).text()
    expect((await sink.waitFor(1))[0].audit.message).toBe('logger of the request')
  })
})

describe('currentAudit() and the option `context`', () => {
  /** The record on stdout and the messages on stderr of a program that calls currentAudit(). */
  async function runProgram(options: string) {
    const script = `
      import http from 'node:http'
      import { auditLog, currentAudit } from 'http-audit-log'
      const audit = auditLog(${options})
      const server = http.createServer((request, response) => {
        audit(request, response, () => {
          currentAudit().info('one')
          currentAudit().info('two')
          response.end()
        })
      })
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
      await (await fetch('http://127.0.0.1:' + server.address().port)).text()
      server.close()
      server.closeAllConnections()
    `
    const { stdout, stderr } = await runScript(script)
    return { record: JSON.parse(stdout).audit, messages: stderr.split('\n').filter((line) => line !== '') }
  }

  it('reports a missing `context: true` once on stderr, and the request goes on', async () => {
    const { record, messages } = await runProgram('{}')
    expect(messages).toEqual([expect.stringMatching(/\[ERR_AUDIT_CONTEXT\].*context: true/)])
    expect(record).toMatchObject({ message: '', outcome: 'success' })
  })

  it('reports nothing with `context: true`', async () => {
    const { record, messages } = await runProgram('{ context: true }')
    expect(messages).toEqual([])
    expect(record).toMatchObject({ message: 'one', notes: [{ type: 'INFO', message: 'two' }] })
  })
})
