// What really left, read from the header block that Node put on the wire: `getHeaders()` does not know what a
// handler gave to `writeHead`, nor Date and Connection. Packages that wrap `writeHead` to see it (on-headers)
// change what leaves: with [['set-cookie', 'a'], ['set-cookie', 'b']] the first cookie is gone.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { BoundedCache, detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { Dictionary } from '../lib/dictionary.js'
import { STABLE_HEADERS } from '../record/header-names.js'
import type { ResponseRecord, SentHeaders } from '../record/record.js'
import { clientErrorResponse, isUnreadableRequest, serializeResponse } from './node/client-error-responses.js'

/** Node keeps these since its first releases, undocumented; other runtimes may not, hence the `?`. */
interface HeaderBlock {
  /** Status line and headers as one string, once they are made. */
  readonly _header?: string | null
  /** Whether they were handed to the socket. */
  readonly _headerSent?: boolean
}

interface Connection {
  readonly bytesWritten?: number
  /** Without what still waits in JavaScript, for the next turn or for room. */
  readonly _bytesDispatched?: number
}

const NOTHING_LEFT: ResponseRecord = { status_code: null, reason: null, headers: null }

/** When a response got its turn on the connection: what tells later whether anything of it left. */
export interface ResponseStart {
  /** As it was on entry: an application may put another in the place of `req.socket`. */
  readonly connection: Socket | undefined
  /** How far the connection had come then; `NaN` while the response waits for others that were pipelined before. */
  bytesWrittenBefore: number
}

export function trackResponseStart(
  request: IncomingMessage,
  response: ServerResponse & HeaderBlock,
): ResponseStart {
  // A mock may have been given none.
  const connection = (request.socket as Socket | null | undefined) ?? undefined
  const turn = { connection, bytesWrittenBefore: Number.NaN }
  if (response.socket === null) {
    response.once('socket', ({ bytesWritten }: Socket) => {
      turn.bytesWrittenBefore = bytesWritten
    })
  } else {
    // Who answers before we are called has answered on a connection that was alive.
    turn.bytesWrittenBefore = response._headerSent ? -1 : (connection?.bytesWritten ?? Number.NaN)
  }
  return turn
}

export function describeResponse(
  response: ServerResponse & HeaderBlock,
  turn: ResponseStart,
  isComplete: boolean,
): ResponseRecord {
  if (isHttp2(response)) return describeHttp2(response, isComplete)
  if (!isComplete) {
    const inItsPlace = turn.connection && answerInItsPlace(turn.connection, turn)
    if (inItsPlace !== undefined) return inItsPlace
    if (!headersLeft(response, turn)) return NOTHING_LEFT
  }
  const { _header: block } = response
  if (typeof block === 'string') return parseHeaderBlock(block)
  return {
    status_code: response.statusCode,
    reason: response.statusMessage ?? '',
    headers: { ...(response.getHeaders() as SentHeaders) },
  }
}

/** Of a response that was cut: `headersSent` is true also for one written to a socket that was closed already. */
function headersLeft(
  response: ServerResponse & HeaderBlock,
  { connection, bytesWrittenBefore }: ResponseStart,
): boolean {
  if (!response.headersSent || response._headerSent === false) return false
  const { bytesWritten = Number.NaN, _bytesDispatched = bytesWritten } = (connection ?? {}) as Connection
  // Less than all of them is somebody else's answer: a 'clientError' listener's, say.
  return _bytesDispatched - bytesWrittenBefore >= Buffer.byteLength(response._header ?? ' ')
}

/**
 * What Node wrote when the rest of a request could not be read, or did not come in time, and nothing had left. A
 * handler that answers after that believes that its own answer left, hence the look at how much did.
 */
function answerInItsPlace(socket: Socket, { bytesWrittenBefore }: ResponseStart): ResponseRecord | undefined {
  const { errored, bytesWritten } = socket
  if (!errored || !isUnreadableRequest(errored)) return undefined
  const answer = clientErrorResponse(errored)
  return bytesWritten - bytesWrittenBefore === Buffer.byteLength(serializeResponse(answer))
    ? answer
    : undefined
}

/** RFC 9112 section 4 and 5: `HTTP/1.1 200 OK`, then `name: value` a line. */
function parseHeaderBlock(block: string): ResponseRecord {
  const headers: SentHeaders = new Dictionary()
  const endOfStatus = block.indexOf('\r\n')
  let start = endOfStatus + 2
  // Of a block without an end, which an application may have put there, no line is believed.
  const end = block.indexOf('\r\n\r\n', endOfStatus) + 2
  for (let number = 0; start < end; number++) {
    const last = lastStarts[number]
    // `startsWith` takes three times as long.
    const isSame = last !== undefined && block.slice(start, start + last.text.length) === last.text
    const { text, name, value } = isSame ? last : readStart(block, start, number)
    start += text.length
    if (value !== undefined) {
      addHeader(headers, name, value)
      continue
    }
    const endOfLine = block.indexOf('\r\n', start)
    if (name !== '') addHeader(headers, name, block.slice(start, endOfLine).trim())
    start = endOfLine + 2
  }
  return { status_code: Number(block.slice(9, 12)), reason: block.slice(13, endOfStatus), headers }
}

/** What a header line begins with, as far as it is worth knowing. */
interface KnownStart {
  /** Of a steady header the whole line, with what ends it; of another its name and the colon. */
  readonly text: string
  /** In lower case; empty where a line has none, which Node never makes. */
  readonly name: string
  /** Of a steady header. Of another it is different each time, and may be a secret. */
  readonly value: string | undefined
}

/**
 * Most responses of an application have the same headers in the same places. Those are not cut out and read anew, and what
 * comes after works on the same texts as for the response before: within a server of Express that saves 10 µs a request.
 */
const lastStarts: (KnownStart | undefined)[] = []
/** And where the places differ, as they do from one route to the next. */
const knownStarts = new BoundedCache<KnownStart>(200)
const MAX_PLACES = 64
/** Of a line without a name. It is not kept: each line begins with nothing. */
const NOTHING: KnownStart = { text: '', name: '', value: undefined }

function readStart(block: string, start: number, number: number): KnownStart {
  const line = block.slice(start, block.indexOf('\r\n', start) + 2)
  const named = line.slice(0, line.indexOf(':') + 1)
  if (named === '') return NOTHING
  const known = knownStarts.get(line) ?? knownStarts.get(named) ?? makeStart(line, named)
  if (number < MAX_PLACES && known.text.length <= MAX_CACHED_LENGTH) lastStarts[number] = known
  return known
}

function makeStart(line: string, named: string): KnownStart {
  const name = detachString(named.slice(0, -1).toLowerCase())
  const start = STABLE_HEADERS.has(name)
    ? { text: detachString(line), name, value: detachString(line.slice(named.length).trim()) }
    : { text: detachString(named), name, value: undefined }
  knownStarts.set(start.text, start)
  return start
}

/** `set-cookie` is always an array and a header that left twice becomes one, as Node shows them to a client. */
function addHeader(headers: SentHeaders, name: string, value: string): void {
  const before = headers[name]
  if (before === undefined) headers[name] = name === 'set-cookie' ? [value] : value
  else headers[name] = Array.isArray(before) ? [...before, value] : [before, value]
}

function isHttp2(response: object): response is Http2ServerResponse {
  return 'stream' in response
}

/** HTTP/2 has no reason phrase (RFC 9113 section 8.3.2). */
function describeHttp2(response: Http2ServerResponse, isComplete: boolean): ResponseRecord {
  const { ':status': status, ...fields } = response.stream?.sentHeaders ?? {}
  if (status === undefined) {
    // Complete, and nothing sent: it is held back, and this is what will leave.
    return isComplete
      ? {
          status_code: response.statusCode,
          reason: '',
          headers: { ...(response.getHeaders() as SentHeaders) },
        }
      : NOTHING_LEFT
  }
  const headers: SentHeaders = new Dictionary()
  for (const [name, value] of Object.entries(fields)) {
    for (const single of Array.isArray(value) ? value : [value]) addHeader(headers, name, String(single))
  }
  return { status_code: Number(status), reason: '', headers }
}
