// Both builds share the current request.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import * as esm from 'http-audit-log'

const cjs = createRequire(import.meta.url)('http-audit-log')
const sink = esm.memory()
const audit = esm.auditLog({ sink, context: true })
const server = createServer((request, response) =>
  audit(request, response, () => {
    cjs.currentAudit().info('said to the other build')
    response.end()
  }),
).listen(0, '127.0.0.1')
await once(server, 'listening')
await fetch(`http://127.0.0.1:${server.address().port}`, { headers: { connection: 'close' } })
const [record] = await sink.waitFor(1)
assert.equal(record.audit.message, 'said to the other build')
console.log('side by side: one context')
server.close()
