// failClosed behind serverless adapters.
import { IncomingMessage, ServerResponse } from 'node:http'
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
])('%s', (_name, adapt) => {
  function build(sink: Sink) {
    const audit = auditLog({ sink, failClosed: true })
    const app = express().use(audit)
    app.get('/', (_req, res) => void res.status(202).json({ id: 1 }))
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
