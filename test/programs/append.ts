// Appends records to a file with file(). Each line on stdin says how many; `done` on stderr answers it.
import { createInterface } from 'node:readline'
import { AuditLogger, file } from 'http-audit-log'

const { AUDIT_FILE = '', SIZE = '0', REOPEN_ON } = process.env
const sink = file(AUDIT_FILE, { reopenOn: REOPEN_ON as NodeJS.Signals | undefined })
// Longer than the longest of the lines: none is cut.
const options = { sink, maxRecordBytes: 64 * 1024 }
const message = 'x'.repeat(Number(SIZE))
console.error('ready')
for await (const count of createInterface({ input: process.stdin })) {
  for (let i = 0; i < Number(count); i++) new AuditLogger(options).info(message).sendLog()
  console.error('done')
}
