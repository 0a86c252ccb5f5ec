// With `stages: ['started']` every response has the bytes that it has without, whatever its handler and other middleware do to
// the header.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { afterAll, describe, expect, it } from '@jest/globals'
import cookieSession from 'cookie-session'
import express5 from 'express'
import express4 from 'express-4'
import session from 'express-session'
import helmet from 'helmet'
import { auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import onHeaders from 'on-headers'
import { exchangeBytes, rawRequest } from '../../helpers/raw-client.js'
import { listenOn, startServer, stopServers } from '../../helpers/servers.js'

afterAll(stopServers)

type Handle = (response: ServerResponse) => unknown

const TUPLES = [
  ['set-cookie', 'a'],
  ['set-cookie', 'b'],
  ['X-Kind', 'tuples'],
  ['x-kind', 'again'],
]
const FLAT = ['Set-Cookie', 'a', 'set-cookie', 'b', 'X-Kind', 'flat', 'x-kind', 'again']

/** The forms in which a handler can write a header. */
const FORMS: Record<string, Handle> = {
  nothing: (response) => response.end('x'),
  status: (response) => response.writeHead(201).end('x'),
  'status and reason': (response) => response.writeHead(202, 'Very Well').end('x'),
  'status and an empty reason': (response) => response.writeHead(202, '').end('x'),
  'status and undefined': (response) => response.writeHead(202, undefined).end('x'),
  'reason by statusMessage': (response) => {
    response.statusMessage = 'By property'
    response.writeHead(200).end('x')
  },
  object: (response) =>
    response.writeHead(200, { 'X-Kind': 'object', 'set-cookie': ['a', 'b'], 'content-length': 1 }).end('x'),
  'object with names in two cases': (response) =>
    response.writeHead(200, { 'X-Kind': '1', 'x-kind': '2' }).end('x'),
  'object without a prototype': (response) =>
    response.writeHead(200, Object.assign(Object.create(null), { a: 'b' })).end('x'),
  tuples: (response) => response.writeHead(200, TUPLES as never).end('x'),
  'tuples and a reason': (response) => response.writeHead(200, 'Well', TUPLES as never).end('x'),
  'flat list': (response) => response.writeHead(200, FLAT).end('x'),
  'flat list and a reason': (response) => response.writeHead(200, 'Well', FLAT).end('x'),
  'flat list beside setHeader()': (response) => {
    response.setHeader('X-Kind', 'set before').setHeader('x-other', 'o')
    response.writeHead(200, FLAT).end('x')
  },
  'object beside setHeader()': (response) => {
    response.setHeader('X-Kind', 'set before')
    response.writeHead(200, { 'x-kind': 'object', 'X-New': 'n' }).end('x')
  },
  'appendHeader()': (response) => {
    response.appendHeader('x-kind', '1').appendHeader('X-Kind', '2')
    response.writeHead(200).end('x')
  },
  'list of odd length': (response) => {
    try {
      response.writeHead(200, ['a', 'b', 'c'])
    } catch (error) {
      response.setHeader('x-error', (error as { code: string }).code)
    }
    response.end(String(response.statusCode))
  },
  'invalid value': (response) => {
    try {
      response.writeHead(201, { a: 'b', c: 'x\u0000' })
    } catch (error) {
      response.setHeader('x-error', (error as { code: string }).code)
    }
    response.end(`${response.statusCode} ${Object.keys(response.getHeaders())}`)
  },
  'invalid status': (response) => {
    try {
      response.writeHead(1000)
    } catch (error) {
      response.setHeader('x-error', (error as { code: string }).code)
    }
    response.end(String(response.statusCode))
  },
  'status as a text': (response) => response.writeHead('203' as never).end(String(response.statusCode)),
  'headers that were not set': (response) => {
    response.writeHead(200, { a: 'b' })
    response.end(JSON.stringify(Object.keys(response.getHeaders())))
  },
  'second call': (response) => {
    response.writeHead(200)
    try {
      response.writeHead(500, { a: 'b' })
    } catch (error) {
      response.end(`${response.statusCode} ${(error as { code: string }).code}`)
    }
  },
  'write() and trailers': (response) => {
    response.setHeader('trailer', 'x-sum')
    response.write('x')
    response.addTrailers({ 'x-sum': '1' })
    response.end()
  },
  'flushHeaders()': (response) => {
    response.flushHeaders()
    response.end('x')
  },
  '204': (response) => response.writeHead(204).end(),
  'early hints': (response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' })
    response.writeHead(200, FLAT).end('x')
  },
}

/** Middleware that others mount, on the response. Each is mounted before and after. */
const OTHERS: Record<string, (response: ServerResponse) => void> = {
  nothing: () => {},
  'on-headers that adds a header': (response) =>
    onHeaders(response, () => void response.setHeader('x-listener', 'yes')),
  'on-headers that changes the status': (response) =>
    onHeaders(response, () => {
      if (response.statusCode === 201) response.statusCode = 209
    }),
  'a wrapper that shows its arguments': (response) => {
    const { writeHead } = response
    response.writeHead = ((...args: unknown[]) => {
      response.setHeader('x-arguments', encodeURIComponent(JSON.stringify([args.length, args])))
      return Reflect.apply(writeHead, response, args)
    }) as never
  },
}

/** As frameworks do: the client gets the error where that is possible. */
function handleSafely(handle: Handle, response: ServerResponse): void {
  try {
    handle(response)
  } catch (error) {
    try {
      response.statusCode = 500
      response.end(String(error))
    } catch {
      response.destroy()
    }
  }
}

const NO_RESPONSE = { status_code: null, reason: null, headers: null }

async function bytesOf(
  stages: readonly 'started'[],
  mount: (audit: Handle, response: ServerResponse) => unknown,
) {
  const sink = memory()
  const audit = auditLog({ sink, stages })
  const { port } = await startServer((request, response) => {
    mount(() => audit(request, response), response)
  })
  const received = await exchangeBytes(port, rawRequest('/', { close: true }))
  while (!sink.records().some(({ audit: { ended } }) => ended !== null))
    await sink.waitFor(sink.lines.length + 1)
  const records = sink.records()
  return { received, records: records.map(({ audit: record }) => record) }
}

describe.each(Object.entries(OTHERS))('beside %s', (_other, other) => {
  it.each(Object.entries(FORMS))('does not change %s', async (_form, handle) => {
    for (const order of ['before', 'after']) {
      const mount = (audit: Handle, response: ServerResponse) => {
        if (order === 'before') other(response)
        audit(response)
        if (order === 'after') other(response)
        handleSafely(handle, response)
      }
      const bare = await bytesOf([], mount)
      const watched = await bytesOf(['started'], mount)
      expect(watched.received).toBe(bare.received)
      const started = watched.records.find(({ stage }) => stage === 'started')
      const completed = watched.records.find(({ stage }) => stage === 'completed')
      expect(started?.http_response ?? NO_RESPONSE).toEqual(completed.http_response)
    }
  })
})

const frameworks: [
  string,
  () => Promise<(options: object) => (request: IncomingMessage, response: ServerResponse) => void>,
][] = ([express4, express5] as (typeof express5)[]).map((express, index) => [
  `Express ${4 + index} with helmet and two sessions`,
  async () => (options) => {
    const app = express()
    const audit = auditLog(options)
    app.use(cookieSession({ name: 'early', keys: ['k'] }) as express5.RequestHandler)
    app.use(audit)
    app.use(helmet())
    app.use('/late', session({ secret: 's', resave: false, saveUninitialized: true, genid: () => 'id' }))
    app.use((request, response) => {
      if (request.session) Object.assign(request.session, { visits: 1 })
      if (request.path.endsWith('/list')) response.writeHead(200, FLAT).end('x')
      else response.status(201).json({ id: 1 })
    })
    return app as never
  },
])

describe.each(frameworks)('%s', (_name, create) => {
  it.each(['/', '/list', '/late', '/late/list'])('sends the same bytes: %s', async (path) => {
    const build = await create()
    const bytes: string[] = []
    for (const stages of [[], ['started']]) {
      const { port } = await startServer(build({ sink: memory(), stages }))
      bytes.push(await exchangeBytes(port, rawRequest(path, { close: true })))
    }
    expect(bytes[1]).toBe(bytes[0])
  })
})

it('sends the same bytes in Koa', async () => {
  const bytes: string[] = []
  for (const stages of [[], ['started']] as const) {
    const app = new Koa()
    app.use(auditKoa({ sink: memory(), stages }))
    app.use((context) => {
      context.set('x-kind', 'koa')
      context.append('set-cookie', ['a', 'b'])
      context.body = { id: 1 }
    })
    const { port } = await startServer(app.callback())
    bytes.push(await exchangeBytes(port, rawRequest('/', { close: true })))
  }
  expect(bytes[1]).toBe(bytes[0])
})

it.each(['writeHead with an object', 'writeHead with a list', 'setHeader', 'respond'])(
  'sends the same header over HTTP/2: %s',
  async (form) => {
    const seen: unknown[] = []
    for (const stages of [[], ['started']] as const) {
      const audit = auditLog({ sink: memory(), stages })
      const server = createHttp2Server((request, response) => {
        audit(request, response)
        if (form === 'respond') {
          response.stream.respond({ ':status': 201, 'set-cookie': ['a', 'b'] })
          response.stream.end('x')
          return
        }
        if (form === 'setHeader') response.setHeader('set-cookie', ['a', 'b'])
        else response.writeHead(201, (form.endsWith('list') ? FLAT : { 'set-cookie': ['a', 'b'] }) as never)
        response.end('x')
      })
      const { url } = await listenOn(server)
      const client = connectHttp2(url)
      const stream = client.request({ ':path': '/' })
      const headers = await new Promise<Record<string, unknown>>((resolve) => stream.on('response', resolve))
      seen.push({ ...headers, date: undefined })
      stream.resume()
      client.destroy()
    }
    expect(seen[1]).toEqual(seen[0])
  },
)

it('leaves a mock function of a test in place', () => {
  const audit = auditLog({ sink: memory(), stages: ['started'] })
  const calls: unknown[][] = []
  const writeHead = Object.assign((...args: unknown[]) => void calls.push(args), { isMock: true })
  const response = {
    writeHead,
    on: () => {},
    once: () => {},
    end() {},
    getHeaders: () => ({}),
    statusCode: 200,
  }
  audit(
    { method: 'GET', url: '/', headers: {}, httpVersionMajor: 1, on: () => {} } as never,
    response as never,
  )
  response.writeHead(200, { a: 'b' })
  expect(calls).toEqual([[200, { a: 'b' }]])
  expect(response.writeHead.isMock).toBe(true)
})

it('passes a server that does not listen for the option by', () => {
  expect(() => createServer(auditLog({ sink: memory(), stages: ['started'] }) as never)).not.toThrow()
})
