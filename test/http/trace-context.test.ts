// Uses the real OpenTelemetry API and SDK. package.test.ts tests both builds in an application without them.
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { context, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { memory } from 'http-audit-log'
import { loadOpenTelemetry } from '#src/http/trace-context.js'
import { frameworks } from '../helpers/frameworks.js'
import { startServer, stopServers } from '../helpers/servers.js'

const CLIENT_TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLIENT_SPAN = 'b7ad6b7169203331'
const headers = { traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01` }

const provider = new BasicTracerProvider()
const tracer = provider.getTracer('test')
const manager = new AsyncLocalStorageContextManager()

beforeAll(async () => {
  await loadOpenTelemetry()
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
  it('uses traceparent, and raises no error', async () => {
    jest.doMock('@opentelemetry/api', () => {
      throw new Error("Cannot find module '@opentelemetry/api'")
    })
    await jest.isolateModulesAsync(async () => {
      const { loadOpenTelemetry: load, readTraceContext } = await import('#src/http/trace-context.js')
      await load()
      expect(readTraceContext(headers)).toEqual({ trace_id: CLIENT_TRACE, span_id: CLIENT_SPAN })
    })
  })
})
