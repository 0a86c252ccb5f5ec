import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

export type Transport = 'h1' | 'h1+TLS' | 'h2' | 'h2+TLS'

/** A request to an application, and how its client behaves. */
export interface Case {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** It uses what HTTP/2 does not have, such as a socket of its own. */
  readonly isHttp1Only?: boolean
  /** The server closes the connection, so no second request follows on it. */
  readonly closes?: boolean
  /** What the client receives depends on timing, so only the record is checked. */
  readonly isRacy?: boolean
  readonly client?:
    | 'reads all'
    /** Sends the request, and two others with it in one write. */
    | 'pipelines'
    /** As before, and ends its side of the connection at once. */
    | 'pipelines and half-closes'
    /** Disconnects when the request has reached the server. */
    | 'leaves on arrival'
    /** Disconnects when it has received the first bytes. */
    | 'leaves after the first bytes'
    | 'speaks HTTP/1.0'
}

/** An application that knows nothing of the middleware. */
export interface Application {
  readonly name: string
  readonly transports: readonly Transport[]
  /** Besides those that all applications share. */
  readonly cases: readonly Case[]
  /** Paths whose HEAD request over HTTP/2 never gets a response, even without the middleware. */
  readonly hangingHeads?: readonly string[]
  build(): RequestListener
}

export type NodeRoute = (request: IncomingMessage, response: ServerResponse) => unknown

export const HTTP1: readonly Transport[] = ['h1', 'h1+TLS']
export const ALL_TRANSPORTS: readonly Transport[] = [...HTTP1, 'h2', 'h2+TLS']
