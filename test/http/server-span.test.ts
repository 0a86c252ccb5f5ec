// Real instrumentation, in processes of their own, because it patches node:http and the frameworks when they are loaded.
import { describe, expect, it } from '@jest/globals'
import { runScript } from '../helpers/child-process.js'

interface TracedRequest {
  readonly record: { readonly trace_id: string | null; readonly span_id?: string }
  readonly spans: readonly {
    readonly name: string
    readonly kind: number
    readonly trace: string
    readonly id: string
  }[]
}

const CLIENT_TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLIENT_SPAN = 'b7ad6b7169203331'
/** `SpanKind.SERVER` */
const SERVER = 1

const APPS: [string, string][] = [
  ['node:http', 'const audit = auditLog({ sink }); return (req, res) => { audit(req, res); res.end() }'],
  [
    'Express',
    `const app = require('express')()
     app.use(function parse(req, res, next) { setImmediate(next) })
     app.use(auditLog({ sink }))
     app.get('/persons', (req, res) => res.json({}))
     return app`,
  ],
  [
    'Koa',
    `const app = new (require('koa'))()
     app.use(async function first(ctx, next) { await next() })
     app.use(auditKoa({ sink })).use((ctx) => { ctx.body = {} })
     return app.callback()`,
  ],
]

/** Sends a request with `traceparent` to an instrumented application. */
async function traceRequest({
  app,
  instrumentations = ['http', 'express', 'koa'],
  sampler = '',
  around = 'listener',
}: {
  readonly app: string
  readonly instrumentations?: readonly string[]
  readonly sampler?: string
  /** Source text of the listener of the server, which calls `listener`. */
  readonly around?: string
}): Promise<TracedRequest> {
  const { stdout } = await runScript(`
    import { createRequire } from 'node:module'
    import { connect } from 'node:net'
    const require = createRequire(import.meta.url)
    const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')
    const sdk = require('@opentelemetry/sdk-trace-base')
    const { trace } = require('@opentelemetry/api')
    const { registerInstrumentations } = require('@opentelemetry/instrumentation')
    const exporter = new sdk.InMemorySpanExporter()
    const spanProcessors = [new sdk.SimpleSpanProcessor(exporter)]
    const provider = new NodeTracerProvider({ spanProcessors, ${sampler} })
    provider.register()
    const classes = { http: 'HttpInstrumentation', express: 'ExpressInstrumentation', koa: 'KoaInstrumentation' }
    registerInstrumentations({
      instrumentations: ${JSON.stringify(instrumentations)}.map(
        (name) => new (require('@opentelemetry/instrumentation-' + name)[classes[name]])(),
      ),
    })
    const http = require('http')
    const { auditLog, memory } = await import('http-audit-log')
    const { auditLog: auditKoa } = await import('http-audit-log/koa')
    const sink = memory()
    const listener = (() => { ${app} })()
    const server = http.createServer(${around}).listen(0, '127.0.0.1', () => {
      // Not by node:http, whose instrumentation would replace the header.
      connect(server.address().port, '127.0.0.1').resume().write(
        'GET /persons HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n' +
          'Traceparent: 00-${CLIENT_TRACE}-${CLIENT_SPAN}-01\\r\\n\\r\\n',
      )
    })
    const [{ audit: record }] = await sink.waitFor(1)
    server.close(async () => {
      await provider.forceFlush()
      const spans = exporter.getFinishedSpans().map((span) => {
        const { traceId: trace, spanId: id } = span.spanContext()
        return { name: span.name, kind: span.kind, trace, id }
      })
      console.log(JSON.stringify({ record, spans }))
    })
  `)
  return JSON.parse(stdout)
}

describe.each(APPS)('%s with the instrumentation of OpenTelemetry', (name, app) => {
  it('records the span of the request, not that of a middleware', async () => {
    const { record, spans } = await traceRequest({ app })
    const server = spans.find(({ kind }) => kind === SERVER)
    expect({ trace: record.trace_id, id: record.span_id }).toEqual({ trace: server?.trace, id: server?.id })
    expect(server?.id).toBeDefined()
    const middleware = spans.filter(({ name: spanName }) => spanName.includes('auditMiddleware'))
    expect(middleware).toHaveLength(name === 'node:http' ? 0 : 1)
  })

  it('records no span rather than that of a middleware if node:http is not instrumented', async () => {
    const { record, spans } = await traceRequest({
      app,
      instrumentations: ['express', 'koa'],
      around: `(req, res) => trace.getTracer('own').startActiveSpan('own', (span) => {
        res.on('close', () => span.end())
        listener(req, res)
      })`,
    })
    const own = spans.find(({ name: spanName }) => spanName === 'own')
    expect(own).toBeDefined()
    expect(record.trace_id).toBe(own?.trace)
    expect(record.span_id).toBe(name === 'node:http' ? own?.id : undefined)
  })
})

describe('a request', () => {
  const [, [, app = ''] = []] = APPS

  it('has the ids of its span if that is not sampled', async () => {
    const { record, spans } = await traceRequest({ app, sampler: 'sampler: new sdk.AlwaysOffSampler()' })
    expect(spans).toEqual([])
    expect(record.trace_id).toBe(CLIENT_TRACE)
    expect(record.span_id).toMatch(/^(?!b7ad6b7169203331)[0-9a-f]{16}$/)
  })

  it('has the ids of traceparent without any instrumentation', async () => {
    const { record } = await traceRequest({ app, instrumentations: [] })
    expect(record).toMatchObject({ trace_id: CLIENT_TRACE, span_id: CLIENT_SPAN })
  })
})
