// Measures each step in the life of a record in a loop, for the request that run.js sends: nanoseconds of CPU time and
// bytes of heap per record.
// Usage: npm run build && node bench/steps.js
import { once } from 'node:events'
import { closeSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { collectGarbage } from './lib/collect-garbage.js'
import { openDestination } from './lib/destinations.js'
import {
  completeRecord,
  createRedactor,
  createRequestDraft,
  describeResponse,
  describeUser,
  formatAudit,
  formatDatapunt,
  formatEcs,
  formatOcsf,
  LineWriter,
  readConnectionSource,
} from './lib/package-under-test.js'

/** The last result of a step. Exported, so that the compiler cannot remove the step as unused. */
export let lastResult

const RECORDS = 20_000
const ROUNDS = 9
/** Few enough that no garbage collection happens during the measurement. */
const RECORDS_FOR_HEAP = 500
const SEQUENCE = { run: 'a5acfa68-5306-451a-91bb-d7882244dde5', seq: 42 }

const directory = mkdtempSync(join(tmpdir(), 'audit-steps-'))
const { request, response, source } = await runExchange()
const redactor = createRedactor({ redact: {}, pseudonymize: undefined, maxRecordBytes: 16 * 1024 })
const draft = createRequestDraft({ request, source })
draft.http_response = describeResponse(response)
draft.user = describeUser({ authenticated: false }, '127.0.0.1')
draft.route = '/persons/:id'
const redacted = redactor.redactRecord(completeRecord(draft, SEQUENCE))
const service = { name: 'persons', version: '1.0.0', environment: 'production', node_name: 'node-1' }
const withService = { ...redacted, service }
const line = `${JSON.stringify(formatAudit(redacted))}\n`
const writer = new LineWriter()

const rows = {
  'describe the request': measure(() => createRequestDraft({ request, source })),
  'describe the response': measure(() => describeResponse(response)),
  'describe the user': measure(() => describeUser({ authenticated: false }, '127.0.0.1')),
  'complete the record': measure(() => completeRecord(draft, SEQUENCE)),
  // Redaction changes its record, so each run needs a new one; subtract the row above.
  'complete and redact the record': measure(() => redactor.redactRecord(completeRecord(draft, SEQUENCE))),
  'format: audit': measure(() => formatAudit(redacted)),
  'format: datapunt': measure(() => formatDatapunt(redacted)),
  'format: ecs': measure(() => formatEcs(withService)),
  'format: ocsf': measure(() => formatOcsf(withService)),
  'format as audit, and serialize': measure(() => `${JSON.stringify(formatAudit(redacted))}\n`),
}
for (const destination of ['null', 'file', 'pipe']) {
  const { descriptor, close } = openDestination(destination, join(directory, destination))
  rows[`write to ${destination}`] = measure(() => writer.write(descriptor, line))
  closeSync(descriptor)
  close()
}
rmSync(directory, { recursive: true })

console.log(`A record of ${Buffer.byteLength(line)} bytes, median of ${ROUNDS} rounds of ${RECORDS} records`)
console.table(rows)

/** A real exchange of Express, returned after its end. */
async function runExchange() {
  const app = express()
  const ended = new Promise((resolve) => {
    app.get('/persons/:id', (request, response) => {
      response.on('finish', () => resolve({ request, response, source: readConnectionSource(request) }))
      response.set('Cache-Control', 'no-store').json({ id: request.params.id, name: 'x'.repeat(260) })
    })
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }
  const response = await fetch(`http://127.0.0.1:${server.address().port}/persons/7?lang=nl`, { headers })
  await response.text()
  const exchange = await ended
  server.close()
  server.closeAllConnections()
  return exchange
}

function measure(step) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let index = 0; index < RECORDS; index++) lastResult = step()
    const { user, system } = process.cpuUsage(before)
    times.push(((user + system) * 1000) / RECORDS)
  }
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < RECORDS_FOR_HEAP; index++) lastResult = step()
  const bytes = (process.memoryUsage().heapUsed - before) / RECORDS_FOR_HEAP
  const ns = times.sort((one, other) => one - other)[ROUNDS >> 1]
  return { ns: Math.round(ns), bytes: Math.max(0, Math.round(bytes)) }
}
