// A format is a function from a record to the object that is written as JSON. This one writes GELF 1.1, which Graylog
// and other log servers read (https://go2docs.graylog.org/current/getting_in_log_data/gelf.html).
import { hostname } from 'node:os'
import express from 'express'
import { auditLog, type Format } from 'http-audit-log'
import { listen } from './listen.js'

/** Syslog severities (RFC 5424 section 6.2.1). */
const SEVERITIES = { DEBUG: 7, INFO: 6, WARNING: 4, ERROR: 3, CRITICAL: 2 }

const gelf: Format = ({ http_request, http_response, user, filter, ...record }) => ({
  version: '1.1',
  host: hostname(),
  // GELF requires a short message that is not empty.
  short_message: record.message || `${http_request?.method ?? record.type} ${record.outcome}`,
  timestamp: Date.parse(record.time) / 1000,
  level: SEVERITIES[record.type],
  // Custom fields begin with `_` and are strings or numbers. `_id` is reserved. JSON omits properties that are undefined.
  _audit_id: record.id,
  _outcome: record.outcome,
  _method: http_request?.method,
  _url: http_request?.url,
  _status: http_response?.status_code ?? undefined,
  _ip: user?.ip || undefined,
  _filter: filter ? JSON.stringify(filter) : undefined,
})

const app = express().use(auditLog({ format: gelf }))
app.get('/persons', (req, res) => {
  req.audit.setFilter('Person', req.query).info('List Person')
  res.json([])
})
listen(app)
