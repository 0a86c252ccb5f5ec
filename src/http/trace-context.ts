// Which trace a request is part of: by the span that OpenTelemetry has open for it, else by what the client says.
import type { IncomingHttpHeaders } from 'node:http'

/** Null where a request is part of no trace. */
export interface TraceContext {
  readonly trace_id: string | null
  readonly span_id: string | null
}

const NO_TRACE: TraceContext = { trace_id: null, span_id: null }
const TRACE_PARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-|$)/

type OpenTelemetry = typeof import('@opentelemetry/api')

let openTelemetry: OpenTelemetry | undefined
let loading: Promise<void> | undefined

/** Looks for `@opentelemetry/api`, once for all. Who does not use OpenTelemetry need not install it. */
export function loadOpenTelemetry(): Promise<void> {
  loading ??= import('@opentelemetry/api').then(
    (api) => {
      openTelemetry = api
    },
    () => {},
  )
  return loading
}

/** Asked on entry, where the span of the request is the active one. */
export function readTraceContext(headers: IncomingHttpHeaders): TraceContext {
  return activeSpan() ?? parseTraceparent(headers)
}

function activeSpan(): TraceContext | undefined {
  if (openTelemetry === undefined) return undefined
  try {
    const span = openTelemetry.trace.getActiveSpan()?.spanContext()
    if (span === undefined || !openTelemetry.isSpanContextValid(span)) return undefined
    return { trace_id: span.traceId, span_id: span.spanId }
  } catch {
    // A version that has not what we ask, or a context manager that fails.
    return undefined
  }
}

/** What a valid W3C `traceparent` says; an invalid one is ignored, as the recommendation asks. */
export function parseTraceparent(headers: IncomingHttpHeaders): TraceContext {
  const parent = headers.traceparent
  const [, version, trace_id, span_id, more] = (typeof parent === 'string' && TRACE_PARENT.exec(parent)) || []
  // Later versions may have further fields. Version 00 has none.
  if (trace_id === undefined || span_id === undefined || (version === '00' && more !== '')) return NO_TRACE
  return { trace_id, span_id }
}
