// Observes what the clients of this process receive. It looks at the bytes that a client socket reads, because that
// covers every client in one place: http, https, fetch, and raw sockets. A proxy in front of the server would do so too,
// but it would change ports, aborts and half-closed connections, which tests are about. HTTP/2 is parsed by Node in C++,
// so for HTTP/2 the stream objects of the client are observed instead.
import { type ClientHttp2Session, connect } from 'node:http2'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connectionKey, streamKey } from './tracker.js'

// biome-ignore lint/suspicious/noExplicitAny: methods of Node that are wrapped.
type AnyFunction = (this: any, ...args: any[]) => any

/** One HTTP/1 connection as its client saw it. */
export interface ClientConnection {
  readonly key: string
  /** latin1: one character per byte. */
  received: string
  /** `server`: the server ended it. `reset`: it failed. `client`: the client left first. */
  closedBy: 'server' | 'reset' | 'client' | undefined
}

/** One HTTP/2 stream as its client saw it. */
export interface ClientStream {
  key: string
  headers: Readonly<Record<string, string | string[] | number>> | undefined
  bodyBytes: number
  isEnded: boolean
  isClosed: boolean
  resetCode: number
  /** The client closed or destroyed the stream before it had ended. */
  hasLeft: boolean
}

export class ClientProbe {
  readonly connections: ClientConnection[] = []
  readonly streams: ClientStream[] = []
  readonly #bySocket = new WeakMap<Socket, ClientConnection>()
  readonly #byStream = new WeakMap<object, ClientStream>()

  install(): void {
    this.#patchSockets()
    this.#patchStreams()
  }

  #patchSockets(): void {
    const probe = this
    const prototype = Socket.prototype as unknown as Record<'emit' | 'push' | 'connect', AnyFunction>
    const { connect: connectSocket, emit } = prototype
    const clients = new WeakSet<Socket>()
    prototype.connect = function connectObserved(...args) {
      clients.add(this)
      return connectSocket.apply(this, args)
    }
    prototype.emit = function emitObserved(event, ...args) {
      if (event === 'connect' && clients.has(this)) probe.#addConnection(this)
      const connection = probe.#bySocket.get(this)
      if (connection !== undefined && event === 'error') connection.closedBy ??= 'reset'
      if (connection !== undefined && event === 'close') connection.closedBy ??= 'client'
      return emit.call(this, event, ...args)
    }
    prototype.push = function pushObserved(chunk, encoding) {
      const connection = probe.#bySocket.get(this)
      if (connection !== undefined && chunk === null) connection.closedBy ??= 'server'
      else if (connection !== undefined) connection.received += chunk.toString('latin1')
      return Duplex.prototype.push.call(this, chunk, encoding)
    }
  }

  #addConnection(socket: Socket): void {
    const key = connectionKey(socket.localPort, socket.remotePort)
    const connection: ClientConnection = { key, received: '', closedBy: undefined }
    this.#bySocket.set(socket, connection)
    this.connections.push(connection)
  }

  #patchStreams(): void {
    const probe = this
    const { sessionPrototype, streamPrototype } = http2Prototypes()
    const { request } = sessionPrototype
    sessionPrototype.request = function requestObserved(...args) {
      const stream = request.apply(this, args)
      const observed: ClientStream = {
        key: '',
        headers: undefined,
        bodyBytes: 0,
        isEnded: false,
        isClosed: false,
        resetCode: 0,
        hasLeft: false,
      }
      probe.streams.push(observed)
      probe.#byStream.set(stream, observed)
      return stream
    }
    const { emit, push, close } = streamPrototype
    streamPrototype.emit = function emitObserved(event, ...args) {
      const observed = probe.#byStream.get(this)
      if (observed !== undefined) probe.#onStreamEvent(this, observed, event, args)
      return emit.call(this, event, ...args)
    }
    streamPrototype.push = function pushObserved(chunk, encoding) {
      const observed = probe.#byStream.get(this)
      if (observed !== undefined && chunk === null) observed.isEnded = true
      else if (observed !== undefined) observed.bodyBytes += chunk.length
      return push.call(this, chunk, encoding)
    }
    streamPrototype.close = function closeObserved(...args) {
      const observed = probe.#byStream.get(this)
      if (observed !== undefined && !observed.isEnded) observed.hasLeft = true
      return close.apply(this, args)
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: a stream of Node, with fields that its type lacks.
  #onStreamEvent(stream: any, observed: ClientStream, event: string, args: unknown[]): void {
    if (event === 'ready' || (event === 'response' && observed.key === '')) {
      const socket = stream.session?.socket
      if (socket) observed.key = streamKey(socket.localPort, socket.remotePort, stream.id)
    }
    if (event === 'response') observed.headers = args[0] as NonNullable<ClientStream['headers']>
    if (event === 'aborted' && stream.rstCode === 0) observed.hasLeft = true
    if (event === 'close') {
      observed.isClosed = true
      observed.resetCode = stream.rstCode ?? 0
    }
  }
}

/** The classes of HTTP/2 clients are not exported. */
function http2Prototypes(): {
  sessionPrototype: Record<'request', AnyFunction>
  streamPrototype: Record<'emit' | 'push' | 'close', AnyFunction>
} {
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const session: ClientHttp2Session = connect('http://localhost', { createConnection: () => nowhere })
  const stream = session.request({})
  for (const emitter of [session, stream]) emitter.on('error', () => {})
  const prototypes = {
    sessionPrototype: Object.getPrototypeOf(session),
    streamPrototype: Object.getPrototypeOf(stream),
  }
  session.destroy()
  return prototypes
}
