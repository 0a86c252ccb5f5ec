// The lower bound ("floor") for a logger that writes the default record of this package with one write(2): one listener, and
// the line built from the response without any object in between. It keeps no promise: it redacts nothing but three headers,
// limits nothing, and trusts the framework, the client and the kernel. The difference between this function and the package
// is the price of the promises.
import { randomUUID } from 'node:crypto'
import { fstatSync, openSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'

const run = randomUUID()
const TAIL = `,"service":{"name":"http-audit-log-bench"},"host":{"name":${JSON.stringify(hostname())}}}}\n`
const NOBODY = '"user":{"authenticated":false,"provider":"","realm":"","email":"","roles":null,"ip":"'
const SENSITIVE = /^(?:authorization|cookie|set-cookie)$/
/** One of the headers that the default record leaves out; the bench sets no other one. */
const OMITTED = 'x-content-type-options'
const NEEDS_ESCAPE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/
const MAX_FRAGMENTS = 1000

/** By header line, its name and value as JSON with a comma before it. */
const fragments = new Map()
const bytes = Buffer.allocUnsafeSlow(64 * 1024)
let seq = 0
let lastMillisecond = 0
let lastTime = ''

/** In an open pipe of its own, a write blocks until there is room, whatever Node has set on stdout. */
const descriptor = fstatSync(1).isFIFO() ? openSync('/dev/stdout', 'w') : 1

export function logStraight(request, response) {
  const time = Date.now()
  const startedAt = performance.now()
  response.on('close', () => writeRecord(request, response, time, startedAt))
}

function writeRecord(request, response, time, startedAt) {
  const { headers, route } = request
  const status = response.statusCode
  const isComplete = response.writableFinished
  seq += 1
  const line = `{"audit":{"http_request":{"method":"${request.method}","url":${quote(
    `http://${headers.host}${request.originalUrl ?? request.url}`,
  )},"user_agent":${quote(headers['user-agent'] ?? '')}},"http_response":{"status_code":${status},"reason":${quote(
    response.statusMessage,
  )},"headers":{${headersToJson(response._header)}}},${NOBODY}${
    request.socket.remoteAddress
  }"},"filter":null,"results":null,"type":"INFO","message":"","time":"${toIsoTime(time)}","duration_ms":${
    Math.round((performance.now() - startedAt) * 1000) / 1000
  },"outcome":"${isComplete ? (status < 400 ? 'success' : 'failure') : 'unknown'}","ended":"${
    isComplete ? 'completed' : 'aborted'
  }","request_id":"${randomUUID()}","trace_id":null,"run":"${run}","seq":${seq},"id":"${run}-${seq}"${
    route === undefined ? '' : `,"route":${quote(route.path)}`
  }${TAIL}`
  writeSync(descriptor, bytes, 0, bytes.utf8Write(line, 0))
}

function quote(text) {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`
}

function toIsoTime(millisecond) {
  if (millisecond !== lastMillisecond) {
    lastMillisecond = millisecond
    lastTime = new Date(millisecond).toISOString()
  }
  return lastTime
}

/** The header block that Node has written to the connection, as the members of a JSON object. */
function headersToJson(block) {
  let json = ''
  let start = block.indexOf('\r\n') + 2
  for (let end = block.indexOf('\r\n', start); end > start; end = block.indexOf('\r\n', start)) {
    const line = block.slice(start, end)
    json += fragments.get(line) ?? addFragment(line)
    start = end + 2
  }
  return json.slice(1)
}

function addFragment(line) {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).toLowerCase()
  const value = SENSITIVE.test(name) ? '[REDACTED]' : line.slice(colon + 2)
  const fragment = name === OMITTED ? '' : `,${JSON.stringify(name)}:${JSON.stringify(value)}`
  if (fragments.size >= MAX_FRAGMENTS) fragments.clear()
  fragments.set(line, fragment)
  return fragment
}
