import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type Ending, millisecondsSince, type RecordDraft } from '../../record/record.js'
import { createRequestDraft, normalizeIp, readConnectionSource } from '../request.js'
import { ensureRequestId } from '../request-id.js'
import { describeResponse, trackResponseStart } from '../response.js'
import { ResponseEndWatcher } from '../response-end.js'
import { createAnonymousUser } from '../user.js'

/** How a server's requests are recorded. */
interface Recording {
  readonly requestIdHeader: string
  send(draft: RecordDraft): void
}

/** Node documentation, "Built-in channels". It is published before Node looks whether it answers itself. */
const STARTED = 'http.server.request.start'

interface Started {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly server: Server
}

const recordings = new WeakMap<Server, Recording>()
const dropped = new WeakSet<IncomingMessage>()
let isSubscribed = false

/**
 * Records requests that Node can read and answers all the same by itself: the server emits no 'request' for them. None
 * of them is exempt, as no framework has seen them.
 */
export function recordNodeResponses(server: Server, recording: Recording): void {
  recordings.set(server, recording)
  server.on('dropRequest', (request) => void dropped.add(request))
  if (!isSubscribed) subscribe(STARTED, (message) => whenStarted(message as Started))
  isSubscribed = true
}

function whenStarted({ request, response, server }: Started): void {
  const recording = recordings.get(server)
  if (recording === undefined) return
  const startedAt = performance.now()
  const time = Date.now()
  // Node answers within the same turn, if it does.
  process.nextTick(() => {
    if (!response.writableEnded || !isAnsweredByNode(server, request)) return
    const source = readConnectionSource(request)
    const draft = createRequestDraft(request, source, recording.requestIdHeader, time)
    ensureRequestId(draft)
    const turn = trackResponseStart(request, response)
    const onResponseEnd = (ended: Ending) =>
      recording.send({
        ...draft,
        http_response: describeResponse(response, turn, ended === 'completed'),
        user: createAnonymousUser(normalizeIp(source.ip)),
        type: 'WARNING',
        message: 'A request was answered by Node itself',
        duration_ms: millisecondsSince(startedAt),
        ended,
      })
    new ResponseEndWatcher(request, response, { onResponseEnd }).completeIfFlushed()
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
