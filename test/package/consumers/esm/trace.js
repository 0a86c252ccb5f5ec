// Prints what both builds record for a request during an active span, with or without OpenTelemetry installed.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import * as esm from 'http-audit-log'

const require = createRequire(import.meta.url)
const api = await import('@opentelemetry/api').catch(() => undefined)
if (api !== undefined) {
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
}
const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`

for (const { auditLog, memory } of [esm, require('http-audit-log')]) {
  const sink = memory()
  const audit = auditLog({ sink })
  const handle = (request, response) => {
    audit(request, response)
    response.end()
  }
  const server = createServer((request, response) => {
    if (api === undefined) return handle(request, response)
    const active = api.trace.setSpanContext(api.ROOT_CONTEXT, span)
    api.context.with(active, () => handle(request, response))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await fetch(`http://127.0.0.1:${server.address().port}`, { headers: { traceparent, connection: 'close' } })
  const [{ audit: record }] = await sink.waitFor(1)
  console.log(record.trace_id.charAt(0), record.span_id.charAt(0))
  server.close()
}
