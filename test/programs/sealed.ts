// Appends COUNT records to a sealed log, by itself, or in WORKERS processes of a cluster, or in THREADS worker threads. END is how it
// ends: `exit` calls process.exit, `idle` has nothing more to do, `wait` prints `ready` and waits to be killed.
import cluster from 'node:cluster'
import { isMainThread, Worker } from 'node:worker_threads'
import { AuditLogger, file } from 'http-audit-log'
import { seal } from 'http-audit-log/seal'

const { AUDIT_FILE = '', SEAL_KEY = '', SEAL_STATE, COUNT = '3', END = 'idle' } = process.env
const workers = Number(process.env.WORKERS ?? 0)
const threads = Number(process.env.THREADS ?? 0)

if (cluster.isPrimary && workers > 0) {
  for (let i = 0; i < workers; i++) cluster.fork()
} else if (isMainThread && threads > 0) {
  for (let i = 0; i < threads; i++) new Worker(new URL(import.meta.url))
} else appendRecords()

function appendRecords(): void {
  const options = { sink: file(AUDIT_FILE), seal: seal({ key: SEAL_KEY, state: SEAL_STATE }) }
  for (let i = 0; i < Number(COUNT); i++) new AuditLogger(options).info('a record').sendLog()
  if (END === 'exit') process.exit(0)
  if (END === 'wait') {
    console.error('ready')
    setInterval(() => {}, 1000)
  }
  cluster.worker?.disconnect()
}
