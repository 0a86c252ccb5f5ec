import { once } from 'node:events'
import { createServer, get, ServerResponse } from 'node:http'
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type Duplex, PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import * as internals from '#src/lib/node-internals.js'

describe('Node internals, of the Node that runs this test', () => {
  const server = createServer()
  let response: ServerResponse

  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }).on('error', () => {})
    response = (await once(server, 'request'))[1]
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  it('has the header block, and knows whether it was handed to the socket', () => {
    expect(internals.getHeaderBlock(response)).toBeUndefined()
    expect(internals.isHeaderFlushed(response)).toBe(false)
    response.writeHead(201, { 'x-test': 'yes' })
    expect(internals.getHeaderBlock(response)).toMatch(/^HTTP\/1\.1 201 Created\r\nx-test: yes\r\n/)
    expect(internals.isHeaderFlushed(response)).toBe(false)
    response.flushHeaders()
    expect(internals.isHeaderFlushed(response)).toBe(true)
  })

  it('has the output queue', () => {
    expect(internals.hasOutputQueue(response)).toBe(true)
    expect(internals.takeOutput(response)).toEqual([])
  })

  it('has the current response of a connection', () => {
    const socket = response.socket as Duplex
    expect(internals.hasCurrentResponse(socket)).toBe(true)
    expect(internals.getCurrentResponse(socket)).toBe(response)
  })

  it('counts the bytes that the kernel has taken', () => {
    const { socket } = response
    expect((socket as { _bytesDispatched?: unknown })._bytesDispatched).toEqual(expect.any(Number))
    expect(internals.getBytesFlushed(socket ?? undefined)).toBeLessThanOrEqual(
      socket?.bytesWritten ?? Number.NaN,
    )
  })

  it('counts the bytes of a connection', () => {
    expect(response.socket?.bytesRead).toBeGreaterThan(0)
    expect(internals.countsBytes(response.socket ?? undefined)).toBe(true)
  })

  it('knows the server of a connection, and that it created the response', () => {
    expect(internals.getServer(response.socket as Duplex)).toBe(server)
    expect(internals.isCreatedByServer(response)).toBe(true)
    expect(internals.isCreatedByServer(new ServerResponse(response.req))).toBe(false)
    expect(internals.isUpgrade(response.req)).toBe(false)
    expect((response.req as { upgrade?: unknown }).upgrade).toBe(false)
  })

  it('has the declared length of a response as a number', () => {
    const declared = new ServerResponse(response.req)
    expect(internals.getContentLength(declared)).toBeUndefined()
    declared.writeHead(200, { 'Content-Length': '5' })
    expect(internals.getContentLength(declared)).toBe(5)
  })

  it('counts the bytes of an HTTP/2 body when it was ended', async () => {
    let bytes: number | undefined
    const http2Server = createHttp2Server((_request, { stream }) => {
      stream.on('finish', () => {
        bytes = internals.getBodyBytes(stream)
      })
      stream.respond()
      stream.end('hello')
    })
    http2Server.listen(0, '127.0.0.1')
    await once(http2Server, 'listening')
    const client = connectHttp2(`http://127.0.0.1:${(http2Server.address() as AddressInfo).port}`)
    client.request().resume()
    const [stream] = (await once(http2Server, 'stream')) as [ServerHttp2Stream]
    await once(stream, 'close')
    expect(bytes).toBe(5)
    expect(internals.getBodyBytes(stream)).toBeUndefined()
    expect(internals.getBodyBytes({})).toBeUndefined()
    client.close()
    http2Server.close()
  })

  it('knows whether a response has a body, and whether 100 Continue was sent', () => {
    const internal = response as { _hasBody?: unknown; _sent100?: unknown }
    expect([internal._hasBody, internal._sent100]).toEqual([true, false])
    expect(internals.hasBody(response)).toBe(true)
    expect(internals.isContinueSent(response)).toBe(false)
  })

  it('knows whether Node has handled an error of a connection', () => {
    expect(internals.hasHandledError(response.socket as Duplex)).toBe(false)
    expect(internals.hasHandledError(new PassThrough())).toBe(true)
  })

  it('knows the write that the kernel has not taken completely', () => {
    const socket = response.socket as Duplex
    const names = Object.getOwnPropertySymbols(socket).map(({ description }) => description)
    expect(names).toContain('lastWriteQueueSize')
    expect(internals.hasWriteInFlight(socket)).toBe(false)
  })

  it('has the request that the parser read last', () => {
    expect(internals.isRequestIncomplete(response.socket as Duplex)).toBe(false)
  })

  it('has the option requireHostHeader', () => {
    expect(internals.requiresHostHeader(server)).toBe(true)
    expect(internals.requiresHostHeader(createServer({ requireHostHeader: false }))).toBe(false)
  })
})

describe('Node internals of HTTP/2, of the Node that runs this test', () => {
  async function openStream(method: string): Promise<{ stream: ServerHttp2Stream; close(): void }> {
    const server = createHttp2Server().on('error', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    client.request({ ':method': method }).on('error', () => {})
    const [stream] = await once(server, 'stream')
    const close = () => {
      client.destroy()
      server.close()
    }
    return { stream, close }
  }

  it('has the method of the request as the header block of the response will need it', async () => {
    for (const method of ['GET', 'HEAD']) {
      const { stream, close } = await openStream(method)
      expect(internals.isHeadRequest(stream)).toBe(method === 'HEAD')
      close()
    }
  })

  it('knows whether a file is being sent natively', async () => {
    const { stream, close } = await openStream('GET')
    stream.on('error', () => {})
    expect((stream as { _final?: unknown })._final).toEqual(expect.any(Function))
    expect(internals.isSendingFile(stream)).toBe(false)
    const sending = new Promise((resolve) => stream.once('finish', resolve))
    stream.respondWithFile(process.execPath)
    await sending
    expect(internals.isSendingFile(stream)).toBe(true)
    close()
  })
})

describe('isClosedByRuntime()', () => {
  it('reads the handle of Bun', () => {
    expect(internals.isClosedByRuntime({ [Symbol('handle')]: { closed: true } })).toBe(true)
    expect(internals.isClosedByRuntime({ [Symbol('handle')]: { closed: false } })).toBe(false)
    expect(internals.isClosedByRuntime({ [Symbol('handle')]: null })).toBe(false)
    expect(internals.isClosedByRuntime({})).toBe(false)
  })
})

describe('setBlocking()', () => {
  it('switches the pipe under a stream to blocking writes', () => {
    const setBlocking = jest.fn()
    internals.setBlocking({ _handle: { setBlocking } })
    expect(setBlocking).toHaveBeenCalledWith(true)
  })

  it.each([{}, { _handle: null }, { _handle: {} }])(
    'does nothing where Node has no such pipe: %p',
    (stream) => {
      expect(() => internals.setBlocking(stream)).not.toThrow()
    },
  )
})

describe('Node internals, where a runtime lacks them', () => {
  const response = {} as ServerResponse

  it('reports them as missing', () => {
    const socket = {} as Duplex
    expect(internals.getHeaderBlock(response)).toBeUndefined()
    expect(internals.isHeaderFlushed(response)).toBeUndefined()
    expect(internals.hasOutputQueue(response)).toBe(false)
    expect(internals.hasCurrentResponse(socket)).toBe(false)
    expect(internals.isHeadRequest({} as never)).toBe(false)
    expect(internals.isSendingFile({} as never)).toBe(false)
    expect(internals.getCurrentResponse(socket)).toBeUndefined()
    expect(internals.isRequestIncomplete(socket)).toBeUndefined()
    expect(internals.requiresHostHeader({} as never)).toBe(false)
  })

  it.each([' ', '', 'GET / HTTP/1.1', 1, {}])('does not take %p for a header block', (_header) => {
    expect(internals.getHeaderBlock({ _header } as never)).toBeUndefined()
  })

  it('does not know whether the header left where `headersSent` is true without a header block', () => {
    const bunResponse = { headersSent: true, _header: ' ', _headerSent: false }
    expect(internals.isHeaderFlushed(bunResponse as never)).toBeUndefined()
  })

  it('does not trust the counters and the queue of a connection that has read nothing', () => {
    const socket = { bytesRead: 0, bytesWritten: 5, _bytesDispatched: 0 }
    const bunResponse = { outputData: [], _flush() {}, socket }
    expect(internals.countsBytes(socket)).toBe(false)
    expect(internals.getBytesFlushed(socket)).toBeNaN()
    expect(internals.hasOutputQueue(bunResponse as never)).toBe(false)
    expect(internals.hasOutputQueue({ ...bunResponse, socket: null, req: { socket } } as never)).toBe(false)
  })

  it('falls back to the bytes written to the socket, and to NaN without a socket', () => {
    expect(internals.getBytesFlushed({ bytesWritten: 7 })).toBe(7)
    expect(internals.getBytesFlushed(undefined)).toBeNaN()
  })

  it('ends a stream that has no destroySoon', async () => {
    const stream = new PassThrough()
    stream.resume()
    internals.destroyAfterWrites(stream)
    await once(stream, 'end')
    expect(stream.writableFinished).toBe(true)
  })
})
