import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { RouteContext } from './frameworks.js'

/** Handlers by path. One that returns without a response leaves the client waiting. */
export const routes: Record<string, (context: RouteContext) => unknown> = {
  '/persons': ({ audit, json }) => {
    audit
      .setFilter('Person', { last_name: 'Jansen' })
      .setResults([{ id: 1 }])
      .info('List Person')
    json(200, [{ id: 1 }])
  },
  '/created': ({ json }) => json(201, { id: 2 }),
  '/empty': ({ response }) => response.writeHead(204).end(),
  '/redirect': ({ response }) => response.writeHead(302, { location: '/persons' }).end(),
  '/missing': ({ json }) => json(404, { error: 'No such person' }),
  '/unavailable': ({ json }) => json(503, { error: 'Later' }),
  '/throws': async () => {
    throw new Error('The handler failed')
  },
  '/reason': ({ response }) => response.writeHead(200, 'Very Well').end(),
  '/cookies': ({ response }) => {
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.end('cookies')
  },
  '/write-head/object': ({ response }) =>
    response.writeHead(202, { 'X-Kind': 'object', 'set-cookie': ['a=1', 'b=2'] }).end('x'),
  '/write-head/array': ({ response }) =>
    response.writeHead(202, ['X-Kind', 'array', 'Set-Cookie', 'a=1', 'set-cookie', 'b=2']).end('x'),
  '/write-head/pairs': ({ response }) =>
    response
      .writeHead(202, [
        ['X-Kind', 'pairs'],
        ['Set-Cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ] as never)
      .end('x'),
  '/never': () => {},
  '/head-only': ({ response }) => void response.writeHead(200, { 'x-kind': 'set, and never sent' }),
  '/destroyed-before': ({ request, response }) => {
    request.socket.destroy()
    response.end('into the void')
  },
  '/half': ({ response }) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half of it')
  },
  '/destroyed-after': ({ response }) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half of it', () => response.destroy())
  },
  // The kernel has accepted the whole response, but Node has not been notified yet.
  '/destroyed-at-end': ({ request, response }) => {
    response.writeHead(200).end('all of it')
    request.socket.destroy()
  },
  '/destroyed-at-end/large': ({ request, response }) => {
    response.writeHead(200).end(Buffer.alloc(32 * 1024 * 1024))
    request.socket.destroy()
  },
  // As an application does for a protocol of its own. Node then forgets the response.
  '/detached': ({ request, response }) => {
    response.detachSocket(request.socket)
    request.socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nby hand')
  },
  // Larger than the buffers of a socket, so that it is incomplete when the client disconnects.
  '/large': ({ response }) => response.writeHead(200).end(Buffer.alloc(32 * 1024 * 1024)),
  '/sent-early': ({ audit, json }) => {
    audit.info('Sent by the handler').sendLog()
    audit.info('Too late')
    json(200, {})
  },
  '/nonsense': ({ audit, json }) => {
    const circular: Record<string, unknown> = { big: 10n }
    circular.self = circular
    const throwing = {
      get value(): never {
        throw new Error('a getter')
      },
    }
    audit
      .setFilter(undefined as never, throwing)
      .setResults(circular)
      .setUser(null as never)
      .setHttpRequest(7 as never)
      .info({
        toJSON: () => {
          throw new Error('toJSON')
        },
      } as never)
    json(200, {})
  },
  '/upload': async ({ request, json }) => {
    request.resume()
    await once(request, 'end')
    json(200, {})
  },
  '/user/set': ({ audit, json }) => {
    audit.setUser({
      authenticated: true,
      provider: 'keycloak',
      realm: 'staff',
      email: 'a@example.org',
      roles: ['reader'],
    })
    json(200, {})
  },
  '/etag': ({ request, response, json }) => {
    response.setHeader('etag', '"v1"')
    if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end()
    else json(200, { id: 1 })
  },
  '/only-get': ({ request, response, json }) => {
    if (request.method === 'GET') json(200, {})
    else response.writeHead(405, { allow: 'GET' }).end()
  },
  '/throws-after-data': async ({ response }) => {
    response.writeHead(200)
    await new Promise((resolve) => response.write('half of it', resolve))
    throw new Error('The handler failed late')
  },
  '/download': ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    Readable.from(Array(80).fill(Buffer.alloc(64 * 1024, 'x'))).pipe(response)
  },
  '/events': async ({ request, response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const count of [1, 2, 3]) {
      await new Promise((resolve) => response.write(`data: ${count}\n\n`, resolve))
      await delay(5)
    }
    if (request.url?.endsWith('?end')) response.end()
  },
  '/long-poll': async ({ json }) => {
    await delay(50)
    json(200, { news: true })
  },
  '/early-hints': ({ response, json }) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    json(200, { hinted: true })
  },
}
