import type { Duplex } from 'node:stream'
import type { ResponseWatcher } from '../response-end.js'

/** The responses in flight on one connection, in order. There is usually one; the Set is for pipelined requests. */
export class ConnectionResponses {
  #first: ResponseWatcher | undefined
  #others: Set<ResponseWatcher> | undefined

  add(watcher: ResponseWatcher): void {
    if (this.#first === undefined && !this.#others?.size) this.#first = watcher
    else {
      this.#others ??= new Set()
      this.#others.add(watcher)
    }
  }

  delete(watcher: ResponseWatcher): void {
    if (this.#first === watcher) this.#first = undefined
    else this.#others?.delete(watcher)
  }

  all(): ResponseWatcher[] {
    const others = this.#others ?? []
    return this.#first === undefined ? [...others] : [this.#first, ...others]
  }
}

/** Hot path: a property of the connection instead of a WeakMap, because each request looks it up. */
const responsesKey = Symbol('responses')
type TrackedConnection = Duplex & { [responsesKey]?: ConnectionResponses }

/**
 * Notifies the watcher when the connection closes. A pipelined response that waits for the socket, and one that a handler
 * detached from it, emit no event then. One listener per connection notifies them all, because a client may pipeline any
 * number of requests.
 */
export function trackConnection(
  connection: TrackedConnection,
  watcher: ResponseWatcher,
): ConnectionResponses | undefined {
  if (connection.closed) {
    setImmediate(() => watcher.notifyEnd())
    return undefined
  }
  const responses = connection[responsesKey] ?? createConnectionResponses(connection)
  responses.add(watcher)
  return responses
}

/** A separate function, because the listener lives as long as the connection and would retain its first request. */
function createConnectionResponses(connection: TrackedConnection): ConnectionResponses {
  const responses = new ConnectionResponses()
  Object.defineProperty(connection, responsesKey, { value: responses })
  // setImmediate: responses that have the socket first get their own 'close' event.
  connection.on('close', () =>
    setImmediate(() => {
      for (const watcher of responses.all()) watcher.notifyEnd()
    }),
  )
  return responses
}
