import type { Cluster, Worker } from 'node:cluster'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { isObject } from '../lib/validate.js'
import { resolveLoggerOptions } from '../options/resolve.js'
import { createDraft } from '../record/record-draft.js'
import { LineWriter } from '../sinks/line-writer.js'
import type { Sink } from '../sinks/sink.js'
import { stdout } from '../sinks/stdout.js'
import { Delivery, toLineSink } from './delivery.js'
import type { Loss } from './outage.js'
import { getSharedPipeline } from './shared-pipelines.js'

/** A longer line is passed on in parts, so that output without a newline cannot fill the memory of the primary. */
const MAX_LINE_BYTES = 1024 * 1024

/**
 * Keeps lines of up to 1 MiB from all workers of a cluster whole. Each worker gets a pipe of its own, and the primary
 * writes whole lines to stdout and stderr. Without this function workers share one pipe, on which the kernel keeps only
 * lines of up to 4,096 bytes whole (pipe(7), PIPE_BUF). A slow reader of stdout slows the workers down, as without it.
 *
 * Call it in the primary process, before `cluster.fork()`. It sets `silent` in the cluster's settings.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` if `cluster` is not `node:cluster` in the primary process
 * @example
 * if (cluster.isPrimary) {
 *   mergeWorkers(cluster)
 *   for (let i = 0; i < 4; i++) cluster.fork()
 * }
 */
export function mergeWorkers(cluster: Cluster): void {
  if (!isObject(cluster) || typeof cluster.setupPrimary !== 'function') {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      `Expected mergeWorkers() to be called with node:cluster in the primary process, got ${describeValue(cluster)}`,
    )
  }
  cluster.setupPrimary({ silent: true })
  const writeStdout = createLineOutput(stdout())
  const stderr = new LineWriter()
  const writeStderr = createLineOutput({ write: (line) => stderr.write(2, line) })
  cluster.on('fork', (worker: Worker) => {
    forwardLines(worker.process.stdout, writeStdout)
    forwardLines(worker.process.stderr, writeStderr)
  })
}

/** Returns a function that writes text to the sink, in the order of the calls, and buffers it during an outage. */
function createLineOutput(sink: Sink): (text: string) => void {
  const delivery = new Delivery({
    ...resolveLoggerOptions({ sink }),
    sink: toLineSink(sink),
    onRecovery: recordLoss,
  })
  let seq = 0
  return (text) => {
    if (text === '') return
    seq += 1
    void delivery.send({ text, seq })
  }
}

/** Writes a record of its own, since the lost output may have contained audit records of the workers. */
function recordLoss(loss: Loss | undefined): void {
  if (loss === undefined) return
  void getSharedPipeline().send({
    ...createDraft(Date.now()),
    type: 'CRITICAL',
    message: `Output of cluster workers was lost while the sink was down: ${loss.count} writes`,
  })
}

function forwardLines(output: NodeJS.ReadableStream | null, write: (text: string) => void): void {
  let partialLine = ''
  output?.setEncoding('utf8')
  output?.on('data', (chunk: string) => {
    const end = chunk.lastIndexOf('\n') + 1
    if (end > 0 || partialLine.length > MAX_LINE_BYTES) {
      write(partialLine + chunk.slice(0, end))
      partialLine = chunk.slice(end)
    } else {
      partialLine += chunk
    }
  })
  // A worker may exit in the middle of a line, which another worker's line must not continue.
  output?.on('end', () => write(partialLine === '' ? '' : `${partialLine}\n`))
}
