// Measures what the option responseHeaders does to a record under helmet: bytes of its line, and nanoseconds of CPU time from
// the description of the response to the line, in a loop. The settings are measured in turn.
// Usage: npm run build && node bench/response-headers.js
import { once } from 'node:events'
import { createServer } from 'node:http'
import express from 'express'
import helmet from 'helmet'
import Koa from 'koa'
import { markdownTable } from './lib/markdown-table.js'
import {
  createPipeline,
  createRequestDraft,
  describeResponse,
  describeUser,
  readConnectionSource,
  resolveOptions,
} from './lib/package-under-test.js'

const RECORDS = 5_000
const ROUNDS = 11
const SETTINGS = {
  all: 'all',
  'the default': undefined,
  'content-type, location': ['content-type', 'location'],
  none: 'none',
}
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const BODY = { id: 7, name: 'x'.repeat(260) }
const setPolicies = helmet()

const APPS = {
  'Express, helmet': (onResponse) =>
    express()
      .use(setPolicies)
      .get('/persons/:id', (request, response) => {
        onResponse(request, response)
        response.set('Cache-Control', 'no-store').json(BODY)
      }),
  'Koa, helmet': (onResponse) =>
    new Koa()
      .use((ctx) => {
        setPolicies(ctx.req, ctx.res, () => {})
        onResponse(ctx.req, ctx.res)
        ctx.set('Cache-Control', 'no-store')
        ctx.body = BODY
      })
      .callback(),
}

const rows = []
for (const [name, createApp] of Object.entries(APPS)) {
  const exchange = await runExchange(createApp)
  const measurements = Object.values(SETTINGS).map((setting) => createMeasurement(exchange, setting))
  for (let round = 0; round < ROUNDS; round++) for (const { measure } of measurements) measure()
  for (const [index, setting] of Object.keys(SETTINGS).entries()) {
    const { times, sink } = measurements[index]
    const median = times.sort((one, other) => one - other)[ROUNDS >> 1]
    rows.push({ application: name, responseHeaders: setting, bytes: sink.bytes, ns: Math.round(median) })
  }
}
console.log(markdownTable(rows))

/** A real exchange, returned after its end. */
async function runExchange(createApp) {
  const { promise, resolve } = withResolvers()
  const app = createApp((request, response) => {
    response.on('finish', () => resolve({ request, response, source: readConnectionSource(request) }))
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/persons/7?lang=nl`
  await (await fetch(url, { headers: { 'user-agent': USER_AGENT } })).text()
  const exchange = await promise
  server.close()
  server.closeAllConnections()
  return exchange
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers() {
  let resolve
  const promise = new Promise((fulfill) => {
    resolve = fulfill
  })
  return { promise, resolve }
}

function createMeasurement({ request, response, source }, responseHeaders) {
  const sink = {
    bytes: 0,
    write(line) {
      sink.bytes = Buffer.byteLength(line)
    },
  }
  const options = resolveOptions({ responseHeaders, sink })
  const pipeline = createPipeline(options)
  const draft = createRequestDraft({ request, source })
  draft.user = describeUser({ authenticated: false }, '127.0.0.1')
  draft.ended = 'completed'
  const times = []
  function measure() {
    const before = process.cpuUsage()
    for (let index = 0; index < RECORDS; index++) {
      draft.http_response = describeResponse(response, options.responseHeaders === 'default')
      draft.sequence = null
      void pipeline.send(draft)
    }
    const { user, system } = process.cpuUsage(before)
    times.push(((user + system) * 1000) / RECORDS)
  }
  return { times, sink, measure }
}
