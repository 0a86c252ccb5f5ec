// The lower bound ("floor") for a logger that writes one such record per request with one write(2) each: a single class
// without options, redaction, limits, formats or failure handling. It trusts the framework and ignores pipelining, aborted
// requests and malformed requests. The difference between this class and the package is the price of those features.
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'

const run = randomUUID()
let seq = 0
let lastMillisecond = 0
let lastTime = ''
const parsedLines = new Map()

/** Writes one record when the response has ended. */
export function logMinimally(request, response) {
  const exchange = new MinimalExchange(request, response)
  response.on('finish', () => exchange.onFinish())
  response.on('close', () => exchange.onClose())
  return exchange
}

/** The same, for a handler that calls {@link setResultsMinimally} later. */
export function logMinimallyWithResults(request, response) {
  request[exchangeKey] = logMinimally(request, response)
}

/** The equivalent of `audited('Person')`: records the parameters and a copy of the response body. */
export function setResultsMinimally(request, kwargs, results) {
  const exchange = request[exchangeKey]
  exchange.filter = { object: 'Person', kwargs }
  exchange.results = copyPlainData(results)
  exchange.message = 'Retrieve Person'
}

/** Handles plain data only, and is several times as fast as `structuredClone`. */
function copyPlainData(value) {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyPlainData)
  const copy = {}
  for (const key in value) copy[key] = copyPlainData(value[key])
  return copy
}

const exchangeKey = Symbol('exchange')

class MinimalExchange {
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

  onFinish() {
    if (!this.request.socket.destroyed) this.ended = 'completed'
  }

  onClose() {
    const { request, response } = this
    const { headers, method, socket } = request
    seq += 1
    const record = {
      http_request: {
        method,
        url: `http://${headers.host}${request.originalUrl ?? request.url}`,
        user_agent: headers['user-agent'] ?? '',
      },
      http_response: parseResponse(response._header),
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
      time: toIsoTime(this.time),
      duration_ms: Math.round((performance.now() - this.startedAt) * 1000) / 1000,
      outcome: response.statusCode < 400 ? 'success' : 'failure',
      ended: this.ended,
      request_id: headers['x-request-id'] ?? randomUUID(),
      trace_id: null,
      run,
      seq,
      id: `${run}-${seq}`,
    }
    writeLine(`${JSON.stringify({ audit: record })}\n`)
  }
}

/** Blocks until a full pipe has room. A line this short is written completely or not at all (pipe(7), PIPE_BUF). */
export function writeLine(line) {
  for (;;) {
    try {
      return writeSync(1, line)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

function toIsoTime(millisecond) {
  if (millisecond !== lastMillisecond) {
    lastMillisecond = millisecond
    lastTime = new Date(millisecond).toISOString()
  }
  return lastTime
}

/** Parses the header block that Node has written to the connection. */
function parseResponse(block) {
  if (!block) return { status_code: null, reason: null, headers: null }
  const headers = {}
  const endOfStatus = block.indexOf('\r\n')
  let start = endOfStatus + 2
  for (let end = block.indexOf('\r\n', start); end > start; end = block.indexOf('\r\n', start)) {
    const { name, value } = parseHeaderLine(block.slice(start, end))
    headers[name] = value
    start = end + 2
  }
  return { status_code: Number(block.slice(9, 12)), reason: block.slice(13, endOfStatus), headers }
}

function parseHeaderLine(line) {
  const cached = parsedLines.get(line)
  if (cached !== undefined) return cached
  const colon = line.indexOf(':')
  const parsed = { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() }
  if (parsedLines.size < 1000) parsedLines.set(line, parsed)
  return parsed
}
