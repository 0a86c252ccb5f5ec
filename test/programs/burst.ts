// Writes COUNT records of about SIZE bytes and calls process.exit immediately.
import { AuditLogger } from 'http-audit-log'

// Longer than the longest line, so that no record is shortened.
const options = { maxRecordBytes: 64 * 1024 }
const message = 'x'.repeat(Number(process.env.SIZE ?? 0))
// Accessing process.stdout makes a pipe non-blocking for every process that shares it.
if (process.env.TOUCH) console.log('a line of the application')
for (let i = 0; i < Number(process.env.COUNT); i++) new AuditLogger(options).info(message).sendLog()
process.exit(0)
