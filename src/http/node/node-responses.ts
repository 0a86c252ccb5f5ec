// Requests that Node answers before any listener runs, although it can read them: 400 without a Host header, 417 for an
// unknown Expect header, 503 beyond `maxRequestsPerSocket`. client-errors.ts has those that Node cannot read (400, 408,
// 413, 431).
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { requiresHostHeader } from '../../lib/node-internals.js'
import type { Ending } from '../../record/record.js'
import { getElapsedMs, type RecordDraft } from '../../record/record-draft.js'
import { normalizeIp } from '../ip-address.js'
import { createRequestDraft, readConnectionSource } from '../request.js'
import { readClientRequestId } from '../request-id.js'
import { watchResponse } from '../response.js'
import { createAnonymousUser } from '../user.js'

interface RecordingOptions {
  readonly requestIdHeader: string
  send(draft: RecordDraft): void
}

/**
 * Node documentation, diagnostics_channel, "Built-in Channels": published for each request, before Node may answer it.
 */
const REQUEST_START = 'http.server.request.start'

interface RequestStart {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly server: Server
}

/**
 * Records the requests that Node answers by itself, for which the server emits no 'request'. `exempt` and `policy` do
 * not apply, because no framework has seen these requests.
 */
export function recordNodeResponses(server: Server, options: RecordingOptions): void {
  serverRecorders.add(server, new NodeResponseRecorder(server, options))
}

/** Records the requests that Node answers on one server. */
class NodeResponseRecorder {
  readonly #options: RecordingOptions
  /** Requests beyond `maxRequestsPerSocket`. */
  readonly #droppedRequests = new WeakSet<IncomingMessage>()

  constructor(server: Server, options: RecordingOptions) {
    this.#options = options
    server.on('dropRequest', (request) => void this.#droppedRequests.add(request))
  }

  onRequestStart({ request, response, server }: RequestStart): void {
    const startedAt = performance.now()
    const time = Date.now()
    // If Node answers by itself, it does so synchronously after publishing the request.
    process.nextTick(() => {
      if (response.writableEnded && this.#isAnsweredByNode(server, request)) {
        this.#record(request, response, startedAt, time)
      }
    })
  }

  /** The conditions of `parserOnIncoming` (Node, lib/_http_server.js), in the same order: 400, 503, 417. */
  #isAnsweredByNode(server: Server, request: IncomingMessage): boolean {
    const { host, expect } = request.headers
    if (request.httpVersion !== '1.1') return false
    if (host === undefined && requiresHostHeader(server)) return true
    if (this.#droppedRequests.has(request)) return true
    const isUnknownExpect = expect !== undefined && !/(?:^|\W)100-continue(?:$|\W)/i.test(expect)
    return isUnknownExpect && server.listenerCount('checkExpectation') === 0
  }

  #record(request: IncomingMessage, response: ServerResponse, startedAt: number, time: number): void {
    const { requestIdHeader, send } = this.#options
    const source = readConnectionSource(request)
    const draft = createRequestDraft({ request, source, time })
    draft.request_id = readClientRequestId(request, requestIdHeader)
    const onResponseEnd = (ended: Ending) =>
      send({
        ...draft,
        http_response: watcher.describe(ended === 'completed'),
        user: createAnonymousUser(normalizeIp(source.ip)),
        type: 'WARNING',
        message: 'A request was answered by Node itself',
        duration_ms: getElapsedMs(startedAt),
        ended,
      })
    const watcher = watchResponse(request, response, { onResponseEnd })
    watcher.completeIfFlushed()
  }
}

/** Finds the recorder of the server that a message on the diagnostics channel is about. */
class ServerRecorders {
  readonly #recorders = new WeakMap<Server, NodeResponseRecorder>()
  #isSubscribed = false

  add(server: Server, recorder: NodeResponseRecorder): void {
    this.#recorders.set(server, recorder)
    if (this.#isSubscribed) return
    this.#isSubscribed = true
    subscribe(REQUEST_START, (message) => {
      const start = message as RequestStart
      this.#recorders.get(start.server)?.onRequestStart(start)
    })
  }
}

/** One for the process, because the diagnostics channel has the requests of all servers in the process. */
const serverRecorders = new ServerRecorders()
