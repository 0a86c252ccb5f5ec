// stats(), flush() and close(), which a graceful shutdown relies on.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type AuditOptions, auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

/** A server whose responses are ended by the test. */
async function listen(options: AuditOptions<never>) {
  const audit = auditLog(options)
  const server = createServer((request, response) => {
    audit(request, response)
    server.emit('asked', response)
  })
  const { url } = await listenOn(server)
  return {
    audit,
    server,
    /** Sends a request, and waits until its handler runs. */
    async ask() {
      const asked = once(server, 'asked')
      const answer = fetch(url).then((response) => response.text())
      answer.catch(() => {})
      const [response] = (await asked) as [ServerResponse]
      return { answer, response }
    },
  }
}

/** Whether a promise is settled after the event loop has run everything that is ready. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = () => {
    settled = true
  }
  promise.then(note, note)
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  return settled
}

const NEVER_MS = 60_000

describe('stats()', () => {
  it('counts requests in flight and records written', async () => {
    const sink = memory()
    const { audit, ask } = await listen({ sink })
    expect(audit.stats()).toEqual({ written: 0, waiting: 0, lost: 0, inFlight: 0 })
    const first = await ask()
    const second = await ask()
    expect(audit.stats()).toEqual({ written: 0, waiting: 0, lost: 0, inFlight: 2 })
    first.response.end('1')
    await sink.waitFor(1)
    expect(audit.stats()).toEqual({ written: 1, waiting: 0, lost: 0, inFlight: 1 })
    second.response.destroy()
    await sink.waitFor(2)
    expect(audit.stats()).toEqual({ written: 2, waiting: 0, lost: 0, inFlight: 0 })
  })

  it('counts a line of the stage received as a separate record', async () => {
    const sink = memory()
    const { audit, ask } = await listen({ sink, stages: ['received'] })
    const { response } = await ask()
    expect(audit.stats()).toEqual({ written: 1, waiting: 0, lost: 0, inFlight: 1 })
    response.end()
    await sink.waitFor(2)
    expect(audit.stats()).toEqual({ written: 2, waiting: 0, lost: 0, inFlight: 0 })
  })

  it('counts records that the sink has not accepted yet as waiting', async () => {
    const sink = new ControllableSink('hold')
    const { audit, ask } = await listen({ sink })
    const { response } = await ask()
    response.end('1')
    await once(response, 'close')
    expect(audit.stats()).toEqual({ written: 0, waiting: 1, lost: 0, inFlight: 0 })
    await sink.acceptOldest()
    await audit.flush()
    expect(audit.stats()).toEqual({ written: 1, waiting: 0, lost: 0, inFlight: 0 })
  })

  it('counts records buffered during an outage as waiting, and those that do not fit as lost', async () => {
    const lines: string[] = []
    let isDown = true
    const write = (line: string) => {
      if (isDown) throw new Error('down')
      lines.push(line)
    }
    const { audit, ask } = await listen({ sink: { write }, maxBufferBytes: 1500 })
    for (let i = 0; i < 4; i++) {
      const { response } = await ask()
      response.end()
      await once(response, 'close')
    }
    const { waiting, lost } = audit.stats()
    expect(waiting).toBeGreaterThan(0)
    expect(lost).toBeGreaterThan(0)
    expect(waiting + lost).toBe(4)
    isDown = false
    await audit.flush()
    // Including the record that reports the loss.
    expect(audit.stats()).toEqual({ written: waiting + 1, waiting: 0, lost, inFlight: 0 })
    expect(lines).toHaveLength(waiting + 1)
  })

  it('counts nothing for an exempt request', async () => {
    const { audit, ask } = await listen({ sink: memory(), exempt: ['/'] })
    const { answer, response } = await ask()
    expect(audit.stats().inFlight).toBe(0)
    response.end()
    await answer
    expect(audit.stats()).toEqual({ written: 0, waiting: 0, lost: 0, inFlight: 0 })
  })

  it('exists on the Koa middleware as well', async () => {
    const sink = memory()
    const audit = auditKoa({ sink })
    const { url } = await listenOn(createServer(new Koa().use(audit).callback()))
    await fetch(url)
    await sink.waitFor(1)
    expect(audit.stats()).toEqual({ written: 1, waiting: 0, lost: 0, inFlight: 0 })
    await audit.close()
  })
})

describe('flush()', () => {
  it('waits until the sink has accepted all records, but not for requests in flight', async () => {
    const sink = new ControllableSink('hold')
    const { audit, ask } = await listen({ sink })
    await ask()
    expect(await isSettled(audit.flush())).toBe(true)
    const { response } = await ask()
    response.end()
    await once(response, 'close')
    const flushed = audit.flush()
    expect(await isSettled(flushed)).toBe(false)
    await sink.acceptOldest()
    await flushed
    expect(audit.stats()).toEqual({ written: 1, waiting: 0, lost: 0, inFlight: 1 })
  })

  it('resolves when the sink counts as down', async () => {
    const { audit, ask } = await listen({ sink: new ControllableSink('hold'), sinkTimeoutMs: 50 })
    const { response } = await ask()
    response.end()
    await once(response, 'close')
    await audit.flush()
    expect(audit.stats()).toMatchObject({ written: 0, waiting: 1 })
  })
})

describe('close()', () => {
  it('waits for the requests in flight, then for the sink, then closes it', async () => {
    const sink = new ControllableSink('hold')
    const order: string[] = []
    const close = () => void order.push('sink closed')
    const { audit, ask } = await listen({ sink: Object.assign(sink, { close }) })
    const { response } = await ask()
    const closed = audit.close({ timeoutMs: NEVER_MS }).then(() => order.push('closed'))
    expect(await isSettled(closed)).toBe(false)
    expect(sink.received).toHaveLength(0)
    response.end()
    await once(response, 'close')
    expect(await isSettled(closed)).toBe(false)
    expect(order).toEqual([])
    await sink.acceptOldest()
    await closed
    expect(order).toEqual(['sink closed', 'closed'])
    expect(audit.stats()).toEqual({ written: 1, waiting: 0, lost: 0, inFlight: 0 })
  })

  it('waits for requests in flight no longer than timeoutMs; their records are written later', async () => {
    const sink = memory()
    const { audit, ask } = await listen({ sink })
    const { answer, response } = await ask()
    await audit.close({ timeoutMs: 50 })
    expect(audit.stats()).toEqual({ written: 0, waiting: 0, lost: 0, inFlight: 1 })
    response.end('late')
    expect(await answer).toBe('late')
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })

  it('loses no record of a request that comes after it', async () => {
    const sink = memory()
    let timesClosed = 0
    const close = () => {
      timesClosed += 1
    }
    const { audit, ask } = await listen({ sink: Object.assign(sink, { close }) })
    await audit.close()
    const { answer, response } = await ask()
    response.end('after')
    expect(await answer).toBe('after')
    await sink.waitFor(1)
    await audit.close()
    expect(timesClosed).toBe(2)
    expect(audit.stats()).toEqual({ written: 1, waiting: 0, lost: 0, inFlight: 0 })
  })

  it('does not reject if the sink cannot be closed', async () => {
    const errors: string[] = []
    const close = () => Promise.reject(new Error('stuck'))
    const audit = auditLog({
      sink: { ...memory(), close },
      onError: (error) => errors.push(`${error.code}: ${error.message}`),
    })
    await audit.close()
    expect(errors).toEqual(['ERR_AUDIT_SINK: The sink could not be closed: Error: stuck'])
  })

  it('records every request of a graceful shutdown', async () => {
    const sink = memory()
    const { audit, server, ask } = await listen({ sink })
    const asked = [await ask(), await ask(), await ask()]
    const isDown = new Promise<void>((resolve, reject) =>
      server.close(() => audit.close({ timeoutMs: NEVER_MS }).then(resolve, reject)),
    )
    for (const { response } of asked) response.setHeader('connection', 'close').end('bye')
    expect(await Promise.all(asked.map(({ answer }) => answer))).toEqual(['bye', 'bye', 'bye'])
    await isDown
    expect(sink.records().map(({ audit }) => audit.ended)).toEqual(['completed', 'completed', 'completed'])
  })
})
