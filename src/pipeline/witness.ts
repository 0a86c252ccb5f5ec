import { waitAtMost } from '../lib/keep-alive.js'
import type { ResolvedLoggerOptions } from '../options/resolve.js'
import type { WitnessDelivery } from '../seal/seal.js'
import type { Sink } from '../sinks/sink.js'
import { Delivery, toLineSink } from './delivery.js'

/** Delivers checkpoints to the witness of a seal, with a buffer for outages. Nothing waits for it but `close()`. */
export function createWitness(
  sink: Sink,
  {
    maxBufferBytes,
    sinkTimeoutMs,
    reporter,
  }: Pick<ResolvedLoggerOptions, 'maxBufferBytes' | 'sinkTimeoutMs' | 'reporter'>,
): WitnessDelivery {
  const name = 'The witness of the seal'
  const delivery = new Delivery({
    sink: toLineSink(sink),
    maxBufferBytes,
    sinkTimeoutMs,
    reporter,
    name,
    publishesEvents: false,
    onRecovery: () => {},
  })
  let seq = 0
  delivery.open()
  return {
    send(note) {
      seq += 1
      void delivery.send({ text: note, seq })
    },
    counts: () => delivery.counts(),
    async close() {
      await delivery.flush()
      try {
        await waitAtMost(Promise.resolve(sink.close?.()), sinkTimeoutMs)
      } catch (error) {
        reporter.report('ERR_AUDIT_SINK', `${name} could not be closed`, error)
      }
    },
  }
}
