// The trace that a request belongs to: the active OpenTelemetry span, else the `traceparent` header of the client.
import type { IncomingHttpHeaders } from 'node:http'

/** Both are `null` if the request belongs to no trace. */
export interface TraceContext {
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

const VALID_TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/i
const VALID_SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/i

interface ContextManager {
  active(): { getValue(key: symbol): unknown }
}

interface Span {
  spanContext(): { readonly traceId: string; readonly spanId: string }
}

const processGlobals = globalThis as { readonly [API_KEY]?: { readonly context?: ContextManager } }

/** To be called when the request arrives, while the span of the request is the active one. */
export function readTraceContext(headers: IncomingHttpHeaders): TraceContext {
  return readActiveSpan() ?? parseTraceparent(headers)
}

function readActiveSpan(): TraceContext | undefined {
  try {
    const manager = processGlobals[API_KEY]?.context
    if (manager === undefined) return undefined
    const span = manager.active().getValue(SPAN_KEY) as Span | undefined
    if (span === undefined) return undefined
    const { traceId, spanId } = span.spanContext()
    const isValid = VALID_TRACE_ID.test(traceId) && VALID_SPAN_ID.test(spanId)
    return isValid ? { trace_id: traceId, span_id: spanId } : undefined
  } catch {
    // A context manager or a span that is not what the API describes.
    return undefined
  }
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
  const [, version, trace_id, span_id, rest] = (typeof parent === 'string' && TRACE_PARENT.exec(parent)) || []
  // Later versions may append fields. Version 00 must not.
  if (trace_id === undefined || span_id === undefined || (version === '00' && rest !== '')) return NO_TRACE
  return { trace_id, span_id }
}
