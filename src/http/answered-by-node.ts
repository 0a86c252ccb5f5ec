import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { emptyDraft, type RecordDraft } from '../record.js'
import { onSettled } from './on-settled.js'
import { describeIp, describeRequest, sourceOfConnection } from './request.js'
import { awaitTurn, describeResponse } from './response.js'
import { describeUser } from './user.js'

type Send = (draft: RecordDraft) => void

/** Node documentation, "Built-in channels". It is published before Node looks whether it answers itself. */
const STARTED = 'http.server.request.start'

interface Started {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly server: Server
}

const senders = new WeakMap<Server, Send>()
const dropped = new WeakSet<IncomingMessage>()
let isSubscribed = false

/** Records requests that Node can read and answers all the same by itself: the server emits no 'request' for them. */
export function recordAnsweredByNode(server: Server, send: Send): void {
  senders.set(server, send)
  server.on('dropRequest', (request) => void dropped.add(request))
  if (!isSubscribed) subscribe(STARTED, (message) => whenStarted(message as Started))
  isSubscribed = true
}

function whenStarted({ request, response, server }: Started): void {
  const send = senders.get(server)
  if (send === undefined) return
  const time = new Date()
  // Node answers within the same turn, if it does.
  process.nextTick(() => {
    if (response.writableEnded && isAnsweredByNode(server, request)) record(request, response, time, send)
  })
}

/** Node's `parserOnIncoming` (lib/_http_server.js) asks these, in this order: 400, 503, 417. */
function isAnsweredByNode(server: Server, request: IncomingMessage): boolean {
  const { host, expect } = request.headers
  if (request.httpVersion !== '1.1') return false
  if (host === undefined && (server as { requireHostHeader?: boolean }).requireHostHeader) return true
  if (dropped.has(request)) return true
  const isUnknown = expect !== undefined && !/(?:^|\W)100-continue(?:$|\W)/i.test(expect)
  return isUnknown && server.listenerCount('checkExpectation') === 0
}

function record(request: IncomingMessage, response: ServerResponse, time: Date, send: Send): void {
  const turn = awaitTurn(request, response)
  const source = sourceOfConnection(request)
  const lookWhetherLeft = onSettled(request, response, (ended) => {
    send({
      ...emptyDraft(time),
      http_request: describeRequest(request, source),
      http_response: describeResponse(request, response, turn, ended === 'completed'),
      user: describeUser({ authenticated: false }, describeIp(source.ip)),
      type: 'WARNING',
      message: 'A request was answered by Node itself',
      duration_ms: Date.now() - time.getTime(),
      ended,
    })
  })
  lookWhetherLeft()
}
