// A process that does nothing but wait for flush() or close(), while a sink answers from timers that do not keep it alive.
import { auditLog } from 'http-audit-log'

const sink = {
  lines: 0,
  async write() {
    await new Promise((resolve) => setTimeout(resolve, 20).unref())
    this.lines += 1
  },
}
const audit = auditLog({ sink })
const job = audit.logger().setAction('import')
for (let i = 0; i < 100; i++) job.child().setAction('create', { type: 'Person', id: i })
job.sendLog()

// An `await` at the top level, so that a process which ends meanwhile has exit code 13.
await (process.env.METHOD === 'close' ? audit.close() : audit.flush())
process.stdout.write(String(sink.lines))
