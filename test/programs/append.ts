// Appends records with file(). Each line on stdin is a count of records; `done` on stderr follows when they are written.
import { createInterface } from 'node:readline'
import { AuditLogger, file } from 'http-audit-log'

const { AUDIT_FILE = '', SIZE = '0', REOPEN_ON } = process.env
const sink = file(AUDIT_FILE, { reopenOn: REOPEN_ON as NodeJS.Signals | undefined })
// Longer than the longest line, so that no record is shortened.
const options = { sink, maxRecordBytes: 64 * 1024 }
const message = 'x'.repeat(Number(SIZE))
console.error('ready')
for await (const count of createInterface({ input: process.stdin })) {
  for (let i = 0; i < Number(count); i++) new AuditLogger(options).info(message).sendLog()
  console.error('done')
}
