// Each record has the trace id and the span id of its request. In production, OpenTelemetry's instrumentation of node:http
// starts the span; this example starts it in a middleware of its own.
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import express from 'express'
import { auditLog } from 'http-audit-log'
import { listen } from './listen.js'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const tracer = new BasicTracerProvider().getTracer('persons')

const app = express()
app.use((_req, res, next) =>
  tracer.startActiveSpan('request', (span) => {
    res.on('close', () => span.end())
    next()
  }),
)
app.use(auditLog())
app.get('/persons', (_req, res) => {
  const { traceId, spanId } = trace.getActiveSpan()?.spanContext() ?? {}
  res.json({ traceId, spanId })
})

listen(app)
