// failClosed behind serverless adapters.
import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Readable, Writable } from 'node:stream'
import { configure as serverlessExpress } from '@codegenie/serverless-express'
import { describe, expect, it } from '@jest/globals'
import express from 'express'
import { auditLog, memory, type Sink } from 'http-audit-log'
import serverlessHttp from 'serverless-http'
import { runScript } from '../../helpers/child-process.js'
import { ControllableSink } from '../../helpers/controllable-sink.js'

const event = {
  version: '2.0',
  rawPath: '/',
  rawQueryString: '',
  headers: { host: 'api.example.org' },
  requestContext: { http: { method: 'GET', path: '/', sourceIp: '192.0.2.7' } },
}

interface Answer {
  readonly statusCode: number
  readonly body: string
}

type Send = () => Promise<Answer>

const respond = (res: express.Response) => res.status(202).json({ id: 1 })

/** Handlers after which the header is final, although the adapter has not handed over anything. */
const headerSenders: [string, (res: express.Response) => unknown][] = [
  ['writeHead()', (res) => res.writeHead(202).end('secret')],
  ['write()', (res) => [res.write('secret'), res.end()]],
  ['flushHeaders()', (res) => res.flushHeaders() ?? res.end('secret')],
  ['pipe()', (res) => Readable.from(['secret', 'secret']).pipe(res)],
  ['sendFile()', (res) => res.sendFile('package.json', { root: '.' })],
  [
    'write() and an error listener that throws',
    (res) => {
      res.on('error', () => {
        throw new Error('listener')
      })
      return [res.write('secret'), res.end()]
    },
  ],
]

/** The end of an invocation, which platforms would otherwise terminate only at its time limit. */
async function settle(answer: Promise<Answer>): Promise<string | number> {
  const timeout = AbortSignal.timeout(5000)
  const timedOut = once(timeout, 'abort').then(() => 'hangs' as const)
  const settled = answer.then(
    ({ statusCode, body }) => (body.includes('secret') ? 'leaked' : statusCode),
    (error: { code?: string }) => String(error.code),
  )
  return Promise.race([settled, timedOut])
}

describe.each<[string, (app: express.Express) => Send]>([
  [
    'serverless-http',
    (app) => {
      const handler = serverlessHttp(app)
      return async () => (await handler(event, {})) as Answer
    },
  ],
  [
    '@codegenie/serverless-express',
    (app) => {
      const handler = serverlessExpress({ app })
      return async () => (await handler(event, {} as never, () => {})) as Answer
    },
  ],
])('%s', (name, adapt) => {
  function build(sink: Sink, handle: (res: express.Response) => unknown = respond) {
    const audit = auditLog({ sink, failClosed: true })
    const app = express().use(audit)
    app.get('/', (_req, res) => void handle(res))
    return { audit, send: adapt(app) }
  }

  it('hands over the response whose record the sink has accepted at once', async () => {
    const sink = memory()
    const { audit, send } = build(sink)
    expect(await send()).toMatchObject({ statusCode: 202, body: '{"id":1}' })
    expect(sink.records()).toHaveLength(1)
    expect(sink.last().audit).toMatchObject({ ended: 'completed', http_response: { status_code: 202 } })
    expect(audit.stats().inFlight).toBe(0)
  })

  it('hands over the response when the sink has accepted its record later', async () => {
    const sink = new ControllableSink('hold')
    const { audit, send } = build(sink)
    let answer: Answer | undefined
    const sent = send().then((value) => {
      answer = value
    })
    await sink.waitForReceived(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(answer).toBeUndefined()
    await sink.acceptOldest()
    await sent
    expect(answer).toMatchObject({ statusCode: 202, body: '{"id":1}' })
    expect(sink.received).toHaveLength(1)
    expect(audit.stats().inFlight).toBe(0)
  })

  it('answers 503 if the sink has not accepted the record, and before the handler runs while it is down', async () => {
    const { audit, send } = build({
      write() {
        throw new Error('down')
      },
    })
    expect((await send()).statusCode).toBe(503)
    expect((await send()).statusCode).toBe(503)
    expect(audit.stats().inFlight).toBe(0)
  })

  describe.each(['at once', 'later'])('with a sink that refuses %s', (when) => {
    it.each(headerSenders)('fails the invocation whose response is cut after %s', async (_how, handle) => {
      const accepted = memory()
      let received = 0
      const { audit, send } = build(
        {
          write(line) {
            received += 1
            if (received > 1) return accepted.write(line)
            if (when === 'later') return Promise.reject(new Error('down'))
            throw new Error('down')
          },
        },
        handle,
      )
      const failure = name === 'serverless-http' ? 'ERR_AUDIT_FAIL_CLOSED' : 500
      expect(await settle(send())).toBe(failure)
      await accepted.waitFor(1)
      await audit.flush()
      expect(accepted.records()).toMatchObject([{ audit: { ended: 'aborted' } }])
      expect(audit.stats().inFlight).toBe(0)
    })
  })

  it.each<[string, (res: express.Response) => unknown]>([
    ['destroys the response', (res) => res.destroy()],
    ['destroys the response with an error', (res) => res.destroy(new Error('late'))],
    // The stand-in for its socket is no stream, for which Node emits `error`.
    ['destroys the request', (res) => res.req.on('error', () => {}).destroy()],
  ])('hands over the whole response of a handler that then %s', async (_what, act) => {
    const sink = new ControllableSink('hold')
    const closed: boolean[] = []
    const { audit, send } = build(sink, (res) => {
      act(res.status(202).end('body'))
      closed.push(res.destroyed)
      res.once('finish', () => setImmediate(() => closed.push(res.destroyed || res.req.destroyed)))
    })
    const answer = send()
    await sink.waitForReceived(1)
    await sink.acceptOldest()
    expect(await answer).toMatchObject({ statusCode: 202, body: 'body' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(closed).toEqual([false, true])
    expect(sink.records()).toMatchObject([{ audit: { ended: 'completed' } }])
    expect(audit.stats().inFlight).toBe(0)
  })
})

// A process of its own, because the package requires an ES module, which Jest cannot do on Node 20.
it('hands over the whole body of a declared length behind light-my-request, whenever the sink answers', async () => {
  const { stdout } = await runScript(`
    import { inject } from 'light-my-request'
    import { auditLog } from 'http-audit-log'
    const handlers = [
      (res) => res.end('hello'),
      (res) => { res.write('hel'); res.end('lo') },
      (res) => { res.write('hello'); res.end() },
    ]
    const payloads = []
    for (const write of [() => {}, () => new Promise((resolve) => setImmediate(resolve))]) {
      for (const handler of handlers) {
        const audit = auditLog({ sink: { write }, failClosed: true })
        const { payload } = await inject((req, res) => {
          audit(req, res, () => handler(res.setHeader('content-length', 5)))
        }, '/')
        payloads.push(payload)
      }
    }
    console.log(JSON.stringify(payloads))`)
  expect(JSON.parse(stdout)).toEqual(Array(6).fill('hello'))
})

it('ends a response without any socket, and records that it is not known what became of it', async () => {
  const sink = memory()
  const audit = auditLog({ sink, failClosed: true })
  const request = Object.assign(new IncomingMessage(undefined as never), { method: 'GET', url: '/' })
  const response = new ServerResponse(request)
  audit(request, response, () => response.end('body'))
  await sink.waitFor(2)
  expect(sink.last().audit).toMatchObject({ ended: 'unknown', stage: 'corrected' })
  expect(audit.stats().inFlight).toBe(0)
})

describe('a response without a connection, while its end() waits for the sink', () => {
  function hold() {
    const sink = new ControllableSink('hold')
    const audit = auditLog({ sink, failClosed: true })
    const chunks: string[] = []
    const socket = new Writable({
      write(chunk, _encoding, callback) {
        chunks.push(String(chunk))
        callback()
      },
    })
    const request = Object.assign(new IncomingMessage(undefined as never), { method: 'GET', url: '/' })
    const response = new ServerResponse(request)
    response.assignSocket(socket as never)
    audit(request, response, () => response.setHeader('content-type', 'text/plain').end('a'))
    const send = async () => {
      await sink.acceptOldest()
      await once(response, 'finish')
      return chunks.join('')
    }
    return { response, sink, send, chunks }
  }

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['writeHead', (response) => response.writeHead(500)],
    ['setHeader', (response) => response.setHeader('x-late', '1')],
    ['setHeaders', (response) => response.setHeaders(new Headers({ 'x-late': '1' }))],
    ['appendHeader', (response) => response.appendHeader('x-late', '1')],
    ['removeHeader', (response) => response.removeHeader('content-type')],
  ])('throws in %s() as Node does, and sends the header of end()', async (_name, change) => {
    const { response, send } = hold()
    expect(response.headersSent).toBe(true)
    expect(() => change(response)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }))
    response.statusCode = 500
    response.addTrailers({ 'x-late': '1' })
    response.flushHeaders()
    const output = await send()
    expect(output).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain\r\n/)
    expect(output).not.toContain('x-late')
  })

  it('fails a write() and an end() with a chunk as Node does', async () => {
    const { response, send, chunks } = hold()
    const codes: unknown[] = []
    const note = (error?: Error | null) => codes.push((error as NodeJS.ErrnoException | null)?.code)
    response.on('error', note)
    expect(response.write('b', note)).toBe(false)
    response.end('c', note)
    await new Promise((resolve) => setImmediate(resolve))
    expect(codes).toEqual(Array(4).fill('ERR_STREAM_WRITE_AFTER_END'))
    expect(() => response.write(5)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
    expect(chunks).toEqual([])
    expect(await send()).toMatch(/\r\n\r\na$/)
  })

  it('is destroyed only when it has been sent', async () => {
    const { response, sink, send } = hold()
    response.destroy()
    response.req.destroy()
    expect(response.destroyed).toBe(false)
    expect(await send()).toMatch(/\r\n\r\na$/)
    await new Promise((resolve) => setImmediate(resolve))
    expect(response.destroyed).toBe(true)
    expect(sink.received).toHaveLength(1)
  })
})
