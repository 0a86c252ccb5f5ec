// A sink is an object with a method `write(line)`. This one sends each record to syslog over UDP (RFC 5426).
import { createSocket } from 'node:dgram'
import { promisify } from 'node:util'
import express from 'express'
import { auditLog, type Sink } from 'http-audit-log'
import { listen } from './listen.js'

const port = Number(process.env.SYSLOG_PORT ?? 514)
/** Facility 13 is "log audit", severity 6 is "informational" (RFC 5424 section 6.2.1). */
const priority = 13 * 8 + 6

const socket = createSocket('udp4').unref()
const send = promisify<string, number, string>(socket.send.bind(socket))

const syslog: Sink = {
  // Returns a promise, so that the logger knows when the line was sent and can retry if it was not.
  write: (line) => send(`<${priority}>1 - - persons - - - ${line}`, port, '127.0.0.1'),
}

const app = express()
app.use(auditLog({ sink: syslog }))

listen(app)
