// The application that each bundler bundles. It imports the package without OpenTelemetry, which is not installed here.
import { createServer } from 'node:http'
import { auditLog } from 'http-audit-log'

const audit = auditLog({ stages: ['started'] })
const server = createServer((request, response) => audit(request, response, () => response.end('hello')))
server.listen(0, '127.0.0.1', async () => {
  await fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { connection: 'close' } })
  server.close()
})
