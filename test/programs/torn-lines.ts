// Four workers that write COUNT records of about SIZE bytes each to one stdout. WORKERS is `cluster`, `merged` (a cluster
// with mergeWorkers) or `threads`. With DIES=1 the first worker of a cluster ends in the middle of a line.
import cluster from 'node:cluster'
import { writeSync } from 'node:fs'
import { isMainThread, Worker } from 'node:worker_threads'
import { AuditLogger, mergeWorkers } from 'http-audit-log'

const WORKERS = 4
const { env } = process

if (cluster.isPrimary && isMainThread) {
  if (env.WORKERS === 'merged') mergeWorkers(cluster)
  for (let i = 0; i < WORKERS; i++) {
    if (env.WORKERS === 'threads') new Worker(new URL(import.meta.url))
    else cluster.fork()
  }
} else {
  const message = 'x'.repeat(Number(env.SIZE))
  const dies = env.DIES === '1' && cluster.worker?.id === 1
  // Longer than the longest line, so that no record is shortened.
  const options = { maxRecordBytes: 64 * 1024 }
  for (let i = 0; i < (dies ? 1 : Number(env.COUNT)); i++) new AuditLogger(options).info(message).sendLog()
  if (dies) writeSync(1, '{"audit":{"half')
  if (cluster.isWorker) cluster.worker?.disconnect()
}
