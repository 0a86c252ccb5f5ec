// Compares what clients received with the records.

import { parseResponses } from '../helpers/raw-client.js'
import type { ClientConnection, ClientProbe, ClientStream } from './client-probe.js'
import type { AuditRecord, RequestTracker, TrackedRequest } from './tracker.js'

/** One way in which a record differs from what the client received. */
export interface Mismatch {
  readonly framework: string | undefined
  readonly transport: string
  readonly request: string
  readonly problem: string
  readonly client: unknown
  readonly record: unknown
}

/** A response as a client received it. */
interface Received {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string[]>>
  readonly isComplete: boolean
}

type Observation = { readonly response: Received | undefined; readonly hasLeft: boolean }

export function findMismatches(
  tracker: RequestTracker,
  probe: ClientProbe,
): { mismatches: Mismatch[]; observed: number } {
  const observations = new Map<TrackedRequest, Observation>()
  for (const connection of probe.connections) observeConnection(tracker, connection, observations)
  for (const stream of probe.streams) observeStream(tracker, stream, observations)
  const mismatches: Mismatch[] = []
  for (const request of tracker.all) {
    if (request.framework === undefined) continue
    const report = (problem: string, client: unknown, record: unknown) =>
      mismatches.push({
        framework: request.framework,
        transport: request.transport,
        request: `${request.method} ${request.url}`,
        problem,
        client,
        record,
      })
    const record = checkRecordCount(request, report)
    const observation = observations.get(request)
    if (record !== undefined && observation !== undefined) compare(request, record, observation, report)
  }
  return { mismatches, observed: observations.size }
}

type Report = (problem: string, client: unknown, record: unknown) => void

/** A record may be followed by one that corrects it. Returns the last. */
function checkRecordCount({ records }: TrackedRequest, report: Report): AuditRecord | undefined {
  const originals = records.filter(({ stage }) => stage !== 'corrected')
  if (originals.length > 1 || records.length > 2 || records.length === 0) {
    report('number of records', undefined, records.length)
  }
  return records.at(-1)
}

function compare(
  { response: { req, headersSent, writableEnded } }: TrackedRequest,
  { http_response, ended }: AuditRecord,
  { response, hasLeft }: Observation,
  report: Report,
): void {
  const status = http_response?.status_code ?? null
  if (response === undefined) {
    if (ended === 'completed' && !hasLeft) report('completed, but the client received nothing', null, status)
    return
  }
  if (status !== response.status) {
    report('status', response.status, status)
    return
  }
  if (http_response?.reason !== response.reason) report('reason', response.reason, http_response?.reason)
  const sent = describeHeaders(http_response?.headers ?? {})
  const got = describeHeaders(response.headers)
  if (sent !== got) report('headers', got, sent)
  // Over HTTP/2 Node ends a response that the application destroys, so that its client takes a part for the whole. Over HTTP/1
  // the response may be a 400 that Node wrote in place of one that was aborted.
  const isOfHandler = req.httpVersionMajor === 1 ? headersSent : writableEnded
  if (response.isComplete && isOfHandler && ended !== 'completed')
    report('ended', 'the whole response', ended)
  if (!response.isComplete && ended === 'completed' && !hasLeft)
    report('ended', 'a part of the response', ended)
}

function describeHeaders(headers: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.keys(headers)
    .sort()
    .map((name) => `${name}: ${[headers[name]].flat().join(' | ')}`)
    .join('\n')
}

function observeConnection(
  tracker: RequestTracker,
  { key, received, closedBy }: ClientConnection,
  observations: Map<TrackedRequest, Observation>,
): void {
  const requests = tracker.requestsOfConnection(key)
  // Another server, or a protocol that is not HTTP/1.
  if (requests === undefined || (received !== '' && !received.startsWith('HTTP/1.'))) return
  const responses = parseResponses(
    received,
    requests.map(({ method }) => method),
  )
  for (const [index, request] of requests.entries()) {
    const response = responses[index]
    // After an upgrade or a tunnel, the bytes belong to another protocol.
    if (request.method === 'CONNECT' || /^HTTP\/1\.1 101 /m.test(received)) return
    observations.set(request, {
      response: response && {
        ...parseHead(response.head),
        isComplete: response.isComplete || (response.endsWithConnection && closedBy === 'server'),
      },
      hasLeft: closedBy !== 'server',
    })
  }
}

/** As HTTP clients parse it: surrounding whitespace is not part of a value (RFC 9112 section 5). */
function parseHead(head: string): Omit<Received, 'isComplete'> {
  const [statusLine = '', ...lines] = head.trimEnd().split('\r\n')
  const headers: Record<string, string[]> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    addValue(headers, line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return { status: Number(statusLine.slice(9, 12)), reason: statusLine.slice(13), headers }
}

function addValue(headers: Record<string, string[]>, name: string, value: string): void {
  headers[name] = [...(headers[name] ?? []), value]
}

function observeStream(
  tracker: RequestTracker,
  { key, headers, bodyBytes, isEnded, isClosed, resetCode, hasLeft }: ClientStream,
  observations: Map<TrackedRequest, Observation>,
): void {
  const request = tracker.requestOfStream(key)
  if (request === undefined) return
  const { ':status': status, ...fields } = headers ?? {}
  const declared = Number(fields['content-length'] ?? Number.NaN)
  const hasBody = request.method !== 'HEAD' && status !== 204 && status !== 304
  const isCut = hasBody && bodyBytes < declared
  observations.set(request, {
    response:
      status === undefined
        ? undefined
        : {
            status: Number(status),
            reason: '',
            headers: Object.fromEntries(
              Object.entries(fields).map(([name, value]) => [name, [value].flat().map(String)]),
            ),
            isComplete: isEnded && isClosed && resetCode === 0 && !hasLeft && !isCut,
          },
    hasLeft: hasLeft || !isClosed,
  })
}
