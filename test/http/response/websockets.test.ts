// Requests with Upgrade and CONNECT, whose response a library writes to the connection.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import { Server as EngineServer } from 'engine.io'
import express from 'express'
import expressWs from 'express-ws'
import { auditLog, memory } from 'http-audit-log'
import { Server as SocketIoServer } from 'socket.io'
import { io } from 'socket.io-client'
import { WebSocket, WebSocketServer } from 'ws'
import { exchangeBytes, RawClient, rawRequest } from '../../helpers/raw-client.js'
import { listenOn, stopServers } from '../../helpers/servers.js'
import { collectGarbage } from '../../helpers/v8.js'

afterEach(stopServers)

const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

const SWITCHED = { status_code: 101, reason: 'Switching Protocols' }
const NO_RESPONSE = { status_code: null, reason: null, headers: null }

async function openAndClose(url: string): Promise<void> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.send('hello')
  await once(socket, 'message')
  socket.close()
  await once(socket, 'close')
}

/** As docs/websocket.md shows it. */
function upgradeWith(
  audit: ReturnType<typeof auditLog>,
  server: Server,
  handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
) {
  server.on('upgrade', (request, socket, head) => {
    const response = new ServerResponse(request)
    audit(request, response, () => handle(request, socket, head))
    if (response.writableEnded) socket.destroy()
  })
}

describe('ws', () => {
  async function listen(handle?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void) {
    const sink = memory()
    const audit = auditLog({ sink })
    const server = createServer()
    const sockets = new WebSocketServer({ noServer: true })
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
    upgradeWith(
      audit,
      server,
      handle ??
        ((request, socket, head) =>
          sockets.handleUpgrade(request, socket, head, (ws) => void sockets.emit('connection', ws, request))),
    )
    return { sink, audit, ...(await listenOn(server)) }
  }

  it('records 101 with its headers when the connection has closed', async () => {
    const { sink, audit, port } = await listen()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/chat?room=1`)
    await once(socket, 'open')
    expect(sink.lines).toHaveLength(0)
    expect(audit.stats().inFlight).toBe(1)
    socket.send('hello')
    await once(socket, 'message')
    socket.close()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({
      http_request: { method: 'GET', url: `http://127.0.0.1:${port}/chat?room=1` },
      http_response: { ...SWITCHED, headers: { upgrade: 'websocket', connection: 'Upgrade' } },
      ended: 'completed',
      outcome: 'success',
    })
    expect(audit.stats().inFlight).toBe(0)
  })

  it('records 101 for a client that disconnects without a closing handshake', async () => {
    const { sink, port } = await listen()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    await once(socket, 'open')
    socket.terminate()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: SWITCHED, ended: 'completed' })
  })

  it('records the refusal that ws writes', async () => {
    const { sink, port } = await listen()
    const bytes = rawRequest('/', { headers: HANDSHAKE.replace('13', '1') })
    expect(await exchangeBytes(port, bytes)).toMatch(/^HTTP\/1\.1 400 /)
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({
      http_response: { status_code: 400, reason: 'Bad Request', headers: { connection: 'close' } },
      ended: 'completed',
      outcome: 'failure',
    })
  })

  it.each<[string, (socket: Duplex) => void, object | null, string]>([
    ['end()', (socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n'), { status_code: 401 }, 'completed'],
    [
      'several writes of buffers',
      (socket) => {
        for (const part of ['HTTP/1.1 403 For', 'bidden\r\nX-Kind: ', 'a\r\n\r', '\n', 'body']) {
          socket.write(Buffer.from(part))
        }
        socket.destroy()
      },
      { status_code: 403, reason: 'Forbidden', headers: { 'x-kind': 'a' } },
      'completed',
    ],
    [
      'an interim response before the final one',
      (socket) => socket.end('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n'),
      { status_code: 404 },
      'completed',
    ],
    ['destroy()', (socket) => socket.destroy(), NO_RESPONSE, 'aborted'],
    ['bytes that are no response', (socket) => socket.end('hello'), null, 'aborted'],
  ])('records a refusal that the application writes by %s', async (_name, refuse, http_response, ended) => {
    const { sink, port } = await listen((_request, socket) => refuse(socket))
    await exchangeBytes(port, rawRequest('/', { headers: HANDSHAKE }))
    const [record] = await sink.waitFor(1)
    expect(record.audit.http_response).toEqual(
      http_response === null ? null : expect.objectContaining(http_response),
    )
    expect(record.audit.ended).toBe(ended)
  })

  it('records a client that leaves before the handshake with status null', async () => {
    const { sink, audit, port } = await listen(
      (_request, socket) => void socket.resume().on('end', () => socket.destroy()),
    )
    const client = new RawClient(port).send(rawRequest('/', { headers: HANDSHAKE }))
    while (audit.stats().inFlight === 0) await new Promise((resolve) => setImmediate(resolve))
    client.destroy()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: NO_RESPONSE, ended: 'aborted' })
  })

  it('accepts the middleware with an object in place of the response', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const server = createServer()
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) => {
      audit(request, {} as ServerResponse, () =>
        sockets.handleUpgrade(request, socket, head, (ws) => ws.close()),
      )
    })
    const { port } = await listenOn(server)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    await once(socket, 'close')
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: SWITCHED, ended: 'completed' })
  })

  it('destroys the connection if failClosed refuses the request', async () => {
    const write = () => {
      throw new Error('down')
    }
    const audit = auditLog({ sink: { write }, failClosed: true })
    const server = createServer((request, response) => {
      audit(request, response, () => response.end('ok'))
    })
    let handled = 0
    upgradeWith(audit, server, () => handled++)
    const { port } = await listenOn(server)
    await exchangeBytes(port, rawRequest('/', { close: true }))
    expect(await exchangeBytes(port, rawRequest('/', { headers: HANDSHAKE }))).toBe('')
    expect(handled).toBe(0)
  })

  it('keeps nothing of closed connections in memory', async () => {
    const counted = { lines: 0 }
    const audit = auditLog({ sink: { write: () => void counted.lines++ } })
    const server = createServer()
    const sockets = new WebSocketServer({ noServer: true })
    upgradeWith(audit, server, (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (ws) => ws.close()),
    )
    const { port } = await listenOn(server)
    const run = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const client = connect(port, '127.0.0.1')
        client.write(rawRequest('/', { headers: HANDSHAKE }))
        client.on('data', () => client.destroy())
        await once(client, 'close')
      }
      while (audit.stats().inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    const before = await run(200)
    const growth = ((await run(1000)) - before) / 1000
    expect(counted.lines).toBe(1200)
    expect(growth).toBeLessThan(1000)
  }, 60_000)
})

it('records CONNECT', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer()
  server.on('connect', (request, socket) => {
    audit(request, new ServerResponse(request))
    socket.end('HTTP/1.1 200 Connection Established\r\n\r\n')
  })
  const { port } = await listenOn(server)
  await exchangeBytes(port, 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n')
  const [record] = await sink.waitFor(1)
  expect(record.audit).toMatchObject({
    http_request: { method: 'CONNECT' },
    http_response: { status_code: 200, reason: 'Connection Established' },
    ended: 'completed',
  })
})

describe('express-ws', () => {
  async function listen(options: { verifyClient?: () => boolean } = {}) {
    const sink = memory()
    const app = express()
    const server = createServer(app)
    const { app: withSockets, applyTo } = expressWs(app, server, { wsOptions: options })
    withSockets.use(auditLog({ sink }))
    withSockets.ws('/echo', (socket, request) => {
      request.audit.info('Echo')
      socket.on('message', (data) => socket.send(data))
    })
    const router = express.Router() as unknown as expressWs.Router
    applyTo(router)
    router.ws('/room/:id', (socket) => socket.on('message', (data) => socket.send(data)))
    withSockets.use('/chat', router)
    withSockets.use((_req, res) => void res.status(404).send('no such page'))
    return { sink, ...(await listenOn(server)) }
  }

  it.each([
    ['/echo', '/echo', '/echo'],
    ['/echo?a=1', '/echo?a=1', '/echo'],
    ['/chat/room/7', '/chat/room/7', '/chat/room/:id'],
  ])('records 101 and the URL that was requested: %s', async (path, expected, route) => {
    const { sink, port } = await listen()
    await openAndClose(`ws://127.0.0.1:${port}${path}`)
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({
      http_request: { method: 'GET', url: `http://127.0.0.1:${port}${expected}` },
      http_response: { ...SWITCHED, headers: null },
      route,
      ended: 'completed',
      outcome: 'success',
    })
    expect(JSON.stringify(record)).not.toContain('.websocket')
  })

  it('records 101 where no route accepts the connection, which is then closed', async () => {
    const { sink, port } = await listen()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/missing`)
    await once(socket, 'close')
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: SWITCHED, ended: 'completed' })
  })

  it('records other requests as usual', async () => {
    const { sink, url } = await listen()
    await (await fetch(`${url}/echo/.websocket`)).text()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({
      http_request: { url: `${url}/echo/.websocket` },
      http_response: { status_code: 404 },
    })
  })

  it('does not see a handshake that ws refuses', async () => {
    const { sink, port } = await listen({ verifyClient: () => false })
    expect(await exchangeBytes(port, rawRequest('/echo', { headers: HANDSHAKE }))).toMatch(/^HTTP\/1\.1 401 /)
    await stopServers()
    expect(sink.lines).toHaveLength(0)
  })
})

describe('engine.io', () => {
  async function listen(options: object = {}) {
    const sink = memory()
    const audit = auditLog({ sink })
    const server = createServer()
    const engine = new EngineServer(options)
    engine.attach(server)
    engine.use(audit)
    return { sink, audit, ...(await listenOn(server)) }
  }
  const query = '/engine.io/?EIO=4&transport='

  it('records the handshake of a WebSocket with 101', async () => {
    const { sink, port } = await listen()
    const socket = new WebSocket(`ws://127.0.0.1:${port}${query}websocket`)
    await once(socket, 'message')
    socket.close()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({
      http_request: { url: `http://127.0.0.1:${port}${query}websocket` },
      http_response: { ...SWITCHED, headers: { upgrade: 'websocket' } },
      ended: 'completed',
    })
  })

  it.each([
    ['of a wrong transport', {}, `${query}nothing`, 400],
    [
      'that the application forbids',
      { allowRequest: (_r: unknown, done: (e: string, ok: boolean) => void) => done('no', false) },
      `${query}websocket`,
      403,
    ],
  ])('records the refusal of a handshake %s', async (_name, options, path, status) => {
    const { sink, port } = await listen(options)
    const answer = await exchangeBytes(port, rawRequest(path, { headers: HANDSHAKE }))
    const sent = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
    const [record] = await sink.waitFor(1)
    expect(record.audit.http_response.status_code).toBe(sent)
    expect([400, status]).toContain(sent)
    expect(record.audit).toMatchObject({ ended: 'completed', outcome: 'failure' })
  })

  it('records polling as usual', async () => {
    const { sink, url } = await listen()
    expect((await fetch(`${url}${query}polling`)).status).toBe(200)
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: { status_code: 200 }, ended: 'completed' })
  })
})

it('records the requests of Socket.IO, one record each', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer()
  const sockets = new SocketIoServer(server)
  sockets.engine.use(audit)
  const { url } = await listenOn(server)
  const client = io(url, { reconnection: false })
  await new Promise<void>((resolve) => client.on('connect', resolve))
  const { engine } = client.io
  if (engine.transport.name !== 'websocket') {
    await new Promise<void>((resolve) => engine.on('upgrade', () => resolve()))
  }
  client.disconnect()
  await sockets.close()
  while (audit.stats().inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
  const responses = sink
    .records()
    .map(({ audit: record }) => [
      new URL(record.http_request.url).searchParams.get('transport'),
      record.http_response?.status_code,
      record.ended,
    ])
  expect(responses).toContainEqual(['polling', 200, 'completed'])
  expect(responses.filter(([transport]) => transport === 'websocket')).toEqual([
    ['websocket', 101, 'completed'],
  ])
})
