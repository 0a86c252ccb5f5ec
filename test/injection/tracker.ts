// The requests that reached the servers of this process, in the order of their connections.
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** A request, and what the middleware recorded of it. */
export interface TrackedRequest {
  /** Identifies the request among those of the process; it is in its record. */
  readonly id: number
  readonly method: string
  readonly url: string
  readonly transport: string
  readonly response: ServerResponse
  /** The application on which the middleware was mounted; `undefined` if the request did not reach it. */
  framework: string | undefined
  /** The records, without those of the stages `received` and `started`. */
  readonly records: AuditRecord[]
}

export interface AuditRecord {
  readonly http_response: {
    readonly status_code: number | null
    readonly reason: string | null
    readonly headers: Readonly<Record<string, string | string[]>> | null
  }
  readonly ended: string | null
  readonly stage?: string
}

type NodeRequest = IncomingMessage & { readonly stream?: { readonly id: number } }

/** Requests by connection. The keys of {@link connectionKey} and {@link streamKey} are the same for client and server. */
export class RequestTracker {
  readonly all: TrackedRequest[] = []
  readonly #byRequest = new WeakMap<object, TrackedRequest>()
  readonly #byStream = new Map<string, TrackedRequest>()
  readonly #byConnection = new Map<string, TrackedRequest[]>()
  /** The ports of an accepted socket, which cannot be read any more when the client has disconnected. */
  readonly #keys = new WeakMap<object, string>()

  constructor() {
    // Node publishes a request before it answers some by itself, so the order is that on the wire.
    subscribe('http.server.request.start', (message) => {
      const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
      this.track(request, response)
    })
  }

  addConnection(socket: Socket): void {
    const { remotePort, localPort } = socket
    const key = connectionKey(remotePort, localPort)
    this.#keys.set(socket, key)
    this.#byConnection.set(key, [])
  }

  track(request: NodeRequest, response: ServerResponse): TrackedRequest {
    const known = this.#byRequest.get(request)
    if (known !== undefined) return known
    const isHttp2 = request.httpVersionMajor === 2
    const isEncrypted = isHttp2 ? request.headers[':scheme'] === 'https' : 'encrypted' in request.socket
    const tracked: TrackedRequest = {
      id: this.all.length,
      method: request.method ?? '',
      url: request.url ?? '',
      transport: `${isHttp2 ? 'h2' : 'h1'}${isEncrypted ? '+TLS' : ''}`,
      response,
      framework: undefined,
      records: [],
    }
    this.all.push(tracked)
    this.#byRequest.set(request, tracked)
    const { socket } = request
    if (isHttp2 && request.stream !== undefined) {
      this.#byStream.set(streamKey(socket.remotePort, socket.localPort, request.stream.id), tracked)
    } else {
      const key = this.#keys.get(socket) ?? connectionKey(socket.remotePort, socket.localPort)
      this.#byConnection.get(key)?.push(tracked)
    }
    return tracked
  }

  requestsOfConnection(key: string): readonly TrackedRequest[] | undefined {
    return this.#byConnection.get(key)
  }

  requestOfStream(key: string): TrackedRequest | undefined {
    return this.#byStream.get(key)
  }
}

export function connectionKey(clientPort: number | undefined, serverPort: number | undefined): string {
  return `${clientPort}-${serverPort}`
}

export function streamKey(
  clientPort: number | undefined,
  serverPort: number | undefined,
  id: number,
): string {
  return `${connectionKey(clientPort, serverPort)}-${id}`
}
