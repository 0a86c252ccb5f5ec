// Applications create an AuditLogger per event. Their pipeline is shared, because it holds the buffer for an outage:
// otherwise each logger would have a buffer of `maxBufferBytes` and report the same outage again.
import type { AuditLoggerOptions } from '../options/options.js'
import { resolveLoggerOptions } from '../options/resolve.js'
import type { Seal } from '../seal/seal.js'
import type { Sink } from '../sinks/sink.js'
import { createStandalonePipeline, type StandalonePipeline } from './standalone-pipeline.js'

interface SharedPipeline {
  readonly options: AuditLoggerOptions
  readonly pipeline: StandalonePipeline
}

/** The most recent pipeline of each sink, or seal. Weak, so that a sink that is no longer used can be garbage-collected. */
const pipelines = new WeakMap<Sink | Seal, SharedPipeline>()

/**
 * Returns the pipeline for these options. Calls with equal options (compared property by property, by identity) get the
 * same pipeline; different options for the same sink, or the same seal, replace the shared one.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 */
export function getSharedPipeline(options: AuditLoggerOptions = {}): StandalonePipeline {
  const resolved = resolveLoggerOptions(options)
  // Not replaced by a logger without the seal: a sealed log would begin anew.
  const owner = resolved.seal ?? resolved.sink
  const shared = pipelines.get(owner)
  if (shared !== undefined && areOptionsEqual(shared.options, options)) return shared.pipeline
  const pipeline = createStandalonePipeline(resolved)
  pipelines.set(owner, { options: { ...options }, pipeline })
  return pipeline
}

function areOptionsEqual(left: AuditLoggerOptions, right: AuditLoggerOptions): boolean {
  const names = Object.keys({ ...left, ...right }) as (keyof AuditLoggerOptions)[]
  return names.every((name) => left[name] === right[name])
}
