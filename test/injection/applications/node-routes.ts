// Handlers that use nothing but Node. Every application has them, behind its own router and error handling.
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createGzip } from 'node:zlib'
import type { Case, NodeRoute } from './application.js'

const PACKAGE_JSON = fileURLToPath(new URL('../../../package.json', import.meta.url))
const LARGE = Buffer.alloc(150_000, 'x')

/** A handler and the requests that are made to it; without any, it is one GET. */
type RouteWithCases = NodeRoute | { readonly route: NodeRoute; readonly cases: readonly Omit<Case, 'path'>[] }

const get: Omit<Case, 'path'> = {}
const head = { method: 'HEAD' }
const http1 = { isHttp1Only: true }
const closing = { isHttp1Only: true, closes: true }
const closeHeader = { headers: { connection: 'close' }, isHttp1Only: true, closes: true }
/** Node drops the responses that have not been sent when it notices that the client has half-closed. */
const halfClosing = { client: 'pipelines and half-closes', ...closing, isRacy: true } as const
const post = { method: 'POST', body: 'b'.repeat(1000) }

const bodies: Record<string, RouteWithCases> = {
  '/json': {
    route: (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":1}'),
    cases: [get, head, closeHeader, { client: 'speaks HTTP/1.0', ...closing }],
  },
  '/write-and-end': {
    route(_request, response) {
      response.write('hello ')
      response.end('world')
    },
    cases: [get, head, closeHeader, { client: 'speaks HTTP/1.0', ...closing }],
  },
  '/declared': {
    route(_request, response) {
      response.setHeader('content-length', 5)
      response.end('hello')
    },
    cases: [get, head, closeHeader],
  },
  '/declared-write': {
    route(_request, response) {
      response.setHeader('content-length', 5)
      response.write('hello')
      response.end()
    },
    cases: [get, head, closeHeader],
  },
  '/declared-write-ended-later': async (_request, response) => {
    response.setHeader('content-length', 5)
    response.write('hello')
    await delay(5)
    response.end()
  },
  '/declared-in-pieces': async (_request, response) => {
    response.writeHead(200, { 'content-length': '10' })
    for (const piece of ['hello', ' ', 'you', '!']) {
      response.write(piece)
      await delay(1)
    }
    response.end()
  },
  '/declared-too-much': {
    route(_request, response) {
      response.setHeader('content-length', 20)
      response.end('hello')
    },
    cases: [closeHeader],
  },
  '/declared-nothing': (_request, response) => {
    response.setHeader('content-length', 0)
    response.end()
  },
  '/pieces': async (_request, response) => {
    for (const piece of ['one', 'two', 'three'])
      await new Promise((resolve) => response.write(piece, resolve))
    response.end()
  },
  '/corked': {
    route(_request, response) {
      response.cork()
      response.write('one')
      response.write('two')
      response.uncork()
      response.end('three')
    },
    cases: [http1],
  },
  '/buffer-reused': {
    route(_request, response) {
      const buffer = Buffer.from('before')
      response.end(buffer)
      buffer.fill('x')
    },
    cases: [http1],
  },
  '/latin1': (_request, response) => response.end('caf\u00e9', 'latin1'),
  '/large': { route: (_request, response) => response.end(LARGE), cases: [get, head, closeHeader] },
  '/large-with-backpressure': async (_request, response) => {
    for (let i = 0; i < 8; i++) if (!response.write(LARGE.subarray(0, 20_000))) await once(response, 'drain')
    response.end()
  },
  '/stream': {
    route: (_request, response) => Readable.from(['a', 'b', 'c'], { objectMode: false }).pipe(response),
    cases: [get, head],
  },
  '/file': async (_request, response) => {
    response.setHeader('content-type', 'application/json')
    await pipeline(createReadStream(PACKAGE_JSON), response)
  },
  '/trailers': {
    route(_request, response) {
      if (response.req.httpVersionMajor === 1) response.setHeader('trailer', 'x-checksum')
      response.write('body')
      response.addTrailers({ 'x-checksum': '7' })
      response.end()
    },
    cases: [get],
  },
  '/compressed': (_request, response) => {
    compressLikeMiddleware(response)
    response.setHeader('content-type', 'text/plain')
    response.setHeader('content-length', 10_000)
    response.write('x'.repeat(5000))
    response.end('x'.repeat(5000))
  },
}

const statuses: Record<string, RouteWithCases> = {
  '/no-content': {
    route: (_request, response) => response.writeHead(204).end(),
    cases: [get, head, closeHeader],
  },
  '/no-content/implicit': (_request, response) => {
    response.statusCode = 204
    response.end()
  },
  '/reset-content': (_request, response) => response.writeHead(205).end(),
  '/not-modified': {
    route: (_request, response) => response.writeHead(304, { etag: '"1"' }).end(),
    cases: [get, head],
  },
  '/redirect': (_request, response) => response.writeHead(302, { location: '/json' }).end(),
  '/reason': (_request, response) => response.writeHead(200, 'Very Well').end('x'),
  '/teapot': (_request, response) => {
    response.statusCode = 418
    response.statusMessage = 'Short And Stout'
    response.end()
  },
  '/unavailable': (_request, response) => response.writeHead(503, { 'retry-after': '1' }).end('later'),
}

const headers: Record<string, RouteWithCases> = {
  '/cookies': (_request, response) => {
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.writeHead(200, { 'x-kind': 'cookies' }).end('x')
  },
  '/headers-as-array': {
    route: (_request, response) =>
      response.writeHead(202, ['X-Kind', 'array', 'Set-Cookie', 'a=1', 'set-cookie', 'b=2']).end('x'),
    cases: [http1],
  },
  '/like-helmet': (_request, response) => {
    response.setHeader('content-security-policy', "default-src 'self';base-uri 'self'")
    response.setHeader('x-frame-options', 'SAMEORIGIN')
    response.removeHeader('x-powered-by')
    response.end('x')
  },
  '/undated': (_request, response) => {
    response.sendDate = false
    response.end('x')
  },
  '/connection-close': {
    route: (_request, response) => response.setHeader('connection', 'close').end('bye'),
    cases: [closing],
  },
  '/early-hints': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    response.end('hinted')
  },
  '/processing': {
    route(_request, response) {
      response.writeProcessing()
      response.end('processed')
    },
    cases: [http1],
  },
  '/flushed-headers': {
    route: async (_request, response) => {
      response.setHeader('x-kind', 'flushed')
      response.flushHeaders()
      await delay(2)
      response.end('x')
    },
    cases: [get, head],
  },
  '/flushed-headers-without-body': {
    route: async (_request, response) => {
      response.statusCode = 204
      response.flushHeaders()
      await delay(2)
      response.end()
    },
    cases: [get],
  },
  '/head-only-later': async (_request, response) => {
    response.writeHead(200, { 'x-kind': 'late' })
    await delay(2)
    response.end('x')
  },
  '/status-changed-late': (_request, response) => {
    response.writeHead(204)
    response.statusCode = 200
    response.end()
  },
  '/method-changed-late': {
    route(request, response) {
      response.writeHead(200, { 'content-length': '5' })
      request.method = 'GET'
      response.end('hello')
    },
    cases: [get, head],
  },
}

const requests: Record<string, RouteWithCases> = {
  '/upload': {
    route: async (request, response) => {
      let length = 0
      for await (const chunk of request) length += chunk.length
      response.end(String(length))
    },
    cases: [
      post,
      { ...post, headers: { expect: '100-continue' }, isHttp1Only: true },
      { ...post, body: 'b'.repeat(150_000) },
    ],
  },
  '/upload-ignored': {
    route: (_request, response) => response.writeHead(413).end('too large'),
    cases: [post],
  },
  '/echo': { route: (request, response) => request.pipe(response), cases: [post] },
  '/later': {
    route: async (_request, response) => {
      await delay(10)
      response.end('later')
    },
    cases: [get, { client: 'pipelines', ...closing }, halfClosing],
  },
  '/at-once': {
    route: (_request, response) => response.end('at once'),
    cases: [{ client: 'pipelines', ...closing }, halfClosing],
  },
}

const endings: Record<string, RouteWithCases> = {
  '/throws': {
    route() {
      throw createError()
    },
    cases: [get, head, post],
  },
  '/rejects': async () => {
    await delay(1)
    throw createError()
  },
  '/ends-and-throws': {
    route(_request, response) {
      response.end('yay')
      throw createError()
    },
    cases: [{ closes: true }],
  },
  '/ends-and-rejects': {
    route: async (_request, response) => {
      response.end('yay')
      await delay(1)
      throw createError()
    },
    cases: [{ closes: true, isRacy: true }],
  },
  '/writes-and-throws': {
    route(_request, response) {
      response.write('half of it')
      throw createError()
    },
    // Koa leaves the connection open.
    cases: [{ isHttp1Only: true, client: 'leaves after the first bytes', isRacy: true }],
  },
  '/ends-twice': (_request, response) => {
    response.on('error', () => {})
    response.end('once')
    response.end('twice')
  },
  '/end-with-callback': async (_request, response) => {
    await new Promise<void>((resolve) => response.end('called back', resolve))
  },
  '/closes-server': {
    route(request, response) {
      response.write('hello')
      response.end()
      closeServer(request)
    },
    cases: [closing],
  },
  '/closes-server/in-one-piece': {
    route(request, response) {
      response.end('hello')
      closeServer(request)
    },
    cases: [closing],
  },
  '/destroys-before': {
    route(request, response) {
      request.socket.destroy()
      response.end('into the void')
    },
    cases: [closing],
  },
  '/destroys-half': {
    route(_request, response) {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half of it', () => response.destroy())
    },
    cases: [closing],
  },
  '/destroys-after-end': {
    route(_request, response) {
      response.end('all of it')
      response.destroy()
    },
    cases: [closing],
  },
  '/destroys-socket-soon': {
    route({ socket }, response) {
      response.end('all of it')
      socket.destroySoon()
    },
    cases: [closing],
  },
  '/ends-socket': {
    route({ socket }, response) {
      response.end('all of it')
      socket.end()
    },
    cases: [closing],
  },
  '/never': {
    route: () => {},
    cases: [{ client: 'leaves on arrival', isRacy: true }],
  },
  '/half': {
    route(_request, response) {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half of it')
    },
    cases: [{ client: 'leaves after the first bytes', isRacy: true }],
  },
  '/all-but-end': {
    route: async (_request, response) => {
      response.writeHead(200, { 'content-length': '5' })
      response.write('hello')
      await once(response, 'close')
      response.end()
    },
    cases: [{ client: 'leaves after the first bytes', isRacy: true, isHttp1Only: true }],
  },
}

export const nodeRoutes: ReadonlyMap<string, NodeRoute> = new Map(
  entries().map(([path, entry]) => [path, typeof entry === 'function' ? entry : entry.route]),
)

export const nodeCases: readonly Case[] = entries().flatMap(([path, entry]) =>
  (typeof entry === 'function' ? [get] : entry.cases).map((each) => ({ ...each, path })),
)

function entries(): [string, RouteWithCases][] {
  return Object.entries({ ...bodies, ...statuses, ...headers, ...requests, ...endings })
}

export function findNodeRoute({ url = '' }: IncomingMessage): NodeRoute | undefined {
  return nodeRoutes.get(url.replace(/\?.*/, ''))
}

/** Frameworks print the stack trace, which contains the path of this repository and differs with the middleware. */
export function createError(message = 'boom'): Error {
  return Object.assign(new Error(message), { stack: `Error: ${message}` })
}

function closeServer({ socket }: IncomingMessage): void {
  ;(socket as Socket & { server: Server }).server.close()
}

/** Replaces `write` and `end` in the way of the package compression. */
function compressLikeMiddleware(response: ServerResponse): void {
  const write = response.write.bind(response) as (chunk: unknown) => boolean
  const end = response.end.bind(response) as () => void
  const gzip = createGzip()
  const start = () => {
    if (response.headersSent) return
    response.removeHeader('content-length')
    response.setHeader('content-encoding', 'gzip')
  }
  gzip.on('data', (chunk) => {
    if (!write(chunk)) gzip.pause()
  })
  gzip.on('end', () => end())
  response.on('drain', () => gzip.resume())
  response.write = ((chunk: unknown) => {
    start()
    return gzip.write(chunk)
  }) as never
  response.end = ((chunk: unknown) => {
    start()
    gzip.end(chunk)
    return response
  }) as never
}
