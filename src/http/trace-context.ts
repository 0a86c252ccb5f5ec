// The trace that a request belongs to: its OpenTelemetry span, else the `traceparent` header of the client.
import type { IncomingHttpHeaders } from 'node:http'

/** Both are `null` if the request belongs to no trace. */
interface TraceContext {
  readonly trace_id: string | null
  readonly span_id: string | null
}

const NO_TRACE: TraceContext = { trace_id: null, span_id: null }
const TRACE_PARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-|$)/

/**
 * Where every copy of `@opentelemetry/api` 1.x registers the context manager, whichever module system or bundler has loaded
 * it. Reading it needs no import, which a bundler would have to resolve where the package is not installed.
 */
const API_KEY = Symbol.for('opentelemetry.js.api.1')
/** `createContextKey` of the API is `Symbol.for`, so that several copies of the API find each other's values. */
const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN')
/** Where the instrumentation of `node:http` leaves the span of the request: `setRPCMetadata` of @opentelemetry/core. */
const RPC_METADATA_KEY = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')

const VALID_TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/i
const VALID_SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/i

interface Context {
  getValue(key: symbol): unknown
}

interface Span {
  spanContext(): { readonly traceId: string; readonly spanId: string }
  /** Only spans of the SDK have them. */
  readonly attributes?: Readonly<Record<string, unknown>>
}

const processGlobals = globalThis as { readonly [API_KEY]?: { readonly context?: { active(): Context } } }

/** To be called when the request arrives, while its span is in the active context. */
export function readTraceContext(headers: IncomingHttpHeaders): TraceContext {
  return readRequestSpan() ?? parseTraceparent(headers)
}

function readRequestSpan(): TraceContext | undefined {
  try {
    const context = processGlobals[API_KEY]?.context?.active()
    if (context === undefined) return undefined
    const metadata = context.getValue(RPC_METADATA_KEY) as { readonly span?: Span } | undefined
    const span = metadata?.span ?? (context.getValue(SPAN_KEY) as Span | undefined)
    if (span === undefined) return undefined
    const { traceId, spanId } = span.spanContext()
    if (!VALID_TRACE_ID.test(traceId) || !VALID_SPAN_ID.test(spanId)) return undefined
    return { trace_id: traceId, span_id: isMiddlewareSpan(span) ? null : spanId }
  } catch {
    // A context manager or a span that is not what the API describes.
    return undefined
  }
}

/** The attributes that the instrumentations of Express, Koa and Connect give to the span of a middleware, ours included. */
const MIDDLEWARE_ATTRIBUTES = ['express.type', 'koa.type', 'connect.type']

/** The active span is one if the framework is instrumented and `node:http` is not. Which is that of the request is unknown. */
function isMiddlewareSpan({ attributes }: Span): boolean {
  return attributes !== undefined && MIDDLEWARE_ATTRIBUTES.some((name) => attributes[name] === 'middleware')
}

/**
 * Parses the `traceparent` header. An invalid one is ignored, as W3C Trace Context requires.
 *
 * @example
 * parseTraceparent({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })
 * // { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' }
 */
export function parseTraceparent(headers: IncomingHttpHeaders): TraceContext {
  const parent = headers.traceparent
  // Hot path: most clients send none.
  if (parent === undefined) return NO_TRACE
  const [, version, trace_id, span_id, rest] = (typeof parent === 'string' && TRACE_PARENT.exec(parent)) || []
  // Later versions may append fields. Version 00 must not.
  if (trace_id === undefined || span_id === undefined || (version === '00' && rest !== '')) return NO_TRACE
  return { trace_id, span_id }
}
