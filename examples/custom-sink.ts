// A sink is an object with `write(line)`. This one sends records to a system log over UDP (RFC 5426).
import { createSocket } from 'node:dgram'
import { promisify } from 'node:util'
import express from 'express'
import { auditLog, type Sink } from 'http-audit-log'
import { listen } from './listen.js'

const socket = createSocket('udp4').unref()
const send = promisify<string, number, string>(socket.send.bind(socket))

const syslog: Sink = {
  // Facility 13 is "log audit", severity 6 is "informational" (RFC 5424 section 6.2.1).
  write: (line) =>
    send(`<${13 * 8 + 6}>1 - - persons - - - ${line}`, Number(process.env.SYSLOG_PORT ?? 514), '127.0.0.1'),
}

const app = express()
app.use(auditLog({ sink: syslog }))
listen(app)
