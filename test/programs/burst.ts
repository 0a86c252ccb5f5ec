// Writes COUNT records of about SIZE bytes and calls process.exit at once.
import { AuditLogger } from 'http-audit-log'

// Longer than the longest of the lines: none is cut.
const options = { maxRecordBytes: 64 * 1024 }
const message = 'x'.repeat(Number(process.env.SIZE ?? 0))
// Touching process.stdout makes a pipe non-blocking, for whoever else writes to it.
if (process.env.TOUCH) console.log('a line of the application')
for (let i = 0; i < Number(process.env.COUNT); i++) new AuditLogger(options).info(message).sendLog()
process.exit(0)
