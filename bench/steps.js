// What each step on the way of a record costs: nanoseconds and bytes of heap a record, of the request that run.js sends.
// Usage: npm run build && node bench/steps.js
import { once } from 'node:events'
import { closeSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { formatAudit } from '../dist/modules/formats/audit.js'
import { formatDatapunt } from '../dist/modules/formats/datapunt.js'
import { draftOf, sourceOfConnection } from '../dist/modules/http/request.js'
import { describeResponse } from '../dist/modules/http/response.js'
import { describeUser } from '../dist/modules/http/user.js'
import { createProtector } from '../dist/modules/protect/protector.js'
import { completeRecord } from '../dist/modules/record.js'
import { LineWriter } from '../dist/modules/sinks/line-writer.js'
import { openDestination } from './lib/destinations.js'
import { collectGarbage } from './lib/garbage.js'

/** What was made last: nothing may be left out because nobody uses it. */
export let used

const RECORDS = 20_000
const ROUNDS = 9
/** Few enough that nothing is collected meanwhile. */
const RECORDS_OF_HEAP = 500

const directory = mkdtempSync(join(tmpdir(), 'audit-steps-'))
const { request, response, source } = await exchange()
const protector = createProtector({ redact: {}, pseudonymize: undefined, maxRecordBytes: 16 * 1024 })
const turn = { connection: request.socket, bytesBefore: 0 }
const draft = draftOf(request, source, 'x-request-id')
draft.http_response = describeResponse(response, turn, true)
draft.user = describeUser({ authenticated: false }, '127.0.0.1')
draft.route = '/persons/:id'
const record = completeRecord(draft, 'a5acfa68-5306-451a-91bb-d7882244dde5', 42)
const safe = protector.protect(record)
const line = `${JSON.stringify(formatAudit(safe))}\n`
const writer = new LineWriter()

const rows = {
  'describe the request': measure(() => draftOf(request, source, 'x-request-id')),
  'describe the response': measure(() => describeResponse(response, turn, true)),
  'describe the user': measure(() => describeUser({ authenticated: false }, '127.0.0.1')),
  complete: measure(() => completeRecord(draft, 'a5acfa68-5306-451a-91bb-d7882244dde5', 42)),
  // Changes its record, so that it is given a new one each time; `complete` is to be subtracted.
  'complete and protect': measure(() =>
    protector.protect(completeRecord(draft, 'a5acfa68-5306-451a-91bb-d7882244dde5', 42)),
  ),
  'format, audit': measure(() => formatAudit(safe)),
  'format, datapunt': measure(() => formatDatapunt(safe)),
  serialise: measure(() => `${JSON.stringify(formatAudit(safe))}\n`),
}
for (const destination of ['null', 'file', 'pipe']) {
  const { descriptor, end } = openDestination(destination, join(directory, destination))
  rows[`write, ${destination}`] = measure(() => writer.write(descriptor, line))
  closeSync(descriptor)
  end()
}
rmSync(directory, { recursive: true })

console.log(`A record of ${Buffer.byteLength(line)} bytes, median of ${ROUNDS} rounds of ${RECORDS}`)
console.table(rows)

/** A real one of Express, after it has ended. */
async function exchange() {
  const app = express()
  const ended = new Promise((resolve) => {
    app.get('/persons/:id', (request, response) => {
      response.on('finish', () => resolve({ request, response, source: sourceOfConnection(request) }))
      response.set('Cache-Control', 'no-store').json({ id: request.params.id, name: 'x'.repeat(260) })
    })
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/persons/7?lang=nl`, { headers })
  await answer.text()
  const found = await ended
  server.close()
  server.closeAllConnections()
  return found
}

function measure(step) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const begin = process.cpuUsage()
    for (let index = 0; index < RECORDS; index++) used = step()
    const { user, system } = process.cpuUsage(begin)
    times.push(((user + system) * 1000) / RECORDS)
  }
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < RECORDS_OF_HEAP; index++) used = step()
  const bytes = (process.memoryUsage().heapUsed - before) / RECORDS_OF_HEAP
  const ns = times.sort((one, other) => one - other)[ROUNDS >> 1]
  return { ns: Math.round(ns), bytes: Math.max(0, Math.round(bytes)) }
}
