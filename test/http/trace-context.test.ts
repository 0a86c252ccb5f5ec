// Uses the real OpenTelemetry API and SDK. test/package tests both builds in an application without them.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { context, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { memory } from 'http-audit-log'
import { runScript } from '../helpers/child-process.js'
import { frameworks } from '../helpers/frameworks.js'
import { startServer, stopServers } from '../helpers/servers.js'

const CLIENT_TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLIENT_SPAN = 'b7ad6b7169203331'
const headers = { traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01` }

const provider = new BasicTracerProvider()
const tracer = provider.getTracer('test')
const manager = new AsyncLocalStorageContextManager()

beforeAll(() => {
  manager.enable()
  context.setGlobalContextManager(manager)
  trace.setGlobalTracerProvider(provider)
})
afterEach(stopServers)
afterAll(() => {
  trace.disable()
  context.disable()
  return provider.shutdown()
})

type Listener = Parameters<typeof startServer>[0]

/** Sends one request, and returns the trace fields of its record. `wrap` runs around the framework's listener. */
async function recordTrace(
  build: (typeof frameworks)[number][1]['build'],
  wrap: (listener: Listener) => Listener,
  init: RequestInit = {},
) {
  const sink = memory()
  const { url } = await startServer(wrap(await build({ sink })))
  const response = await fetch(`${url}/persons`, init)
  await response.text()
  const [{ audit }] = await sink.waitFor(1)
  return { status: response.status, audit, trace: [audit.trace_id, audit.span_id] }
}

describe.each(frameworks)('%s', (_name, { build }) => {
  it('records the ids of the span that is active when the request arrives, as instrumentation of node:http starts it', async () => {
    const spanIds: string[] = []
    const { trace: recorded } = await recordTrace(
      build,
      (listener) => (request, response) =>
        tracer.startActiveSpan('GET', (span) => {
          spanIds.push(span.spanContext().traceId, span.spanContext().spanId)
          listener(request, response)
          response.on('close', () => span.end())
        }),
      { headers },
    )
    expect(recorded).toEqual(spanIds)
    expect(spanIds[0]).toMatch(/^[0-9a-f]{32}$/)
  })

  it('records the ids of a valid traceparent header when no span is active', async () => {
    const { trace: recorded } = await recordTrace(build, (listener) => listener, { headers })
    expect(recorded).toEqual([CLIENT_TRACE, CLIENT_SPAN])
  })

  it('records trace_id null and no span_id without a span and without a header', async () => {
    const { audit } = await recordTrace(build, (listener) => listener)
    expect(audit.trace_id).toBeNull()
    expect(audit).not.toHaveProperty('span_id')
  })
})

const [, { build }] = frameworks[0] as (typeof frameworks)[number]

describe('an unusable span', () => {
  it('is ignored in favour of traceparent when its context is invalid', async () => {
    const invalid = trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT)
    const { trace: recorded } = await recordTrace(
      build,
      (listener) => (request, response) => context.with(invalid, () => listener(request, response)),
      { headers },
    )
    expect(recorded).toEqual([CLIENT_TRACE, CLIENT_SPAN])
  })

  it('is ignored in favour of traceparent when it throws', async () => {
    const failing = trace.setSpan(ROOT_CONTEXT, {
      spanContext() {
        throw new Error('for the test')
      },
    } as never)
    const { status, trace: recorded } = await recordTrace(
      build,
      (listener) => (request, response) => context.with(failing, () => listener(request, response)),
      { headers },
    )
    expect([status, recorded]).toEqual([200, [CLIENT_TRACE, CLIENT_SPAN]])
  })
})

describe('an application without @opentelemetry/api', () => {
  it('uses traceparent, and loads nothing', async () => {
    const { stdout } = await runScript(`
      import { readTraceContext } from '#src/http/trace-context.js'
      console.log(JSON.stringify(readTraceContext(${JSON.stringify(headers)})))
    `)
    expect(JSON.parse(stdout)).toEqual({ trace_id: CLIENT_TRACE, span_id: CLIENT_SPAN })
  })
})

describe('another copy of the API', () => {
  it.each([
    ['that the application registers after auditLog() was called', ''],
    ['of another minor version', 'api.version = "1.99.0"'],
  ])('%s is found', async (_case, change) => {
    const { stdout } = await runScript(`
      import { createServer } from 'node:http'
      import { auditLog, memory } from 'http-audit-log'
      import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
      import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

      const sink = memory()
      const audit = auditLog({ sink })
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
      const api = globalThis[Symbol.for('opentelemetry.js.api.1')]
      ${change}
      const span = { traceId: 'A'.repeat(32).toLowerCase(), spanId: 'b'.repeat(16), traceFlags: 0 }
      const server = createServer((request, response) => {
        api.context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => {
          audit(request, response)
          response.end()
        })
      }).listen(0, '127.0.0.1', async () => {
        await fetch('http://127.0.0.1:' + server.address().port, { headers: { connection: 'close' } })
        const [{ audit: record }] = await sink.waitFor(1)
        console.log(record.trace_id, record.span_id)
        server.close()
      })
    `)
    expect(stdout).toBe(`${'a'.repeat(32)} ${'b'.repeat(16)}\n`)
  })

  it('of another major version is not read, since its values may have another meaning', async () => {
    const { stdout } = await runScript(`
      import { readTraceContext } from '#src/http/trace-context.js'
      globalThis[Symbol.for('opentelemetry.js.api.2')] = { context: { active: () => ({ getValue: () => 1 }) } }
      console.log(readTraceContext({}).trace_id)
    `)
    expect(stdout).toBe('null\n')
  })
})

it.each([
  ['a getter that throws', '{ get context() { throw new Error("for the test") } }'],
  ['no context manager', '{ version: "1.9.1" }'],
  ['null', 'null'],
  ['a context without getValue', '{ context: { active: () => ({}) } }'],
  [
    'ids that are no text',
    '{ context: { active: () => ({ getValue: () => ({ spanContext: () => ({ traceId: 1, spanId: {} }) }) }) } }',
  ],
])('ignores a registration of the API that has %s', async (_case, registration) => {
  const { stdout } = await runScript(`
    import { readTraceContext } from '#src/http/trace-context.js'
    globalThis[Symbol.for('opentelemetry.js.api.1')] = ${registration}
    console.log(readTraceContext({}).trace_id)
  `)
  expect(stdout).toBe('null\n')
})
