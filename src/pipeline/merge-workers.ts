import type { Cluster, Worker } from 'node:cluster'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { isObject } from '../lib/validate.js'
import { resolveLoggerOptions } from '../options/options.js'
import { emptyDraft } from '../record/record.js'
import { LineWriter } from '../sinks/line-writer.js'
import type { Sink } from '../sinks/sink.js'
import { stdout } from '../sinks/stdout.js'
import { Delivery } from './delivery.js'
import type { Loss } from './outage.js'
import { getSharedPipeline } from './shared-pipelines.js'

/** What comes without a newline is passed on in parts: the primary must not keep what never ends. */
const MAX_LINE_BYTES = 1024 * 1024

/**
 * Keeps the lines of all workers of a cluster whole, up to 1 MiB each: each worker gets a stdout of its own, and the
 * primary passes on whole lines. Without it the kernel keeps lines of up to 4,096 bytes whole on a shared pipe
 * (pipe(7), PIPE_BUF), and no longer ones. A slow reader slows the workers down, as it would without us.
 *
 * Call it in the primary, before `cluster.fork()`. It sets `silent`, so stdout and stderr of the workers pass
 * through the primary.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
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
      `Expected what mergeWorkers is given to be node:cluster, in the primary, got ${describeValue(cluster)}`,
    )
  }
  cluster.setupPrimary({ silent: true })
  const toStdout = deliverTo(stdout())
  const stderr = new LineWriter()
  const toStderr = deliverTo({ write: (line) => stderr.write(2, line) })
  cluster.on('fork', (worker: Worker) => {
    passOnLines(worker.process.stdout, toStdout)
    passOnLines(worker.process.stderr, toStderr)
  })
}

/** Passes on what is not empty, in the order in which it came, from whichever worker. */
function deliverTo(sink: Sink): (text: string) => void {
  const delivery = new Delivery({
    ...resolveLoggerOptions({ sink }),
    onLoss: reportLoss,
  })
  let seq = 0
  return (text) => {
    seq += 1
    if (text !== '') void delivery.send({ text, seq })
  }
}

/** In a record of its own, since the lost output may have held audit records of the workers. */
function reportLoss({ count }: Loss): void {
  void getSharedPipeline().send({
    ...emptyDraft(Date.now()),
    type: 'CRITICAL',
    message: `Output of workers was lost: ${count} pieces`,
  })
}

function passOnLines(output: NodeJS.ReadableStream | null, passOn: (text: string) => void): void {
  let begun = ''
  output?.setEncoding('utf8')
  output?.on('data', (chunk: string) => {
    const end = chunk.lastIndexOf('\n') + 1
    if (end > 0 || begun.length > MAX_LINE_BYTES) {
      passOn(begun + chunk.slice(0, end))
      begun = chunk.slice(end)
    } else {
      begun += chunk
    }
  })
  // A worker that died inside a line: the next line is another's, and must not continue it.
  output?.on('end', () => passOn(begun === '' ? '' : `${begun}\n`))
}
