// The trace that a request belongs to: the active OpenTelemetry span, else the `traceparent` header of the client.
import type { IncomingHttpHeaders } from 'node:http'

/** Both are `null` if the request belongs to no trace. */
export interface TraceContext {
  readonly trace_id: string | null
  readonly span_id: string | null
}

const NO_TRACE: TraceContext = { trace_id: null, span_id: null }
const TRACE_PARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-|$)/

type OpenTelemetry = typeof import('@opentelemetry/api')

let openTelemetry: OpenTelemetry | undefined
let loading: Promise<void> | undefined

/** Loads the optional peer dependency `@opentelemetry/api`, once per process. Does nothing if it is not installed. */
export function loadOpenTelemetry(): Promise<void> {
  loading ??= import('@opentelemetry/api').then(
    (api) => {
      openTelemetry = api
    },
    () => {},
  )
  return loading
}

/** To be called when the request arrives, while the span of the request is the active one. */
export function readTraceContext(headers: IncomingHttpHeaders): TraceContext {
  return readActiveSpan() ?? parseTraceparent(headers)
}

function readActiveSpan(): TraceContext | undefined {
  if (openTelemetry === undefined) return undefined
  try {
    const span = openTelemetry.trace.getActiveSpan()?.spanContext()
    if (span === undefined || !openTelemetry.isSpanContextValid(span)) return undefined
    return { trace_id: span.traceId, span_id: span.spanId }
  } catch {
    // A version of the API without these functions, or a context manager that throws.
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
