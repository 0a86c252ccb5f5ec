// Measures the CPU time that the largest inputs cost: one request with thousands of names, large response headers, lists
// of JSON texts, bodies longer than declared. Most rows are exchanges over a socket; the row of `bare` is the same without
// the middleware.
// Usage: npm run build && node bench/redact-costs.js        under a minute
//        node bench/redact-costs.js --short                 fewer runs
//        node bench/redact-costs.js --smoke                 checks that it works; prints no usable figures
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import express from 'express'
import { atMost } from './lib/goals.js'
import { markdownTable } from './lib/markdown-table.js'
import { AuditLogger, auditLog } from './lib/package-under-test.js'
import { COMMON_OPTIONS, concludeRun } from './lib/save-run.js'

const { values: options } = parseArgs({ options: COMMON_OPTIONS })
const runs = options.smoke ? 1 : options.short ? 3 : 7
/** Divides the sizes in a run that only checks that the script works. */
const scale = options.smoke ? 100 : 1
const NAMES = 4000 / scale
const MB = 2 ** 20 / scale

const records = []
const sink = { write: (line) => void records.push(line.length) }

/** Names that no earlier run has had, because a cache would hide what they cost an attacker's first request. */
let nextName = 0
function names(count, write) {
  const first = nextName
  nextName += count
  return Array.from({ length: count }, (_, index) => write((first + index).toString(36)))
}

const fill = (piece, length) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length)

/** Each sends a request whose URL has so many names. */
const URLS = {
  names: () => `/?${names(NAMES, (id) => `${id}=`).join('&')}`,
  'names with values': () => `/?${names(NAMES, (id) => `${id}=1`).join('&')}`,
  'names of two words': () => `/?${names(NAMES / 2, (id) => `a${id}B_c=1`).join('&')}`,
  'names in brackets': () => `/?${names(NAMES / 4, (id) => `a[b${id}][c]=1`).join('&')}`,
  'names beyond ASCII': () => `/?${names(NAMES / 4, (id) => `%C3%A9${id}=1`).join('&')}`,
  'long names': () => `/?${names(NAMES / 80, (id) => `${'aB'.repeat(120)}${id}=1`).join('&')}`,
  'names of sensitive values': () => `/?${names(NAMES / 2, (id) => `${id}token=1`).join('&')}`,
  'names beside `code`': () => `/?code=1&${names(NAMES, (id) => `${id}=`).join('&')}`,
  'matrix parameters': () => `/a${names(NAMES, (id) => `;${id}=`).join('')}`,
  'a nested URL': () =>
    `/?u=${encodeURIComponent(`https://h/?${names(NAMES / 2, (id) => `${id}=1`).join('&')}`)}`,
  escapes: () => `/?a=${fill('%253D%26', 15_000 / scale)}`,
  'a JSON parameter': () =>
    `/?q=${encodeURIComponent(JSON.stringify(Object.fromEntries(names(NAMES / 4, (id) => [id, 1]))))}`,
}

/** Each sets what a response of an application may have. */
const HEADERS = {
  '100 KB of `a=b; `': (response) => response.set('X-Data', fill('a=b; ', 0.1 * MB)),
  '100 KB of `password=`': (response) => response.set('X-Data', fill('password=', 0.1 * MB)),
  '100 KB of quotes': (response) => response.set('X-Data', `password="${fill('\\"a', 0.1 * MB)}`),
  '100 KB of JSON': (response) => response.set('X-Data', JSON.stringify(fill('{"a":1}', 0.05 * MB))),
  '100 KB of names in a URL': (response) =>
    response.set('Location', `/?${names(0.02 * MB, (id) => `${id}=`).join('&')}`),
  '100 KB of names in cookies': (response) =>
    response.set('Set-Cookie', names(0.02 * MB, (id) => `${id}=`).join(', ')),
  '1,000 headers': (response) => {
    for (const name of names(1000 / scale, (id) => `X-${id}`)) response.set(name, 'a=1&b=2')
  },
  '8 MB of quotes': (response) => response.set('X-Data', `password="${fill('\\"a', 8 * MB)}`),
  '8 MB of `a=b&`': (response) => response.set('X-Data', fill('a=b&', 8 * MB)),
}

/** Each is a value for `setFilter` or `setResults`. */
const VALUES = {
  'form with 4,000 names': () => Object.fromEntries(names(NAMES, (id) => [id, '1'])),
  'names in brackets': () => Object.fromEntries(names(NAMES, (id) => [`a[b][${id}]`, '1'])),
  'JSON text with 4,000 names': () => JSON.stringify(Object.fromEntries(names(NAMES, (id) => [id, 1]))),
  'text with 4,000 lines `name: value`': () => names(NAMES, (id) => `${id}: 1`).join('\n'),
  'text with 4,000 `name=value`': () => `x ${names(NAMES, (id) => `${id}=1`).join(' ')}`,
  'text with 4,000 elements': () => names(NAMES, (id) => `<${id}>`).join(''),
  '1 MB of plain text': () => fill('Delft ', MB),
  '1 MB in a list of JSON texts': () =>
    Array.from({ length: MB / 1024 }, () => `[${fill('{"a":1},', 1014)}{}]`),
  '8 MB in a list of JSON texts': () =>
    Array.from({ length: (8 * MB) / 1024 }, () => `[${fill('{"a":1},', 1014)}{}]`),
  '8 MB in a list of JSON texts that are nearly empty': () =>
    Array.from({ length: (8 * MB) / 1024 }, () => `{${fill(' ', 1022)}}`),
  '8 MB in a list of JSON texts with a key many times': () =>
    Array.from({ length: (8 * MB) / 1024 }, () => `{${fill('"a":"b=1&c=2",', 1005)}"a":1}`),
  '8 MB in a list of JSON texts with a long secret': () =>
    Array.from({ length: (8 * MB) / 1024 }, () => `{"password":"${fill('x', 1000)}"}`),
  'JSON in JSON in JSON': () =>
    Array.from({ length: MB / 4096 }, () =>
      JSON.stringify(JSON.stringify(JSON.stringify({ a: fill('x', 4000) }))),
    ),
  'JSON of 100,000 levels': () => `${fill('[', 100_000 / scale)}${fill(']', 100_000 / scale)}`,
  'a list of deep JSON': () =>
    Array.from({ length: 1000 / scale }, () => `${fill('[', 1000)}${fill(']', 1000)}`),
  'JSON with a key a thousand times': () => `{${fill('"a":"b=1",', 1e5 / scale - 5)}"a":1}`,
  'huge numbers': () => `[${fill('9', 1e6 / scale)}]`,
  'typical result of 1 KB': () =>
    Array.from({ length: 12 }, (_, id) => ({ id, name: 'Jansen', email: `j${id}@example.org` })),
}

const BODIES = {
  'declared length 10': { 'content-length': '10' },
  chunked: {},
}

/** Starts an application with one route for all paths, calls `use` with a function that sends a request, and stops it. */
async function withServer(middleware, handler, use) {
  const app = express()
  app.set('query parser', 'simple')
  app.use(...middleware)
  app.use(handler)
  const server = createServer({ maxHeaderSize: 2 ** 20 }, app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const send = async (url) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.write(`GET ${url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    await once(socket, 'close')
  }
  try {
    return await use(send)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const skip = (_request, _response, next) => next()
const audited = (extra = {}) => auditLog({ sink, onError() {}, ...extra })

/** The CPU time of an exchange of a warm server, milliseconds. */
function timeExchange(middleware, handler, createUrl) {
  return withServer([middleware], handler, async (send) => {
    for (let index = 0; index < (options.smoke ? 1 : 50); index++) await send('/?a=1')
    return timeAsync(() => createUrl(), send)
  })
}

async function timeAsync(prepare, run) {
  let best = Number.POSITIVE_INFINITY
  for (let index = 0; index < runs; index++) {
    const input = prepare()
    const before = process.cpuUsage()
    await run(input)
    best = Math.min(best, elapsedSince(before))
  }
  return round(best)
}

function elapsedSince(before) {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const end = (_request, response) => response.end()
const copyQuery = (request, response) => {
  request.audit?.setFilter('Person', request.query)
  response.end()
}

const urls = []
for (const [name, createUrl] of Object.entries(URLS)) {
  urls.push({
    'URL of at most 16 KB': name,
    'bare ms': await timeExchange(skip, end, createUrl),
    'audited ms': await timeExchange(audited(), end, createUrl),
    'with the query as filter ms': await timeExchange(audited(), copyQuery, createUrl),
  })
}

const headers = []
for (const [name, setHeaders] of Object.entries(HEADERS)) {
  const handler = (request, response) => {
    if (request.url === '/') setHeaders(response)
    response.end()
  }
  headers.push({
    'response headers': name,
    'bare ms': await timeExchange(skip, handler, () => '/'),
    'audited ms': await timeExchange(audited(), handler, () => '/'),
  })
}

const logger = new AuditLogger({ sink })
for (let index = 0; index < (options.smoke ? 1 : 2000); index++)
  logger
    .setFilter('Person', { last_name: 'Jansen' })
    .setResults([{ id: index, text: 'a=1', json: '{"a":1}' }])
const values = []
for (const [name, create] of Object.entries(VALUES)) {
  const ms = await timeAsync(create, (value) => void new AuditLogger({ sink }).setResults(value).sendLog())
  values.push({ 'setResults and sendLog': name, ms })
}

const bodies = []
const chunk = Buffer.alloc(1024, 'x')
for (const [name, head] of Object.entries(BODIES)) {
  const handler = (_request, response) => {
    response.writeHead(200, head)
    for (let written = 0; written < 25 * MB; written += chunk.length) response.write(chunk)
    response.end()
  }
  bodies.push({
    'body of 25 MB in chunks of 1 KB': name,
    'bare ms': await timeExchange(skip, handler, () => '/'),
    'failClosed ms': await timeExchange(audited({ failClosed: true }), handler, () => '/'),
  })
}

const mostForUrl = Math.max(...urls.map((row) => row['audited ms'] - row['bare ms']))
concludeRun(options, 'redact-costs', {
  urls,
  headers,
  values,
  bodies,
  goals: [atMost(5, round(mostForUrl), 'milliseconds for the URL of a request')],
  tables: {
    'One request with a URL of many names': markdownTable(urls),
    'One response with large headers': markdownTable(headers),
    'One record': markdownTable(values),
    'One response with a long body': markdownTable(bodies),
  },
})

function round(value) {
  return Number(value.toFixed(1))
}
