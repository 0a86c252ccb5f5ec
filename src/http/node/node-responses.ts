// Requests that Node answers before any listener runs, although it can read them: 400 without a Host header, 417 for an
// unknown Expect header, 503 beyond `maxRequestsPerSocket`. client-errors.ts has those that Node cannot read (400, 408,
// 413, 431).
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { requiresHostHeader } from '../../lib/node-internals.js'
import type { Ending } from '../../record/record.js'
import { getElapsedMs, type RecordDraft, resend } from '../../record/record-draft.js'
import { normalizeIp } from '../ip-address.js'
import { createRequestDraft, readConnectionSource } from '../request.js'
import { readClientRequestId } from '../request-id.js'
import { watchResponse } from '../response.js'
import type { ResponseEndListener, ResponseWatcher } from '../response-end.js'
import { createAnonymousUser } from '../user/user.js'
import type { HeldResponse } from './held-response.js'
import { holdResponse } from './hold-response.js'
import type { NodeResponseRecording } from './node-response-recording.js'
import { UNAVAILABLE_RECORD } from './unavailable.js'

/**
 * Node documentation, diagnostics_channel, "Built-in Channels": published for each request, before Node may answer it.
 */
const REQUEST_START = 'http.server.request.start'

interface RequestStart {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly server: Server
}

interface TimedRequestStart extends Pick<RequestStart, 'request' | 'response'> {
  /** `performance.now()` on arrival. */
  readonly startedAt: number
  /** `Date.now()` on arrival. */
  readonly time: number
}

/**
 * Records the requests that Node answers by itself, for which the server emits no 'request'. `exempt` and `policy` do
 * not apply, because no framework has seen these requests.
 */
export function recordNodeResponses(server: Server, recording: NodeResponseRecording): void {
  serverRecorders.add(server, new NodeResponseRecorder(server, recording))
}

/** Records the requests that Node answers on one server. */
class NodeResponseRecorder {
  readonly #recording: NodeResponseRecording
  /** Requests beyond `maxRequestsPerSocket`. */
  readonly #droppedRequests = new WeakSet<IncomingMessage>()
  /** The request that was published last, until the end of the turn: Node emits 'dropRequest' synchronously after that. */
  #lastStart: TimedRequestStart | undefined

  constructor(server: Server, recording: NodeResponseRecording) {
    this.#recording = recording
    server.on('dropRequest', (request) => {
      this.#droppedRequests.add(request)
      if (this.#lastStart?.request === request) this.#hold(this.#lastStart)
    })
  }

  onRequestStart({ request, response, server }: RequestStart): void {
    const start: TimedRequestStart = { request, response, startedAt: performance.now(), time: Date.now() }
    if (this.#recording.isFailClosed) {
      if (this.#isAnsweredByNode(server, request)) this.#hold(start)
      else {
        this.#lastStart = start
        process.nextTick(this.#forgetLastStart)
      }
      return
    }
    // If Node answers by itself, it does so synchronously after publishing the request.
    process.nextTick(() => {
      if (response.writableEnded && this.#isAnsweredByNode(server, request)) {
        new NodeResponse(start, this.#recording).completeIfFlushed()
      }
    })
  }

  /** One function for all requests (hot path). The last request of a server must not stay in memory. */
  readonly #forgetLastStart = () => {
    this.#lastStart = undefined
  }

  /** The response gets its connection only after the request was published, so it is watched from `end` on. */
  #hold(start: TimedRequestStart): void {
    this.#lastStart = undefined
    holdResponse(
      start.request,
      start.response,
      (held) => new NodeResponse(start, this.#recording).hold(held),
      () => {},
    )
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
}

/** One request that Node answers, and its record. */
class NodeResponse implements ResponseEndListener {
  readonly #startedAt: number
  readonly #recording: NodeResponseRecording
  readonly #watcher: ResponseWatcher
  readonly #draft: RecordDraft
  /** The record was sent before the response. */
  #isRecorded = false
  #ending: Ending | undefined
  #isHeld = false

  constructor({ request, response, startedAt, time }: TimedRequestStart, recording: NodeResponseRecording) {
    const source = readConnectionSource(request)
    this.#startedAt = startedAt
    this.#recording = recording
    this.#draft = {
      ...createRequestDraft({ request, source, time }),
      request_id: readClientRequestId(request, recording.requestIdHeader),
      user: createAnonymousUser(normalizeIp(source.ip)),
      type: 'WARNING',
      message: 'A request was answered by Node itself',
    }
    this.#watcher = watchResponse(request, response, this)
  }

  completeIfFlushed(): void {
    this.#watcher.completeIfFlushed()
  }

  get isResponseHeld(): boolean {
    return this.#isHeld
  }

  /**
   * Called when Node has ended the response, before it is sent.
   *
   * @returns whether the response is released or refused already
   */
  hold(held: HeldResponse): boolean {
    this.#isHeld = true
    this.#isRecorded = true
    this.#complete('completed')
    const acceptance = this.#recording.trySend(this.#draft)
    if (typeof acceptance === 'boolean') this.#decide(held, acceptance)
    else void acceptance.then((isAccepted) => this.#decide(held, isAccepted))
    return typeof acceptance === 'boolean'
  }

  onResponseEnd(ending: Ending): void {
    this.#ending = ending
    if (!this.#isRecorded) {
      this.#complete(ending)
      this.#recording.send(this.#draft)
    } else if (!this.#isHeld) {
      this.#correct(ending)
    }
  }

  #decide(held: HeldResponse, isAccepted: boolean): void {
    this.#isHeld = false
    if (isAccepted) {
      if (held.release() === 'sent') this.#watcher.completeIfFlushed()
      if (this.#ending !== undefined) this.#correct(this.#ending)
      return
    }
    const refusal = held.refuse()
    this.#draft.http_response = refusal === 'written' ? UNAVAILABLE_RECORD : this.#watcher.describe(false)
    this.#draft.ended = refusal === 'aborted' ? 'aborted' : 'completed'
    resend(this.#recording, this.#draft)
  }

  /** The record shows a completed response. */
  #correct(ending: Ending): void {
    if (ending === 'completed' || this.#draft.ended !== 'completed') return
    this.#complete(ending)
    resend(this.#recording, this.#draft)
  }

  #complete(ending: Ending): void {
    this.#draft.http_response = this.#watcher.describe(ending === 'completed')
    this.#draft.duration_ms = getElapsedMs(this.#startedAt)
    this.#draft.ended = ending
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
