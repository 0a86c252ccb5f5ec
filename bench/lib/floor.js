// Less than the least that the default record costs: of the usual exchange the same record, written as P4 asks. One class
// that knows no options, protects and bounds nothing, trusts its framework, and does not look at what a client that leaves,
// pipelines or sends garbage makes of it. What our package costs above it is that, formats, and sinks that fail.
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'

const run = randomUUID()
let seq = 0
let lastMillisecond = 0
let lastTime = ''
const knownLines = new Map()

/** Leaves the record of a usual exchange. */
export function recordBarely(request, response) {
  const exchange = new BareExchange(request, response)
  response.on('finish', () => exchange.finished())
  response.on('close', () => exchange.closed())
  return exchange
}

/** The same, for {@link fillBarely}. */
export function recordToFill(request, response) {
  request[open] = recordBarely(request, response)
}

/** What `audited('Person')` adds to it: what was asked for, and a copy of what is sent, as it is then. */
export function fillBarely(request, kwargs, results) {
  const exchange = request[open]
  exchange.filter = { object: 'Person', kwargs }
  exchange.results = copyOf(results)
  exchange.message = 'Retrieve Person'
}

/** Of plain data: five times as quick as `structuredClone`. */
function copyOf(value) {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  const copy = {}
  for (const name in value) copy[name] = copyOf(value[name])
  return copy
}

const open = Symbol('the record that fillBarely fills')

class BareExchange {
  constructor(request, response) {
    this.request = request
    this.response = response
    this.startedAt = performance.now()
    this.time = Date.now()
    this.ended = 'aborted'
    this.filter = null
    this.results = null
    this.message = ''
  }

  finished() {
    if (!this.request.socket.destroyed) this.ended = 'completed'
  }

  closed() {
    const { request, response } = this
    const { headers, method, socket } = request
    seq += 1
    const record = {
      http_request: {
        method,
        url: `http://${headers.host}${request.originalUrl ?? request.url}`,
        user_agent: headers['user-agent'] ?? '',
      },
      http_response: describeResponse(response._header),
      user: {
        authenticated: false,
        provider: '',
        realm: '',
        email: '',
        roles: null,
        ip: socket.remoteAddress,
      },
      filter: this.filter,
      results: this.results,
      type: 'INFO',
      message: this.message,
      time: isoTime(this.time),
      duration_ms: Math.round((performance.now() - this.startedAt) * 1000) / 1000,
      outcome: response.statusCode < 400 ? 'success' : 'failure',
      ended: this.ended,
      request_id: headers['x-request-id'] ?? randomUUID(),
      trace_id: null,
      run,
      seq,
      id: `${run}-${seq}`,
    }
    writeAtOnce(`${JSON.stringify({ audit: record })}\n`)
  }
}

/** To wait for a full pipe, as P4 asks, it tries again and again. A line of so few bytes is taken whole or not at all. */
export function writeAtOnce(line) {
  for (;;) {
    try {
      return writeSync(1, line)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

function isoTime(millisecond) {
  if (millisecond !== lastMillisecond) {
    lastMillisecond = millisecond
    lastTime = new Date(millisecond).toISOString()
  }
  return lastTime
}

/** What left, by the header block that Node wrote. */
function describeResponse(block) {
  if (!block) return { status_code: null, reason: null, headers: null }
  const headers = {}
  const endOfStatus = block.indexOf('\r\n')
  let start = endOfStatus + 2
  for (let end = block.indexOf('\r\n', start); end > start; end = block.indexOf('\r\n', start)) {
    const { name, value } = readLine(block.slice(start, end))
    headers[name] = value
    start = end + 2
  }
  return { status_code: Number(block.slice(9, 12)), reason: block.slice(13, endOfStatus), headers }
}

function readLine(line) {
  const before = knownLines.get(line)
  if (before !== undefined) return before
  const colon = line.indexOf(':')
  const read = { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() }
  if (knownLines.size < 1000) knownLines.set(line, read)
  return read
}
