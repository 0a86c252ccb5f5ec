// Prints lines of PRINTED bytes with console.log between records.
import { AuditLogger } from 'http-audit-log'

const printed = 'y'.repeat(Number(process.env.PRINTED))
const record = () => new AuditLogger().info('record').sendLog()
/** Does what another process that shares the pipe does by accessing its `process.stdout`. */
const makeNonBlocking = () =>
  (process.stdout as never as { _handle: { setBlocking(on: boolean): void } })._handle.setBlocking(false)

if (!process.env.PRINTED_FIRST) record()
if (process.env.NON_BLOCKING) makeNonBlocking()
console.log(printed)
record()
console.log(printed)
record()
if (process.env.EXIT) process.exit(0)
